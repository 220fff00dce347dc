//! Tests of the whole room: the view against the journal, and texts in both languages.

use std::collections::BTreeSet;
use std::path::Path;

use super::sample::{self, Run};
use super::*;
use crate::i18n::{self, Lang};
use crate::journal::{JournalError, Outcome};
use crate::plan::Plan;

fn view(plan: &Plan, run: &Run) -> RunView {
    RunView::new(plan, &run.records, Some(sample::at(21, 20, 0, 0))).unwrap()
}

#[test]
fn each_ending_asks_for_its_own_next_action() {
    let plan = sample::plan();
    let step = || "final-import".into();
    let next = |run: Run| view(&plan, &run).next_action;
    assert_eq!(next(sample::finished(&plan)), NextAction::Nothing);
    assert_eq!(next(sample::failed(&plan)), NextAction::MendAndResume { step: step() });
    assert_eq!(next(sample::in_doubt(&plan)), NextAction::Resolve { step: step() });
    assert_eq!(next(sample::settled(&plan)), NextAction::MendAndResume { step: step() });
}

#[test]
fn every_prefix_of_a_run_has_a_view_and_every_text() {
    let plan = sample::plan();
    for run in [sample::finished(&plan), sample::failed(&plan), sample::settled(&plan)] {
        for length in 1..=run.records.len() {
            let view = RunView::new(&plan, &run.records[..length], None).unwrap();
            assert_eq!(view.chain.records, length as u64);
            assert_eq!(view.chain.head, run.records[length - 1].hash);
            for lang in [Lang::Ja, Lang::En] {
                let text = terminal::status(&view, lang, false, 100)
                    + &terminal::report(&view, lang, false, 100)
                    + &html::report(&view, &plan, lang);
                assert!(!text.contains(" report-") && !text.contains(">report-"), "{text}");
            }
        }
    }
}

