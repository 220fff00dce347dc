//! The plan as a document: 移行計画書.

use super::markup::Markup;
use super::page::{document, section};
use super::{cover, gantt, rollback, steps};
use crate::i18n::Lang;
use crate::plan::Plan;
use crate::report::words::Words;

/// The plan as one HTML file.
pub fn plan(plan: &Plan, lang: Lang) -> String {
    let w = Words::new(lang, plan.rehearsal);
    let subtitle = format!("{} — {}", plan.clinic.name, w.title(&plan.title));
    let sections: Vec<Markup> = vec![
        cover::plan(w, plan),
        section(w, "report-people", [cover::people(w, plan)]),
        section(w, "report-checks", [steps::checks(w, plan)]),
        section(w, "report-timeline", [gantt::planned(w, plan)]),
        section(w, "report-points", [rollback::points(w, plan)]),
        section(w, "report-rollback", [rollback::way_back(w, plan)]),
        section(w, "report-phases", [steps::planned(w, plan)]),
        section(w, "report-commands", [steps::commands(w, plan)]),
        section(w, "report-data", [rollback::data_map(w, plan)]),
        section(w, "report-approve", [cover::approval(plan)]),
        section(w, "report-sign", [cover::sign_off(w, plan, "report-sign-approves")]),
    ];
    document(w, &w.say("report-plan-heading"), &subtitle, sections)
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::check_document;
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_plan_is_a_sound_document_in_both_languages() {
        for lang in [Lang::Ja, Lang::En] {
            let html = plan(&sample::plan(), lang);
            check_document(&html, lang, false);
            assert!(html.contains(&format!("--approve {}", sample::plan().digest)));
            check_document(&plan(&sample::rehearsal(), lang), lang, true);
        }
    }

    #[test]
    fn announced_maintenance_is_drawn_where_it_meets_the_work_and_told_where_it_comes_later() {
        let band = "fill=\"#f6dfc3\"";
        let mut sample = sample::plan();
        assert_eq!(plan(&sample, Lang::En).matches(band).count(), 1);
        let window = &mut sample.maintenance[0];
        window.from = sample::at(22, 1, 0, 0);
        window.to = sample::at(22, 2, 0, 0);
        let html = plan(&sample, Lang::En);
        assert_eq!(html.matches(band).count(), 0);
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
        let html = plan(&sample, Lang::Ja);
        check_document(&html, Lang::Ja, false);
        assert!(html.contains("&lt;script&gt;"));
    }
}
