//! The plan as a workbook for project offices: one table a sheet, times as times, A4.
//!
//! Text from files is only ever written as text: no cell is a formula or a link.

mod cells;
mod more;
mod plan;
mod sheet;

pub use plan::plan;

/// Why a workbook could not be made: a table beyond what the form holds.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SheetError(#[from] rust_xlsxwriter::XlsxError);

#[cfg(test)]
mod tests;
