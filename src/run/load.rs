//! Reads a playbook with the clinic file it is for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::action;
use crate::diag::{Fact, Findings, Kind, Problem, SourceText};
use crate::playbook::{self, CheckedPlaybook};

/// Why there is no checked playbook.
pub enum NotLoaded {
    /// A file cannot be read.
    Unreadable(Problem),
    /// What is wrong in the files, with its places.
    Wrong(Findings),
}

impl NotLoaded {
    /// The problem, for those who show no places.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Unreadable(problem) => problem.clone(),
            Self::Wrong(findings) => Problem::new("cli-findings", Kind::Input)
                .with(Fact::open("count", findings.0.len())),
        }
    }
}

/// Reads and checks both files; the clinic file's paths are made absolute.
///
/// # Errors
/// Where a file cannot be read or is wrong.
pub fn load_playbook(path: &Path, clinic: &Path) -> Result<Arc<CheckedPlaybook>, NotLoaded> {
    let text = |path: &Path| -> Result<SourceText, NotLoaded> {
        let text = action::read_text(path).map_err(NotLoaded::Unreadable)?;
        Ok(SourceText { name: path.display().to_string(), text: text.into() })
    };
    let mut checked = playbook::load(&text(path)?, &text(clinic)?).map_err(NotLoaded::Wrong)?;
    playbook::resolve_paths(&mut checked.clinic, &folder_of(clinic));
    Ok(Arc::new(checked))
}

/// The folder that a file lies in, absolute.
pub fn folder_of(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.parent().map(Path::to_owned).unwrap_or_default()
}
