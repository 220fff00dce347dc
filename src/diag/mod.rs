//! The one language of errors, and the one place for redaction.
//!
//! Every room has an error enum of its own (`thiserror`, facts as fields) that implements
//! [`Explain`]. At a room's border it becomes a [`Problem`]: a code, a kind, facts, and at most
//! some redacted text. A problem can be journalled, mailed and shown in either language; its
//! message and hint are the Fluent texts `<code>` and `<code>.hint`.

mod kind;
mod problem;
pub mod redact;
mod source_text;

pub use kind::Kind;
pub use problem::{Explain, Fact, IMPORT_FAILED, Problem};
pub use redact::Redacted;
pub use source_text::{Finding, Findings, SourceText, Span};
