//! The checker's own fold over a run's records.

use std::collections::BTreeMap;

use serde_json::Value;

use super::attempts::{Attempt, End, Mark, Settled, Undo};
use super::outline::{Outline, Step};
use super::{Evidence, Rule, Violation, ends, starts};

/// Where a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    Running,
    Done,
    Failed,
    InDoubt,
    Skipped,
    Undoing,
    Undone,
}

/// A step's state.
#[derive(Clone, Debug)]
pub(super) struct Now {
    pub(super) is: Is,
    pub(super) attempt: u64,
    pub(super) started: Mark,
    pub(super) ended: Mark,
    pub(super) outputs: Value,
}

/// A run so far.
pub(super) struct Run<'e> {
    pub(super) name: &'e str,
    pub(super) outline: &'e Outline,
    pub(super) steps: BTreeMap<String, Now>,
    /// Outcome of the last end, until the run is taken up again.
    pub(super) ended: Option<String>,
    /// Record with which the present process began.
    pub(super) process: u64,
    /// True where scheduled work began it.
    pub(super) by_itself: bool,
    /// Record of the last roll-back of a step that failed.
    pub(super) undo_failed: u64,
    /// True once a person took back by force.
    pub(super) forced: bool,
    /// Complete files: hash, size, record.
    pub(super) files: BTreeMap<String, (String, u64, u64)>,
}

impl Run<'_> {
    pub(super) fn is(&self, id: &str) -> Option<Is> {
        self.steps.get(id).map(|step| step.is)
    }

    pub(super) fn satisfied(&self, id: &str) -> bool {
        matches!(self.is(id), Some(Is::Done | Is::Skipped))
    }

    pub(super) fn done(&self, id: &str) -> Option<&Now> {
        self.steps.get(id).filter(|step| step.is == Is::Done)
    }

    /// The production import took place or may have.
    pub(super) fn past_no_return(&self) -> bool {
        self.outline.steps.iter().any(|step| {
            step.imports()
                && step.for_production()
                && matches!(self.is(&step.id), Some(Is::Done | Is::InDoubt | Is::Running))
        })
    }

    pub(super) fn unsettled(&self) -> bool {
        self.ended.as_deref().is_none_or(|outcome| outcome == "waiting")
            || self.steps.values().any(|s| matches!(s.is, Is::Running | Is::InDoubt | Is::Undoing))
            || self.holds_closed()
    }

    /// As far as the journal says.
    pub(super) fn holds_closed(&self) -> bool {
        let closed = |step: &&Step| {
            step.closes() && !matches!(self.is(&step.id), None | Some(Is::Undone | Is::Skipped))
        };
        self.outline.steps.iter().any(|step| closed(&step))
    }

    pub(super) fn tell(&self, found: &mut Vec<Violation>, rule: Rule, seq: u64, what: &str) {
        found.push(Violation { rule, run: self.name.to_owned(), seq, what: what.to_owned() });
    }
}

/// Everything that the journal says, in the checker's words.
#[derive(Default)]
pub(super) struct History {
    pub(super) attempts: Vec<Attempt>,
    pub(super) undos: Vec<Undo>,
    /// Ends (run, record) at which the clinic's server must be open.
    pub(super) must_be_open: Vec<(String, u64)>,
}

/// Under these names the program begins scheduled work.
fn is_scheduled(event: &Value) -> bool {
    matches!(event["operator"].as_str(), Some("tick" | "daemon"))
}

impl History {
    pub(super) fn fold(evidence: &Evidence, found: &mut Vec<Violation>) -> Self {
        let mut history = Self::default();
        let mut earlier: Vec<Run<'_>> = Vec::new();
        for stream in &evidence.runs {
            let mut run = Run {
                name: &stream.run,
                outline: &evidence.outline,
                steps: BTreeMap::new(),
                ended: None,
                process: 0,
                by_itself: false,
                undo_failed: 0,
                forced: false,
                files: BTreeMap::new(),
            };
            for row in &stream.rows {
                let mark = Mark::of(row);
                let Ok(event) = serde_json::from_str::<Value>(&row.text) else {
                    run.tell(found, Rule::Chain, row.seq, "the event is no JSON");
                    break;
                };
                run.forced |= evidence
                    .twin
                    .forced
                    .iter()
                    .any(|(name, seq)| *name == stream.run && *seq == row.seq);
                history.event(&mut run, &earlier, mark, &event, found);
            }
            earlier.push(run);
        }
        history
    }

