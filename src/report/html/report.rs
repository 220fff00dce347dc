//! The report as a document: 移行作業結果報告書.

use super::markup::{Markup, tag};
use super::page::{document, section};
use super::{cover, evidence, gantt, incidents, steps};
use crate::i18n::Lang;
use crate::plan::Plan;
use crate::report::content::Content;
use crate::report::view::RunView;
use crate::report::words::Words;

/// The report as one HTML file. `plan` is what the view was made with.
pub fn report(view: &RunView, plan: &Plan, lang: Lang) -> String {
    let w = Words::new(lang, view.info.rehearsal || plan.rehearsal);
    let content = Content { w, plan, entry: None };
    let subtitle = format!("{} — {}", plan.clinic.name, w.title(&plan.title));
    let mut sections: Vec<Markup> = vec![cover::run(w, plan, view)];
    if !view.plan_matches {
        sections.push(tag("p", "result warn", w.say("report-plan-differs")));
    }
    sections.extend([
        section(w, "report-proofs", [evidence::proofs(w, view)]),
        section(w, "report-timeline", [gantt::actual(w, plan, view)]),
        section(w, "report-phases", [steps::actual(w, view)]),
        section(w, "report-incidents", [incidents::all(w, view)]),
        section(w, "report-data", [evidence::files(w, view)]),
        section(w, "report-mails", [evidence::mails(w, view)]),
        section(w, "report-checks", [steps::checks(&content)]),
        section(w, "report-people", [cover::people(&content)]),
        section(w, "report-chain", [evidence::chain(w, view)]),
        section(w, "report-sign", [cover::sign_result(&content)]),
    ]);
    document(w, &w.say("report-report-heading"), &subtitle, sections)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::report::sample::{self, Run};
    use scraper::{Html, Selector};

    /// Sound markup, no scripts, nothing from outside, no bare text ids, a banner in a rehearsal.
    pub(in super::super) fn check_document(html: &str, lang: Lang, rehearsal: bool) {
        let parsed = Html::parse_document(html);
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
        let count = |css: &str| parsed.select(&Selector::parse(css).unwrap()).count();
        assert_eq!(count("script, link, img, iframe, object, a[href], [src]"), 0);
        assert_eq!(count(&format!("html[lang={}]", lang.tag())), 1);
        assert!(count("section") >= 10 && count("svg") >= 4);
        assert_eq!(count(".banner"), usize::from(rehearsal));
        assert_eq!(count("h2 .badge"), if rehearsal { count("h2") } else { 0 });
        assert!(!html.contains("http") && !html.contains("url(") && !html.contains("@import"));
        let text: String = parsed.root_element().text().collect();
        assert!(!text.contains("report-") && !text.contains("plan-"), "a bare text id");
    }

    fn made(run: fn(&Plan) -> Run, lang: Lang) -> String {
        let plan = sample::plan();
        let view = RunView::new(&plan, &run(&plan).records, None).unwrap();
        report(&view, &plan, lang)
    }

    #[test]
    fn every_run_is_a_sound_document_in_both_languages() {
        for lang in [Lang::Ja, Lang::En] {
            for run in [sample::finished, sample::failed, sample::in_doubt, sample::settled] {
                check_document(&made(run, lang), lang, false);
            }
            let plan = sample::rehearsal();
            let view = RunView::new(&plan, &sample::finished(&plan).records, None).unwrap();
            let html = report(&view, &plan, lang);
            check_document(&html, lang, true);
            assert!(html.contains("リハーサル（実際の移行ではありません）"));
        }
    }

    #[test]
    fn the_report_holds_its_evidence() {
        let html = made(sample::finished, Lang::En);
        for evidence in ["4,812,334", &"77".repeat(32), "after.dump", "2027-01-21 19:22:13 JST"] {
            assert!(html.contains(evidence), "{evidence}");
        }
        let plan = sample::plan();
        let view = RunView::new(&plan, &sample::finished(&plan).records, None).unwrap();
        assert!(html.contains(&view.chain.head.0));
        let failed = made(sample::failed, Lang::En);
        assert!(failed.contains("table &quot;tbl_mihon&quot;: line 25"));
        assert!(failed.contains("rolled back in 4 s"), "how long the way back took");
    }
}
