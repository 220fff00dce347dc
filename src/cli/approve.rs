//! `approve`, `revoke`: a person says yes to a saved plan, or takes the yes back.

use super::args::{ApproveArgs, RevokeArgs};
use super::{confirm, files, output::Output, plan_files};
use crate::action::{self, Told, WorkDir};
use crate::diag::Problem;
use crate::run::{self, gate};
use crate::t;

pub(super) async fn approve(args: &ApproveArgs, output: &Output) -> Result<u8, Problem> {
    let ApproveArgs { approval, clinic_name } = args;
    let clinic = files::clinic(&approval.clinic, output)?;
    let (clock, work) = (files::clock(&clinic), WorkDir::of(&clinic));
    let ledger = action::open_ledger(&work, &clock).await?;
    let saved = gate::find(&work, &ledger.now().await?, &approval.plan)?;
    let playbook = files::playbook(&saved.playbook, &approval.clinic, output)?;
    let today = run::of_today(&playbook, &saved, &clock).await?;
    confirm::clinic(&saved.plan, clinic_name.as_deref(), output)?;
    gate::approve(&clinic, &ledger, &saved, &today, &approval.person).await?;
    let (digest, person) = (&saved.plan.digest, &approval.person);
    if output.json {
        output.json(&serde_json::json!({ "approved": digest, "by": person }))?;
    } else {
        output.data(&t!(output.lang, "cli-approved", digest = digest, person = person))?;
    }
    Ok(0)
}

pub(super) async fn revoke(args: &RevokeArgs, output: &Output) -> Result<u8, Problem> {
    let RevokeArgs { approval, reason } = args;
    let clinic = files::clinic(&approval.clinic, output)?;
    let (clock, work) = (files::clock(&clinic), WorkDir::of(&clinic));
    let ledger = action::open_ledger(&work, &clock).await?;
    let plan = gate::find(&work, &ledger.now().await?, &approval.plan)?.plan;
    let digest = &plan.digest;
    gate::revoke(&clinic, &ledger, digest, &approval.person, reason).await?;
    let withdrawn = ledger.now().await?.plans.get(digest).and_then(|plan| plan.revoked.clone());
    if let Some(revoked) = withdrawn {
        let due = clinic.cutover.production_at;
        let problem = &revoked.problem;
        let told = Told { job: "approval", what: "revoked", due, problem, command: None };
        // Taken back it is, whether or not a mail can be written.
        let _ = action::tell(&clinic, &clock, &WorkDir::open(&clinic)?, &told).await;
    }
    // After the revocation: its number is higher than that of any entry published before.
    let sequence = ledger.now().await?.seq;
    let cancelled = plan_files::write_cancelled(&work, &plan, sequence, output)?;
    if output.json {
        output.json(&serde_json::json!({
            "revoked": digest, "by": approval.person, "written": [cancelled],
        }))?;
    } else {
        output.data(&t!(output.lang, "cli-revoked", digest = digest, person = approval.person))?;
    }
    Ok(0)
}