#[test]
fn a_wait_a_retry_and_a_late_step_are_told_apart() {
    let plan = sample::plan();
    let run = sample::finished(&plan);
    let at = |now| {
        let mut seen = BTreeSet::new();
        for length in 1..run.records.len() {
            let view = RunView::new(&plan, &run.records[..length], now).unwrap();
            let json = serde_json::to_value(&view.next_action).unwrap();
            let late = json["late"].as_bool().unwrap_or_default();
            seen.insert(format!("{}{}", json["do"].as_str().unwrap(), if late { "!" } else { "" }));
        }
        seen.into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(at(None), "await-retry await-step await-time resume");
    let later = Some(sample::at(28, 0, 0, 0));
    assert_eq!(at(later), "await-retry await-step! await-time resume");
}

#[test]
fn planned_stands_beside_actual_over_all_attempts() {
    let plan = sample::plan();
    let done = view(&plan, &sample::finished(&plan));
    let import = done.step(&"final-import".into()).unwrap();
    assert_eq!((import.attempts, import.state), (2, Attempted::Done));
    assert_eq!(import.actual_start, Some(sample::at(21, 19, 3, 17)));
    assert_eq!(import.actual_end, Some(sample::at(21, 19, 17, 20)));
    assert_eq!((done.outcome, done.decision.is_none()), (Some(Outcome::Done), true));
    let proofs: Vec<_> = done.proofs.iter().map(|p| (p.tables, p.rows, p.differences)).collect();
    assert_eq!(proofs, [(Some(214), Some(4_812_334), Some(0)); 2]);

    let failed = view(&plan, &sample::failed(&plan));
    assert!(failed.import_log.is_some());
    assert_eq!(failed.decision.unwrap().seconds_left, Some(10 * 3600 + 1800));
}

#[test]
fn a_failed_roll_back_comes_before_the_failure_that_caused_it() {
    let plan = sample::plan();
    let run = sample::undo_failed(&plan);
    let view = view(&plan, &run);
    assert_eq!(view.next_action, NextAction::UndoByHand { step: "fence".into() });
    assert_eq!(view.incidents.last().unwrap().kind, IncidentKind::UndoFailed);
    assert!(terminal::status(&view, Lang::En, false, 100).contains("“Close the database”"));
}

#[test]
fn a_doubt_that_was_settled_after_the_end_is_not_shown_as_still_open() {
    let plan = sample::plan();
    let (open, settled) = (sample::in_doubt(&plan), sample::settled(&plan));
    assert!(!view(&plan, &open).settled_after_end);
    let settled = view(&plan, &settled);
    assert!(settled.settled_after_end);
    let text = terminal::status(&settled, Lang::En, false, 200);
    assert!(text.contains("in doubt at the run's end; settled since then"), "{text}");
}

#[test]
fn machines_read_times_with_their_offset_and_the_same_states() {
    let plan = sample::plan();
    let json = serde_json::to_value(view(&plan, &sample::failed(&plan))).unwrap();
    assert_eq!(json["phases"][0]["steps"][0]["actual_start"], "2027-01-12T09:30:01.000+09:00");
    assert_eq!(json["outcome"], "failed");
    assert_eq!(json["clinic_state"], "unchanged");
    assert_eq!(json["phases"][4]["steps"][0]["state"], "failed");
    assert_eq!(json["next_action"]["do"], "mend-and-resume");
    assert_eq!(json["incidents"][0]["problem"]["code"], "journal-broken");
}

#[test]
fn every_time_of_a_rehearsal_is_marked() {
    let plan = sample::rehearsal();
    let view = view(&plan, &sample::in_doubt(&plan));
    for lang in [Lang::Ja, Lang::En] {
        let texts = [
            terminal::plan(&plan, None, lang, false, 200),
            terminal::status(&view, lang, false, 200),
            terminal::report(&view, lang, false, 200),
            html::plan(&plan, None, lang),
            markdown::plan(&plan, None, lang),
            html::report(&view, &plan, lang),
        ];
        for text in texts {
            let marked = text.matches(" JST [R]").count();
            assert!(marked > 0 && marked == text.matches(" JST").count(), "{text}");
        }
    }
}

#[test]
fn records_that_do_not_follow_or_are_missing_are_refused() {
    let plan = sample::plan();
    assert!(matches!(RunView::new(&plan, &[], None), Err(JournalError::NoRun { .. })));
    let run = sample::failed(&plan);
    let torn = RunView::new(&plan, &run.records[1..], None);
    assert!(matches!(torn, Err(JournalError::Illegal(_))));
}

#[test]
fn every_text_id_of_this_room_is_in_both_languages_and_none_is_idle() {
    let mut sources = String::new();
    read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report"), &mut sources);
    let read: BTreeSet<String> = sources
        .split('"')
        .filter(|piece| {
            piece.len() > 7 && piece.starts_with("report-") && !piece.contains(['{', ' ', '\n'])
        })
        .map(str::to_owned)
        .collect();
    assert!(read.len() > 100);
    let ids = |lang: &str| -> BTreeSet<String> {
        let path = format!("{}/i18n/{lang}/report.ftl", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        text.lines()
            .filter_map(|line| line.split_once(" = "))
            .map(|(id, _)| id.to_owned())
            .collect()
    };
    let (ja, en) = (ids("ja"), ids("en"));
    assert_eq!(ja, en);
    for id in &read {
        for lang in [Lang::Ja, Lang::En] {
            assert!(i18n::find(lang, id, &[]).is_some(), "`{id}` has no text in {lang:?}");
        }
    }
    // Ids that are put together from a value: a weekday, a kind, a role, an output's name.
    let made = [
        "weekday", "duration", "kind", "role", "mail", "output", "point", "night", "job", "missed",
        "risk", "event",
    ];
    let is_made = |id: &str| made.iter().any(|m| id.starts_with(&format!("report-{m}-")));
    let idle: Vec<_> = en.iter().filter(|id| !read.contains(*id) && !is_made(id)).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

fn read_all(folder: &Path, out: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, out);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            out.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}
