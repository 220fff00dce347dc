//! Uploads an archive: the tenant's data is overwritten. At most once without a person.

use std::io::Read;
use std::path::Path;

use async_trait::async_trait;
use sha2::{Digest, Sha256 as Sum};

use super::at_rest::{seal_stream, sealed_name};
use super::context::blocking;
use super::{Action, Certainty, Failure, StepCx, Verdict, cloud_dump, connect, tenant};
use crate::archive::{self, CompareOptions};
use crate::diag::{Fact, Kind, Problem, redact};
use crate::disk;
use crate::ids::Sha256;
use crate::journal::Contents;
use crate::playbook::{Outputs, Purpose};
use crate::portal::{self, DumpRow, Session};

/// Import logs are cut to this many characters in the journal and in mails; the raw log stays
/// whole on this machine.
const MAX_RAW_LOG_BYTES: usize = 64 * 1024 * 1024;

pub(super) struct PortalImport {
    pub(super) archive: String,
    pub(super) purpose: Purpose,
}

#[async_trait]
impl Action for PortalImport {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let path = cx.archive_in_clear(&self.archive).await?;
        let key = path.display().to_string();
        let written =
            cx.journal.state().await.files.get(&key).and_then(|file| file.complete.clone());
        let Some((bytes, sha256)) = written else {
            return Err(Problem::new("run-archive-unknown", Kind::Data)
                .with(Fact::open("archive", &self.archive))
                .into());
        };
        self.is_the_verified_one(&path, (bytes, &sha256)).await?;
        cx.progress.expect_bytes(bytes);
        if self.purpose == Purpose::Test {
            tenant::refuse_in_use(cx).await?;
        }
        let mut session = Session::open(connect::portal(cx.clinic(), &cx.clock)?).await?;
        let prepared = match session.prepare_import(&path, &cx.progress).await {
            Ok(prepared) => prepared,
            Err(failure) => return Err(self.failed(cx, failure).await?),
        };
        // A process that was put to sleep on the way here must not wake up and send.
        cx.journal.confirm().await?;
        match session.send_import(prepared).await {
            Ok(done) if done.sha256 == sha256 => Ok(Outputs::from([
                ("bytes".to_owned(), bytes.into()),
                ("sha256".to_owned(), done.sha256.0.into()),
                ("upload_ms".to_owned(), done.upload_ms.into()),
            ])),
            // The portal took it, but it is not the file that was verified.
            Ok(done) => Err(Failure::in_doubt(
                Problem::new("run-archive-changed", Kind::InDoubt)
                    .with(Fact::open("archive", &self.archive))
                    .with(Fact::open("expected", sha256))
                    .with(Fact::open("found", done.sha256)),
            )),
            Err(failure) => Err(self.failed(cx, failure).await?),
        }
    }

    /// An import is proved to have taken place by exporting the tenant and comparing: no page of
    /// the site is trusted alone. What is proved is that the tenant holds the archive's rows,
    /// which is what an import is for. A difference proves nothing, since an import may still be
    /// going on; then a person decides.
    async fn verify(&self, cx: &StepCx) -> Result<Verdict, Failure> {
        let sent = cx.archive_in_clear(&self.archive).await?;
        let mut session = Session::open(connect::portal(cx.clinic(), &cx.clock)?).await?;
        cx.journal.confirm().await?;
        // What an interrupted proof left may be of a moment at which the import still went on:
        // if it differs, it says nothing, and a new one is asked for.
        if let Some((row, surely_ours)) = cloud_dump::left(cx, &mut session).await?
            && self.equals(cx, &mut session, &sent, (&row, surely_ours)).await?
        {
            return Ok(proved_by(&row));
        }
        cx.journal.confirm().await?;
        let row = cloud_dump::make(cx, &mut session).await?;
        let equals = self.equals(cx, &mut session, &sent, (&row, true)).await?;
        Ok(if equals { proved_by(&row) } else { Verdict::Unknown })
    }
}

fn proved_by(row: &DumpRow) -> Verdict {
    let proof = format!("export {} equals the archive", row.created);
    Verdict::Done(proof, Outputs::from([("proved_by_export".to_owned(), true.into())]))
}

/// Keeps the raw log on this machine; it is encrypted on its way to the disk where the clinic file
/// says whom for.
async fn keep_raw(cx: &StepCx, raw: String) -> Result<(), Problem> {
    let path = cx.work.log(&format!("{}-import.log", cx.id()));
    let at_rest = cx.clinic().at_rest.clone();
    let path = if at_rest.is_some() { sealed_name(&path, 0) } else { path };
    cx.register(&path, Contents::ImportLog).await?;
    let target = path.clone();
    let (bytes, sha256) = blocking(move || -> Result<(u64, String), Problem> {
        let size = raw.len().min(MAX_RAW_LOG_BYTES);
        let kept = raw.as_bytes().get(..size).unwrap_or_default();
        if let Some(at_rest) = &at_rest {
            let sealed = seal_stream(kept, &target, at_rest)?;
            return Ok((sealed.bytes, sealed.sha256));
        }
        disk::write_private(&target, kept).map_err(|error| {
            Problem::new("run-log-unwritable", Kind::Environment).with(Fact::local("reason", error))
        })?;
        Ok((u64::try_from(size).unwrap_or(u64::MAX), hex::encode(Sum::digest(kept))))
    })
    .await?;
    cx.completed(&path, bytes, &sha256).await
}

