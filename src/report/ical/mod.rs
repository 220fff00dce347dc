//! The plan's times as calendar entries (RFC 5545, 5546): to be published, and to be cancelled.
//!
//! The writer is our own: the library that reads calendars stamps alarms and zones with the
//! present moment and random ids, and the same plan must give the same bytes.

mod calendar;
mod events;
mod lines;

pub use calendar::{cancel, publish};

#[cfg(test)]
mod tests;
