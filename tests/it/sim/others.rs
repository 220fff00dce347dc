//! What other people and the machine do while steps run.

use chrono::TimeDelta;
use orca_cutover::action::StepCx;
use orca_cutover::ids::StepId;
use orca_cutover::journal::StepState;
use orca_cutover::playbook::StepAction;

use super::calendar;
use super::fault::Fault;
use super::hands::SimAction;
use super::world::{Content, Fence, SimFile};

impl SimAction {
    /// What other people and the machine do while a step begins. Between the last look and an
    /// upload lies no time in which somebody could do more.
    pub(super) async fn others_act(&self, cx: &StepCx) {
        let world = &self.world;
        if matches!(self.step, StepAction::PortalImport { .. } | StepAction::WindowCheck { .. }) {
            return;
        }
        self.somebody_writes(cx).await;
        self.files_suffer();
        self.site_changes();
        if world.fires(Fault::ClockJumpsForward) {
            let secs = [30, 3_600, 90_000][usize::try_from(world.now().rng.below(3)).unwrap_or(0)];
            world.jump(TimeDelta::seconds(secs));
        }
        if world.fires(Fault::ClockJumpsBack) {
            let secs = [30, 3_600, 90_000][usize::try_from(world.now().rng.below(3)).unwrap_or(0)];
            world.jump(TimeDelta::seconds(-secs));
        }
        if world.fires(Fault::MachineSleeps) {
            let minutes = i64::try_from(world.now().rng.below(600)).unwrap_or(0);
            world.time.pass(TimeDelta::minutes(minutes));
        }
        if world.fires(Fault::MaintenanceAnnounced) {
            calendar::announce(cx).await;
        }
        if world.fires(Fault::MappingEdited) {
            world.now().mapping_edited = true;
        }
        if world.fires(Fault::ProfileEdited) {
            world.now().profile_edited = true;
        }
        if world.fires(Fault::CertificateEnds) {
            world.now().certificate_ended = true;
        }
    }

    /// Between the last count of writes and the closed door lie milliseconds; nobody comes in.
    async fn somebody_writes(&self, cx: &StepCx) {
        let world = &self.world;
        let stale = StepId::from("stale");
        let counted = matches!(
            cx.journal.state().await.steps.get(&stale),
            Some(StepState::Done { .. } | StepState::Running { .. })
        );
        let fence = world.now().source.fence;
        let counts = matches!(self.step, StepAction::StaleCheck { .. });
        if counted && !counts && fence != Fence::Closed {
            return;
        }
        if fence != Fence::Closed && world.fires(Fault::RowWritten) {
            world.now().source.rows += 1;
        }
        if world.fires(Fault::ServiceStarted) {
            world.now().source.service = true;
        }
        if world.fires(Fault::FenceLifted) {
            world.now().source.fence = Fence::Open;
        }
    }

    fn files_suffer(&self) {
        let mut world = self.world.now();
        let last = |export: bool| {
            let fits = |file: &SimFile| file.export == export && !file.damaged;
            let newest = world.files.iter().filter(|(_, file)| fits(file));
            newest.max_by_key(|(_, file)| file.sha256.clone()).map(|(path, _)| path.clone())
        };
        let (export, archive) = (last(true), last(false));
        if let Some(path) = &export
            && world.faults.fires(Fault::ExportDamagedLater)
            && let Some(file) = world.files.get_mut(path)
        {
            file.damaged = true;
        }
        if let Some(path) = &export
            && world.faults.fires(Fault::ExportDeleted)
        {
            world.files.remove(path);
        }
        if let Some(path) = &archive
            && world.faults.fires(Fault::ArchiveChangedLater)
            && let Some(file) = world.files.get_mut(path)
        {
            file.damaged = true;
        }
    }

    fn site_changes(&self) {
        let mut world = self.world.now();
        let passed = self.world.time.passed();
        if world.faults.fires(Fault::OthersTakeSlots) {
            for _ in 0..=world.rng.below(3) {
                let sha256 = world.fresh_sha();
                world.site.begin_dump(passed, 60_000, sha256, false, false);
            }
        }
        if world.site.dumps.iter().any(|dump| dump.by_tool)
            && world.faults.fires(Fault::OtherDeletesDump)
        {
            let place = world.site.dumps.iter().position(|dump| dump.by_tool).unwrap_or(0);
            world.site.dumps.remove(place);
        }
        if !world.site.is_importing() && world.faults.fires(Fault::OtherImports) {
            let foreign = 2 + world.rng.below(1_000);
            world.site.tenant = Content { rows: 0, whole: true, foreign };
        }
    }
}
