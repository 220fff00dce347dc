//! What people read of a plan and of a run: terminal, HTML, Markdown, sheets,
//! calendar entries and JSON. Pure.
//!
//! A [`Plan`](crate::plan::Plan) and the journal's records go in, text comes out. One
//! [`RunView`] feeds every renderer, so that terminal, paper and `--json` cannot disagree.
//! Nothing here reads a clock, a file or the environment, and nothing decides anything.

mod calendar;
mod content;
pub mod evidence;
pub mod html;
pub mod ical;
pub mod markdown;
mod outputs;
pub mod scan;
mod standing;
pub mod terminal;
mod view;
mod words;
pub mod xlsx;

#[cfg(test)]
mod sample;

pub use calendar::{CalendarView, SlotsView, SourceView};
pub use standing::{MailStanding, PlanStanding, Standing, WorkStanding};
pub use view::{
    Attempted, ChainView, DecisionView, FileView, Incident, IncidentKind, MailView, NextAction,
    PhaseView, ProofView, RunView, Settlement, StepView,
};

#[cfg(test)]
mod tests;
