//! Archives and the site, as the steps that move data treat them.

use chrono::TimeDelta;
use orca_cutover::action::{Failure, StepCx, Verdict};
use orca_cutover::diag::{Kind, Problem};
use orca_cutover::ids::StepId;
use orca_cutover::journal::{Contents, Event, StepState};
use orca_cutover::playbook::Outputs;

use super::fault::Fault;
use super::hands::{SimAction, blocked, trouble};
use super::site::Import;
use super::world::{Content, Fence, SimFile};
use crate::judge::{DumpDeletion, Landed, TwinImport};

/// Size of every archive.
const BYTES: u64 = 4_096;

fn data() -> Problem {
    Problem::new("run-stopped", Kind::Data)
}

fn key(cx: &StepCx, archive: &str) -> String {
    cx.work.archive(archive).display().to_string()
}

/// The hash with which the journal calls a file complete.
async fn complete(cx: &StepCx, archive: &str) -> Option<String> {
    let state = cx.journal.state().await;
    let file = state.files.get(&key(cx, archive))?;
    file.complete.as_ref().map(|(_, sha256)| sha256.to_string())
}

impl SimAction {
    pub(super) async fn file_holds(&self, cx: &StepCx, archive: &str) -> bool {
        let wanted = complete(cx, archive).await;
        let world = self.world.now();
        let found = world.files.get(&key(cx, archive)).map(SimFile::sum);
        wanted.is_some() && wanted == found
    }

    fn rename(&self, from: &str, to: &str) {
        let mut world = self.world.now();
        if let Some(file) = world.files.remove(from) {
            world.files.insert(to.to_owned(), file);
        }
    }

    /// Puts an archive into the folder; one that is there gets another name.
    async fn write(
        &self,
        cx: &StepCx,
        archive: &str,
        contents: Contents,
        file: SimFile,
    ) -> Result<(), Problem> {
        let path = cx.work.archive(archive);
        let known = complete(cx, archive).await;
        if self.world.now().files.contains_key(&key(cx, archive)) {
            let kept = (1..)
                .map(|number: u32| path.with_extension(format!("{number}.dump")))
                .find(|kept| !self.world.now().files.contains_key(&kept.display().to_string()))
                .unwrap_or_default();
            cx.register(&kept, contents).await?;
            self.rename(&key(cx, archive), &kept.display().to_string());
            if let Some(sha256) = known {
                cx.completed(&kept, BYTES, &sha256).await?;
            }
        }
        cx.register(&path, contents).await?;
        self.world.moment(60).await;
        let sha256 = file.sha256.clone();
        self.world.now().files.insert(key(cx, archive), file);
        cx.completed(&path, BYTES, &sha256).await?;
        Ok(())
    }

    pub(super) async fn dump(&self, cx: &StepCx, archive: &str) -> Result<Outputs, Failure> {
        if self.world.now().source.fence == Fence::Closed {
            // Nobody can connect, the dump included.
            return Err(trouble().into());
        }
        let stamp = self.world.now().source.rows;
        if self.world.fires(Fault::DiskFull) {
            return Err(trouble().into());
        }
        self.world.moment(120).await;
        // The snapshot is that of the dump's begin, which the stamp comes before.
        let content = Content { rows: stamp, whole: true, foreign: 0 };
        let sha256 = self.world.now().fresh_sha();
        let file = SimFile { sha256: sha256.clone(), content, export: false, damaged: false };
        self.write(cx, archive, Contents::SourceDump, file).await?;
        Ok(Outputs::from([
            ("archive".to_owned(), key(cx, archive).into()),
            ("sha256".to_owned(), sha256.into()),
            ("stamp".to_owned(), stamp.into()),
        ]))
    }

    pub(super) async fn stale(&self, cx: &StepCx, dump: &StepId) -> Result<Outputs, Failure> {
        let state = cx.journal.state().await;
        let stamp = match state.steps.get(dump) {
            Some(StepState::Done { outputs, .. }) => outputs.get("stamp").and_then(|s| s.as_u64()),
            _ => None,
        };
        let world = self.world.now();
        if world.source.fence == Fence::Closed {
            return Err(trouble().into());
        }
        if stamp == Some(world.source.rows) { Ok(Outputs::new()) } else { Err(blocked().into()) }
    }

    pub(super) async fn read_through(
        &self,
        cx: &StepCx,
        archive: &str,
    ) -> Result<Outputs, Failure> {
        if !self.file_holds(cx, archive).await {
            return Err(data().into());
        }
        let sha256 = complete(cx, archive).await.unwrap_or_default();
        Ok(Outputs::from([("sha256".to_owned(), sha256.into())]))
    }

