//! Probes for a plan: looks at server and management site, and hashes what the plan rests on.

use std::path::Path;

use serde_json::{Value, json};

use super::context::blocking;
use super::past::past;
use super::upload_rate::{cores, upload_rate};
use super::{WorkDir, commands, connect};
use crate::calendar::Maintenance;
use crate::clock::{Clock, to_jst};
use crate::diag::{Kind, Problem};
use crate::mail::{Outbox, SmtpConfig};
use crate::plan::{self, Facts, MailFacts, PortalFacts, ScanFacts, Snapshot, SourceFacts};
use crate::playbook::{CheckedPlaybook, Clinic};
use crate::portal::{PageVerdict, Session};
use crate::source;

/// Looks at the world. What cannot be reached is `None`, with the problem beside it. What the
/// journal and the outbox tell is told also where nobody looks at the world.
pub async fn gather(playbook: &CheckedPlaybook, clock: &Clock, offline: bool) -> Facts {
    let clinic = &playbook.clinic;
    let mut facts = Facts {
        at: clock.now(),
        source: None,
        portal: None,
        upload: upload_rate(clinic).await,
        cores: cores(),
        host: super::host_name(),
        machine: super::machine(),
        mail: None,
        scan: None,
        proved_test_import_at: None,
        history: Vec::new(),
        problems: Vec::new(),
    };
    match past(playbook).await {
        Ok(past) => {
            facts.history = past.history;
            facts.proved_test_import_at = past.proved_test_import_at;
        }
        Err(problem) => facts.problems.push(problem),
    }
    match scan(clinic, clock).await {
        Ok(found) => facts.scan = found,
        Err(problem) => facts.problems.push(problem),
    }
    if offline {
        return facts;
    }
    let (source, portal, mail) =
        tokio::join!(server(playbook), site(clinic, clock), mail_server(clinic));
    match source {
        Ok(found) => facts.source = Some(found),
        Err(problem) => facts.problems.push(problem),
    }
    match portal {
        Ok(found) => facts.portal = Some(found),
        Err(problem) => facts.problems.push(problem),
    }
    facts.mail = Some(mail);
    facts
}

/// The newest scan in the ledger, held against the rules that count now.
async fn scan(clinic: &Clinic, clock: &Clock) -> Result<Option<ScanFacts>, Problem> {
    let ledger = super::read_ledger(&WorkDir::of(clinic), clock).await?;
    let Some(scan) = ledger.scan else { return Ok(None) };
    let mapping = file_hashes(clinic)?.mapping;
    Ok(Some(ScanFacts {
        at: scan.at,
        values: scan.values,
        undecided: scan.undecided,
        same_rules: scan.mapping == mapping && scan.policy == clinic.characters.policy,
        lossy: scan.lossy,
    }))
}

/// Asks the mail server whether it would take a mail; nothing is sent.
async fn mail_server(clinic: &Clinic) -> MailFacts {
    let smtp = SmtpConfig::of_clinic(&clinic.mail, None);
    let reached = crate::mail::reach(&smtp).await.is_ok();
    let folder = WorkDir::of(clinic).outbox();
    let taken_at = match folder.exists() {
        // An outbox that cannot be read tells nothing here.
        true => blocking(move || Outbox::open(&folder)?.last_taken()).await.ok().flatten(),
        false => None,
    };
    MailFacts { host: clinic.mail.host.clone(), reached, taken_at }
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
        identity: found.identity,
        schema_version: found.schema_version,
        tables: found.tables,
        sessions: found.other_sessions,
        service_running: found.service_running.unwrap_or(false),
        dump_command,
        commands: commands::of_steps(playbook, &config, found.server_version_num),
        beside,
    })
}

/// Walks the pages of the management site without changing anything; gives those that are not
/// what the portal profile says.
///
/// # Errors
/// Where the site cannot be reached or refuses the log-in.
pub async fn probe_portal(clinic: &Clinic, clock: &Clock) -> Result<Vec<String>, Problem> {
    Ok(site(clinic, clock).await?.pages_not_understood)
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
        dumps: report.dumps.iter().map(|row| row.created.clone()).collect(),
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

/// Hashes of the files that steps read from the disk by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHashes {
    /// SHA-256 of the mapping file's values.
    pub mapping: String,
    /// SHA-256 of the portal profile's values.
    pub profile: String,
}

/// Hashes of mapping file and portal profile as they are on the disk now.
///
/// # Errors
/// Where a file cannot be read.
pub fn file_hashes(clinic: &Clinic) -> Result<FileHashes, Problem> {
    Ok(FileHashes {
        mapping: plan::hash(&mapping_values(clinic)?),
        profile: plan::hash(&profile_values(clinic)?),
    })
}

fn mapping_values(clinic: &Clinic) -> Result<Value, Problem> {
    match &clinic.characters.mapping {
        Some(path) => Ok(values(&connect::read_text(path)?)),
        None => Ok(Value::Null),
    }
}

fn profile_values(clinic: &Clinic) -> Result<Value, Problem> {
    match &clinic.portal.profile {
        Some(path) => Ok(values(&connect::read_text(path)?)),
        None => Ok(values(crate::portal::Profile::built_in_text())),
    }
}

/// A YAML file's values; its text where it is none, so that nothing of it is left out.
fn values(text: &str) -> Value {
    serde_yaml::from_str::<Value>(text).unwrap_or_else(|_| Value::from(text))
}

/// Everything that a plan for `playbook` rests on. `identity` is what was found out about
/// database and certificate, or null.
///
/// # Errors
/// Where a file cannot be read.
pub fn snapshot(
    playbook: &CheckedPlaybook,
    maintenance: &Maintenance,
    identity: Value,
) -> Result<Snapshot, Problem> {
    let defect = |_| Problem::new("run-defect", Kind::Internal);
    let clinic = &playbook.clinic;
    Ok(Snapshot {
        playbook: json!({
            "name": playbook.name,
            "title": serde_json::to_value(&playbook.title).map_err(defect)?,
            "phases": serde_json::to_value(&playbook.phases).map_err(defect)?,
        }),
        clinic: serde_json::to_value(clinic).map_err(defect)?,
        calendar: plan::calendar_snapshot(maintenance, &clinic.cutover),
        mapping: mapping_values(clinic)?,
        profile: profile_values(clinic)?,
        identity,
        tool: env!("CARGO_PKG_VERSION").into(),
    })
}
