//! Approvals: who may say yes to a plan, whether a yes is there, and what has moved since.

use std::fmt::Write;
use std::io::Read;
use std::path::Path;

use super::prepare::plan_file;
use super::request::RUN_FILE;
use crate::action::{WorkDir, actor};
use crate::clock::Clock;
use crate::diag::{Fact, Kind, Problem, Redacted};
use crate::disk;
use crate::i18n::{self, Lang};
use crate::ids::PlanDigest;
use crate::journal::ledger::{Approval, Ledger, LedgerEvent, LedgerLog};
use crate::plan::{self, Change, NoPlan, SavedPlan, Snapshot, Verdict};
use crate::playbook::{CheckedPlaybook, Clinic, Person};

/// Roles whose holders may approve a plan.
const APPROVERS: [&str; 2] = ["decides", "deputy"];

/// Largest file of a plan: one of two hundred steps with all its values has a megabyte.
const MAX_PLAN_BYTES: u64 = 16 * 1024 * 1024;

/// Fewest digits of a digest that name a plan.
const LEAST_DIGITS: usize = 8;

/// Writes a plan down so that it can be approved, and gives its file.
///
/// # Errors
/// Where it cannot be written, or the journal cannot.
pub async fn save(
    work: &WorkDir,
    ledger: &LedgerLog,
    saved: &SavedPlan,
    by: &str,
) -> Result<std::path::PathBuf, Problem> {
    let file = plan_file(work, &saved.plan.digest);
    let unwritable = |reason: &dyn std::fmt::Display| {
        Problem::new("run-plan-unwritable", Kind::Environment)
            .with(Fact::local("path", file.display()))
            .with(Fact::local("reason", reason))
    };
    let bytes = serde_json::to_vec_pretty(saved).map_err(|error| unwritable(&error))?;
    disk::write_private(&file, &bytes).map_err(|error| unwritable(&error))?;
    ledger
        .append(LedgerEvent::PlanSaved {
            digest: saved.plan.digest.clone(),
            file: file.display().to_string(),
            by: actor(by),
        })
        .await?;
    Ok(file)
}

/// Reads a saved plan's file.
///
/// # Errors
/// Where it cannot be read, is none, or was changed since it was saved.
pub fn load(path: &Path) -> Result<SavedPlan, Problem> {
    load_with_bytes(path).map(|(saved, _)| saved)
}

/// The same with the file's own bytes.
///
/// # Errors
/// As [`load`].
pub fn load_with_bytes(path: &Path) -> Result<(SavedPlan, Vec<u8>), Problem> {
    let unreadable = |reason: &dyn std::fmt::Display| {
        Problem::new("run-file-unreadable", Kind::Input)
            .with(Fact::local("path", path.display()))
            .with(Fact::local("reason", reason))
    };
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_PLAN_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > MAX_PLAN_BYTES {
        return Err(unreadable(&format!("> {MAX_PLAN_BYTES} bytes")));
    }
    let saved = SavedPlan::read(&bytes).map_err(|error| match error {
        NoPlan::Json(error) => unreadable(&error),
        NoPlan::Altered(digest) => Problem::new("run-plan-altered", Kind::Data)
            .with(Fact::local("path", path.display()))
            .with(Fact::open("digest", digest)),
    })?;
    Ok((saved, bytes))
}

/// The plan of the folder's latest run.
///
/// # Errors
/// As [`load`].
pub fn load_run(work: &WorkDir) -> Result<SavedPlan, Problem> {
    load(&work.report(RUN_FILE))
}

/// The saved plan that a person names by its file, its digest, or the digest's beginning.
///
/// # Errors
/// Where there is none, or more than one.
pub fn find(work: &WorkDir, ledger: &Ledger, named: &str) -> Result<SavedPlan, Problem> {
    let path = Path::new(named);
    if path.is_file() {
        return load(path);
    }
    let fits = |digest: &&PlanDigest| {
        named.len() >= LEAST_DIGITS && digest.as_str().starts_with(&named.to_ascii_lowercase())
    };
    let found: Vec<&PlanDigest> = ledger.plans.keys().filter(fits).collect();
    match found.as_slice() {
        [one] => load(&plan_file(work, one)),
        _ => {
            Err(Problem::new("journal-ledger-plan", Kind::Input).with(Fact::open("digest", named)))
        }
    }
}

/// A person says yes to a saved plan.
///
/// # Errors
/// Where the person may not, the plan has blocks or gaps, what it rests on has moved since, or
/// the journal cannot be written.
pub async fn approve(
    clinic: &Clinic,
    ledger: &LedgerLog,
    saved: &SavedPlan,
    today: &Snapshot,
    person: &str,
) -> Result<(), Problem> {
    let person = approver(clinic, person)?;
    if *today != saved.snapshot {
        return Err(moved(
            &saved.plan.digest,
            &today.digest(),
            &plan::diff(&saved.snapshot, today),
        ));
    }
    let of = |verdict| saved.plan.checks.iter().filter(move |check| check.verdict == verdict);
    let blocks: Vec<&str> = of(Verdict::Block).map(|check| check.code.as_str()).collect();
    if !blocks.is_empty() {
        let codes = Fact::open("code", blocks.join(", "));
        return Err(Problem::new("run-preflight-blocked", Kind::Blocked).with(codes));
    }
    let gaps = of(Verdict::Unknown).count();
    // A yes to what nobody has looked at would be no yes.
    if gaps > 0 || !saved.plan.facts.problems.is_empty() {
        let count = Fact::open("count", gaps.max(saved.plan.facts.problems.len()));
        return Err(Problem::new("run-plan-gaps", Kind::Blocked).with(count));
    }
    let mut overrides = Vec::new();
    for (check, overridden) in saved.plan.overrides() {
        if !overridden.by.contains(&person.name) {
            return Err(Problem::new("run-override-not-yours", Kind::Blocked)
                .with(Fact::open("rule", &check.code))
                .with(Fact::local("name", &person.name))
                .with(Fact::local("by", overridden.by.join(", "))));
        }
        overrides.push(check.code.clone());
    }
    ledger
        .append(LedgerEvent::PlanApproved {
            digest: saved.plan.digest.clone(),
            by: actor(&person.name),
            role: person.role.clone(),
            overrides,
        })
        .await?;
    Ok(())
}

