//! Reads maintenance announcements that a person pasted: what was understood, and what was not.
//!
//! Pure: no clock, no files. Nothing is guessed silently. What contradicts itself or is left
//! open is an error with the words it came from; what is read by a convention is a note.
//!
//! ```text
//! text -> normalise -> segment -> lex -> walk (dates, times) -> place -> finish -> Notice
//! ```

mod bare;
mod clock_time;
mod code;
mod contact;
mod date;
mod dates;
mod era;
mod event;
mod finish;
mod label;
mod lex;
mod markup;
mod minutes;
mod model;
mod moved;
mod near;
mod neighbours;
mod normalise;
mod parse;
mod place;
mod reader;
mod recurring;
mod resolve;
mod restate;
mod rule;
mod scan;
mod segment;
mod status;
mod times;
mod title;
mod token;
mod topic;
mod waiting;
mod walk;
mod weekday;
mod words;
mod zone;

#[cfg(test)]
mod fixture_tests;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod notice_tests;

pub use model::{Notice, NoticeFinding, NoticeWindow, Recurring, Status};
pub use parse::parse;
pub use rule::Rule;
