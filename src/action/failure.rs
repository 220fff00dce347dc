//! How a step fails.

use crate::diag::{Explain, Problem, Redacted};
use crate::playbook::Outputs;

/// Whether an effect of a failed attempt may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Nothing stands, or what stands is known and harmless to repeat.
    Known,
    /// It is not known whether the change took place.
    InDoubt,
}

/// A failed attempt.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Why.
    pub problem: Problem,
    /// Whether an effect may stand.
    pub certainty: Certainty,
    /// The management site's import log, redacted.
    pub import_log: Option<Redacted>,
}

impl Failure {
    /// A failure whose effect is not known.
    pub fn in_doubt(problem: impl Into<Problem>) -> Self {
        Self { problem: problem.into(), certainty: Certainty::InDoubt, import_log: None }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem, certainty: Certainty::Known, import_log: None }
    }
}

impl<E: Explain> From<E> for Failure {
    fn from(error: E) -> Self {
        Problem::from(error).into()
    }
}

/// What looking found out about an attempt in doubt.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It took effect; the proof in words, and its outputs.
    Done(String, Outputs),
    /// It surely did not take effect; the proof in words.
    NotDone(String),
    /// A person must find out.
    Unknown,
}
