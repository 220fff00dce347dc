//! The checker judged: histories made by hand, good ones and one for each thing that must never
//! happen.

use serde_json::json;

use super::story::{Story, sha};
use super::{DumpDeletion, Effect, Landed, RawRow, Rule, TwinImport, judge};

const LAST: &str = "no such step: all of them";

fn whole() -> Story {
    let mut story = Story::up_to(LAST);
    story.ended("done", "in-cloud");
    story.server(false);
    story
}

/// Fails behind the closed door, is taken back, goes on and comes to its end.
fn failed_and_resumed() -> Story {
    let mut story = Story::up_to("final_verify");
    story.starts("final_verify", 1);
    story.fails("final_verify", 1);
    for id in ["close", "fence", "stop"] {
        story.undone(id);
    }
    story.ended("failed", "test-data-in-cloud");
    story.server(true);
    story.resumed();
    for id in ["cutover_window", "cutover_portal", "final_dump", "stale"] {
        story.event(json!({"type": "step-reopened", "step": id, "reason": "no-longer-holds"}));
    }
    for id in ["cutover_window", "cutover_portal", "stop", "fence", "final_dump", "stale", "close"]
    {
        story.step(id, 2);
    }
    story.step("final_verify", 2);
    story.steps("production_before", LAST);
    story.ended("done", "in-cloud");
    story.server(false);
    story
}

/// Dies in the import, and a person says that nothing came of it.
fn in_doubt_and_settled() -> Story {
    let mut story = Story::up_to("production_import");
    story.starts("production_import", 1);
    story.resumed();
    story.doubted("production_import", 1);
    story.ended("in-doubt", "cloud-in-doubt");
    story.server(false);
    story.settled("production_import", false);
    story.resumed();
    story.looked_again();
    story.event(json!({"type": "step-reopened", "step": "last_window", "reason": "must-be-fresh"}));
    story.step("last_window", 2);
    story.step("production_import", 2);
    story.steps("production_after", LAST);
    story.ended("done", "in-cloud");
    story
}

#[test]
fn good_histories_pass() {
    let mut tested_and_left = Story::up_to("production_time");
    tested_and_left.ended("waiting", "test-data-in-cloud");
    for story in [whole(), failed_and_resumed(), in_doubt_and_settled(), tested_and_left] {
        assert_eq!(judge(&story.evidence), []);
    }
}

#[test]
fn whatever_must_never_happen_is_found() {
    for rule in Rule::ALL {
        let story = broken(rule);
        let found = judge(&story.evidence);
        assert!(found.iter().any(|violation| violation.rule == rule), "{rule:?}: {found:?}");
    }
}

fn effect(story: &mut Story, kind: &str) {
    let when = story.tick();
    story.evidence.twin.effects.push(Effect { kind: kind.to_owned(), undo: false, when });
}

/// The way back without a record is one only where nothing was carried out after it.
#[test]
fn what_is_opened_without_a_record_ends_the_process() {
    let opened = |story: &mut Story| {
        let when = story.tick();
        let kind = "service_stop".to_owned();
        story.evidence.twin.effects.push(Effect { kind, undo: true, when });
    };
    let rules = |story: Story| -> Vec<Rule> {
        judge(&story.evidence).into_iter().map(|violation| violation.rule).collect()
    };
    let mut story = Story::up_to("fence");
    opened(&mut story);
    assert_eq!(rules(story), []);
    let mut story = Story::up_to("fence");
    opened(&mut story);
    story.step("fence", 1);
    assert_eq!(rules(story), [Rule::EffectOutsideAttempt], "it went on");
    let mut story = Story::up_to("stop");
    opened(&mut story);
    assert_eq!(rules(story), [Rule::EffectOutsideAttempt], "nothing was closed");
    let mut story = Story::up_to("production_import");
    story.starts("production_import", 1);
    story.imports(Landed::Yes, &sha("final.dump"));
    opened(&mut story);
    assert_eq!(rules(story), [Rule::EffectOutsideAttempt], "it was imported");
}

/// A history in which this happens.
fn broken(rule: Rule) -> Story {
    match rule {
        Rule::Chain | Rule::AcknowledgedLost => broken_rows(rule),
        Rule::FirstEvent
        | Rule::AfterEnd
        | Rule::Attempt
        | Rule::Transition
        | Rule::OtherStep
        | Rule::Phases
        | Rule::Needs
        | Rule::PersonUnnamed
        | Rule::EndUntrue => broken_order(rule),
        Rule::ImportUnexplained
        | Rule::DoneWithoutImport
        | Rule::FalseProof
        | Rule::OtherArchive
        | Rule::ExportDamaged
        | Rule::OpenAtImport
        | Rule::RowsLost
        | Rule::EffectOutsideAttempt
        | Rule::LeftClosed
        | Rule::DumpDeleted => broken_twin(rule),
        _ => broken_import(rule),
    }
}

fn broken_rows(rule: Rule) -> Story {
    let mut story = whole();
    let rows = &mut story.evidence.runs[0].rows;
    if rule == Rule::Chain {
        rows[30].text = rows[30].text.replace("step", "stop");
    } else {
        rows.pop();
    }
    story
}