impl PortalImport {
    /// Fetches a dump of the tenant that only serves a proof and holds it against what was sent.
    /// Then it gives its place back, if it is surely this step's own.
    async fn equals(
        &self,
        cx: &StepCx,
        session: &mut Session,
        sent: &Path,
        (row, surely_ours): (&DumpRow, bool),
    ) -> Result<bool, Failure> {
        let back = cx.work.archive(&format!("in-doubt-{}", self.archive));
        cx.register(&back, Contents::CloudDump).await?;
        let got = session.download(row, &back, &cx.progress, cx.reserve()?).await?;
        cx.completed(&back, got.bytes, got.sha256.as_str()).await?;
        let (sent, progress) = (sent.to_owned(), cx.progress.clone());
        let report =
            blocking(move || archive::compare(&sent, &back, &CompareOptions::default(), &progress))
                .await?;
        if surely_ours {
            cx.journal.confirm().await?;
            session.delete_dump(row).await?;
        }
        Ok(report.same)
    }

    /// What lies there now is what was verified: an upload overwrites a tenant before its own hash
    /// is known.
    async fn is_the_verified_one(
        &self,
        path: &Path,
        (bytes, sha256): (u64, &Sha256),
    ) -> Result<(), Problem> {
        let reading = path.to_owned();
        let found = blocking(move || sum_of(&reading)).await?;
        if found == (bytes, sha256.clone()) {
            return Ok(());
        }
        Err(Problem::new("run-archive-changed", Kind::Data)
            .with(Fact::open("archive", &self.archive))
            .with(Fact::open("expected", sha256))
            .with(Fact::open("found", found.1)))
    }

    async fn failed(
        &self,
        cx: &StepCx,
        failure: portal::ImportFailure,
    ) -> Result<Failure, Problem> {
        let mut import_log = None;
        if let Some(raw) = failure.import_log {
            import_log = Some(redact::postgres_text(&raw));
            // What the site said counts, whether its log could be kept or not.
            let _ = keep_raw(cx, raw).await;
        }
        let certainty = match failure.certainty {
            portal::Certainty::NotStarted | portal::Certainty::Ended => Certainty::Known,
            portal::Certainty::InDoubt => Certainty::InDoubt,
        };
        Ok(Failure { problem: failure.error.into(), certainty, import_log })
    }
}

/// Size and SHA-256 of a file.
pub(super) fn sum_of(path: &Path) -> Result<(u64, Sha256), Problem> {
    let unreadable = |error: std::io::Error| {
        Problem::new("run-file-unreadable", Kind::Environment)
            .with(Fact::local("path", path.display()))
            .with(Fact::local("reason", error))
    };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let (mut sum, mut size, mut chunk) = (Sum::new(), 0_u64, vec![0; 1024 * 1024]);
    loop {
        let read = match file.read(&mut chunk) {
            Ok(0) => return Ok((size, Sha256(hex::encode(sum.finalize())))),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(error)),
        };
        sum.update(chunk.get(..read).unwrap_or_default());
        size = size.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_archive_that_is_not_the_verified_one_is_not_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("final.dump");
        // More than what is read at once.
        let bytes: Vec<u8> = (0..700_000_u32).flat_map(u32::to_le_bytes).collect();
        std::fs::write(&path, &bytes).unwrap();
        let theirs = duct::cmd!("sha256sum", &path).read().unwrap();
        let sha256 = Sha256(theirs.split(' ').next().unwrap().to_owned());
        let import =
            PortalImport { archive: "final.dump".to_owned(), purpose: Purpose::Production };
        let length = bytes.len() as u64;
        import.is_the_verified_one(&path, (length, &sha256)).await.unwrap();
        let code = async || {
            let refused = import.is_the_verified_one(&path, (length, &sha256)).await;
            refused.unwrap_err().code.to_string()
        };
        // Another clinic's dump of the same length, one bit, a byte less, nothing at all.
        let mut other = bytes.clone();
        other.reverse();
        let mut flipped = bytes.clone();
        flipped[1_234_567] ^= 1;
        for content in [other.as_slice(), &flipped, &bytes[..bytes.len() - 1], b""] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(code().await, "run-archive-changed", "{} bytes", content.len());
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(code().await, "run-file-unreadable");
    }
}
