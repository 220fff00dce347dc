//! A table's content on its way through the row scanner to whoever wants its rows.

use super::ArchiveError;
use super::crew::Take;
use super::reader::Table;
use super::rows::{RowScanner, RowSink, Shape};
use crate::progress::Progress;

/// Scans rows for `sink`; `done` gets it back with the number of rows.
pub(super) struct Scanned<'a, S, F> {
    scanner: RowScanner<'a>,
    sink: S,
    progress: &'a Progress,
    done: F,
}

impl<'a, S: RowSink, F: FnOnce(S, u64)> Scanned<'a, S, F> {
    pub(super) fn new(
        table: &'a Table,
        sink: S,
        progress: &'a Progress,
        done: F,
    ) -> Result<Self, ArchiveError> {
        let (schema, name) = (&table.schema, &table.name);
        let Some(columns) = &table.columns else {
            return Err(ArchiveError::NotCopyData { schema: schema.clone(), table: name.clone() });
        };
        let shape = Shape { schema, table: name, columns: columns.len() };
        Ok(Self { scanner: RowScanner::new(shape), sink, progress, done })
    }
}

impl<S: RowSink, F: FnOnce(S, u64)> Take for Scanned<'_, S, F> {
    fn take(&mut self, bytes: &[u8], offset: u64) -> Result<(), ArchiveError> {
        let before = self.scanner.rows();
        self.scanner.feed(bytes, offset, &mut self.sink)?;
        self.progress.add_rows(self.scanner.rows().saturating_sub(before));
        Ok(())
    }

    fn finish(self: Box<Self>, offset: u64) -> Result<(), ArchiveError> {
        let Self { scanner, sink, done, .. } = *self;
        let rows = scanner.finish(offset)?;
        done(sink, rows);
        Ok(())
    }
}