    pub(super) fn compare(
        &self,
        cx: &StepCx,
        expected: &str,
        actual: &str,
    ) -> Result<Outputs, Failure> {
        let world = self.world.now();
        let content = |archive: &str| world.files.get(&key(cx, archive)).map(|f| &f.content);
        match (content(expected), content(actual)) {
            (Some(sent), Some(back)) if sent == back => Ok(Outputs::new()),
            _ => Err(data().into()),
        }
    }

    /// Asks for a dump and gives its number.
    fn ask_for_dump(&self) -> Result<u64, Problem> {
        let passed = self.world.time.passed();
        let fails = self.world.fires(Fault::SiteDumpFails);
        let mut world = self.world.now();
        if world.certificate_ended {
            return Err(trouble());
        }
        let length = 30_000 + i64::try_from(world.rng.below(600_000)).unwrap_or(0);
        let sha256 = world.fresh_sha();
        world.site.begin_dump(passed, length, sha256, true, fails).ok_or_else(blocked)
    }

    /// Waits for a dump; `None` where it is gone.
    async fn await_dump(&self, id: u64) -> Result<Option<SimFile>, Problem> {
        loop {
            let dump = self.world.now().site.dump(id).cloned();
            let Some(dump) = dump else { return Ok(None) };
            let left = dump.ready - self.world.time.passed();
            if left > 0 {
                self.world.pass(left.min(300_000)).await;
                continue;
            }
            return match dump.content {
                Some(content) if !dump.fails => {
                    let sha256 = dump.sha256;
                    Ok(Some(SimFile { sha256, content, export: true, damaged: false }))
                }
                Some(_) => Err(trouble()),
                None => {
                    self.world.pass(1_000).await;
                    continue;
                }
            };
        }
    }

    /// The dump that an interrupted attempt of the step noted, where it came to something.
    async fn left_dump(&self, cx: &StepCx) -> Result<Option<(u64, SimFile)>, Problem> {
        let begun = cx.journal.state().await.notes.get(cx.id()).and_then(|note| note.as_u64());
        let Some(id) = begun else { return Ok(None) };
        let failed = self.world.now().site.dump(id).is_some_and(|dump| dump.fails);
        if failed {
            return Ok(None);
        }
        Ok(self.await_dump(id).await?.map(|file| (id, file)))
    }

    fn delete_dump(&self, id: u64) {
        let when = self.world.when();
        let mut world = self.world.now();
        if let Some(place) = world.site.dumps.iter().position(|dump| dump.id == id) {
            let dump = world.site.dumps.remove(place);
            let (may, sha256) = (dump.by_tool, dump.sha256);
            world.twin.deletions.push(DumpDeletion { when, may, sha256 });
        }
    }

    pub(super) async fn export(
        &self,
        cx: &StepCx,
        archive: &str,
        release_slot: bool,
    ) -> Result<Outputs, Failure> {
        let (id, file) = match self.left_dump(cx).await? {
            Some(left) => left,
            None => {
                let id = self.ask_for_dump()?;
                self.world.effect("portal_export", false);
                self.world.crash_if(Fault::CrashAfterEffect).await;
                note(cx, id).await?;
                let file = self.await_dump(id).await?.ok_or_else(trouble)?;
                (id, file)
            }
        };
        let sha256 = file.sha256.clone();
        let damaged = self.world.fires(Fault::DownloadDamaged);
        self.write(cx, archive, Contents::CloudDump, file).await?;
        if damaged {
            // Reading it through finds out.
            self.world.now().files.remove(&key(cx, archive));
            return Err(data().into());
        }
        if release_slot {
            self.delete_dump(id);
        }
        Ok(Outputs::from([
            ("archive".to_owned(), key(cx, archive).into()),
            ("sha256".to_owned(), sha256.into()),
        ]))
    }

