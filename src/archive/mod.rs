//! The `pg_dump -Fc` archive: looked at, read in full, converted to UTF-8, compared.
//!
//! Own reader and writer, because every length must be bounded and Japanese names must survive.
//! Nothing here starts a process or speaks to a server; what is read may be hostile.

mod columns;
mod compare;
mod convert;
mod convert_rows;
mod digest;
mod error;
mod finding;
mod header;
mod inflate;
mod input;
mod inspect;
mod limits;
mod output;
mod reader;
mod rows;
mod toc;
mod verify;
mod writer;

pub use compare::{CompareProfile, CompareReport, TableComparison, Verdict, compare};
pub use convert::{ConvertOptions, ConvertReport, TableRows, convert};
pub use digest::TargetText;
pub use error::{ArchiveError, OtherFormat};
pub use finding::{Found, TextFinding};
pub use header::Version;
pub use inspect::{ArchiveInfo, TableInfo, inspect};
pub use verify::{TableDigest, VerifyReport, verify};

#[cfg(test)]
pub(crate) mod test_server;
#[cfg(test)]
mod tests;
