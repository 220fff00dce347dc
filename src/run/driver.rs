//! The run's loop: starts what is ready, writes down how it ended, and decides what follows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;
use std::time::Duration;

use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

use super::attempt::{attempt_once, role};
use super::clinic_state::{clinic_state, past_no_return, was_opened_again};
use super::request::{Observer, RunEnd, RunRequest};
use super::{at_rest, dispatch, error_log, journal_lost, rollback};
use crate::action::{self, Certainty, Failure, Notice};
use crate::diag::{Kind, Problem};
use crate::effect::Effect;
use crate::fault::{self, Point, Spot};
use crate::ids::StepId;
use crate::journal::{Event, Journal, Outcome, State, StepState};
use crate::playbook::{Outputs, Purpose, Step, StepAction};
use crate::progress::Progress;

type Ended = Result<Outputs, Failure>;

pub(super) struct Driver<'a> {
    request: &'a RunRequest,
    observer: &'a Observer,
    journal: Journal,
    /// Steps that this process does not try again.
    given_up: BTreeSet<StepId>,
    /// Attempts of this process.
    tries: BTreeMap<StepId, u32>,
    /// Which attempt each task carries out.
    attempts: BTreeMap<Id, (StepId, u32)>,
    /// Tasks that only wait, and may be broken off.
    waits: Vec<AbortHandle>,
    /// True once the run is to stop.
    stopping: bool,
    /// The wait at which the run is left until its time has come.
    paused: Option<StepId>,
}

/// A wait that is shorter is waited for: leaving the run and coming back would take as long.
const PAUSE_ABOVE: chrono::TimeDelta = chrono::TimeDelta::minutes(1);

/// Before a wait that is shorter nothing is encrypted: what comes after it must not begin late.
const SEAL_ABOVE: chrono::TimeDelta = chrono::TimeDelta::hours(1);

impl<'a> Driver<'a> {
    pub(super) fn new(request: &'a RunRequest, observer: &'a Observer, journal: Journal) -> Self {
        Self {
            request,
            observer,
            journal,
            given_up: BTreeSet::new(),
            tries: BTreeMap::new(),
            attempts: BTreeMap::new(),
            waits: Vec::new(),
            stopping: false,
            paused: None,
        }
    }

    /// An import that the site called failed may have left the tenant half overwritten: whether it
    /// is sent once more is a person's to say. A run that goes on by itself ends with it.
    pub(super) fn give_up_failed_imports(&mut self, state: &State) {
        let is_failed =
            |id: &&StepId| matches!(state.steps.get(*id), Some(StepState::Failed { .. }));
        self.given_up.extend(state.failed_imports.iter().filter(is_failed).cloned());
    }

    pub(super) fn cx(&self) -> rollback::Cx {
        rollback::Cx {
            playbook: self.request.playbook.clone(),
            clock: self.request.clock.clone(),
            work: self.request.work.clone(),
            journal: self.journal.clone(),
            hands: self.request.hands.clone(),
        }
    }

    pub(super) async fn run(mut self) -> Result<RunEnd, Problem> {
        let mut tasks: JoinSet<Ended> = JoinSet::new();
        let ended = match self.carry_out(&mut tasks).await {
            Ok(()) => self.conclude().await,
            Err(problem) => Err(problem),
        };
        match ended {
            Err(problem) => Err(self.leave(tasks, problem).await),
            ended => ended,
        }
    }

    /// What cannot be written may not be done, but for opening what was closed.
    pub(super) async fn leave(&self, tasks: JoinSet<Ended>, problem: Problem) -> Problem {
        self.waits.iter().for_each(AbortHandle::abort);
        journal_lost::leave(self.request, &self.cx(), tasks, &problem).await;
        problem
    }

    async fn carry_out(&mut self, tasks: &mut JoinSet<Ended>) -> Result<(), Problem> {
        self.skip_what_does_not_apply().await?;
        loop {
            let goes_on = self.given_up.is_empty() && !self.stopping && !self.any_in_doubt().await;
            if goes_on {
                self.start_ready(tasks).await?;
            }
            if tasks.is_empty() {
                if goes_on && self.wait_for_next_attempt().await {
                    continue;
                }
                return Ok(());
            }
            let again = goes_on && self.next_attempt().await.is_some();
            tokio::select! {
                // The same world gives the same run: what is ready first is taken first.
                biased;
                () = self.request.stop.notified(), if !self.stopping => {
                    self.stopping = true;
                    self.waits.iter().for_each(AbortHandle::abort);
                }
                Some(ended) = tasks.join_next_with_id() => self.ended(ended).await?,
                // Wakes up for a step whose next attempt comes due beside a running one.
                () = self.request.clock.nap(Duration::from_secs(1)), if again => {}
            }
        }
    }

