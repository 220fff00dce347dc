//! Databases beside the clinic's: under a name of their own, one at a time, and put in its place
//! only where nothing can be lost by it.

use super::{Checked, Purpose, StepAction, Steps};
use crate::playbook::{DumpStrategy, FenceMode, codes};
use crate::yaml::{Reader, closest};

/// `source` is the name of the clinic's own database.
pub(super) fn check(reader: &mut Reader, steps: &Steps<'_>, source: Option<&str>) {
    for (index, step, action) in steps.acting() {
        match action {
            StepAction::Dump { strategy: DumpStrategy::Database { database }, .. } => {
                if database.is_some() && database.as_deref() == source {
                    let args = vec![("value", database.clone().unwrap_or_default())];
                    reader.report(codes::DATABASE_SAME, step.place("database"), args);
                }
                beside(reader, steps, index, step);
            }
            StepAction::SwapDatabase { dump } => {
                once(reader, steps, index, step);
                if steps.is_whole {
                    swap(reader, steps, index, step, dump.as_str());
                }
            }
            _ => {}
        }
    }
}

fn makes_database(action: &StepAction) -> bool {
    matches!(action, StepAction::Dump { strategy: DumpStrategy::Database { .. }, .. })
}

/// Two databases at a time need twice the space, which nobody has looked for.
fn beside(reader: &mut Reader, steps: &Steps<'_>, index: usize, step: &Checked<'_>) {
    let other = steps.acting().find(|(other, _, action)| {
        *other < index
            && makes_database(action)
            && !steps.order.ended_before(index, *other)
            && !steps.order.ended_before(*other, index)
    });
    if let Some((_, other, _)) = other {
        let args = vec![("id", step.id().to_owned()), ("other", other.id().to_owned())];
        reader.report(codes::DATABASE_BESIDE, step.raw.span.clone(), args);
    }
}

fn once(reader: &mut Reader, steps: &Steps<'_>, index: usize, step: &Checked<'_>) {
    let mut swaps =
        steps.acting().filter(|(.., action)| matches!(action, StepAction::SwapDatabase { .. }));
    if let Some((first, other, _)) = swaps.next()
        && first != index
    {
        let args = vec![("id", other.id().to_owned())];
        reader.report(codes::SWAP_TWICE, step.raw.span.clone(), args);
    }
}

fn swap(reader: &mut Reader, steps: &Steps<'_>, index: usize, step: &Checked<'_>, dump: &str) {
    let dumps = || {
        steps
            .acting()
            .filter(|(other, _, action)| {
                makes_database(action) && steps.order.ended_before(index, *other)
            })
            .map(|(_, other, _)| other.id())
    };
    if !dumps().any(|id| id == dump) {
        let guess = closest(dump, dumps()).unwrap_or("none").to_owned();
        let args = vec![("id", dump.to_owned()), ("guess", guess)];
        reader.report(codes::SWAP_WITHOUT_DATABASE, step.place("dump"), args);
        return;
    }
    let closed = steps.earlier(index, |_, action| {
        matches!(action, StepAction::Fence { mode: FenceMode::Closed })
    });
    let runs_on = steps.acting().any(|(other, _, action)| {
        matches!(action, StepAction::ServiceStop {}) && !steps.order.ended_before(index, other)
    });
    if !closed || runs_on {
        reader.report(codes::SWAP_OPEN, step.raw.span.clone(), Vec::new());
    }
    let fresh = steps.earlier(
        index,
        |_, action| matches!(action, StepAction::StaleCheck { dump: of } if of.as_str() == dump),
    );
    if !fresh {
        let args = vec![("dump", dump.to_owned())];
        reader.report(codes::SWAP_STALE, step.raw.span.clone(), args);
    }
    let import = steps.imports().find(|(import, .., purpose)| {
        *purpose == Purpose::Production && !steps.order.ended_before(*import, index)
    });
    if let Some((_, import, ..)) = import {
        let args = vec![("id", import.id().to_owned())];
        reader.report(codes::SWAP_AFTER_IMPORT, step.raw.span.clone(), args);
    }
}