/// A person takes an approval back.
///
/// # Errors
/// Where the person may not, there is no approval, or the journal cannot be written.
pub async fn revoke(
    clinic: &Clinic,
    ledger: &LedgerLog,
    digest: &PlanDigest,
    person: &str,
    reason: &str,
) -> Result<(), Problem> {
    let person = approver(clinic, person)?;
    if ledger.now().await?.approval(digest).is_none() {
        return Err(
            Problem::new("run-not-approved", Kind::Input).with(Fact::open("digest", digest))
        );
    }
    let problem = Problem::new("run-approval-withdrawn", Kind::ConfirmationNeeded)
        .with(Fact::local("name", &person.name))
        .with(Fact::local("reason", reason));
    ledger
        .append(LedgerEvent::ApprovalRevoked {
            digest: digest.clone(),
            by: actor(&person.name),
            problem,
        })
        .await?;
    Ok(())
}

fn approver<'c>(clinic: &'c Clinic, name: &str) -> Result<&'c Person, Problem> {
    let may = |person: &&Person| APPROVERS.contains(&person.role.as_str());
    clinic.people.iter().filter(may).find(|person| person.name == name).ok_or_else(|| {
        let named: Vec<&str> =
            clinic.people.iter().filter(may).map(|person| person.name.as_str()).collect();
        Problem::new("run-may-not-approve", Kind::Input)
            .with(Fact::local("name", name))
            .with(Fact::local("people", named.join(", ")))
    })
}

/// The approval that counts for a plan.
///
/// # Errors
/// Why there is none: never given, revoked, or given to a plan that has moved since, with what
/// moved.
pub fn gate(work: &WorkDir, ledger: &Ledger, now: &SavedPlan) -> Result<Approval, Problem> {
    let digest = &now.plan.digest;
    if let Some(approval) = ledger.approval(digest) {
        return Ok(approval.clone());
    }
    if let Some(revoked) = ledger.plans.get(digest).and_then(|plan| plan.revoked.as_ref()) {
        return Err(Problem::new("run-approval-revoked", Kind::ConfirmationNeeded)
            .with(Fact::open("digest", digest))
            .with(Fact::open("at", crate::clock::show(&revoked.at)))
            .with(Fact::open("code", &revoked.problem.code)));
    }
    match ledger.approved() {
        Some((approved, _)) => {
            let changes = load(&plan_file(work, approved))
                .map(|before| plan::diff(&before.snapshot, &now.snapshot))
                .unwrap_or_default();
            Err(moved(approved, digest, &changes))
        }
        None => Err(Problem::new("run-approval-needed", Kind::ConfirmationNeeded)
            .with(Fact::open("digest", digest))),
    }
}

/// What has moved since `saved` was made, if anything has.
///
/// # Errors
/// Where a file or the journal cannot be read.
pub async fn drift(
    playbook: &CheckedPlaybook,
    saved: &SavedPlan,
    clock: &Clock,
) -> Result<Option<Problem>, Problem> {
    let now = super::prepare::of_today(playbook, saved, clock).await?;
    let digest = now.digest();
    if digest == saved.plan.digest {
        return Ok(None);
    }
    let changes = plan::diff(&saved.snapshot, &now);
    Ok(Some(moved(&saved.plan.digest, &digest, &changes)))
}

/// The plan is not the one that was approved: what moved, a line each.
pub(super) fn moved(approved: &PlanDigest, digest: &PlanDigest, changes: &[Change]) -> Problem {
    Problem::new("run-plan-moved", Kind::ConfirmationNeeded)
        .with(Fact::open("approved", approved))
        .with(Fact::open("digest", digest))
        .with_detail(Redacted::composed(lines(changes)))
}

/// `医院ファイル / clinic file  cutover.production_at: 2027-01-21 19:00:00 JST → …`, for readers of
/// both languages.
fn lines(changes: &[Change]) -> String {
    let mut text = String::new();
    for change in changes {
        let part = [Lang::Ja, Lang::En]
            .map(|lang| i18n::text(lang, &format!("plan-part-{}", change.part), &[]))
            .join(" / ");
        // Writing into a String does not fail.
        let _ = writeln!(
            text,
            "{part}  {}: {} → {}",
            change.path,
            shown(change.before.as_deref()),
            shown(change.after.as_deref())
        );
    }
    text
}

/// A value for people: a time as every text shows it.
fn shown(value: Option<&str>) -> String {
    let Some(value) = value else { return "—".to_owned() };
    match chrono::DateTime::parse_from_rfc3339(value) {
        Ok(at) => crate::clock::show(&crate::clock::to_jst(at)),
        Err(_) => value.to_owned(),
    }
}
