//! What must hold when a run ends.

use serde_json::Value;

use super::attempts::Mark;
use super::history::{History, Is, Run};
use super::{Evidence, Rule, Violation};

/// Judges the record of an end; true where the clinic's server must be open then.
pub(super) fn run(run: &Run<'_>, mark: Mark, event: &Value, found: &mut Vec<Violation>) -> bool {
    let outcome = event["outcome"].as_str().unwrap_or_default();
    let complete = run.outline.steps.iter().all(|step| run.satisfied(&step.id));
    let in_doubt = run.steps.values().any(|now| now.is == Is::InDoubt);
    let running = run.steps.values().any(|now| now.is == Is::Running);
    let untrue = match outcome {
        "done" => !complete,
        "in-doubt" => !in_doubt,
        // What waits is neither in doubt nor closed.
        "waiting" => in_doubt || run.holds_closed(),
        _ => false,
    };
    if untrue || running {
        run.tell(found, Rule::EndUntrue, mark.seq, outcome);
    }
    let before_no_return = outcome == "failed" && !run.past_no_return();
    if before_no_return && run.holds_closed() && event["clinic"] != "source-closed" {
        run.tell(found, Rule::ClosedUntold, mark.seq, event["clinic"].as_str().unwrap_or_default());
    }
    if before_no_return && run.holds_closed() && run.undo_failed < run.process {
        run.tell(found, Rule::LeftClosed, mark.seq, "nobody tried to open it");
    }
    before_no_return && !run.holds_closed()
}

/// Holds the ends against how the twin's server stood then.
pub(super) fn check(evidence: &Evidence, history: &History, found: &mut Vec<Violation>) {
    for end in &evidence.twin.ends {
        let must = history.must_be_open.iter().any(|(run, seq)| *run == end.run && *seq == end.seq);
        if must && !end.open {
            found.push(Violation {
                rule: Rule::LeftClosed,
                run: end.run.clone(),
                seq: end.seq,
                what: "the service is stopped or the database closed".to_owned(),
            });
        }
    }
}
