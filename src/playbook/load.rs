//! The way from two texts to a checked playbook, or to every finding of both.

use std::cell::Cell;

use sha2::{Digest, Sha256};

use super::check::{self, Checked};
use super::graph::Order;
use super::outline::{self, Outline, RawStep};
use super::vars::Scope;
use super::{CheckedPlaybook, Clinic, Phase, Retry, Step, clinic, codes, kinds, when};
use crate::diag::{Findings, SourceText};
use crate::ids::StepId;
use crate::yaml::{self, Node, Reader};

/// Most attempts of a step; more only hide trouble.
const MAX_ATTEMPTS: u64 = 20;

/// Reads and checks a playbook for a clinic.
///
/// # Errors
/// Everything that is wrong in either file, the playbook's findings first.
pub fn load(playbook: &SourceText, clinic: &SourceText) -> Result<CheckedPlaybook, Findings> {
    let mut clinic_reader = Reader::new(clinic, &codes::FILE);
    let clinic_tree = yaml::parse(&mut clinic_reader);
    let clinic_values =
        clinic_tree.as_ref().and_then(|root| clinic::read(&mut clinic_reader, root));

    let mut reader = Reader::new(playbook, &codes::FILE);
    let tree = yaml::parse(&mut reader);
    let outline = tree.as_ref().and_then(|root| outline::read(&mut reader, root));
    let phases = outline.as_ref().and_then(|o| phases(&mut reader, o, clinic_tree.as_ref()));

    let mut findings = reader.finish();
    findings.0.extend(clinic_reader.finish().0);
    if findings.is_empty()
        && let (Some(outline), Some(phases), Some(clinic_values)) = (outline, phases, clinic_values)
        && let (Some(name), Some(title)) = (outline.name, outline.title)
    {
        return Ok(CheckedPlaybook {
            name,
            title,
            phases,
            clinic: clinic_values,
            playbook_sha256: sha256(&playbook.text),
            clinic_sha256: sha256(&clinic.text),
        });
    }
    Err(findings)
}

/// Reads and checks a clinic file alone.
///
/// # Errors
/// Everything that is wrong in it.
pub fn load_clinic(source: &SourceText) -> Result<Clinic, Findings> {
    let mut reader = Reader::new(source, &codes::FILE);
    let tree = yaml::parse(&mut reader);
    let clinic = tree.as_ref().and_then(|root| clinic::read(&mut reader, root));
    match clinic {
        Some(clinic) if reader.is_clean() => Ok(clinic),
        _ => Err(reader.finish()),
    }
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Fills in the references, reads the steps and checks them; `None` where any piece is missing.
fn phases(reader: &mut Reader, outline: &Outline<'_>, clinic: Option<&Node>) -> Option<Vec<Phase>> {
    let order = Order::of(reader, outline);
    let scope = Scope {
        vars: &outline.vars,
        clinic,
        steps: &outline.steps,
        order: &order,
        look_ups: Cell::new(0),
    };
    let mut checked = Vec::new();
    let mut timings = Vec::new();
    for (index, raw) in outline.steps.iter().enumerate() {
        let with = raw.with.map(|node| scope.fill(reader, node, index));
        let action = raw.kind.as_ref().and_then(|kind| kinds::read(reader, kind, with.as_ref()));
        let applies = match raw.when {
            Some(node) => when::holds(reader, &scope, node, index),
            None => Some(true),
        };
        timings.push((timeout(reader, &scope, raw, index), retry(reader, &scope, raw, index)));
        checked.push(Checked { raw, with, action, applies });
    }
    check::all(reader, &checked, &order, clinic);
    let steps: Option<Vec<_>> =
        checked.iter().zip(timings).map(|(checked, timing)| step(checked, timing)).collect();
    let mut phases = Vec::new();
    for (number, raw) in outline.phases.iter().enumerate() {
        phases.push(Phase { id: raw.id.clone()?, title: raw.title.clone()?, steps: Vec::new() });
        let steps = steps.iter().flatten().filter(|(phase, _)| *phase == number);
        if let Some(phase) = phases.last_mut() {
            phase.steps = steps.map(|(_, step)| step.clone()).collect();
        }
    }
    steps.is_some().then_some(phases)
}

fn step(
    checked: &Checked<'_>,
    (timeout_secs, retry): (Option<u64>, Option<Retry>),
) -> Option<(usize, Step)> {
    let raw = checked.raw;
    let step = Step {
        id: StepId(raw.id.clone()?),
        title: raw.title.clone()?,
        action: checked.action.clone()?,
        needs: raw.needs.iter().map(|(id, _)| StepId::from(id.as_str())).collect(),
        timeout_secs: timeout_secs?,
        retry: retry?,
        applies: checked.applies?,
    };
    Some((raw.phase, step))
}

fn timeout(reader: &mut Reader, scope: &Scope<'_>, raw: &RawStep<'_>, step: usize) -> Option<u64> {
    let node = scope.fill(reader, raw.timeout?, step);
    reader.duration_secs(&node)
}

fn retry(reader: &mut Reader, scope: &Scope<'_>, raw: &RawStep<'_>, step: usize) -> Option<Retry> {
    let usual = Retry::default();
    let Some(node) = raw.retry else {
        return Some(usual);
    };
    let node = scope.fill(reader, node, step);
    let mut fields = reader.fields(&node)?;
    let attempts = match fields.required(reader, "attempts") {
        Some(node) => reader.number(node, 1, MAX_ATTEMPTS),
        None => None,
    };
    let mut wait = |key, usual| match fields.optional(key) {
        Some(node) => reader.duration_secs(node),
        None => Some(usual),
    };
    let first = wait("first_wait", usual.first_wait_secs);
    let longest = wait("longest_wait", usual.longest_wait_secs);
    let place = fields.place("first_wait");
    fields.finish(reader);
    let (first, longest) = (first?, longest?);
    if first > longest {
        reader.report(codes::RETRY_WAITS, place, Vec::new());
        return None;
    }
    Some(Retry {
        attempts: u32::try_from(attempts?).ok()?,
        first_wait_secs: first,
        longest_wait_secs: longest,
    })
}