    async fn skip_what_does_not_apply(&self) -> Result<(), Problem> {
        let state = self.journal.state().await;
        for step in self.request.playbook.phases.iter().flat_map(|phase| &phase.steps) {
            if !step.applies && !state.steps.contains_key(&step.id) {
                self.journal.append(Event::StepSkipped { step: step.id.clone() }).await?;
            }
        }
        Ok(())
    }

    async fn any_in_doubt(&self) -> bool {
        let state = self.journal.state().await;
        state.steps.values().any(|step| matches!(step, StepState::InDoubt { .. }))
    }

    async fn start_ready(&mut self, tasks: &mut JoinSet<Ended>) -> Result<(), Problem> {
        let state = self.journal.state().await;
        let now = self.request.clock.now();
        for step in dispatch::ready(&self.request.playbook, &state, &self.given_up, now) {
            if self.request.leave_at_waits && self.is_further(step, now, PAUSE_ABOVE) {
                self.paused = Some(step.id.clone());
                continue;
            }
            if self.is_further(step, now, SEAL_ABOVE) {
                // Days in which nobody reads them. What fails is tried again at the end, and told.
                let _ = at_rest::seal(&self.cx()).await;
            }
            let attempt = match state.steps.get(&step.id) {
                Some(StepState::Failed { attempt, .. } | StepState::Undone { attempt }) => {
                    attempt + 1
                }
                _ => 1,
            };
            let started = Event::StepStarted {
                step: step.id.clone(),
                attempt,
                effect: step.action.effect(),
                role: role(&step.action),
            };
            Spot::of(&step.id).reach(Point::BeforeIntent).await?;
            // The intent is durable before the first effect.
            fault::within(&step.id, self.journal.append(started)).await?;
            *self.tries.entry(step.id.clone()).or_default() += 1;
            let cx = self.cx().step(step, Progress::default());
            self.running().insert(step.id.clone(), cx.progress.clone());
            let (approved, hands) = (self.request.approved.clone(), self.request.hands.clone());
            let task = tasks.spawn(async move {
                fault::within(&cx.step.id, attempt_once(&cx, &approved, &*hands)).await
            });
            self.attempts.insert(task.id(), (step.id.clone(), attempt));
            if matches!(step.action, StepAction::Wait { .. }) {
                self.waits.push(task);
            }
        }
        Ok(())
    }

    /// True for a wait whose time is further away than `than`.
    fn is_further(&self, step: &Step, now: crate::clock::Jst, than: chrono::TimeDelta) -> bool {
        let cutover = &self.request.playbook.clinic.cutover;
        let until = match &step.action {
            StepAction::Wait { until: Purpose::Test } => cutover.test_import_at,
            StepAction::Wait { until: Purpose::Production } => cutover.production_at,
            _ => return false,
        };
        until - now > than
    }

    async fn ended(&mut self, ended: Result<(Id, Ended), JoinError>) -> Result<(), Problem> {
        let (id, result) = match ended {
            Ok((id, result)) => (id, result),
            Err(error) if error.is_cancelled() => {
                (error.id(), Err(Problem::new("run-stopped", Kind::StepFailed).into()))
            }
            // A panic in a task is a defect, and no reason to leave the clinic closed.
            Err(error) => (error.id(), Err(self.after_panic(error.id()))),
        };
        match self.attempts.remove(&id) {
            Some((step, attempt)) => self.write_down(step, attempt, result).await,
            None => Err(Problem::new("run-defect", Kind::Internal)),
        }
    }

