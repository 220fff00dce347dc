//! Rows about what must be ready beside server and site: the tenant's data, characters, mail,
//! people.

use super::{CheckInputs, check, ok_if};
use crate::clock::show;
use crate::plan::model::{Check, EvidenceKind, Verdict};
use crate::playbook::TenantData;

/// The row about what the tenant holds; nobody can do without it.
pub(super) const NOT_LIVE: &str = "plan-tenant-not-live";

pub(super) fn rows(inputs: &CheckInputs<'_>) -> Vec<Check> {
    vec![tenant(inputs), characters(inputs), mail(inputs), people(inputs)]
}

/// An import overwrites the tenant's data: people say beforehand that nobody works with it yet.
fn tenant(inputs: &CheckInputs<'_>) -> Check {
    let (verdict, case) = match inputs.playbook.clinic.portal.tenant.holds {
        Some(TenantData::Nothing) => (Verdict::Ok, "nothing"),
        Some(TenantData::TrialData) => (Verdict::Ok, "trial-data"),
        Some(TenantData::LiveData) => (Verdict::Block, "live-data"),
        None => (Verdict::Block, "unsaid"),
    };
    check(NOT_LIVE, verdict, case).with("case", case).by(EvidenceKind::ClinicFile, None)
}

/// Every character of the database was looked at, by the rules that count now, and none needs a
/// decision.
fn characters(inputs: &CheckInputs<'_>) -> Check {
    let Some(scan) = &inputs.facts.scan else {
        return check("plan-characters-scanned", Verdict::Block, "-").with("case", "never");
    };
    let (verdict, case) = match (scan.same_rules, scan.undecided) {
        (false, _) => (Verdict::Block, "other-rules"),
        (true, 0) => (Verdict::Ok, "clean"),
        (true, _) => (Verdict::Block, "undecided"),
    };
    let lossy: u64 = scan.lossy.iter().map(|(_, count)| *count).sum();
    check("plan-characters-scanned", verdict, format!("{} / {}", scan.undecided, scan.values))
        .with("case", case)
        .with("at", show(&scan.at))
        .with("values", scan.values)
        .with("undecided", scan.undecided)
        .with("lossy", lossy)
        .by(EvidenceKind::Scan, Some(scan.at))
}

fn mail(inputs: &CheckInputs<'_>) -> Check {
    let Some(mail) = &inputs.facts.mail else {
        return check("plan-mail-proved", Verdict::Unknown, "");
    };
    let (verdict, case) = match (mail.reached, mail.taken_at) {
        (false, _) => (Verdict::Block, "unreached"),
        (true, Some(_)) => (Verdict::Ok, "taken"),
        // The run's own preflight sends a test mail, and stops where nobody takes it.
        (true, None) => (Verdict::Later, "reached"),
    };
    check("plan-mail-proved", verdict, mail.host.clone())
        .with("case", case)
        .with("host", &mail.host)
        .with("at", mail.taken_at.as_ref().map(show).unwrap_or_default())
        .by(EvidenceKind::MailServer, None)
}

/// Someone does it, someone decides, someone stands in, someone at the clinic answers.
fn people(inputs: &CheckInputs<'_>) -> Check {
    let people = &inputs.playbook.clinic.people;
    let missing = |roles: &[&'static str]| -> Vec<&'static str> {
        let named = |role: &str| people.iter().any(|person| person.role == role);
        roles.iter().copied().filter(|role| !named(role)).collect()
    };
    let (needed, wanted) = (missing(&["operator", "decides"]), missing(&["deputy", "clinic"]));
    let verdict = match (needed.as_slice(), wanted.as_slice()) {
        ([], []) => ok_if(people.iter().all(|person| person.phone.is_some()), Verdict::Warn),
        ([], _) => Verdict::Warn,
        _ => Verdict::Block,
    };
    let named: Vec<String> =
        people.iter().map(|person| format!("{}: {}", person.role, person.name)).collect();
    let missing: Vec<&str> = needed.into_iter().chain(wanted).collect();
    let without = people.iter().filter(|person| person.phone.is_none()).count();
    check("plan-people-named", verdict, named.join(", "))
        .with("people", people.len())
        .with("missing", if missing.is_empty() { "none".to_owned() } else { missing.join(", ") })
        .with("without", without)
        .by(EvidenceKind::ClinicFile, None)
}
