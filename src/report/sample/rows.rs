//! The sample plan's rows: the go/no-go list, places, scheduled work, and what the journal says.

use chrono::TimeDelta;

use super::plan::at;
use crate::clock::Jst;
use crate::diag::{Fact, Kind, Problem};
use crate::journal::ledger::{Actor, Approval, PlanEntry, Revocation};
use crate::plan::{
    Check, DataPlace, DurationSource, Evidence, EvidenceKind, Facts, Inputs, Overridden,
    PlaceContents, PlaceKind, PlannedWork, RfcTime, Sample, SourceFacts, Verdict,
};
use crate::playbook::{Job, Missed};

fn check(code: &str, verdict: Verdict, measured: &str, facts: &[(&'static str, &str)]) -> Check {
    let facts = facts.iter().map(|(name, value)| Fact::open(name, value)).collect();
    Check {
        code: code.to_owned(),
        verdict,
        measured: measured.to_owned(),
        facts,
        evidence: None,
        overridden: None,
    }
}

fn seen(mut check: Check, kind: EvidenceKind, at: Option<Jst>) -> Check {
    check.evidence = Some(Evidence { kind, at });
    check
}

pub(super) fn checks() -> Vec<Check> {
    let now = Some(at(12, 9, 30, 0));
    let mut stale = check(
        "calendar-stale",
        Verdict::Warn,
        "read_at=2027-01-10 09:00:00 JST, hours=48, limit=24",
        &[("read_at", "2027-01-10 09:00:00 JST"), ("hours", "48"), ("limit", "24")],
    );
    stale.overridden = Some(Overridden {
        by: vec!["見本 花子".to_owned()],
        reason: "電話でサポートに確認済み".to_owned(),
    });
    vec![
        seen(
            check(
                "plan-fits-window",
                Verdict::Ok,
                "2027-01-21 19:13:17 JST ≤ 2027-01-22 06:30:00 JST",
                &[
                    ("ends", "2027-01-21 19:13:17 JST"),
                    ("latest", "2027-01-22 06:30:00 JST"),
                    ("minutes", "15"),
                ],
            ),
            EvidenceKind::Reckoned,
            None,
        ),
        seen(stale, EvidenceKind::Calendar, Some(at(10, 9, 0, 0))),
        seen(
            check(
                "calendar-maintenance-overlap",
                Verdict::Ok,
                "start=2027-01-12 13:00:00 JST, end=2027-01-12 15:00:00 JST",
                &[
                    ("start", "2027-01-12 13:00:00 JST"),
                    ("end", "2027-01-12 15:00:00 JST"),
                    ("purpose", "test"),
                ],
            ),
            EvidenceKind::Calendar,
            Some(at(10, 9, 0, 0)),
        ),
        seen(
            check("plan-clinic-id", Verdict::Ok, "JPN000000000000", &[]),
            EvidenceKind::Server,
            now,
        ),
        // As a plan of an older version has it: without the argument of its text, and without
        // evidence.
        check("plan-certificate-ends", Verdict::Warn, "2027-02-28 23:59:59 JST", &[]),
        seen(
            check(
                "plan-free-slots",
                Verdict::Block,
                "1 + 0 ≥ 3",
                &[("wanted", "3"), ("freed", "0"), ("free", "1")],
            ),
            EvidenceKind::Site,
            now,
        ),
        check("plan-portal-known", Verdict::Unknown, "", &[]),
        seen(
            check(
                "plan-mail-proved",
                Verdict::Later,
                "mail.test",
                &[("case", "reached"), ("host", "mail.test")],
            ),
            EvidenceKind::MailServer,
            now,
        ),
    ]
}

pub(super) fn facts() -> Facts {
    let sample =
        |kind: &str, source, secs, bytes| Sample { kind: kind.to_owned(), source, secs, bytes };
    Facts {
        at: at(12, 9, 30, 0),
        source: Some(SourceFacts {
            server_version: "15.18".to_owned(),
            pg_dump_version: "15.18".to_owned(),
            encoding: "EUC_JP".to_owned(),
            database_bytes: 2_100_000_000,
            free_bytes: 80_000_000_000,
            clinic_id: Some("JPN000000000000".to_owned()),
            identity: String::new(),
            schema_version: Some("050200-1".to_owned()),
            tables: 214,
            sessions: 3,
            service_running: true,
            dump_command: Vec::new(),
            commands: std::collections::BTreeMap::new(),
            beside: Vec::new(),
        }),
        portal: None,
        upload: None,
        cores: 2,
        host: "clinic-server".to_owned(),
        machine: String::new(),
        mail: None,
        scan: None,
        proved_test_import_at: None,
        history: vec![
            sample("dump", DurationSource::TestImport, 85, 420_000_000),
            sample("portal_import", DurationSource::Rehearsal, 410, 410_000_000),
            sample("rollback", DurationSource::Rehearsal, 300, 0),
        ],
        problems: vec![
            Problem::new("portal-unreachable", Kind::Environment)
                .with(Fact::local("host", "management.test"))
                .with(Fact::open("reason", "connection refused")),
        ],
    }
}

pub(super) fn places() -> Vec<DataPlace> {
    let place = |kind, place: &str, contents, step: &str, purge_at| DataPlace {
        kind,
        place: place.to_owned(),
        contents,
        step: step.into(),
        purge_at,
        encrypted: false,
    };
    let folder = "/var/lib/orca-cutover/mihon";
    let tenant = "000000000 みほん内科（試験）";
    let purge = Some(at(21, 19, 13, 17) + TimeDelta::days(30));
    let file = |name: &str| format!("{folder}/{name}");
    use PlaceContents as C;
    vec![
        place(
            PlaceKind::WorkFolder,
            &file("archives/test-dump.dump"),
            C::SourceDump,
            "test-dump",
            purge,
        ),
        place(
            PlaceKind::Server,
            "orca_utf8",
            C::SecondDatabase,
            "test-dump",
            Some(at(12, 13, 1, 25)),
        ),
        place(PlaceKind::Tenant, tenant, C::TenantData, "test-import", None),
        place(PlaceKind::Tenant, tenant, C::CloudCopy, "test-export", None),
        place(
            PlaceKind::WorkFolder,
            &file("archives/test-export.dump"),
            C::CloudDump,
            "test-export",
            purge,
        ),
        place(
            PlaceKind::WorkFolder,
            &file("archives/final-dump.dump"),
            C::SourceDump,
            "final-dump",
            purge,
        ),
        place(PlaceKind::Tenant, tenant, C::TenantData, "final-import", None),
        place(
            PlaceKind::WorkFolder,
            &file("logs/final-import.import.log"),
            C::ImportLog,
            "final-import",
            Some(at(21, 19, 13, 17) + TimeDelta::days(90)),
        ),
    ]
}

pub(super) fn work() -> Vec<PlannedWork> {
    let work = |job, cron: Option<&str>, next: &[Jst], window_secs, missed| PlannedWork {
        job,
        cron: cron.map(str::to_owned),
        next: next.iter().map(|at| RfcTime(*at)).collect(),
        window_secs,
        missed,
    };
    let nights = [at(13, 2, 30, 0), at(14, 2, 30, 0), at(15, 2, 30, 0)];
    vec![
        work(Job::Calendar, Some("0 */6 * * *"), &[at(12, 12, 0, 0)], 3_000, Missed::RunOnce),
        work(Job::Cutover, None, &[at(21, 19, 0, 0)], 5_400, Missed::Skip),
        work(Job::TestImport, None, &[at(12, 13, 0, 0)], 5_400, Missed::Ask),
        work(Job::PortalProbe, None, &[at(14, 19, 0, 0)], 3_600, Missed::RunOnce),
        work(Job::Preflight, Some("30 2 * * *"), &nights, 7_200, Missed::RunOnce),
        work(Job::MailRetry, Some("*/15 * * * *"), &[at(12, 9, 45, 0)], 840, Missed::RunOnce),
        work(Job::Purge, Some("0 4 * * *"), &[], 43_200, Missed::RunOnce),
    ]
}

pub(super) fn inputs() -> Inputs {
    let hash = |digit: &str| digit.repeat(64);
    Inputs {
        playbook: hash("a"),
        clinic: hash("b"),
        calendar: hash("c"),
        mapping: hash("d"),
        profile: hash("e"),
        identity: hash("f"),
        tool: "0.1.0".to_owned(),
    }
}

fn actor(name: &str) -> Actor {
    let (host, tool) = ("clinic-server".to_owned(), "0.1.0".to_owned());
    Actor { name: name.to_owned(), host, tool }
}

/// What the journal says of the plan once a person has said yes.
pub(in crate::report) fn approved() -> PlanEntry {
    PlanEntry {
        file: "/var/lib/orca-cutover/mihon/reports/plan.json".to_owned(),
        saved_at: at(12, 9, 31, 0),
        saved_by: actor("試験 太郎"),
        number: 2,
        approval: Some(Approval {
            by: actor("見本 花子"),
            role: "decides".to_owned(),
            at: at(12, 10, 0, 0),
            overrides: vec!["calendar-stale".to_owned()],
        }),
        revoked: None,
    }
}

/// The same after the yes was taken back.
pub(in crate::report) fn revoked() -> PlanEntry {
    let problem = Problem::new("run-approval-withdrawn", Kind::ConfirmationNeeded)
        .with(Fact::local("name", "見本 花子"))
        .with(Fact::local("reason", "日程を変更するため"));
    PlanEntry {
        approval: None,
        revoked: Some(Revocation { by: actor("見本 花子"), at: at(13, 9, 0, 0), problem }),
        ..approved()
    }
}
