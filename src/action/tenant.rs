//! What a tenant held before anything was imported into it: data that nobody brought there by a
//! run is somebody's work.

use std::collections::BTreeSet;

use super::{StepCx, past};
use crate::archive::TableDigest;
use crate::diag::{Fact, Kind, Problem};
use crate::journal::{Event, Record, Role};
use crate::playbook::TenantData;

/// The output of an export that tells how many patients the tenant held.
pub(super) const PATIENTS: &str = "patients";

/// The table of patients.
const TABLE: &str = "tbl_ptinf";

/// Patients in an export of the tenant with these tables.
pub(super) fn patients(tables: &[TableDigest]) -> u64 {
    tables.iter().filter(|table| table.table == TABLE).map(|table| table.rows).sum()
}

/// Refuses a test import where the tenant holds patients that no import of this clinic's runs
/// brought there, unless people said that they may be lost.
///
/// # Errors
/// The refusal; also where the journal cannot be read.
pub(super) async fn refuse_in_use(cx: &StepCx) -> Result<(), Problem> {
    if cx.clinic().portal.tenant.holds == Some(TenantData::TrialData) {
        return Ok(());
    }
    match foreign(&past::runs(cx.work.journal()).await?) {
        Some((patients, archive)) => Err(Problem::new("run-tenant-in-use", Kind::Blocked)
            .with(Fact::open("patients", patients))
            .with(Fact::local("archive", archive))),
        None => Ok(()),
    }
}

/// The patients that the newest run's last export found and nobody's import explains, with the
/// archive that holds them. `runs`: the newest first.
fn foreign(runs: &[Vec<Record>]) -> Option<(u64, String)> {
    let exported = runs.first()?.iter().rev().find_map(|record| match &record.event {
        Event::StepDone { outputs, .. } => {
            let archive = outputs.get("archive").and_then(|path| path.as_str());
            Some((outputs.get(PATIENTS)?.as_u64()?, archive.unwrap_or_default().to_owned()))
        }
        _ => None,
    });
    exported.filter(|(patients, _)| *patients > 0 && !runs.iter().any(|run| imported(run)))
}

/// True where an import of the run took place, or may have.
fn imported(run: &[Record]) -> bool {
    let mut imports = BTreeSet::new();
    run.iter().any(|record| match &record.event {
        Event::StepStarted { step, role, .. } => {
            if matches!(role, Role::TestImport | Role::ProductionImport) {
                imports.insert(step);
            }
            false
        }
        Event::StepDone { step, .. } | Event::StepInDoubt { step, .. } => imports.contains(step),
        Event::StepFailed { step, problem, .. } => {
            imports.contains(step) && problem.is_failed_import()
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::fixture::step;
    use crate::journal::fixture::{done, doubt, failed, records, starts};
    use crate::playbook::{Outputs, StepAction};
    use std::sync::Arc;

    fn export(patients: u64) -> Vec<Event> {
        let outputs = Outputs::from([
            ("archive".to_owned(), "before-test.dump".into()),
            (PATIENTS.to_owned(), patients.into()),
        ]);
        vec![
            starts("export", Role::Plain, 1),
            Event::StepDone { step: "export".into(), attempt: 1, outputs },
        ]
    }

    fn import(end: Option<Event>) -> Vec<Event> {
        let mut events = vec![starts("import", Role::TestImport, 1)];
        events.extend(end);
        events
    }

    fn table(name: &str, rows: u64) -> TableDigest {
        TableDigest {
            schema: "public".to_owned(),
            table: name.to_owned(),
            columns: 2,
            rows,
            bytes: rows * 10,
            digest: String::new(),
        }
    }

    #[tokio::test]
    async fn a_test_import_stops_where_somebody_works_unless_that_may_be_lost() {
        assert_eq!(patients(&[]), 0);
        assert_eq!(patients(&[table("tbl_dbkanri", 7)]), 0);
        let tables = [table("tbl_dbkanri", 7), table("tbl_ptinf", 3), table("tbl_ptnum", 9)];
        assert_eq!(patients(&tables), 3);

        let folder = tempfile::tempdir().unwrap();
        let mut cx = step(folder.path(), StepAction::MailProbe {}, 60).await;
        refuse_in_use(&cx).await.unwrap();
        for event in export(patients(&tables)) {
            cx.journal.append(event).await.unwrap();
        }
        for (holds, expected) in [
            (None, Some("run-tenant-in-use")),
            (Some(TenantData::Nothing), Some("run-tenant-in-use")),
            (Some(TenantData::LiveData), Some("run-tenant-in-use")),
            (Some(TenantData::TrialData), None),
        ] {
            Arc::make_mut(&mut cx.playbook).clinic.portal.tenant.holds = holds;
            let refused = refuse_in_use(&cx).await.err().map(|problem| problem.code);
            assert_eq!(refused.as_deref(), expected, "{holds:?}");
        }
    }

    #[test]
    fn patients_that_no_import_of_ours_explains_are_somebodys() {
        let of = |parts: &[Vec<Event>]| records(parts.concat());
        assert_eq!(foreign(&[of(&[export(0), import(None)])]), None);
        let (patients, archive) = foreign(&[of(&[export(3), import(None)])]).unwrap();
        assert_eq!((patients, archive.as_str()), (3, "before-test.dump"));
        // A refusal and a second attempt change nothing about whose they are.
        for code in ["run-tenant-in-use", "portal-unreachable", "portal-version-missing"] {
            let again = vec![starts("import", Role::TestImport, 2)];
            let run = of(&[export(3), import(Some(failed("import", code, None))), again]);
            assert_eq!(foreign(&[run]).map(|found| found.0), Some(3), "{code}");
        }
        for end in [done("import"), doubt("import"), failed("import", "portal-import-failed", None)]
        {
            let earlier = of(&[export(0), import(Some(end.clone()))]);
            let now = of(&[export(3), import(None)]);
            assert_eq!(foreign(&[now, earlier]), None, "{end:?}");
        }
        // An export of an earlier run says nothing about now, and a step that is no import
        // explains nothing.
        assert_eq!(foreign(&[of(&[import(None)]), of(&[export(3)])]), None);
        assert!(foreign(&[of(&[export(3), import(None)]), of(&[export(0)])]).is_some());
        assert_eq!(foreign(&[]), None);
    }
}
