//! The twin's other effects: each inside an attempt, or a roll-back, of a step of its kind.

use super::attempts::{Attempt, Mark};
use super::history::History;
use super::{DumpDeletion, Effect, Evidence, Rule, Violation};

pub(super) fn check(evidence: &Evidence, history: &History, found: &mut Vec<Violation>) {
    let mut tell = |rule: Rule, what: String| {
        found.push(Violation { rule, run: String::new(), seq: 0, what });
    };
    for effect in &evidence.twin.effects {
        if !inside(evidence, history, effect) {
            tell(Rule::EffectOutsideAttempt, format!("{effect:?}"));
        }
    }
    for deletion in &evidence.twin.deletions {
        if !deletion.may || !kept(evidence, deletion) {
            tell(Rule::DumpDeleted, format!("{deletion:?}"));
        }
    }
}

fn inside(evidence: &Evidence, history: &History, effect: &Effect) -> bool {
    let when = &effect.when;
    if effect.undo {
        let recorded = history.undos.iter().any(|undo| {
            undo.kind == effect.kind
                && undo.from.is_before(when)
                && undo.to.is_none_or(|to| to.is_after(when))
        });
        return recorded || opened_without_record(evidence, history, effect);
    }
    history.attempts.iter().any(|attempt| {
        attempt.kind == effect.kind
            && attempt.intent.is_before(when)
            && attempt.closed().is_none_or(|closed| closed.is_after(when))
    })
}

/// The one effect that needs no record: a process whose journal fails opens what the run closed,
/// before any import for production, and carries nothing out any more.
fn opened_without_record(evidence: &Evidence, history: &History, effect: &Effect) -> bool {
    let when = &effect.when;
    let began = |attempt: &Attempt| attempt.intent.is_before(when);
    let mut attempts = history.attempts.iter().filter(|attempt| began(attempt));
    let was_closed = attempts.clone().any(|attempt| attempt.kind == effect.kind);
    let imported = attempts
        .any(|attempt| attempt.imports() && attempt.for_production && attempt.may_have_landed());
    let rows = evidence.runs.iter().flat_map(|stream| &stream.rows);
    let later = rows.filter(|row| Mark::of(row).is_after(when)).filter_map(|row| {
        let event = serde_json::from_str::<serde_json::Value>(&row.text).ok()?;
        event["type"].as_str().map(str::to_owned)
    });
    let next =
        later.into_iter().find(|kind| !kind.starts_with("undo-") && !kind.starts_with("mail-"));
    was_closed && !imported && next.is_none_or(|kind| kind == "run-resumed")
}

/// True where the journal called a file with the dump's hash complete before it was deleted.
fn kept(evidence: &Evidence, deletion: &DumpDeletion) -> bool {
    evidence.runs.iter().flat_map(|stream| &stream.rows).any(|row| {
        row.text.contains("\"file-completed\"")
            && row.text.contains(&deletion.sha256)
            && Mark::of(row).is_before(&deletion.when)
    })
}
