//! What must have happened before and after the cloud's data is overwritten.

use super::{Checked, Purpose, StepAction, Steps, written};
use crate::playbook::codes;
use crate::yaml::Reader;

pub(super) fn check(reader: &mut Reader, steps: &Steps<'_>) {
    for (index, step, archive, purpose) in steps.imports() {
        once(reader, steps, index, step, purpose);
        not_retried(reader, step);
        if !steps.is_whole {
            continue;
        }
        alone(reader, steps, index, step);
        let verified = steps.earlier(index, |_, action| {
            matches!(action, StepAction::VerifyArchive { archive: read } if read == archive)
        });
        if !verified {
            let args = vec![("archive", archive.to_owned())];
            reader.report(codes::IMPORT_UNVERIFIED, step.place("archive"), args);
        }
        window_checked(reader, steps, index, step, purpose);
        exported(reader, steps, index, step);
        proved(reader, steps, index, step, archive);
        other_archive(reader, steps, step, archive, purpose);
    }
}

fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Test => "test",
        Purpose::Production => "production",
    }
}

/// One import for each purpose.
fn once(
    reader: &mut Reader,
    steps: &Steps<'_>,
    index: usize,
    step: &Checked<'_>,
    purpose: Purpose,
) {
    let first = steps.imports().find(|(.., of)| *of == purpose);
    if let Some((first, other, ..)) = first
        && first != index
    {
        let args = vec![("purpose", word(purpose).to_owned()), ("id", other.id().to_owned())];
        reader.report(codes::IMPORT_TWICE, step.place("purpose"), args);
    }
}

/// An import whose end is not known must not be sent again by a program.
fn not_retried(reader: &mut Reader, step: &Checked<'_>) {
    let attempts = step.raw.retry.and_then(|retry| retry.get("attempts"));
    if let Some(attempts) = attempts
        && attempts.text() != Some("1")
    {
        reader.report(codes::IMPORT_RETRIED, attempts.span.clone(), Vec::new());
    }
}

/// Nothing runs beside an import: every other step of its phase ends before it or waits for it.
fn alone(reader: &mut Reader, steps: &Steps<'_>, index: usize, step: &Checked<'_>) {
    let beside = steps.acting().find(|(other, check, _)| {
        *other != index
            && check.raw.phase == step.raw.phase
            && !steps.order.ended_before(index, *other)
            && !steps.order.ended_before(*other, index)
    });
    if let Some((_, other, _)) = beside {
        let args = vec![("id", step.id().to_owned()), ("other", other.id().to_owned())];
        reader.report(codes::IMPORT_NOT_ALONE, step.raw.span.clone(), args);
    }
}

/// The window was checked since the last wait: a check days before says nothing about tonight.
fn window_checked(
    reader: &mut Reader,
    steps: &Steps<'_>,
    index: usize,
    step: &Checked<'_>,
    purpose: Purpose,
) {
    let checked = steps.earlier(index, |check, action| {
        matches!(action, StepAction::WindowCheck { purpose: of } if *of == purpose)
            && !steps.earlier(index, |wait, action| {
                matches!(action, StepAction::Wait { .. }) && !steps.order.ended_before(check, wait)
            })
    });
    if !checked {
        let args = vec![("purpose", word(purpose).to_owned())];
        reader.report(codes::IMPORT_WITHOUT_WINDOW, step.raw.span.clone(), args);
    }
}

/// What the import overwrites was exported before, and after any earlier import.
fn exported(reader: &mut Reader, steps: &Steps<'_>, index: usize, step: &Checked<'_>) {
    let fresh = steps.earlier(index, |export, action| {
        matches!(action, StepAction::PortalExport { .. })
            && !steps.imports().any(|(other, ..)| {
                other != index
                    && steps.order.ended_before(index, other)
                    && !steps.order.ended_before(export, other)
            })
    });
    if !fresh {
        reader.report(codes::IMPORT_WITHOUT_EXPORT, step.raw.span.clone(), Vec::new());
    }
}

/// The tenant is exported again afterwards and compared with what was sent.
fn proved(reader: &mut Reader, steps: &Steps<'_>, index: usize, step: &Checked<'_>, archive: &str) {
    let is_export_after = |name: &str| {
        steps.acting().any(|(export, _, action)| {
            matches!(action, StepAction::PortalExport { .. })
                && written(action) == Some(name)
                && steps.order.ended_before(export, index)
        })
    };
    let proved = steps.acting().any(|(_, _, action)| {
        matches!(action, StepAction::CompareArchives { expected, actual }
            if expected == archive && is_export_after(actual))
    });
    if !proved {
        let args = vec![("archive", archive.to_owned())];
        reader.report(codes::IMPORT_UNPROVED, step.raw.span.clone(), args);
    }
}

/// The production import sends a dump of its own: the test's dump is a week old.
fn other_archive(
    reader: &mut Reader,
    steps: &Steps<'_>,
    step: &Checked<'_>,
    archive: &str,
    purpose: Purpose,
) {
    let of_test = steps.imports().any(|(_, _, other, of)| of == Purpose::Test && other == archive);
    if purpose == Purpose::Production && of_test {
        let args = vec![("archive", archive.to_owned())];
        reader.report(codes::IMPORT_TEST_ARCHIVE, step.place("archive"), args);
    }
}