    pub(super) async fn import(
        &self,
        cx: &StepCx,
        archive: &str,
        production: bool,
    ) -> Result<Outputs, Failure> {
        let world = &self.world;
        if !self.file_holds(cx, archive).await {
            return Err(data().into());
        }
        let refused = world.fires(Fault::UploadRefused);
        if refused || world.now().certificate_ended {
            return Err(trouble().into());
        }
        let in_doubt = || Failure::in_doubt(Problem::new("run-stopped", Kind::InDoubt));
        if world.fires(Fault::UploadCut) {
            world.moment(600).await;
            return Err(in_doubt());
        }
        let place = self.begin_import(cx, archive, production);
        world.crash_if(Fault::CrashAfterEffect).await;
        if world.fires(Fault::AnswerLost) {
            return Err(in_doubt());
        }
        let over = |place: usize| world.now().site.imports[place].clone();
        while !over(place).over {
            let left = over(place).ends - world.time.passed();
            world.pass(left.max(1)).await;
        }
        let import = over(place);
        let said_failed = import.record.is_some_and(|i| world.now().twin.imports[i].said_failed);
        if !import.lands || said_failed {
            return Err(Problem::new("portal-import-failed", Kind::StepFailed).into());
        }
        if world.fires(Fault::MessageUnclear) {
            return Err(in_doubt());
        }
        Ok(Outputs::from([("bytes".to_owned(), BYTES.into())]))
    }

    fn begin_import(&self, cx: &StepCx, archive: &str, production: bool) -> usize {
        let (half, said) = (
            self.world.fires(Fault::ImportFailsHalfWay),
            self.world.fires(Fault::ImportSaidToFail),
        );
        let (lost, long) =
            (self.world.fires(Fault::CloudRowsLost), self.world.fires(Fault::ImportTakesLong));
        let began = self.world.when();
        let passed = self.world.time.passed();
        let mut world = self.world.now();
        let world = &mut *world;
        let file = world.files.get(&key(cx, archive)).cloned();
        let Some(file) = file else { return 0 };
        let minutes = if long { 400 } else { 1 + i64::try_from(world.rng.below(40)).unwrap_or(0) };
        let ends = passed + TimeDelta::minutes(minutes).num_milliseconds();
        let export = if production { "before-production.dump" } else { "before-test.dump" };
        let export = world.files.get(&key(cx, export));
        let intact = export.is_some_and(|file| file.export && !file.damaged);
        let whole = !half && !lost;
        let leaves = Content { whole, ..file.content.clone() };
        world.twin.imports.push(TwinImport {
            began,
            ended: None,
            bytes: Some(BYTES),
            sha256: Some(file.sum()),
            landed: Landed::Running,
            said_failed: said && !half,
            exports_intact: Some(intact),
            source_open: Some(world.source.fence != Fence::Closed),
            rows_missing: Some(world.source.rows.saturating_sub(file.content.rows)),
        });
        let record = Some(world.twin.imports.len() - 1);
        world.site.imports.push(Import { ends, leaves, lands: !half, record, over: false });
        world.site.imports.len() - 1
    }

    /// As the product does: exports the tenant and compares.
    pub(super) async fn prove(&self, cx: &StepCx, archive: &str) -> Result<Verdict, Failure> {
        let world = &self.world;
        world.moment(5).await;
        world.crash_if(Fault::CrashInProof).await;
        if world.fires(Fault::StepFails) {
            return Err(trouble().into());
        }
        if let Some((id, file)) = self.left_dump(cx).await?
            && self.equals(cx, archive, id, file).await?
        {
            return Ok(Verdict::Done("export equals the archive".to_owned(), Outputs::new()));
        }
        let id = self.ask_for_dump()?;
        world.crash_if(Fault::CrashInProof).await;
        note(cx, id).await?;
        let Some(file) = self.await_dump(id).await? else { return Err(trouble().into()) };
        if self.equals(cx, archive, id, file).await? {
            Ok(Verdict::Done("export equals the archive".to_owned(), Outputs::new()))
        } else {
            Ok(Verdict::Unknown)
        }
    }

    async fn equals(
        &self,
        cx: &StepCx,
        archive: &str,
        id: u64,
        file: SimFile,
    ) -> Result<bool, Failure> {
        let world = &self.world;
        world.crash_if(Fault::CrashInProof).await;
        let back = format!("in-doubt-{archive}");
        let path = cx.work.archive(&back);
        cx.register(&path, Contents::CloudDump).await?;
        let sha256 = file.sha256.clone();
        let back_content = file.content.clone();
        world.now().files.insert(key(cx, &back), file);
        cx.completed(&path, BYTES, &sha256).await?;
        let sent = world.now().files.get(&key(cx, archive)).map(|file| file.content.clone());
        self.delete_dump(id);
        Ok(sent == Some(back_content))
    }
}

async fn note(cx: &StepCx, id: u64) -> Result<(), Failure> {
    let note = Event::StepNoted { step: cx.id().clone(), note: id.into() };
    cx.journal.append(note).await?;
    Ok(())
}
