//! What is asked of a person now. The gravest thing comes first: doubt, then a failed roll-back,
//! then a failure, then waiting.

use chrono::TimeDelta;

use super::model::{Attempted, NextAction, RunView, StepView};
use crate::clock::Jst;
use crate::journal::Outcome;

/// A step is late once it has taken this many times its estimate: estimates are rough.
const LATE_FACTOR: i32 = 3;

/// No step is called late before this: small estimates mean nothing.
const LATE_AT_LEAST: TimeDelta = TimeDelta::minutes(10);

pub(super) fn next_action(view: &RunView, now: Option<Jst>) -> NextAction {
    let in_state = |state: Attempted| view.steps().find(|step| step.state == state);
    if let Some(step) = in_state(Attempted::InDoubt) {
        return NextAction::Resolve { step: step.id.clone() };
    }
    if let Some(step) = view.steps().find(|step| step.undo_failed) {
        return NextAction::UndoByHand { step: step.id.clone() };
    }
    if view.outcome == Some(Outcome::Waiting) {
        let open = |step: &&StepView| step.kind == "wait" && step.state == Attempted::Pending;
        if let Some(wait) = view.steps().find(open) {
            return NextAction::AwaitTime { step: wait.id.clone(), at: wait.planned_end };
        }
    }
    if view.outcome == Some(Outcome::Done) {
        let mails = view.mails.iter().filter(|mail| mail.sent_at.is_none() && !mail.cancelled);
        let mails = mails.count();
        return match mails {
            0 => NextAction::Nothing,
            mails => NextAction::AwaitMails { mails },
        };
    }
    if view.outcome.is_none() && !view.interrupted {
        if let Some(step) = in_state(Attempted::Running) {
            return running(step, now);
        }
        let retry = view.steps().find_map(|step| {
            let at = step.again_at.filter(|_| step.state == Attempted::Failed)?;
            Some(NextAction::AwaitRetry { step: step.id.clone(), at })
        });
        if let Some(retry) = retry {
            return retry;
        }
    }
    match in_state(Attempted::Failed) {
        Some(step) => NextAction::MendAndResume { step: step.id.clone() },
        None => NextAction::Resume,
    }
}

fn running(step: &StepView, now: Option<Jst>) -> NextAction {
    if step.kind == "wait" {
        return NextAction::AwaitTime { step: step.id.clone(), at: step.planned_end };
    }
    let started = step.actual_start.unwrap_or(step.planned_start);
    let planned = step.planned_end - step.planned_start;
    let expected = started.checked_add_signed(planned).unwrap_or(started);
    let patience =
        planned.checked_mul(LATE_FACTOR).map_or(LATE_AT_LEAST, |long| long.max(LATE_AT_LEAST));
    let late = now.is_some_and(|now| now - started > patience);
    NextAction::AwaitStep { step: step.id.clone(), expected, late }
}
