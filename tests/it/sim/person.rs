//! The person at the keyboard: starts, resumes, repairs, decides, and sometimes errs.

use chrono::TimeDelta;
use orca_cutover::ids::StepId;
use orca_cutover::journal::{Journal, Outcome, RunStatus, State, StepState};
use orca_cutover::run;

use super::fault::Fault;
use super::process::{Act, Came, Theatre};
use crate::judge::Landed;

/// Most processes of one seed.
const MOST_PROCESSES: usize = 16;

impl Theatre<'_> {
    /// One clinic's cutover from the first start to its end, or until patience ends.
    pub(crate) fn play(&mut self) {
        for _ in 0..MOST_PROCESSES {
            let state = self.store.state();
            self.between(state.as_ref());
            let act = self.choose(state.as_ref());
            let came = match act {
                Choice::Run(act) => self.process(act),
                Choice::Settle(step) => self.settle(&step),
            };
            self.world.say(|| format!("=== {came}"));
            self.look_at_server();
            if matches!(&came, Came::Stuck) {
                self.stuck = true;
                return;
            }
            if self.store.state().is_some_and(|state| is_done(&state)) {
                self.after_the_end();
                return;
            }
        }
    }

    fn percent(&self, percent: u64) -> bool {
        self.world.now().rng.percent(percent)
    }

    /// What happens while no process runs.
    fn between(&mut self, state: Option<&State>) {
        let minutes = 1 + self.world.now().rng.below(60);
        self.world.time.pass(TimeDelta::minutes(i64::try_from(minutes).unwrap()));
        if self.percent(10) {
            self.world.time.pass(TimeDelta::hours(9));
        }
        self.repair();
        let waits = state.is_some_and(|state| {
            matches!(state.status, RunStatus::Ended { outcome: Outcome::Waiting, .. })
        });
        if waits {
            self.wait_for_time();
        }
        self.postpone(state);
        self.read_calendar();
    }

    fn repair(&mut self) {
        let skew = self.world.now().skew;
        if skew != 0 && self.percent(70) {
            self.world.jump(TimeDelta::milliseconds(-skew));
        }
        let mut world = self.world.now();
        let mut likely = || world.rng.percent(75);
        let (mapping, profile, certificate) = (likely(), likely(), likely());
        let (dumps, files) = (likely(), likely());
        world.mapping_edited &= !mapping;
        world.profile_edited &= !profile;
        world.certificate_ended &= !certificate;
        if dumps && world.site.dumps.len() > 2 {
            // What is old is deleted by hand.
            let keep = world.site.dumps.len() - 1;
            world.site.dumps.drain(..keep);
        }
        if files {
            for file in world.files.values_mut() {
                file.damaged = false;
            }
        }
    }

    /// Until the time of the wait that comes next has come.
    fn wait_for_time(&self) {
        let cutover = &self.playbook.clinic.cutover;
        let now = self.world.time.now();
        let next = [cutover.test_import_at, cutover.production_at];
        if let Some(at) = next.into_iter().find(|at| *at > now) {
            let early = self.world.now().rng.below(20);
            let early = TimeDelta::minutes(i64::try_from(early).unwrap() - 10);
            self.world.time.pass(at - now - early);
        }
    }

    /// A window that is nearly over is of no use any more: another night is agreed on.
    fn postpone(&mut self, state: Option<&State>) {
        let now = self.world.time.now();
        let over = now + TimeDelta::hours(2) > self.playbook.clinic.cutover.window_end;
        let imported = state.is_some_and(run::past_no_return);
        if !over || imported || !self.percent(90) {
            return;
        }
        let mut playbook = (*self.playbook).clone();
        let cutover = &mut playbook.clinic.cutover;
        let nights = (now - cutover.production_at).num_days() + 1;
        let nights = TimeDelta::days(nights.clamp(1, 400) + if self.percent(30) { 8 } else { 0 });
        cutover.production_at += nights;
        cutover.window_end += nights;
        let window = (cutover.production_at.fixed_offset(), cutover.window_end.fixed_offset());
        self.world.say(|| format!("postponed to {}", window.0));
        self.outline.windows.push(window);
        self.playbook = playbook.into();
    }

    fn choose(&mut self, state: Option<&State>) -> Choice {
        let Some(state) = state else { return Choice::Run(Act::Start) };
        let in_doubt = state.steps.iter().find_map(|(id, step)| match step {
            StepState::InDoubt { .. } => Some(id.clone()),
            _ => None,
        });
        let running = state.steps.iter().find_map(|(id, step)| match step {
            StepState::Running { .. } => Some(id.clone()),
            _ => None,
        });
        if let Some(step) = running
            && self.world.fires(Fault::PersonSettlesEarly)
        {
            return Choice::Settle(step);
        }
        if let Some(step) = in_doubt
            && self.percent(80)
        {
            return Choice::Settle(step);
        }
        if self.world.fires(Fault::PersonForcesRollback) {
            return Choice::Run(Act::TakeBack { force: true });
        }
        if self.world.fires(Fault::PersonRollsBack) {
            return Choice::Run(Act::TakeBack { force: false });
        }
        if self.world.fires(Fault::PersonStartsAnew) {
            return Choice::Run(Act::Start);
        }
        Choice::Run(Act::Resume)
    }

    /// The person waits until the site has ended what it does, looks, and says what is there.
    fn settle(&mut self, step: &StepId) -> Came {
        while self.world.now().site.is_importing() {
            self.world.time.pass(TimeDelta::minutes(10));
        }
        let intent = self.store.last_intent(step);
        let landed = self
            .world
            .now()
            .twin
            .imports
            .iter()
            .any(|import| import.began.order > intent && import.landed == Landed::Yes);
        let (store, clock, step) = (self.store.clone(), self.clock(), step.clone());
        self.in_a_process(async move {
            let Some(state) = store.state() else { return Came::Nothing };
            let taken = Journal::take_up(store.into(), clock, state.info.run, None).await;
            let Ok(journal) = taken else { return Came::Nothing };
            let reason = "looked at the tenant";
            match run::settle(&journal, &step, landed, "見本 花子", reason).await {
                Ok(()) => Came::Told(format!("settled, took effect: {landed}")),
                Err(problem) => Came::Told(format!("refused: {}", problem.code)),
            }
        })
    }

    /// A run that is done stays done, whoever asks again.
    fn after_the_end(&mut self) {
        if self.world.fires(Fault::PersonResumesDone) {
            let came = self.process(Act::Resume);
            self.world.say(|| format!("=== again: {came}"));
        }
        if self.world.fires(Fault::PersonStartsAnew) {
            let came = self.process(Act::Start);
            self.world.say(|| format!("=== anew: {came}"));
        }
        if self.world.fires(Fault::PersonForcesRollback) {
            let came = self.process(Act::TakeBack { force: true });
            self.world.say(|| format!("=== forced back: {came}"));
        }
        self.look_at_server();
    }
}

enum Choice {
    Run(Act),
    Settle(StepId),
}

fn is_done(state: &State) -> bool {
    matches!(state.status, RunStatus::Ended { outcome: Outcome::Done, .. })
}
