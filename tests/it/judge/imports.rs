//! The twin's imports, each held against the one attempt that explains it.

use super::attempts::{Attempt, End};
use super::history::History;
use super::{Evidence, Landed, Rule, TwinImport, Violation};

pub(super) fn check(evidence: &Evidence, history: &History, found: &mut Vec<Violation>) {
    let attempts: Vec<&Attempt> = history.attempts.iter().filter(|a| a.imports()).collect();
    let mut explained: Vec<Vec<&TwinImport>> = vec![Vec::new(); attempts.len()];
    for import in &evidence.twin.imports {
        // The last one whose intent was written before it.
        match attempts.iter().rposition(|attempt| attempt.intent.is_before(&import.began)) {
            Some(place) => explained[place].push(import),
            None => found.push(Violation {
                rule: Rule::ImportUnexplained,
                run: String::new(),
                seq: 0,
                what: format!("the twin's import of {:?}", import.began),
            }),
        }
    }
    for (attempt, imports) in attempts.iter().zip(&explained) {
        one(attempt, imports, found);
        if imports.iter().any(|import| !in_time(evidence, attempt, import)) {
            tell(attempt, found, Rule::OutsideWindow, "not its time");
        }
    }
    repeated(&attempts, &explained, found);
}

fn tell(attempt: &Attempt, found: &mut Vec<Violation>, rule: Rule, what: &str) {
    found.push(Violation {
        rule,
        run: attempt.run.clone(),
        seq: attempt.intent.seq,
        what: format!("{} attempt {}: {what}", attempt.step, attempt.number),
    });
}

fn one(attempt: &Attempt, imports: &[&TwinImport], found: &mut Vec<Violation>) {
    if imports.len() > 1 {
        tell(attempt, found, Rule::ImportRepeated, &format!("{} imports", imports.len()));
    }
    let landed = imports.iter().any(|import| import.landed == Landed::Yes);
    match (attempt.outcome, attempt.settled) {
        (Some((End::Done, _)), _) if !landed => {
            tell(attempt, found, Rule::DoneWithoutImport, "the twin has none that landed");
        }
        (_, Some(settled)) if !settled.by_person && !settled.done && landed => {
            tell(attempt, found, Rule::FalseProof, "proved not to have landed, and it has");
        }
        (Some((End::Failed, _)), None) if imports.iter().any(|i| !may_fail(i)) => {
            tell(attempt, found, Rule::FalseProof, "failed by the journal, and it landed or runs");
        }
        _ => {}
    }
    for import in imports {
        let before_end = attempt.closed().is_none_or(|closed| closed.is_after(&import.began));
        let ended = match (attempt.outcome, attempt.settled, import.ended) {
            (Some((End::Done, mark)), None, Some(ended)) => mark.is_after(&ended),
            (Some((End::Done, _)), None, None) => import.landed != Landed::Running,
            _ => true,
        };
        if !before_end || !ended {
            tell(attempt, found, Rule::EffectOutsideAttempt, "the import is not inside it");
        }
        if let Some((sha256, bytes)) = &attempt.verified {
            let other_sum = import.sha256.as_ref().is_some_and(|found| found != sha256);
            let other_size = import.bytes.is_some_and(|found| *bytes != 0 && found != *bytes);
            if other_sum || other_size {
                tell(attempt, found, Rule::OtherArchive, "it is not what was verified");
            }
        }
        if import.exports_intact == Some(false) {
            tell(attempt, found, Rule::ExportDamaged, "the way back was not there");
        }
        if attempt.for_production && import.source_open == Some(true) {
            tell(attempt, found, Rule::OpenAtImport, "writers could come in");
        }
        if attempt.for_production && import.rows_missing.is_some_and(|rows| rows > 0) {
            tell(attempt, found, Rule::RowsLost, &format!("{:?} rows", import.rows_missing));
        }
    }
}

/// True where an attempt begins before its window ends, and its import not before that opens.
fn in_time(evidence: &Evidence, attempt: &Attempt, import: &TwinImport) -> bool {
    let began = import.began.millis;
    let outline = &evidence.outline;
    if !attempt.for_production {
        return outline.test_at.is_none_or(|at| began >= at.timestamp_millis());
    }
    outline.windows.iter().any(|(from, to)| {
        began >= from.timestamp_millis() && attempt.intent.millis <= to.timestamp_millis()
    })
}

/// True where an attempt with this import may be called failed.
fn may_fail(import: &TwinImport) -> bool {
    import.landed == Landed::No || import.said_failed
}

/// No archive of a step lands again, and no attempt follows one whose outcome was not known,
/// unless a person, or the site itself, said that it had no effect.
fn repeated(attempts: &[&Attempt], explained: &[Vec<&TwinImport>], found: &mut Vec<Violation>) {
    for (place, attempt) in attempts.iter().enumerate() {
        let earlier = attempts
            .iter()
            .zip(explained)
            .take(place)
            .filter(|(other, _)| other.step == attempt.step && other.run == attempt.run);
        for (other, imports) in earlier {
            let said = match (other.outcome, other.settled) {
                (_, Some(settled)) => !settled.done && settled.by_person,
                (Some((End::Failed, _)), None) => true,
                _ => false,
            };
            let landed = imports.iter().any(|i| i.landed != Landed::No && !i.said_failed);
            let by_person = other.settled.is_some_and(|settled| settled.by_person);
            if attempt.by_itself && !imports.is_empty() && !by_person {
                tell(attempt, found, Rule::ImportRepeated, "sent once more without a person");
            }
            if !said || (landed && !by_person) {
                tell(
                    attempt,
                    found,
                    Rule::ImportRepeated,
                    "after one that took effect or may have",
                );
            }
        }
    }
}