    fn after_panic(&self, id: Id) -> Failure {
        let problem = Problem::new("run-defect", Kind::Internal);
        let step = self.attempts.get(&id).and_then(|(step, _)| self.find(step));
        match step.map(|step| step.action.effect()) {
            Some(Effect::AtMostOnce) | None => Failure::in_doubt(problem),
            Some(Effect::ReadOnly | Effect::Repeatable) => problem.into(),
        }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, BTreeMap<StepId, Progress>> {
        self.observer.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Not of a wait at which the run is left: it is tried again by whoever takes the run up.
    async fn next_attempt(&self) -> Option<crate::clock::Jst> {
        let state = self.journal.state().await;
        let mut left = self.given_up.clone();
        left.extend(self.paused.clone());
        dispatch::next_attempt(&self.request.playbook, &state, &left)
    }

    async fn wait_for_next_attempt(&self) -> bool {
        let Some(at) = self.next_attempt().await else { return false };
        let left = (at - self.request.clock.now()).to_std().unwrap_or_default();
        self.request.clock.nap(left + Duration::from_millis(5)).await;
        true
    }

    async fn write_down(
        &mut self,
        step: StepId,
        attempt: u32,
        result: Result<Outputs, Failure>,
    ) -> Result<(), Problem> {
        self.running().remove(&step);
        let (spot, id) = (Spot::of(&step), step.clone());
        let event = match result {
            Ok(outputs) => Event::StepDone { step, attempt, outputs },
            Err(failure) if failure.certainty == Certainty::InDoubt => {
                Event::StepInDoubt { step, attempt, problem: failure.problem }
            }
            Err(failure) => {
                let again_at = self.again_at(&step, &failure.problem);
                if again_at.is_none() {
                    self.given_up.insert(step.clone());
                }
                let Failure { problem, import_log, .. } = failure;
                Event::StepFailed { step, attempt, problem, import_log, again_at }
            }
        };
        spot.reach(Point::BeforeOutcome).await?;
        fault::within(&id, self.journal.append(event)).await?;
        spot.reach(Point::AfterOutcome).await?;
        Ok(())
    }

    /// When a failed step is tried again: only where trying again can help, where it surely had
    /// no effect that may not come twice, and as often as the playbook says.
    fn again_at(&self, id: &StepId, problem: &Problem) -> Option<crate::clock::Jst> {
        let step = self.find(id)?;
        let tries = self.tries.get(id).copied().unwrap_or(0);
        if !is_tried_again(step, problem.kind, tries) {
            return None;
        }
        let wait = step.retry.wait_before(tries + 1);
        let wait = chrono::TimeDelta::from_std(wait).ok()?;
        self.request.clock.now().checked_add_signed(wait)
    }

    fn find(&self, id: &StepId) -> Option<&Step> {
        self.request.playbook.phases.iter().flat_map(|phase| &phase.steps).find(|s| s.id == *id)
    }

    async fn conclude(&self) -> Result<RunEnd, Problem> {
        let state = self.journal.state().await;
        let in_doubt = state.steps.iter().find_map(|(id, step)| match step {
            StepState::InDoubt { problem, .. } => Some((id.clone(), problem.clone(), None)),
            _ => None,
        });
        let failed = state.steps.iter().find_map(|(id, step)| match step {
            StepState::Failed { problem, import_log, .. } if self.given_up.contains(id) => {
                Some((id.clone(), problem.clone(), import_log.clone()))
            }
            _ => None,
        });
        let (outcome, ended_by) = match (in_doubt, failed) {
            (Some(doubt), _) => (Outcome::InDoubt, Some(doubt)),
            (None, Some(failed)) => (Outcome::Failed, Some(failed)),
            (None, None) if self.paused.is_some() && !self.stopping => (Outcome::Waiting, None),
            (None, None) => match self.first_open(&state) {
                Some(step) => {
                    let problem = Problem::new("run-stopped", Kind::StepFailed);
                    (Outcome::Failed, Some((step, problem, None)))
                }
                None => (Outcome::Done, None),
            },
        };
        if outcome == Outcome::Failed && !past_no_return(&state) {
            // The cloud does not hold the clinic's data: its own server must work in the morning.
            rollback::rollback(&self.cx()).await?;
        }
        self.end(outcome, ended_by).await
    }

    /// The first step that is not satisfied: a run is done only when there is none.
    fn first_open(&self, state: &State) -> Option<StepId> {
        let phase = dispatch::current_phase(&self.request.playbook, state)?;
        let is_open = |id: &StepId| !state.steps.get(id).is_some_and(StepState::is_satisfied);
        phase.steps.iter().map(|step| &step.id).find(|id| is_open(id)).cloned()
    }

    pub(super) async fn end(
        &self,
        outcome: Outcome,
        ended_by: Option<(StepId, Problem, Option<crate::diag::Redacted>)>,
    ) -> Result<RunEnd, Problem> {
        let all_done = outcome == Outcome::Done;
        let state = self.journal.state().await;
        let (clinic, opened_again) = (clinic_state(&state, all_done), was_opened_again(&state));
        let problem = ended_by.as_ref().map(|(_, problem, _)| problem.clone());
        let notice = match ended_by {
            Some((step, problem, import_log)) => {
                // Records that cannot be read must not hide it either.
                let error_log =
                    error_log::error_log(&self.journal.records().await.unwrap_or_default());
                Some(Notice::Failure { step, problem, import_log, clinic, opened_again, error_log })
            }
            None if outcome == Outcome::Done => Some(Notice::Finished),
            None => None,
        };
        let mut mail_problem = None;
        if let Some(notice) = notice {
            let RunRequest { playbook, clock, work, .. } = self.request;
            // A mail that cannot be written must not hide how the run ended.
            let hands = &self.request.hands;
            mail_problem = hands.notify(playbook, clock, work, &self.journal, notice).await.err();
        }
        let state = self.journal.append(Event::RunEnded { outcome, clinic }).await?;
        // Without it the end is as durable, and only its loss later would be seen by nobody.
        let _ = self.journal.anchor().await;
        // Last: nothing waits for it, and a process that dies in it has told how the run ended.
        let unsealed = at_rest::seal(&self.cx()).await.err();
        let mut end = RunEnd::of(&self.journal, &state, problem);
        end.unsealed = unsealed;
        // Also mails of scheduled work and of earlier runs: whoever looks at the exit status alone
        // learns here that somebody has not been told.
        end.mail_unsent = action::outbox(&self.request.work).await.undelivered().any();
        end.mail_problem = mail_problem.clone();
        end.problem = end.problem.or(mail_problem);
        Ok(end)
    }
}

/// True where a step that failed this way is tried again after so many tries of this process.
fn is_tried_again(step: &Step, kind: Kind, tries: u32) -> bool {
    let may_help = matches!(kind, Kind::Environment | Kind::StepFailed | Kind::MailUndelivered);
    let may_repeat = step.action.effect() != Effect::AtMostOnce;
    may_help && may_repeat && tries < step.retry.attempts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::{FenceMode, Retry, Title};

    fn step(action: StepAction, attempts: u32) -> Step {
        Step {
            id: "s".into(),
            title: Title { ja: "試験".into(), en: "test".into() },
            action,
            needs: Vec::new(),
            timeout_secs: 60,
            retry: Retry { attempts, ..Retry::default() },
            applies: true,
        }
    }

    #[test]
    fn what_may_help_is_tried_again_as_often_as_the_playbook_says_and_an_import_never() {
        let probe = || step(StepAction::PortalProbe { free_slots: 2 }, 3);
        for (tries, expected) in [(1, true), (2, true), (3, false), (4, false), (u32::MAX, false)] {
            assert_eq!(is_tried_again(&probe(), Kind::Environment, tries), expected, "{tries}");
        }
        for (kind, expected) in [
            (Kind::Environment, true),
            (Kind::StepFailed, true),
            (Kind::MailUndelivered, true),
            (Kind::Blocked, false),
            (Kind::Input, false),
            (Kind::Data, false),
            (Kind::NotUnderstood, false),
            (Kind::ConfirmationNeeded, false),
            (Kind::InDoubt, false),
            (Kind::Internal, false),
        ] {
            assert_eq!(is_tried_again(&probe(), kind, 1), expected, "{kind:?}");
        }
        let fence = step(StepAction::Fence { mode: FenceMode::Closed }, 2);
        assert!(is_tried_again(&fence, Kind::StepFailed, 1));
        for purpose in [Purpose::Test, Purpose::Production] {
            let import = StepAction::PortalImport { archive: "a.dump".into(), purpose };
            assert!(!is_tried_again(&step(import, 20), Kind::Environment, 1), "{purpose:?}");
        }
    }
}
