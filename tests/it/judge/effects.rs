//! The twin's other effects: each inside an attempt, or a roll-back, of a step of its kind.

use super::history::History;
use super::{DumpDeletion, Effect, Evidence, Rule, Violation};

pub(super) fn check(evidence: &Evidence, history: &History, found: &mut Vec<Violation>) {
    let mut tell = |rule: Rule, what: String| {
        found.push(Violation { rule, run: String::new(), seq: 0, what });
    };
    for effect in &evidence.twin.effects {
        if !inside(history, effect) {
            tell(Rule::EffectOutsideAttempt, format!("{effect:?}"));
        }
    }
    for deletion in &evidence.twin.deletions {
        if !deletion.may || !kept(evidence, deletion) {
            tell(Rule::DumpDeleted, format!("{deletion:?}"));
        }
    }
}

fn inside(history: &History, effect: &Effect) -> bool {
    let when = &effect.when;
    if effect.undo {
        return history.undos.iter().any(|undo| {
            undo.kind == effect.kind
                && undo.from.is_before(when)
                && undo.to.is_none_or(|to| to.is_after(when))
        });
    }
    history.attempts.iter().any(|attempt| {
        attempt.kind == effect.kind
            && attempt.intent.is_before(when)
            && attempt.closed().is_none_or(|closed| closed.is_after(when))
    })
}

/// True where the journal called a file with the dump's hash complete before it was deleted.
fn kept(evidence: &Evidence, deletion: &DumpDeletion) -> bool {
    evidence.runs.iter().flat_map(|stream| &stream.rows).any(|row| {
        row.text.contains("\"file-completed\"")
            && row.text.contains(&deletion.sha256)
            && super::attempts::Mark::of(row).is_before(&deletion.when)
    })
}
