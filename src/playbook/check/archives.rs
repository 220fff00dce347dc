//! Archives: written once, read only after they were written, and named as files.

use super::{Checked, StepAction, Steps, read, written};
use crate::playbook::codes;
use crate::yaml::{Reader, closest};

/// Longest file name of an archive; file systems allow 255 bytes and `.part` is added.
const MAX_NAME: usize = 100;

pub(super) fn check(reader: &mut Reader, steps: &Steps<'_>) {
    for (index, step, action) in steps.acting() {
        if let Some(archive) = written(action) {
            name(reader, step, archive);
            twice(reader, steps, index, step, archive);
        }
        for (key, archive) in read(action) {
            unwritten(reader, steps, index, step, (key, archive));
        }
        if let StepAction::CompareArchives { expected, actual } = action
            && expected == actual
        {
            let args = vec![("archive", actual.clone())];
            reader.report(codes::COMPARE_SAME, step.place("actual"), args);
        }
    }
}

/// A plain file name: it lies in the working folder and nowhere else.
fn name(reader: &mut Reader, step: &Checked<'_>, archive: &str) {
    let good = archive.len() <= MAX_NAME
        && archive.starts_with(|first: char| first.is_ascii_alphanumeric())
        && archive.ends_with(".dump")
        && archive.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
    if !good {
        let args = vec![("value", archive.to_owned())];
        reader.report(codes::ARCHIVE_NAME, step.place("archive"), args);
    }
}

fn twice(reader: &mut Reader, steps: &Steps<'_>, index: usize, step: &Checked<'_>, archive: &str) {
    let first = steps.acting().find(|(_, _, action)| written(action) == Some(archive));
    if let Some((first, other, _)) = first
        && first < index
    {
        let args = vec![("archive", archive.to_owned()), ("id", other.id().to_owned())];
        reader.report(codes::ARCHIVE_TWICE, step.place("archive"), args);
    }
}

fn unwritten(
    reader: &mut Reader,
    steps: &Steps<'_>,
    index: usize,
    step: &Checked<'_>,
    (key, archive): (&'static str, &str),
) {
    if !steps.is_whole || steps.writer(index, archive).is_some() {
        return;
    }
    let before = steps
        .acting()
        .filter(|(other, ..)| steps.order.ended_before(index, *other))
        .filter_map(|(_, _, action)| written(action));
    // A name that is written, but elsewhere, is no slip of the finger.
    let elsewhere = steps.acting().any(|(_, _, action)| written(action) == Some(archive));
    let guess = if elsewhere { None } else { closest(archive, before) };
    let args = vec![("archive", archive.to_owned()), ("guess", guess.unwrap_or("none").to_owned())];
    reader.report(codes::ARCHIVE_UNWRITTEN, step.place(key), args);
}
