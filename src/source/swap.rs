//! Two databases exchange their names, and get them back.
//!
//! Both names change in one transaction: there is no moment at which the clinic's name is missing
//! or leads to anything half done. Neither database is ever dropped or written to here.

use super::beside::oid;
use super::fence::{self, maintenance};
use super::psql::{identifier, query};
use super::{SourceConfig, SourceError};
use crate::fault::{self, Point};

/// The names of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// What the program connects to: `orca`.
    pub current: String,
    /// The name under which the old database is kept.
    pub kept: String,
    /// The name of the new database before the exchange.
    pub new: String,
}

/// What stands under the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The old database has its own name.
    Before,
    /// The new database has the old one's name, and the old one is kept.
    Swapped,
    /// Neither: somebody has renamed, made or dropped a database.
    Unclear,
}

/// The statements of the exchange, as a plan shows them and as they are run.
pub fn statements(names: &Names) -> [String; 2] {
    [renames(&names.current, &names.kept), renames(&names.new, &names.current)]
}

fn renames(from: &str, to: &str) -> String {
    format!("ALTER DATABASE {} RENAME TO {}", identifier(from), identifier(to))
}

/// Looks who has which name; `made` is the number of the new database.
///
/// # Errors
/// When the server refuses.
pub fn look(config: &SourceConfig, names: &Names, made: u32) -> Result<Found, SourceError> {
    let (current, kept) = (oid(config, &names.current)?, oid(config, &names.kept)?);
    let new = oid(config, &names.new)?;
    Ok(match (current, kept, new) {
        (Some(current), Some(_), None) if current == made => Found::Swapped,
        (Some(current), None, Some(new)) if current != made && new == made => Found::Before,
        _ => Found::Unclear,
    })
}

/// Puts the new database in the place of the old one. Both are closed to everyone, before and
/// after: opening is another step's.
///
/// # Errors
/// When sessions cannot be ended or the server refuses; nothing has changed its name then.
pub fn exchange(config: &SourceConfig, names: &Names) -> Result<(), SourceError> {
    fence::close(&config.in_database(&names.current))?;
    fence::close(&config.in_database(&names.new))?;
    fault::hit(Point::SwapClosed)?;
    in_one(config, &statements(names))?;
    Ok(fault::hit(Point::SwapRenamed)?)
}

/// Takes [`exchange`] back: the old database has its name again, the new one may be looked at
/// under its own.
///
/// # Errors
/// As [`exchange`].
pub fn exchange_back(config: &SourceConfig, names: &Names) -> Result<(), SourceError> {
    fence::close(&config.in_database(&names.current))?;
    let back = [renames(&names.current, &names.new), renames(&names.kept, &names.current)];
    fault::hit(Point::SwapBackClosed)?;
    in_one(config, &back)?;
    // The clinic's database has its name: what becomes of the copy must not keep it closed.
    let _ = release_copy(config, names);
    Ok(())
}

/// Lets people look at the new database under its own name; for the time when the old one has its
/// name back.
///
/// # Errors
/// When the server refuses.
pub fn release_copy(config: &SourceConfig, names: &Names) -> Result<(), SourceError> {
    fault::hit(Point::SwapBackRenamed)?;
    fence::open(&config.in_database(&names.new))
}

fn in_one(config: &SourceConfig, statements: &[String; 2]) -> Result<(), SourceError> {
    let [first, second] = statements;
    let sql =
        format!("SET default_transaction_read_only = off;\nBEGIN;\n{first};\n{second};\nCOMMIT;\n");
    query(&maintenance(config)?, &sql).map(|_| ())
}
