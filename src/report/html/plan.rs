//! The plan as a document: 移行計画書.

use super::markup::{Markup, el};
use super::page::{document, section, section_on_a_page};
use super::{cover, gantt, gates, night, outline, record, rollback, safety, step_rows, steps};
use crate::i18n::Lang;
use crate::journal::ledger::PlanEntry;
use crate::plan::Plan;
use crate::report::content::Content;

/// The plan as one HTML file. `entry` is what the journal says of it.
pub fn plan(plan: &Plan, entry: Option<&PlanEntry>, lang: Lang) -> String {
    let content = Content::new(plan, entry, lang);
    let (w, c) = (content.w, &content);
    let subtitle = format!("{} — {}", plan.clinic.name, w.title(&plan.title));
    let timeline = [night::night(w, plan), gantt::planned(w, plan)];
    let sections: Vec<Markup> = vec![
        // The first page: whose, when, who, and what is decided when.
        first_page(c),
        section_on_a_page(w, "report-goals", [outline::goals(c)]),
        section(w, "report-checks", [steps::checks(c)]),
        section(w, "report-findings", [steps::findings(c)]),
        section(w, "report-timeline", timeline),
        section(w, "report-phases", [step_rows::planned(c)]),
        section(w, "report-critical", [step_rows::critical_path(c)]),
        section(w, "report-commands", [step_rows::commands(c)]),
        section(w, "report-points", [rollback::points(c)]),
        section(w, "report-rollback", [rollback::way_back(c)]),
        section(w, "report-risks", [safety::risks(c)]),
        section(w, "report-assumptions", [outline::assumptions(c)]),
        section(w, "report-measured-runs", [outline::measured_runs(c)]),
        section(w, "report-data-map", [safety::data_map(c)]),
        section(w, "report-work", [safety::work(c)]),
        section(w, "report-record", [record::record(c)]),
        section(w, "report-approve", [record::approval(c)]),
        section(w, "report-sign", [cover::sign_plan(c)]),
    ];
    document(w, &w.say("report-plan-heading"), &subtitle, sections)
}

fn first_page(content: &Content<'_>) -> Markup {
    let parts = [
        cover::plan(content),
        section(content.w, "report-people", [cover::people(content)]),
        section(content.w, "report-gates", [gates::gates(content)]),
    ];
    el("div", &[("class", "first")], parts)
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::check_document;
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_plan_is_a_sound_document_in_both_languages() {
        for lang in [Lang::Ja, Lang::En] {
            let html = plan(&sample::plan(), None, lang);
            check_document(&html, lang, false);
            assert!(html.contains("orca-cutover approve 0123456789ab --as"));
            check_document(
                &plan(&sample::rehearsal(), Some(&sample::approved()), lang),
                lang,
                true,
            );
        }
    }

    #[test]
    fn announced_maintenance_is_drawn_where_it_meets_the_work_and_told_where_it_comes_later() {
        let band = "fill=\"#f6dfc3\"";
        let mut sample = sample::plan();
        // In the drawing of the night, and in that of the work it meets.
        assert_eq!(plan(&sample, None, Lang::En).matches(band).count(), 2);
        let window = &mut sample.maintenance[0];
        window.from = sample::at(22, 1, 0, 0);
        window.to = sample::at(22, 2, 0, 0);
        let html = plan(&sample, None, Lang::En);
        assert_eq!(html.matches(band).count(), 1);
        assert!(html.contains("01:00 – 2027-01-22 (Fri) 02:00") && html.contains(" →</text>"));
    }

    #[test]
    fn names_from_files_cannot_become_markup() {
        let mut sample = sample::plan();
        let evil = "</title><script>alert(1)</script>";
        evil.clone_into(&mut sample.clinic.name);
        evil.clone_into(&mut sample.clinic.people[0].name);
        evil.clone_into(&mut sample.phases[0].title.ja);
        evil.clone_into(&mut sample.phases[0].steps[0].title.ja);
        evil.clone_into(&mut sample.checks[0].measured);
        let html = plan(&sample, None, Lang::Ja);
        check_document(&html, Lang::Ja, false);
        assert!(html.contains("&lt;script&gt;"));
    }
}
