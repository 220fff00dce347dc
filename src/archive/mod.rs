//! The `pg_dump -Fc` archive: looked at, read in full, converted to UTF-8, compared.
//!
//! Own reader and writer, because every length must be bounded and Japanese names must survive.
//! Nothing here starts a process or speaks to a server; what is read may be hostile.

mod as_utf8;
mod checked;
mod chunks;
mod columns;
mod compare;
mod compare_profile;
mod compress;
mod convert;
mod convert_rows;
mod copy_text;
mod crew;
mod decode;
mod definitions;
mod deflate;
mod differences;
mod digest;
mod edit;
mod equal;
mod equal_found;
mod error;
mod escape;
mod excerpt;
mod finding;
mod fit;
mod flusher;
mod header;
mod inflate;
mod input;
mod inspect;
mod json_keys;
mod judge;
mod keyed;
mod large_objects;
mod limits;
mod long_fit;
mod long_key;
mod long_row;
mod names;
mod needs;
mod needs_collations;
mod needs_function_names;
mod needs_functions;
mod needs_indexes;
mod needs_lists;
mod needs_publications;
mod needs_queries;
mod needs_types;
mod needs_words;
mod padding;
mod pass;
mod places;
mod read_through;
mod reader;
mod restate;
mod retarget;
mod row_text;
mod row_values;
mod rows;
mod scan;
mod scan_notes;
mod scan_report;
mod scan_spool;
mod scanned;
mod server;
mod sniff;
mod sql;
mod sql_words;
mod target;
mod toc;
mod toc_text;
mod types;
mod unique_keys;
mod values;
mod verify;
mod widths;
mod writer;

pub use compare::{
    CompareOptions, CompareReport, Compared, ObjectsComparison, TableComparison, Verdict, compare,
};
pub use compare_profile::CompareProfile;
pub use convert::{ConvertOptions, ConvertReport, TableRows, convert};
pub use differences::{RowDifference, RowDifferenceKind};
pub use error::{ArchiveError, Inside, OtherFormat, Packer};
pub use finding::{Found, TextFinding};
pub use header::{Compression, Version};
pub use inspect::{ArchiveInfo, LackedFeature, Restorable, TableInfo, inspect};
pub use read_through::{ReadThrough, read_through};
pub use retarget::{Rewrite, RewriteAction};
pub use scan::{Scan, ScanOptions, scan};
pub use scan_report::{CodeCount, ColumnEvidence, Place, PlaceCount, ScanFinding, ScanReport};
pub use scan_spool::Spool;
pub use server::{Release, ServerVersion};
pub use target::TargetText;
pub use verify::{TableDigest, VerifyReport, verify};

#[cfg(test)]
mod compare_tests;
#[cfg(test)]
mod damage_count_tests;
#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod definition_tests;
#[cfg(test)]
mod equal_tests;
#[cfg(test)]
mod fit_tests;
#[cfg(test)]
mod format_tests;
#[cfg(test)]
mod needs_tests;
#[cfg(test)]
mod proof_count_tests;
#[cfg(test)]
mod retarget_newer_tests;
#[cfg(test)]
mod retarget_tests;
#[cfg(test)]
mod scan_tests;
#[cfg(test)]
pub(crate) mod test_model;
#[cfg(test)]
pub(crate) mod test_server;
#[cfg(test)]
mod tests;
