//! The one struct that every renderer of a run reads.

mod build;
mod incidents;
mod mails;
mod model;
mod next;

pub use model::{
    Attempted, ChainView, DecisionView, FileView, Incident, IncidentKind, MailView, NextAction,
    PhaseView, ProofView, RunView, Settlement, StepView,
};
