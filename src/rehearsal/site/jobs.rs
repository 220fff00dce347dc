//! The work behind the pages: an import or a dump runs beside the answers and writes down how it
//! went.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use super::server::Shared;
use super::store::{DumpStatus, ImportStatus};
use super::upload::Upload;
use super::{SiteError, SiteFaults};
use crate::clock::to_jst;

/// Runs one import to its end.
pub(super) async fn import(shared: &Shared, number: u32, upload: Upload, faults: &SiteFaults) {
    let turn = shared.database.lock().await;
    linger(shared).await;
    // A log of nothing still is an abnormal end.
    let log = match restore(shared, &upload, faults).await {
        Ok(log) => log,
        Err(error) => Some(error.to_string()),
    };
    let and_log = (log.is_none() && faults.completion_and_log).then(|| composed_log(shared));
    drop(turn);
    let at = shared.now();
    let written = shared.store.change(|state| {
        let (status, word) = match log {
            None => (ImportStatus::Done, "正常終了"),
            Some(_) => (ImportStatus::Failed, "異常終了"),
        };
        if let Some(import) = state.imports.iter_mut().find(|import| import.id == number) {
            import.status = status;
            import.log = log.or(and_log);
        }
        state.note(at, "DBインポート", number, word);
    });
    report(written);
}

/// Overwrites the tenant's database; what is returned is the import log of an abnormal end.
async fn restore(
    shared: &Shared,
    upload: &Upload,
    faults: &SiteFaults,
) -> Result<Option<String>, SiteError> {
    let cloud = shared.cloud();
    cloud.create_empty().await?;
    if let Some(refused) = too_new(&upload.file, &upload.version)? {
        return Ok(Some(refused));
    }
    let log = cloud.restore(&upload.file).await?;
    if log.is_some() {
        return Ok(log);
    }
    cloud.empty_by_design().await?;
    if faults.rows_lost {
        cloud.lose_a_patient().await?;
    }
    Ok(faults.import_log.then(|| composed_log(shared)))
}

/// What `pg_restore` of the chosen version says of an archive that is newer than it can read.
fn too_new(file: &Path, version: &str) -> Result<Option<String>, SiteError> {
    let mut start = Vec::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(7).read_to_end(&mut start))
        .map_err(SiteError::file(file))?;
    let newest = match version {
        // 9.6.8 and later; the minors before it stop at 1.12.
        "9.6" | "10" => 13,
        _ => 14,
    };
    Ok(match start.as_slice() {
        [b'P', b'G', b'D', b'M', b'P', 1, minor] if *minor > newest => {
            Some(format!("pg_restore: error: unsupported version (1.{minor}) in file header\n"))
        }
        // Anything else is for the real pg_restore to judge.
        _ => None,
    })
}

/// The log of a row that does not fit, word for word as PostgreSQL puts it. The patient is as
/// synthetic as the rest; a reader must treat it as real.
fn composed_log(shared: &Shared) -> String {
    let at = to_jst(shared.now()).format("%Y-%m-%d %H:%M:%S");
    format!(
        "pg_restore: while PROCESSING TOC:\n\
         pg_restore: from TOC entry 3251; 0 16407 TABLE DATA tbl_ptinf orca\n\
         pg_restore: error: COPY failed for table \"tbl_ptinf\": ERROR:  value too long for type character varying(100)\n\
         CONTEXT:  COPY tbl_ptinf, line 17, column name: \"架空　患者十七\"\n\
         pg_restore: warning: errors ignored on restore: 1\n\
         import finished with errors at {at}\n"
    )
}

/// Runs one dump to its end.
pub(super) async fn dump(shared: &Shared, id: u32) {
    linger(shared).await;
    let turn = shared.database.lock().await;
    set(shared, id, DumpStatus::Running);
    linger(shared).await;
    let faults = shared.faults();
    if faults.dump_stuck {
        return;
    }
    let made = if faults.dump_fails {
        Err(None)
    } else {
        shared.cloud().dump(&shared.dump_path(id)).await.map_err(Some)
    };
    drop(turn);
    let (status, word) = match made {
        Ok(()) if faults.dump_state_unknown => (DumpStatus::Odd, "保留"),
        Ok(()) => (DumpStatus::Done, "正常終了"),
        Err(error) => {
            if let Some(error) = error {
                tracing::error!(%error, "the rehearsal's dump failed");
            }
            (DumpStatus::Failed, "異常終了")
        }
    };
    set(shared, id, status);
    let at = shared.now();
    report(shared.store.change(|state| state.note(at, "DBダンプ", id, word)));
}

fn set(shared: &Shared, id: u32, status: DumpStatus) {
    report(shared.store.change(|state| {
        if let Some(dump) = state.dumps.iter_mut().find(|dump| dump.id == id) {
            dump.status = status;
        }
    }));
}

fn report(written: Result<(), SiteError>) {
    if let Err(error) = written {
        tracing::error!(%error, "the rehearsal's site cannot write its state");
    }
}

/// Stays in the present state long enough to be seen.
async fn linger(shared: &Shared) {
    let secs = shared.config.import_seconds_min;
    if let Ok(time) = Duration::try_from_secs_f32(secs) {
        tokio::time::sleep(time).await;
    }
}
