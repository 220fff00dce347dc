//! What the run touches the model world with, in place of the real hands.

use async_trait::async_trait;
use orca_cutover::action::{
    self, Action, Failure, FileHashes, Hands, Notice, StepCx, Verdict, WorkDir,
};
use orca_cutover::clock::Clock;
use orca_cutover::diag::{Kind, Problem};
use orca_cutover::journal::{Event, Journal};
use orca_cutover::playbook::{CheckedPlaybook, Clinic, FenceMode, Outputs, Purpose, StepAction};

use super::calendar;
use super::fault::Fault;
use super::world::{Fence, World};

/// The model's hands.
pub(crate) struct SimHands {
    pub(crate) world: World,
}

/// A failure of something outside.
pub(crate) fn trouble() -> Problem {
    Problem::new("run-stopped", Kind::Environment)
}

/// A state in which the step may not go on.
pub(crate) fn blocked() -> Problem {
    Problem::new("run-stopped", Kind::Blocked)
}

/// The hashes as they were approved.
pub(crate) const MAPPING: &str = "mapping-1";
pub(crate) const PROFILE: &str = "profile-1";

#[async_trait]
impl Hands for SimHands {
    fn action(&self, step: &StepAction) -> Box<dyn Action> {
        Box::new(SimAction { world: self.world.clone(), step: step.clone() })
    }

    fn file_hashes(&self, _clinic: &Clinic) -> Result<FileHashes, Problem> {
        let world = self.world.now();
        let hash = |name: &str, edited: bool| {
            if edited { format!("{name} edited") } else { name.to_owned() }
        };
        Ok(FileHashes {
            mapping: hash(MAPPING, world.mapping_edited),
            profile: hash(PROFILE, world.profile_edited),
        })
    }

    async fn notify(
        &self,
        playbook: &CheckedPlaybook,
        clock: &Clock,
        work: &WorkDir,
        journal: &Journal,
        notice: Notice,
    ) -> Result<String, Problem> {
        let about = match notice {
            Notice::Failure { .. } => "failure",
            Notice::Finished => "finished",
        };
        self.world.moment(1).await;
        self.send(&playbook.clinic, clock, work, journal, about).await
    }

    async fn deliver(
        &self,
        _clinic: &Clinic,
        _clock: &Clock,
        _work: &WorkDir,
        journal: &Journal,
    ) -> Result<(), Problem> {
        for (message_id, mail) in journal.state().await.mails {
            if mail.sent {
                continue;
            }
            let event = if self.world.fires(Fault::MailDelayed) {
                Event::MailDelayed { message_id, problem: trouble() }
            } else {
                Event::MailSent { message_id }
            };
            journal.append(event).await?;
        }
        Ok(())
    }
}

impl SimHands {
    async fn send(
        &self,
        clinic: &Clinic,
        clock: &Clock,
        work: &WorkDir,
        journal: &Journal,
        about: &str,
    ) -> Result<String, Problem> {
        if self.world.fires(Fault::SpoolFails) {
            return Err(trouble());
        }
        let id = self.world.now().fresh_mail();
        let (message_id, about) = (id.clone(), about.to_owned());
        journal.append(Event::MailQueued { message_id, about, recipients: 2 }).await?;
        self.deliver(clinic, clock, work, journal).await?;
        Ok(id)
    }
}

/// One step against the model world.
pub(crate) struct SimAction {
    pub(crate) world: World,
    pub(crate) step: StepAction,
}

#[async_trait]
impl Action for SimAction {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let world = &self.world;
        world.moment(4).await;
        self.others_act(cx).await;
        world.crash_if(Fault::CrashBeforeEffect).await;
        if world.fires(Fault::StepFails) {
            return Err(trouble().into());
        }
        // A wait is the product's own; nothing outside can hang.
        let may_hang = !matches!(self.step, StepAction::Wait { .. });
        if may_hang && world.fires(Fault::StepHangs) {
            std::future::pending::<()>().await;
        }
        assert!(!world.fires(Fault::StepPanics), "a fault of the simulation");
        let outputs = self.effect(cx).await?;
        world.crash_if(Fault::CrashAfterEffect).await;
        let repeatable = !matches!(self.step, StepAction::PortalImport { .. });
        if repeatable && world.fires(Fault::StepFailsAfterEffect) {
            return Err(trouble().into());
        }
        if repeatable && may_hang && world.fires(Fault::StepHangsAfterEffect) {
            std::future::pending::<()>().await;
        }
        if !matches!(self.step, StepAction::WindowCheck { .. }) {
            world.moment(2).await;
        }
        Ok(outputs)
    }

    async fn verify(&self, cx: &StepCx) -> Result<Verdict, Failure> {
        match &self.step {
            StepAction::PortalImport { archive, .. } => self.prove(cx, archive).await,
            _ => Ok(Verdict::Unknown),
        }
    }

    async fn holds(&self, cx: &StepCx) -> Result<bool, Problem> {
        self.world.moment(1).await;
        if self.world.fires(Fault::StepFails) {
            return Err(trouble());
        }
        let source = self.world.now().source.clone();
        Ok(match &self.step {
            StepAction::ServiceStop {} => !source.service,
            StepAction::Fence { mode } => match mode {
                FenceMode::ReadOnly => source.fence != Fence::Open,
                FenceMode::Closed => source.fence == Fence::Closed,
            },
            StepAction::SwapDatabase { .. } => source.swapped,
            StepAction::Dump { archive, .. } | StepAction::PortalExport { archive, .. } => {
                self.file_holds(cx, archive).await
            }
            _ => true,
        })
    }

    async fn undo(&self, cx: &StepCx) -> Result<(), Problem> {
        let world = &self.world;
        world.moment(3).await;
        world.crash_if(Fault::CrashInRollback).await;
        if world.fires(Fault::UndoFails) {
            return Err(trouble());
        }
        self.take_back(cx);
        world.crash_if(Fault::CrashInRollback).await;
        if world.fires(Fault::UndoFailsAfterEffect) {
            return Err(trouble());
        }
        Ok(())
    }
}

