//! The client of the management site: it drives the site as a person reads it.
//!
//! Everything it knows of the site's words is in a [`Profile`]; where a page is not what the
//! profile says it stops before anything is clicked. It decides nothing about the cutover, keeps
//! no journal, and never repeats a change by itself.
//!
//! ```text
//! tls, pkcs12 -> http (one browser) -> html -> page, form -> contract -> session
//!                                                session -> probe | export | import (verdict)
//! ```

mod contract;
mod dumps;
mod error;
mod export;
pub(crate) mod form;
pub(crate) mod html;
mod http;
mod import;
pub(crate) mod names;
pub(crate) mod page;
mod pkcs12;
mod probe;
mod profile;
mod session;
mod target;
mod tls;
mod transfer;
mod verdict;

#[cfg(test)]
mod mutation_tests;
#[cfg(test)]
mod on_twin;
#[cfg(test)]
mod on_twin_trouble;
#[cfg(test)]
mod size_tests;

pub use dumps::DumpRow;
pub use error::PortalError;
pub use import::{Certainty, ImportDone, ImportFailure, PreparedImport};
pub use pkcs12::PasswordForm;
pub use probe::{CertificateReport, PageReport, PageVerdict, ProbeReport};
pub use profile::{PageKind, Profile};
pub use session::{PortalConfig, Session};
pub use transfer::Downloaded;
