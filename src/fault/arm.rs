//! Whether faults are set in this process. They are set once, for a rehearsal, or never.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

use super::rule::{self, Rule, Rules};
use crate::clock::Clock;
use crate::diag::{Explain, Fact, Kind};

/// The variable that sets faults.
pub const VARIABLE: &str = "ORCA_CUTOVER_FAULT";

/// Why faults are not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// They are asked for, and this is no rehearsal.
    #[error("{VARIABLE} is set for a clinic without a rehearsal's clock")]
    Real,
    /// What is asked for cannot be read.
    #[error("{VARIABLE}: `{part}` is no fault")]
    Unreadable {
        /// The part.
        part: String,
    },
}

impl Explain for FaultError {
    fn code(&self) -> &'static str {
        match self {
            Self::Real => "fault-real",
            Self::Unreadable { .. } => "fault-unreadable",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::Real => vec![Fact::open("variable", VARIABLE)],
            Self::Unreadable { part } => {
                vec![Fact::open("variable", VARIABLE), Fact::local("part", part)]
            }
        }
    }
}

/// The faults of this process, with how often each place was come by.
pub(super) struct Armed {
    pub(super) rules: Vec<(Rule, AtomicU64)>,
    pub(super) record: Option<std::path::PathBuf>,
}

static ARMED: OnceLock<Armed> = OnceLock::new();

pub(super) fn armed() -> Option<&'static Armed> {
    ARMED.get()
}

/// True where faults are set.
pub fn is_armed() -> bool {
    armed().is_some()
}

/// Sets the faults that the environment asks for. Gives what it says, for people to see; `None`
/// where it says nothing, or they are set already.
///
/// # Errors
/// Where they are asked for and `clock` is a real one, or cannot be read. Nothing is set then.
pub fn arm(clock: &Clock) -> Result<Option<String>, FaultError> {
    let Ok(text) = std::env::var(VARIABLE) else {
        return match std::env::var_os(VARIABLE) {
            None => Ok(None),
            Some(_) => Err(FaultError::Unreadable { part: "?".to_owned() }),
        };
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    if !clock.is_rehearsal() {
        return Err(FaultError::Real);
    }
    let Rules { rules, record } =
        rule::parse(&text).map_err(|part| FaultError::Unreadable { part })?;
    // A second clinic file of one process finds them set.
    let set = ARMED.set(Armed {
        rules: rules.into_iter().map(|rule| (rule, AtomicU64::new(0))).collect(),
        record,
    });
    Ok(set.is_ok().then_some(text))
}

/// The last door before a run: whatever armed the process, a real clinic's run has no faults.
///
/// # Errors
/// Where faults are set and `clock` is a real one.
pub fn refuse_real(clock: &Clock) -> Result<(), FaultError> {
    if is_armed() && !clock.is_rehearsal() { Err(FaultError::Real) } else { Ok(()) }
}
