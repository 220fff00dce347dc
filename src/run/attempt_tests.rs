//! What an attempt refuses before it acts, and what it makes of an answer.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::attempt::*;
use crate::action::fixture::step;
use crate::action::{self, Certainty, RealHands, StepCx};
use crate::clock::{Jst, to_jst};
use crate::diag::Kind;
use crate::journal::Role;
use crate::plan::{Approved, Inputs};
use crate::playbook::{Outputs, Purpose, StepAction};

fn approved(cx: &StepCx) -> Approved {
    let found = action::file_hashes(cx.clinic()).unwrap();
    let inputs = Inputs { mapping: found.mapping, profile: found.profile, ..Inputs::default() };
    Approved { inputs, ..Approved::default() }
}

async fn code(cx: &StepCx, approved: &Approved) -> Option<String> {
    attempt_once(cx, approved, &RealHands)
        .await
        .err()
        .map(|failure| failure.problem.code.to_string())
}

#[tokio::test]
async fn rules_that_were_edited_while_the_run_waited_stop_what_changes_something() {
    let folder = tempfile::tempdir().unwrap();
    let stop = step(folder.path(), StepAction::ServiceStop {}, 60).await;
    let verify = StepAction::VerifyArchive { archive: "none.dump".into() };
    let mut look = stop.clone();
    look.step.action = verify;
    let approved = approved(&stop);
    let moved = Some("run-plan-moved");
    assert_ne!(code(&stop, &approved).await.as_deref(), moved);
    for part in ["mapping", "profile"] {
        let mut other = approved.clone();
        match part {
            "mapping" => other.inputs.mapping = "x".to_owned(),
            _ => other.inputs.profile = "x".to_owned(),
        }
        assert_eq!(code(&stop, &other).await.as_deref(), moved, "{part}");
        // What only looks may look.
        assert_ne!(code(&look, &other).await.as_deref(), moved, "{part}");
    }
    let mapping = stop.clinic().characters.mapping.clone().unwrap();
    std::fs::write(mapping, "format: 1\nrules: []\n# another\n").unwrap();
    assert_eq!(code(&stop, &approved).await.as_deref(), moved);
}

#[tokio::test]
async fn a_wait_has_no_limit_and_every_other_step_has_one() {
    let folder = tempfile::tempdir().unwrap();
    let wait = StepAction::Wait { until: Purpose::Production };
    let mut cx = step(folder.path(), wait, 0).await;
    let soon = cx.clock.now() + chrono::TimeDelta::milliseconds(800);
    Arc::make_mut(&mut cx.playbook).clinic.cutover.production_at = soon;
    let grace = Duration::from_millis(100);
    limited(&cx, grace, &RealHands).await.unwrap();
    assert!(cx.clock.now() >= soon);
    // The service's own command takes longer than the step may.
    cx.step.action = StepAction::ServiceStop {};
    let status = ["sleep", "2"].map(str::to_owned).to_vec();
    Arc::make_mut(&mut cx.playbook).clinic.source.service.status = status;
    let failure = limited(&cx, grace, &RealHands).await.unwrap_err();
    assert_eq!(failure.problem.code, "run-timeout");
    assert_eq!(failure.certainty, Certainty::Known);
    let import =
        StepAction::PortalImport { archive: "final.dump".into(), purpose: Purpose::Production };
    cx.step.action = import;
    let doubt = out_of_time(&cx.step);
    assert_eq!((doubt.certainty, doubt.problem.kind), (Certainty::InDoubt, Kind::InDoubt));
}

fn at(text: &str) -> Jst {
    to_jst(chrono::DateTime::parse_from_rfc3339(text).unwrap())
}

fn import(purpose: Purpose) -> StepAction {
    StepAction::PortalImport { archive: "final.dump".into(), purpose }
}

#[test]
fn the_production_import_begins_by_its_deadline_to_the_second_or_not_at_all() {
    let until = at("2027-01-21T22:00:00+09:00");
    let approved = Approved { import_until: Some(until), ..Approved::default() };
    let late = until + chrono::TimeDelta::seconds(1);
    let production = import(Purpose::Production);
    assert!(refuse_late(&production, &approved, until).is_ok());
    let refused = refuse_late(&production, &approved, late).unwrap_err();
    assert_eq!((refused.code.as_ref(), refused.kind), ("run-too-late", Kind::Blocked));
    // Only the step after which there is no way back.
    for action in [import(Purpose::Test), StepAction::ServiceStop {}, StepAction::MailProbe {}] {
        assert!(refuse_late(&action, &approved, late).is_ok(), "{action:?}");
    }
    assert!(refuse_late(&production, &Approved::default(), late).is_ok());
}

#[test]
fn another_database_or_certificate_than_the_approved_one_is_refused() {
    let approved = json!({"database": "a1", "certificate": "client1423", "machine": "m"});
    let source = StepAction::SourceProbe { space_factor: crate::playbook::Factor(2.5) };
    let site = StepAction::PortalProbe { free_slots: 2 };
    let outputs = |database: &str, certificate: &str| {
        Outputs::from([
            ("identity".to_owned(), database.into()),
            ("certificate".to_owned(), certificate.into()),
        ])
    };
    let code = |action: &StepAction, outputs: &Outputs| {
        refuse_other(action, outputs, &approved).err().map(|problem| problem.code.to_string())
    };
    let (database, certificate) = ("run-other-database", "run-other-certificate");
    assert_eq!(code(&source, &outputs("a1", "x")), None);
    assert_eq!(code(&site, &outputs("x", "client1423")), None);
    assert_eq!(code(&source, &outputs("a2", "client1423")).as_deref(), Some(database));
    assert_eq!(code(&site, &outputs("a1", "client324")).as_deref(), Some(certificate));
    // A look that does not say is no proof.
    assert_eq!(code(&source, &Outputs::new()).as_deref(), Some(database));
    assert_eq!(code(&StepAction::MailProbe {}, &Outputs::new()), None);
    assert!(refuse_other(&source, &outputs("a2", "x"), &Value::Null).is_ok());
}

#[test]
fn what_may_not_come_twice_is_known_by_its_role() {
    assert_eq!(role(&import(Purpose::Test)), Role::TestImport);
    assert_eq!(role(&import(Purpose::Production)), Role::ProductionImport);
    assert_eq!(role(&StepAction::ServiceStop {}), Role::ClosesSource);
    assert_eq!(role(&StepAction::MailProbe {}), Role::Plain);
}
