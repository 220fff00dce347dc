//! What stands first: whose plan it is, when it happens, and whether it is approved.

use super::{Content, NOTHING};
use crate::plan::Plan;
use crate::report::words::short_hash;
use crate::t;

impl Content<'_> {
    /// Labels' ids and values.
    pub(in crate::report) fn cover(&self) -> Vec<(&'static str, String)> {
        let (w, plan) = (self.w, self.plan);
        let cutover = &plan.clinic.cutover;
        let window =
            format!("{} – {}", w.minute(&cutover.production_at), w.minute(&cutover.window_end));
        vec![
            ("report-clinic", format!("{} ({})", plan.clinic.name, plan.clinic.clinic_id)),
            ("report-tenant", self.tenant()),
            ("report-playbook", format!("{} ({})", w.title(&plan.title), plan.playbook)),
            ("report-test-import", w.minute(&cutover.test_import_at)),
            ("report-window", window),
            ("report-downtime", self.downtime()),
            ("report-import-start", w.full(&plan.import_starts_at)),
            ("report-expected-end", self.expected_end()),
            ("report-decision", w.full(&plan.latest_rollback_at)),
            ("report-made-at", w.full(&plan.made_at)),
            ("report-number", self.number()),
            ("report-approval", self.approval()),
            ("report-digest", plan.digest.to_string()),
        ]
    }

    pub(in crate::report) fn downtime(&self) -> String {
        let (w, plan) = (self.w, self.plan);
        t!(
            w.lang,
            "report-downtime-value",
            from = w.full(&plan.service_stops_at),
            until = w.full(&plan.ends_at),
            length = w.duration((plan.ends_at - plan.service_stops_at).num_seconds())
        )
    }

    fn expected_end(&self) -> String {
        let at = self.w.full(&self.plan.ends_at);
        let margin = self.secs(self.plan.margin_secs);
        t!(self.w.lang, "report-expected-end-value", at = at, margin = margin)
    }

    /// The plan's number in the journal.
    pub(in crate::report) fn number(&self) -> String {
        match self.entry {
            Some(entry) => t!(self.w.lang, "report-number-value", n = entry.number),
            None => self.w.say("report-number-none"),
        }
    }

    /// Whether a person said yes.
    pub(in crate::report) fn approval(&self) -> String {
        let w = self.w;
        let Some(entry) = self.entry else { return w.say("report-approval-none") };
        if let Some(approval) = &entry.approval {
            return t!(
                w.lang,
                "report-approval-value",
                name = approval.by.name,
                role = w.role(&approval.role),
                at = w.full(&approval.at)
            );
        }
        match &entry.revoked {
            Some(revoked) => {
                t!(w.lang, "report-approval-revoked", at = w.full(&revoked.at))
            }
            None => w.say("report-approval-none"),
        }
    }

    /// Role, name, telephone.
    pub(in crate::report) fn people(&self) -> Vec<[String; 3]> {
        let people = self.plan.clinic.people.iter();
        people
            .map(|person| {
                let phone = person.phone.clone().unwrap_or_else(|| NOTHING.to_owned());
                [self.w.role(&person.role), person.name.clone(), phone]
            })
            .collect()
    }

    /// Role, name, and what the person signs: those who may approve do, others have read it.
    pub(in crate::report) fn sign_off(&self) -> Vec<[String; 3]> {
        let people = self.plan.clinic.people.iter();
        people
            .map(|person| {
                let what = match person.role.as_str() {
                    "decides" | "deputy" => "report-sign-approves",
                    _ => "report-sign-reads",
                };
                [self.w.role(&person.role), person.name.clone(), self.w.say(what)]
            })
            .collect()
    }
}

/// The commands that save, approve and carry out exactly this plan, a line each.
pub(in crate::report) fn approval_commands(plan: &Plan, is_saved: bool) -> Vec<String> {
    let digest = short_hash(plan.digest.as_str());
    let save = "orca-cutover plan PLAYBOOK --clinic CLINIC --save".to_owned();
    let approve = format!("orca-cutover approve {digest} --as PERSON --clinic CLINIC");
    let run = "orca-cutover run PLAYBOOK --clinic CLINIC".to_owned();
    let save = (!is_saved).then_some(save);
    save.into_iter().chain([approve, run]).collect()
}