    fn event(
        &mut self,
        run: &mut Run<'_>,
        earlier: &[Run<'_>],
        mark: Mark,
        event: &Value,
        found: &mut Vec<Violation>,
    ) {
        let kind = event["type"].as_str().unwrap_or_default();
        if (kind == "run-started") != (mark.seq == 1) {
            run.tell(found, Rule::FirstEvent, mark.seq, kind);
        }
        let may_follow_end = matches!(
            kind,
            "run-resumed" | "step-settled" | "mail-sent" | "mail-delayed" | "file-purged"
        );
        if run.ended.is_some() && !may_follow_end {
            run.tell(found, Rule::AfterEnd, mark.seq, kind);
        }
        let step = event["step"].as_str().unwrap_or_default();
        match kind {
            "run-started" => {
                run.process = mark.seq;
                run.by_itself = is_scheduled(event);
                starts::run(run, earlier, mark, found);
            }
            "run-resumed" => {
                run.ended = None;
                run.process = mark.seq;
                run.by_itself = is_scheduled(event);
            }
            "step-started" => {
                starts::step(run, earlier, mark, event, found);
                self.started(run, mark, event);
            }
            "step-done" => self.ended(run, step, mark, event, End::Done, found),
            "step-failed" => self.ended(run, step, mark, event, End::Failed, found),
            "step-in-doubt" => self.ended(run, step, mark, event, End::InDoubt, found),
            "step-settled" => self.settled(run, step, mark, event, found),
            "step-skipped" => {
                self.moved(run, step, mark, &[], Is::Skipped, found);
            }
            "step-reopened" => {
                self.moved(run, step, mark, &[Is::Done, Is::Skipped], Is::Undone, found);
                if run.outline.step(step).is_some_and(Step::imports) {
                    run.tell(found, Rule::ImportRepeated, mark.seq, "an import is reopened");
                }
            }
            "undo-started" => {
                self.moved(
                    run,
                    step,
                    mark,
                    &[Is::Done, Is::Failed, Is::Undoing],
                    Is::Undoing,
                    found,
                );
                if run.past_no_return() && !run.forced {
                    run.tell(found, Rule::UndoneAfterImport, mark.seq, step);
                }
                let kind = run.outline.step(step).map(|s| s.kind.clone()).unwrap_or_default();
                self.undos.push(Undo { kind, from: mark, to: None });
            }
            "undo-done" => {
                self.moved(run, step, mark, &[Is::Undoing], Is::Undone, found);
                self.undo_ended(mark);
            }
            "undo-failed" => {
                self.moved(run, step, mark, &[Is::Undoing], Is::Undoing, found);
                self.undo_ended(mark);
                run.undo_failed = mark.seq;
            }
            "file-completed" => {
                let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
                let bytes = event["bytes"].as_u64().unwrap_or_default();
                run.files.insert(text("path"), (text("sha256"), bytes, mark.seq));
            }
            "run-ended" => {
                let outcome = event["outcome"].as_str().unwrap_or_default();
                if ends::run(run, mark, event, found) {
                    self.must_be_open.push((run.name.to_owned(), mark.seq));
                }
                run.ended = Some(outcome.to_owned());
            }
            _ => {}
        }
    }

    fn undo_ended(&mut self, mark: Mark) {
        if let Some(undo) = self.undos.last_mut() {
            undo.to = Some(mark);
        }
    }

    fn started(&mut self, run: &mut Run<'_>, mark: Mark, event: &Value) {
        let id = event["step"].as_str().unwrap_or_default();
        let number = event["attempt"].as_u64().unwrap_or_default();
        let now = Now {
            is: Is::Running,
            attempt: number,
            started: mark,
            ended: mark,
            outputs: Value::Null,
        };
        let step = run.outline.step(id);
        let verified = step.filter(|step| step.imports()).and_then(|step| {
            let (_, verified) = starts::verified(run, step)?;
            let sha256 = verified.outputs["sha256"].as_str()?.to_owned();
            let bytes = run.files.values().find(|file| file.0 == sha256).map_or(0, |file| file.1);
            Some((sha256, bytes))
        });
        self.attempts.push(Attempt {
            run: run.name.to_owned(),
            step: id.to_owned(),
            kind: step.map(|step| step.kind.clone()).unwrap_or_default(),
            for_production: step.is_some_and(Step::for_production),
            number,
            intent: mark,
            outcome: None,
            settled: None,
            by_itself: run.by_itself,
            verified,
        });
        run.steps.insert(id.to_owned(), now);
    }

    fn last(&mut self, run: &Run<'_>, step: &str) -> Option<&mut Attempt> {
        self.attempts.iter_mut().rev().find(|a| a.run == run.name && a.step == step)
    }

    fn ended(
        &mut self,
        run: &mut Run<'_>,
        step: &str,
        mark: Mark,
        event: &Value,
        end: End,
        found: &mut Vec<Violation>,
    ) {
        let becomes = match end {
            End::Done => Is::Done,
            End::Failed => Is::Failed,
            End::InDoubt => Is::InDoubt,
        };
        if end == End::InDoubt && !run.outline.step(step).is_some_and(Step::imports) {
            run.tell(found, Rule::Transition, mark.seq, "only an import can be in doubt");
        }
        self.moved(run, step, mark, &[Is::Running], becomes, found);
        if let Some(now) = run.steps.get_mut(step) {
            now.outputs = event["outputs"].clone();
            if event["attempt"].as_u64() != Some(now.attempt) {
                run.tell(found, Rule::Attempt, mark.seq, step);
            }
        }
        if let Some(attempt) = self.last(run, step) {
            attempt.outcome = Some((end, mark));
        }
    }

    fn settled(
        &mut self,
        run: &mut Run<'_>,
        step: &str,
        mark: Mark,
        event: &Value,
        found: &mut Vec<Violation>,
    ) {
        let done = event["done"] == true;
        let becomes = if done { Is::Done } else { Is::Failed };
        self.moved(run, step, mark, &[Is::InDoubt], becomes, found);
        let person = &event["by"]["person"];
        let is_empty = |name: &str| person[name].as_str().is_none_or(|it| it.trim().is_empty());
        let by_person = event["by"]["proof"].as_str().is_none_or(|proof| proof.trim().is_empty());
        if by_person && (is_empty("name") || is_empty("reason")) {
            run.tell(found, Rule::PersonUnnamed, mark.seq, step);
        }
        if let Some(now) = run.steps.get_mut(step) {
            now.outputs = event["outputs"].clone();
        }
        if let Some(attempt) = self.last(run, step) {
            attempt.settled = Some(Settled { done, by_person, mark });
        }
    }

    /// A step goes from one of `from` (or from nothing, where that is empty) to `to`.
    fn moved(
        &mut self,
        run: &mut Run<'_>,
        step: &str,
        mark: Mark,
        from: &[Is],
        to: Is,
        found: &mut Vec<Violation>,
    ) {
        let is = run.is(step);
        let fits = is.map_or(from.is_empty(), |is| from.contains(&is));
        if !fits {
            run.tell(found, Rule::Transition, mark.seq, &format!("{step}: {is:?} to {to:?}"));
        }
        if run.outline.step(step).is_none() {
            run.tell(found, Rule::OtherStep, mark.seq, step);
        }
        let now = run.steps.entry(step.to_owned()).or_insert(Now {
            is: to,
            attempt: 0,
            started: mark,
            ended: mark,
            outputs: Value::Null,
        });
        now.is = to;
        now.ended = mark;
    }
}
