//! Probes for a plan: looks at server and management site, and hashes what the plan rests on.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::context::blocking;
use super::upload_rate::{cores, upload_rate};
use super::{commands, connect};
use crate::clock::{Clock, to_jst};
use crate::diag::Problem;
use crate::plan::{Facts, Inputs, PortalFacts, SourceFacts};
use crate::playbook::{CheckedPlaybook, Clinic};
use crate::portal::{PageVerdict, Session};
use crate::source;

/// Looks at the world. What cannot be reached is `None`, with the problem beside it.
pub async fn gather(playbook: &CheckedPlaybook, clock: &Clock, offline: bool) -> Facts {
    let clinic = &playbook.clinic;
    let upload = upload_rate(clinic).await;
    let mut facts = Facts {
        at: clock.now(),
        source: None,
        portal: None,
        upload,
        cores: cores(),
        problems: Vec::new(),
    };
    if offline {
        return facts;
    }
    let (source, portal) = tokio::join!(server(playbook), site(clinic, clock));
    match source {
        Ok(found) => facts.source = Some(found),
        Err(problem) => facts.problems.push(problem),
    }
    match portal {
        Ok(found) => facts.portal = Some(found),
        Err(problem) => facts.problems.push(problem),
    }
    facts
}

async fn server(playbook: &CheckedPlaybook) -> Result<SourceFacts, Problem> {
    let clinic = &playbook.clinic;
    let config = connect::source(clinic);
    let asked = config.clone();
    let dump_command = source::dump::command_line(&config);
    let found = blocking(move || source::probe(&asked)).await?;
    // The folder may not be there before the first run: its nearest parent tells the space.
    let folder = clinic.work_dir.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    let folder = folder.to_owned();
    let asked = folder.clone();
    let free_bytes = blocking(move || source::disk::free_bytes(&asked)).await?;
    let beside = commands::beside(playbook, &config, &folder).await?;
    Ok(SourceFacts {
        server_version: found.server_version,
        pg_dump_version: found.pg_dump_version,
        encoding: found.encoding,
        database_bytes: found.database_bytes,
        free_bytes,
        clinic_id: found.clinic_id,
        schema_version: found.schema_version,
        tables: found.tables,
        sessions: found.other_sessions,
        service_running: found.service_running.unwrap_or(false),
        dump_command,
        commands: commands::of_steps(playbook, &config, found.server_version_num),
        beside,
    })
}

async fn site(clinic: &Clinic, clock: &Clock) -> Result<PortalFacts, Problem> {
    let mut session = Session::open(connect::portal(clinic, clock)?).await?;
    let report = session.probe().await?;
    Ok(PortalFacts {
        certificate: report.certificate.cn.clone(),
        certificate_ends: chrono::DateTime::parse_from_rfc3339(&report.certificate.not_after)
            .map(to_jst)
            .map_err(|_| Problem::new("run-defect", crate::diag::Kind::Internal))?,
        can_import: report.can_import,
        free_slots: report.free_slots,
        pages_not_understood: report
            .pages
            .iter()
            .filter(|page| page.verdict == PageVerdict::Unknown)
            .map(|page| {
                let code = page.problem.as_ref().map(|problem| problem.code.to_string());
                format!("{:?}: {}", page.page, code.unwrap_or_default())
            })
            .collect(),
        clock_skew_secs: connect::largest_skew_secs(&report),
        import_versions: report.import_versions,
    })
}

/// Hashes of everything that a plan for `playbook` rests on.
///
/// # Errors
/// Where a file cannot be read.
pub fn inputs(playbook: &CheckedPlaybook) -> Result<Inputs, Problem> {
    let clinic = &playbook.clinic;
    let hash = |path: Option<&std::path::PathBuf>, otherwise: &str| -> Result<String, Problem> {
        let text = match path {
            Some(path) => connect::read_text(path)?,
            None => otherwise.to_owned(),
        };
        Ok(hex::encode(Sha256::digest(text.as_bytes())))
    };
    Ok(Inputs {
        playbook: playbook.playbook_sha256.clone(),
        clinic: playbook.clinic_sha256.clone(),
        calendar: hash(Some(&clinic.calendar.maintenance), "")?,
        mapping: hash(clinic.characters.mapping.as_ref(), "")?,
        profile: hash(clinic.portal.profile.as_ref(), crate::portal::Profile::built_in_text())?,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
    })
}
