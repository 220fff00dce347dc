//! Rules between steps, one file per family. They see every step's action with its references
//! filled in, and the order in which steps surely end.

mod archives;
mod databases;
mod fences;
mod imports;

use super::graph::Order;
use super::outline::RawStep;
use super::{Purpose, StepAction};
use crate::diag::Span;
use crate::yaml::{Node, Reader};

/// A step as the rules see it.
#[derive(Debug)]
pub(super) struct Checked<'n> {
    pub(super) raw: &'n RawStep<'n>,
    /// `with` with its references filled in.
    pub(super) with: Option<Node>,
    /// `None` where it could not be read.
    pub(super) action: Option<StepAction>,
    /// `None` where `when` could not be read.
    pub(super) applies: Option<bool>,
}

impl Checked<'_> {
    fn id(&self) -> &str {
        self.raw.id.as_deref().unwrap_or_default()
    }

    /// The place of a parameter, otherwise of the step.
    fn place(&self, key: &str) -> Span {
        let value = self.with.as_ref().and_then(|with| with.get(key));
        value.map_or_else(|| self.raw.span.clone(), |node| node.span.clone())
    }
}

/// The steps that take part, with their order.
struct Steps<'c> {
    all: &'c [Checked<'c>],
    order: &'c Order,
    /// Every step and the order could be read: only then is something surely missing.
    is_whole: bool,
}

impl<'c> Steps<'c> {
    /// Number, step and action of every step that is not left out by `when`.
    fn acting(&self) -> impl Iterator<Item = (usize, &'c Checked<'c>, &'c StepAction)> + use<'c> {
        self.all
            .iter()
            .enumerate()
            .filter(|(_, step)| step.applies != Some(false))
            .filter_map(|(index, step)| Some((index, step, step.action.as_ref()?)))
    }

    /// True where an acting step that ended before `step` is as `wanted`.
    fn earlier(&self, step: usize, wanted: impl Fn(usize, &StepAction) -> bool) -> bool {
        self.acting()
            .any(|(other, _, action)| self.order.ended_before(step, other) && wanted(other, action))
    }

    /// The number of the acting step that writes `archive` before `step`.
    fn writer(&self, step: usize, archive: &str) -> Option<(usize, &'c StepAction)> {
        self.acting()
            .find(|(other, _, action)| {
                self.order.ended_before(step, *other) && written(action) == Some(archive)
            })
            .map(|(other, _, action)| (other, action))
    }

    /// Number, step, archive and purpose of every import.
    fn imports(
        &self,
    ) -> impl Iterator<Item = (usize, &'c Checked<'c>, &'c str, Purpose)> + use<'c> {
        self.acting().filter_map(|(index, step, action)| match action {
            StepAction::PortalImport { archive, purpose } => {
                Some((index, step, archive.as_str(), *purpose))
            }
            _ => None,
        })
    }
}

/// The archive that an action writes.
fn written(action: &StepAction) -> Option<&str> {
    match action {
        StepAction::Dump { archive, .. } | StepAction::PortalExport { archive, .. } => {
            Some(archive)
        }
        _ => None,
    }
}

/// The archives that an action reads, with the parameter's name.
fn read(action: &StepAction) -> Vec<(&'static str, &str)> {
    match action {
        StepAction::VerifyArchive { archive } | StepAction::PortalImport { archive, .. } => {
            vec![("archive", archive)]
        }
        StepAction::CompareArchives { expected, actual } => {
            vec![("expected", expected), ("actual", actual)]
        }
        _ => Vec::new(),
    }
}

/// Checks every rule.
pub(super) fn all(
    reader: &mut Reader,
    steps: &[Checked<'_>],
    order: &Order,
    clinic: Option<&Node>,
) {
    let is_whole = !order.is_broken
        && steps.iter().all(|step| step.action.is_some() && step.applies.is_some());
    let steps = Steps { all: steps, order, is_whole };
    archives::check(reader, &steps);
    imports::check(reader, &steps);
    fences::check(reader, &steps);
    let source = clinic.and_then(|clinic| clinic.get("source")?.get("database")?.text());
    databases::check(reader, &steps, source);
}