fn broken_order(rule: Rule) -> Story {
    let mut story = Story::begin();
    match rule {
        Rule::FirstEvent => story.event(json!({"type": "run-started", "run": "run-1"})),
        Rule::AfterEnd => {
            story.ended("failed", "unchanged");
            story.starts("source", 1);
        }
        Rule::Attempt => story.starts("source", 2),
        Rule::Transition => story.ends("source", 1),
        Rule::OtherStep => {
            story.starts("source", 1);
            let place = story.last_place();
            story.replace(place, |event| event["effect"] = "at-most-once".into());
        }
        Rule::Phases => story.starts("test_time", 1),
        Rule::Needs => {
            story.steps("source", "test_window");
            story.starts("test_dump", 1);
        }
        Rule::PersonUnnamed => {
            story = in_doubt_and_settled();
            let settled = |row: &RawRow| row.text.contains("step-settled");
            let place = story.evidence.runs[0].rows.iter().position(settled).unwrap();
            story.replace(place, |event| event["by"]["person"]["reason"] = " ".into());
        }
        _ => story.ended("done", "in-cloud"),
    }
    story
}

fn broken_twin(rule: Rule) -> Story {
    let mut story = whole();
    let import = |story: &mut Story, change: &dyn Fn(&mut TwinImport)| {
        change(story.evidence.twin.imports.last_mut().unwrap());
    };
    match rule {
        Rule::ImportUnexplained => {
            story = Story::begin();
            story.imports(Landed::Yes, &sha("final.dump"));
        }
        Rule::DoneWithoutImport => drop(story.evidence.twin.imports.pop()),
        Rule::FalseProof => {
            story = Story::up_to("production_import");
            story.starts("production_import", 1);
            story.imports(Landed::Yes, &sha("final.dump"));
            story.fails("production_import", 1);
        }
        Rule::OtherArchive => {
            import(&mut story, &|import| import.sha256 = Some(sha("test.dump")));
        }
        Rule::ExportDamaged => import(&mut story, &|import| import.exports_intact = Some(false)),
        Rule::OpenAtImport => import(&mut story, &|import| import.source_open = Some(true)),
        Rule::RowsLost => import(&mut story, &|import| import.rows_missing = Some(1)),
        Rule::EffectOutsideAttempt => {
            story = Story::up_to("stop");
            effect(&mut story, "service_stop");
            story.step("stop", 1);
        }
        Rule::LeftClosed => {
            story = failed_and_resumed();
            story.evidence.twin.ends[0].open = false;
        }
        _ => {
            let when = story.tick();
            let sha256 = sha("after-test.dump");
            story.evidence.twin.deletions.push(DumpDeletion { when, may: false, sha256 });
        }
    }
    story
}

fn broken_import(rule: Rule) -> Story {
    let mut story = Story::up_to("production_import");
    let reopen = |story: &mut Story, id: &str| {
        story.event(json!({"type": "step-reopened", "step": id, "reason": "test"}));
    };
    match rule {
        Rule::BesideImport => {
            story.starts("production_import", 1);
            story.starts("production_after", 1);
        }
        Rule::ImportUnsettled => {
            story.starts("production_import", 1);
            story.doubted("production_import", 1);
            story.starts("production_import", 2);
        }
        Rule::ImportRepeated => {
            story.step("production_import", 1);
            reopen(&mut story, "production_import");
            story.step("production_import", 2);
        }
        Rule::NoExport => {
            for id in ["test_before", "test_after", "production_before"] {
                reopen(&mut story, id);
            }
            story.starts("production_import", 1);
        }
        Rule::NotVerified => {
            reopen(&mut story, "final_verify");
            story.starts("production_import", 1);
        }
        Rule::WindowUnchecked | Rule::SiteUnchecked => {
            story.resumed();
            story.starts("production_import", 1);
        }
        Rule::OutsideWindow => {
            story.millis += 9 * 60 * 60 * 1000;
            story.step("production_import", 1);
        }
        Rule::TestTooLate => {
            story = Story::begin();
            let at = story.evidence.outline.test_at.unwrap();
            story.evidence.outline.windows = vec![(at, at + chrono::TimeDelta::days(1))];
            story.steps("source", "production_import");
            story.starts("production_import", 1);
        }
        Rule::StaleDump => {
            reopen(&mut story, "final_dump");
            story.step("final_dump", 2);
            reopen(&mut story, "final_verify");
            story.step("final_verify", 2);
            story.starts("production_import", 1);
        }
        Rule::SecondRun => {
            story.step("production_import", 1);
            story.ended("failed", "cloud-overwritten");
            story.run("run-2");
        }
        Rule::UnsettledRun => {
            story.event(json!({"type": "undo-started", "step": "close"}));
            story.event(json!({"type": "undo-failed", "step": "close", "problem": {}}));
            story.ended("failed", "source-closed");
            story.run("run-2");
        }
        Rule::UndoneAfterImport => {
            story.step("production_import", 1);
            story.undone("close");
        }
        _ => {
            assert_eq!(rule, Rule::ClosedUntold);
            story.ended("failed", "unchanged");
        }
    }
    story
}

#[test]
fn what_the_site_called_failed_is_sent_again_by_a_person_alone() {
    for (operator, repeated) in [("tick", true), ("daemon", true), ("test", false)] {
        let mut story = Story::up_to("production_import");
        story.starts("production_import", 1);
        story.imports(Landed::No, &sha("final.dump"));
        story.fails("production_import", 1);
        story.event(json!({"type": "run-resumed", "operator": operator}));
        story.looked_again();
        let fresh =
            json!({"type": "step-reopened", "step": "last_window", "reason": "must-be-fresh"});
        story.event(fresh);
        story.step("last_window", 2);
        story.step("production_import", 2);
        let found = judge(&story.evidence);
        let told = found.iter().any(|violation| violation.rule == Rule::ImportRepeated);
        assert_eq!(told, repeated, "{operator}: {found:?}");
    }
}