impl SimAction {
    async fn effect(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        match &self.step {
            // These two look at clock, playbook and journal only: the real ones.
            StepAction::WindowCheck { .. } => action::action(&self.step).apply(cx).await,
            StepAction::Wait { .. } => {
                let outputs = action::action(&self.step).apply(cx).await?;
                // People read the announcements each day.
                calendar::read(&self.world, &cx.work, &cx.clock).await;
                Ok(outputs)
            }
            StepAction::SourceProbe { .. } => Ok(Outputs::new()),
            StepAction::PortalProbe { free_slots } => self.probe_site(*free_slots),
            StepAction::MailProbe {} => self.probe_mail(cx).await,
            StepAction::Dump { archive, .. } => self.dump(cx, archive).await,
            StepAction::VerifyArchive { archive } => self.read_through(cx, archive).await,
            StepAction::PortalExport { archive, release_slot } => {
                self.export(cx, archive, *release_slot).await
            }
            StepAction::PortalImport { archive, purpose } => {
                let production = *purpose == Purpose::Production;
                self.import(cx, archive, production).await
            }
            StepAction::CompareArchives { expected, actual } => self.compare(cx, expected, actual),
            StepAction::ServiceStop {} | StepAction::Fence { .. } => {
                self.close();
                Ok(Outputs::new())
            }
            StepAction::StaleCheck { dump } => self.stale(cx, dump).await,
            StepAction::SwapDatabase { .. } => {
                if self.world.now().source.fence != Fence::Closed {
                    return Err(blocked().into());
                }
                self.world.now().source.swapped = true;
                self.world.effect("swap_database", false);
                Ok(Outputs::new())
            }
            StepAction::PortalRelease {} => Ok(Outputs::new()),
        }
    }

    fn probe_site(&self, free_slots: u32) -> Result<Outputs, Failure> {
        if self.world.fires(Fault::MaintenancePage) {
            return Err(trouble().into());
        }
        let world = self.world.now();
        let free = super::site::MAX_DUMPS - world.site.dumps.len();
        // The site's pages carry the time.
        let wrong_clock = world.skew.abs() > 60_000;
        if world.certificate_ended || wrong_clock || free < free_slots as usize {
            return Err(blocked().into());
        }
        Ok(Outputs::new())
    }

    async fn probe_mail(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let hands = SimHands { world: self.world.clone() };
        let id = hands.send(cx.clinic(), &cx.clock, &cx.work, &cx.journal, "test").await?;
        let sent = cx.journal.state().await.mails.get(&id).is_some_and(|mail| mail.sent);
        if sent {
            Ok(Outputs::from([("message_id".to_owned(), id.into())]))
        } else {
            Err(Problem::new("run-mail-unsent", Kind::MailUndelivered).into())
        }
    }

    fn close(&self) {
        let mut world = self.world.now();
        let kind = match self.step {
            StepAction::ServiceStop {} => {
                world.source.service = false;
                "service_stop"
            }
            StepAction::Fence { mode: FenceMode::Closed } => {
                world.source.fence = Fence::Closed;
                "fence"
            }
            _ => {
                if world.source.fence == Fence::Open {
                    world.source.fence = Fence::ReadOnly;
                }
                "fence"
            }
        };
        drop(world);
        self.world.effect(kind, false);
    }

    fn take_back(&self, _cx: &StepCx) {
        let mut world = self.world.now();
        let kind = match self.step {
            StepAction::ServiceStop {} => {
                world.source.service = true;
                "service_stop"
            }
            StepAction::SwapDatabase { .. } => {
                world.source.swapped = false;
                "swap_database"
            }
            StepAction::Fence { .. } => {
                world.source.fence = Fence::Open;
                "fence"
            }
            _ => return,
        };
        drop(world);
        self.world.effect(kind, true);
    }
}
