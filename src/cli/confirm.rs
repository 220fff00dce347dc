//! A yes to a production import is a yes to one clinic: its name is typed, where somebody types.

use std::io::{BufRead, IsTerminal, Read};

use super::output::Output;
use crate::diag::{Fact, Kind, Problem};
use crate::plan::Plan;
use crate::playbook::Clinic;
use crate::t;

/// Longest name that is read from a terminal, bytes.
const MAX_NAME_BYTES: u64 = 1024;

/// Asks for the clinic's name on a terminal, and refuses another one. Where nobody types, as in a
/// script, a name that was given counts the same, and the plan's digest names the clinic.
pub(super) fn clinic(plan: &Plan, typed: Option<&str>, output: &Output) -> Result<(), Problem> {
    if !plan.phases.iter().flat_map(|phase| &phase.steps).any(|step| step.is_production_import) {
        return Ok(());
    }
    let clinic = &plan.clinic;
    let asked = match typed {
        Some(_) => None,
        None if std::io::stdin().is_terminal() => {
            output.talk(&t!(
                output.lang,
                "cli-confirm-clinic",
                host = plan.facts.host,
                database = clinic.source.database,
                tenant = clinic.portal.tenant.orcamo_id
            ));
            Some(line())
        }
        None => return Ok(()),
    };
    let name = typed.map(str::to_owned).or(asked).unwrap_or_default();
    is_named(clinic, name.trim())
}

fn is_named(clinic: &Clinic, name: &str) -> Result<(), Problem> {
    if name == clinic.name {
        return Ok(());
    }
    Err(Problem::new("run-other-clinic-name", Kind::ConfirmationNeeded)
        .with(Fact::local("name", name))
        .with(Fact::local("clinic", &clinic.name)))
}

fn line() -> String {
    let mut text = Vec::new();
    // What cannot be read is no name.
    let _ = std::io::stdin().lock().take(MAX_NAME_BYTES).read_until(b'\n', &mut text);
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::SourceText;

    #[test]
    fn another_clinics_name_is_no_yes() {
        let text = include_str!("../../examples/clinic.yaml").into();
        let source = SourceText { name: "clinic.yaml".to_owned(), text };
        let clinic = crate::playbook::load_clinic(&source).unwrap();
        is_named(&clinic, "見本クリニック").unwrap();
        for name in ["", "見本", "見本クリニック2", "別のクリニック", "y", "yes", "はい"]
        {
            let refused = is_named(&clinic, name).unwrap_err();
            assert_eq!(refused.code, "run-other-clinic-name", "{name}");
            assert_eq!(refused.kind, Kind::ConfirmationNeeded);
        }
    }
}
