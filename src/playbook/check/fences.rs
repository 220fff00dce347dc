//! The source: closed to writers before the final dump, still reachable for it, and unchanged
//! since.

use super::{Checked, Purpose, StepAction, Steps};
use crate::playbook::{FenceMode, codes};
use crate::yaml::{Reader, closest};

pub(super) fn check(reader: &mut Reader, steps: &Steps<'_>) {
    for (index, step, action) in steps.acting() {
        match action {
            StepAction::SourceProbe { .. } | StepAction::Dump { .. } => {
                reachable(reader, steps, index, step);
            }
            StepAction::StaleCheck { dump } => {
                reachable(reader, steps, index, step);
                names_a_dump(reader, steps, index, step, dump.as_str());
            }
            _ => {}
        }
    }
    if steps.is_whole {
        for (index, step, archive, purpose) in steps.imports() {
            if purpose == Purpose::Production {
                final_dump(reader, steps, index, step, archive);
            }
        }
    }
}

/// A closed database refuses every connection, this program's too.
fn reachable(reader: &mut Reader, steps: &Steps<'_>, index: usize, step: &Checked<'_>) {
    let closed = steps.acting().find(|(other, _, action)| {
        steps.order.ended_before(index, *other)
            && matches!(action, StepAction::Fence { mode: FenceMode::Closed })
    });
    if let Some((_, fence, _)) = closed {
        let args = vec![("id", step.id().to_owned()), ("fence", fence.id().to_owned())];
        reader.report(codes::CLOSED_TOO_EARLY, step.raw.span.clone(), args);
    }
}

fn names_a_dump(
    reader: &mut Reader,
    steps: &Steps<'_>,
    index: usize,
    step: &Checked<'_>,
    dump: &str,
) {
    let dumps = || {
        steps
            .acting()
            .filter(|(_, _, action)| matches!(action, StepAction::Dump { .. }))
            .filter(|(other, ..)| steps.order.ended_before(index, *other))
            .map(|(_, other, _)| other.id())
    };
    if steps.is_whole && !dumps().any(|id| id == dump) {
        let guess = closest(dump, dumps()).unwrap_or("none").to_owned();
        let args = vec![("id", dump.to_owned()), ("guess", guess)];
        reader.report(codes::STALE_CHECK_DUMP, step.place("dump"), args);
    }
}

/// The dump of the production import is taken behind a fence, and nothing was written since.
fn final_dump(
    reader: &mut Reader,
    steps: &Steps<'_>,
    index: usize,
    step: &Checked<'_>,
    archive: &str,
) {
    // An archive of the management site, sent back, has no source.
    let Some((dump, StepAction::Dump { .. })) = steps.writer(index, archive) else { return };
    let fenced = steps.earlier(dump, |_, action| {
        matches!(action, StepAction::Fence { mode: FenceMode::ReadOnly })
    });
    let args = || vec![("archive", archive.to_owned())];
    if !fenced {
        let place = steps.all.get(dump).map_or(step.raw.span.clone(), |dump| dump.raw.span.clone());
        reader.report(codes::DUMP_UNFENCED, place, args());
    }
    let dump_id = steps.all.get(dump).map(Checked::id).unwrap_or_default();
    let fresh = steps.earlier(
        index,
        |_, action| matches!(action, StepAction::StaleCheck { dump } if dump.as_str() == dump_id),
    );
    if !fresh {
        reader.report(codes::IMPORT_STALE, step.place("archive"), args());
    }
}
