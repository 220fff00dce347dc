//! The sample cutover with facts as they should be, for the tests of this room.

use std::collections::BTreeMap;

use chrono::{TimeDelta, TimeZone};
use chrono_tz::Asia::Tokyo;

use super::*;
use crate::calendar::{Maintenance, ReadBy, SourceReading};
use crate::clock::Jst;
use crate::diag::SourceText;
use crate::playbook::{CheckedPlaybook, load};

pub(super) const PLAYBOOK: &str = include_str!("../../playbooks/cutover.yaml");
pub(super) const CLINIC: &str = include_str!("../../examples/clinic.yaml");

pub(super) fn at(day: u32, hour: u32, minute: u32, second: u32) -> Jst {
    Tokyo.with_ymd_and_hms(2027, 1, day, hour, minute, second).unwrap()
}

/// The sample clinic's cutover, with lines added to its file.
pub(super) fn playbook(more: &str) -> CheckedPlaybook {
    of_clinic(&format!("{CLINIC}\n{more}"))
}

/// The sample cutover for a clinic file.
pub(crate) fn of_clinic(clinic: &str) -> CheckedPlaybook {
    of_files(PLAYBOOK, clinic)
}

pub(super) fn of_files(playbook: &str, clinic: &str) -> CheckedPlaybook {
    let source = |name: &str, text: &str| SourceText { name: name.to_owned(), text: text.into() };
    load(&source("cutover.yaml", playbook), &source("clinic.yaml", clinic)).unwrap()
}

/// Everything as it should be, on the morning of the test import.
pub(super) fn good() -> Facts {
    Facts {
        at: at(12, 9, 0, 0),
        source: Some(SourceFacts {
            server_version: "15.18".to_owned(),
            pg_dump_version: "15.18".to_owned(),
            encoding: "EUC_JP".to_owned(),
            database_bytes: 1_000_000_000,
            free_bytes: 80_000_000_000,
            clinic_id: Some("JPN000000000452".to_owned()),
            identity: "a".repeat(64),
            schema_version: Some("050200-1".to_owned()),
            tables: 214,
            sessions: 3,
            service_running: true,
            dump_command: Vec::new(),
            commands: BTreeMap::new(),
            beside: Vec::new(),
        }),
        portal: Some(PortalFacts {
            certificate: "client1423".to_owned(),
            certificate_ends: at(22, 1, 0, 0) + TimeDelta::days(365),
            can_import: true,
            pages_not_understood: Vec::new(),
            free_slots: 5,
            dumps: Vec::new(),
            import_versions: ["9.6", "15"].map(str::to_owned).to_vec(),
            clock_skew_secs: 0,
        }),
        upload: None,
        cores: 2,
        host: "clinic-server".to_owned(),
        machine: "b".repeat(64),
        mail: Some(MailFacts { host: "smtp.example.jp".to_owned(), reached: true, taken_at: None }),
        scan: Some(ScanFacts {
            at: at(12, 8, 0, 0),
            values: 1_000,
            undecided: 0,
            same_rules: true,
            lossy: Vec::new(),
        }),
        proved_test_import_at: None,
        history: Vec::new(),
        problems: Vec::new(),
    }
}

pub(super) fn maintenance() -> Maintenance {
    let reading = SourceReading {
        by: ReadBy::People,
        source: "お知らせ".to_owned(),
        read_at: Some(at(12, 8, 0, 0)),
        read_by: "見本 太郎".to_owned(),
        windows: Vec::new(),
    };
    Maintenance { readings: vec![reading] }
}

pub(super) fn planned(playbook: &CheckedPlaybook, facts: Facts) -> Plan {
    build(playbook, facts, &maintenance(), &Inputs::default(), false)
}

/// A plan of this playbook as it is written down.
pub(crate) fn saved_for(playbook: &CheckedPlaybook) -> SavedPlan {
    let snapshot = Snapshot {
        playbook: serde_json::to_value(&playbook.phases).unwrap(),
        clinic: serde_json::to_value(&playbook.clinic).unwrap(),
        identity: identity(&good()),
        ..Snapshot::default()
    };
    let plan = build(playbook, good(), &maintenance(), &snapshot.inputs(), false);
    SavedPlan::new("/p/cutover.yaml".into(), "/p/clinic.yaml".into(), plan, snapshot)
}

/// What blocks, by the rows' codes.
pub(super) fn blocks(playbook: &CheckedPlaybook, change: impl FnOnce(&mut Facts)) -> Vec<String> {
    let mut facts = good();
    change(&mut facts);
    let checks = planned(playbook, facts).checks;
    let blocks = checks.into_iter().filter(|check| check.verdict == Verdict::Block);
    blocks.map(|check| check.code).collect()
}

pub(super) fn verdict_of(facts: Facts, code: &str) -> Verdict {
    let checks = planned(&playbook(""), facts).checks;
    checks.into_iter().find(|check| check.code == code).unwrap().verdict
}

/// The sample cutover with the files of its clinic and its working folder in `folder`.
pub(crate) fn of_clinic_in(folder: &std::path::Path) -> CheckedPlaybook {
    let mut text = CLINIC.to_owned();
    for (key, file, content) in [
        ("mapping", "characters.yaml", include_str!("../../examples/characters.yaml")),
        ("maintenance", "maintenance.yaml", include_str!("../../examples/maintenance.yaml")),
    ] {
        let path = folder.join(file);
        std::fs::write(&path, content).unwrap();
        let (old, new) = (format!("{key}: {file}"), format!("{key}: {}", path.display()));
        assert_eq!(text.matches(&old).count(), 1, "{old}");
        text = text.replace(&old, &new);
    }
    let mut playbook = of_clinic(&text);
    playbook.clinic.work_dir = folder.join("w");
    playbook
}
