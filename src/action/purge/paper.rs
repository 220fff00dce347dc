//! The paper that a purge leaves: what was erased, how that was proved, what stays and why. The
//! guideline asks for it wherever personal data was used in maintenance work.

use std::fmt::Write;
use std::path::PathBuf;

use super::found::{DatabaseFate, Fate, Purge};
use crate::action::WorkDir;
use crate::clock::Clock;
use crate::diag::{Fact, Kind, Problem};
use crate::disk;
use crate::i18n::Lang;
use crate::ids::show_bytes;
use crate::playbook::Clinic;
use crate::t;

/// Writes the paper in both languages; gives its file.
pub(super) fn write(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
    purge: &Purge,
) -> Result<PathBuf, Problem> {
    let name = format!("purge-{}.md", purge.at.format("%Y%m%d-%H%M%S%3f"));
    let path = work.report(&name);
    let text = [Lang::Ja, Lang::En].map(|lang| page(clinic, clock, purge, lang)).join("\n");
    disk::write_private(&path, text.as_bytes()).map_err(|error| {
        Problem::new("run-file-unwritable", Kind::Environment)
            .with(Fact::local("path", path.display()))
            .with(Fact::local("reason", error))
    })?;
    Ok(path)
}

fn page(clinic: &Clinic, clock: &Clock, purge: &Purge, lang: Lang) -> String {
    let mut page = format!("# {}\n\n", t!(lang, "purge-paper-title", clinic = clinic.name));
    let mut item = |id: &str, value: String| {
        let _ = writeln!(page, "- {}: {value}", t!(lang, id));
    };
    item("purge-paper-clinic", clinic.clinic_id.clone());
    item("purge-paper-at", clock.show(&purge.at));
    item("purge-paper-by", format!("{} ({})", purge.by, crate::action::host_name()));
    if let Some(reason) = &purge.reason {
        item("purge-paper-reason", reason.clone());
    }
    item("purge-paper-proof", t!(lang, "purge-paper-how"));
    page.push('\n');
    for line in lines(purge, clock, lang) {
        let _ = writeln!(page, "- {line}");
    }
    page
}

/// One line for each file and database.
pub(super) fn lines(purge: &Purge, clock: &Clock, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    let sized = |bytes: Option<u64>| bytes.map_or_else(|| t!(lang, "purge-not-there"), show_bytes);
    for file in &purge.files {
        let run = file.run.as_str().to_owned();
        let fate = fate(&file.fate, clock, lang);
        lines.push(format!(
            "{fate}: {} ({}, {})",
            file.path.display(),
            sized(file.bytes),
            t!(lang, "purge-of-run", run = run)
        ));
    }
    for file in &purge.unregistered {
        let kind = if file.part { "purge-part" } else { "purge-unregistered" };
        lines.push(format!(
            "{}: {} ({}, {})",
            fate(&file.fate, clock, lang),
            file.path.display(),
            show_bytes(file.bytes),
            t!(lang, kind)
        ));
    }
    for database in &purge.databases {
        let run = database.run.as_str().to_owned();
        let (name, oid) = (database.database.clone(), database.oid);
        lines.push(format!(
            "{}: {} ({})",
            database_fate(&database.fate, lang),
            t!(lang, "purge-database", name = name, oid = oid),
            t!(lang, "purge-of-run", run = run)
        ));
    }
    lines
}

fn fate(fate: &Fate, clock: &Clock, lang: Lang) -> String {
    match fate {
        Fate::Due => t!(lang, "purge-due"),
        Fate::Removed => t!(lang, "purge-removed"),
        Fate::Kept { until } => t!(lang, "purge-kept", until = clock.show(until)),
        Fate::RunOpen => t!(lang, "purge-run-open"),
        Fate::Busy => t!(lang, "purge-busy"),
        Fate::NeedsPerson => t!(lang, "purge-needs-person"),
        Fate::Failed { problem } => problem.message(lang),
    }
}

fn database_fate(fate: &DatabaseFate, lang: Lang) -> String {
    match fate {
        DatabaseFate::InUse => t!(lang, "purge-database-in-use"),
        DatabaseFate::RunOpen => t!(lang, "purge-run-open"),
        DatabaseFate::NotNeeded => t!(lang, "purge-database-not-needed"),
        DatabaseFate::Dropped => t!(lang, "purge-database-dropped"),
        DatabaseFate::Gone => t!(lang, "purge-not-there"),
        DatabaseFate::Failed { problem } => problem.message(lang),
    }
}

impl Purge {
    /// The same lines for a terminal.
    pub fn lines(&self, clock: &Clock, lang: Lang) -> Vec<String> {
        lines(self, clock, lang)
    }
}
