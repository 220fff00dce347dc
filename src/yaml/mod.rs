//! YAML that people write, read with the place of every piece.
//!
//! A file becomes a small tree of [`Node`]s that still shows duplicate keys and byte spans;
//! [`Reader`] then takes typed values out of it and turns everything that is wrong into a
//! finding, not only the first thing. A leaf: it knows neither playbooks nor calendars.

mod codes;
mod node;
mod parse;
mod reader;
mod scalars;
mod secrets;
mod suggest;

pub(crate) use codes::{Codes, file_codes};
pub(crate) use node::{Entry, Node, Value};
pub(crate) use parse::parse;
pub(crate) use reader::{Fields, Reader};
pub(crate) use secrets::is_private_key;
pub(crate) use suggest::closest;
