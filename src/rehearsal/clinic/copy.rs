//! Writes the tables as `COPY` data, to the server or only to be counted.

use std::io::{self, Write};

use super::field::{Field, Row, Stock};
use super::random::Random;
use super::schema::{Rows, Table};

/// How much is gathered before it is written: a pipe's capacity and more.
const BUFFER: usize = 256 * 1024;
/// Rows of each growing table that are written to learn how long they are.
const SAMPLE_ROWS: u64 = 200;

/// How large the clinic is to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) patients: u64,
    /// Growing tables have this many times their rows.
    pub(super) growth: u64,
    pub(super) seed: u64,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written {
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

/// Rows of a table, and how many follow each other for one patient.
fn counts(table: &Table, size: Size) -> (u64, u64) {
    let growth = if table.grows { size.growth } else { 1 };
    match table.rows {
        Rows::Fixed(rows) => (rows.saturating_mul(growth), 1),
        Rows::PerPatient(rows) => {
            let run = rows.saturating_mul(growth);
            (size.patients.saturating_mul(run), run)
        }
        Rows::EveryNthPatient(nth) => {
            ((size.patients / nth.max(1)).max(1).saturating_mul(growth), 1)
        }
    }
}

/// The growth that brings all tables to about `bytes`.
pub(super) fn growth_for(bytes: u64, tables: &[Table], stock: &Stock, size: Size) -> u64 {
    let mut fixed = 0_u64;
    let mut growing = 0_u64;
    for table in tables {
        let (rows, _) = counts(table, Size { growth: 1, ..size });
        let mut out = Vec::new();
        let sample = rows.min(SAMPLE_ROWS);
        let mut writer = RowWriter::new(table, stock, Size { growth: 1, ..size });
        for index in 0..sample {
            writer.write(&mut out, index);
        }
        let length = u64::try_from(out.len()).unwrap_or(u64::MAX);
        let all = length.saturating_mul(rows) / sample.max(1);
        // Blobs arrive as hexadecimal digits and are half as long in the table.
        let all = if table.name == "monblob" { all / 2 } else { all };
        let sum = if table.grows { &mut growing } else { &mut fixed };
        *sum = sum.saturating_add(all);
    }
    let wanted = bytes.saturating_sub(fixed);
    (wanted.saturating_add(growing / 2) / growing.max(1)).max(1)
}

/// Writes a table's statement, rows and end mark.
pub(super) fn copy(
    to: &mut impl Write,
    table: &Table,
    stock: &Stock,
    size: Size,
) -> io::Result<Written> {
    writeln!(to, "COPY {} FROM stdin;", table.name)?;
    let (rows, _) = counts(table, size);
    let mut writer = RowWriter::new(table, stock, size);
    let mut buffer = Vec::with_capacity(BUFFER.saturating_mul(2));
    let mut bytes = 0_u64;
    for index in 0..rows {
        writer.write(&mut buffer, index);
        if buffer.len() >= BUFFER || index.saturating_add(1) == rows {
            to.write_all(&buffer)?;
            bytes = bytes.saturating_add(u64::try_from(buffer.len()).unwrap_or(0));
            buffer.clear();
        }
    }
    to.write_all(b"\\.\n")?;
    Ok(Written { rows, bytes })
}

struct RowWriter<'a> {
    fields: Vec<Field>,
    has_patient: bool,
    run: u64,
    random: Random,
    stock: &'a Stock,
}

impl<'a> RowWriter<'a> {
    fn new(table: &Table, stock: &'a Stock, size: Size) -> Self {
        let mut fields: Vec<Field> =
            table.columns.iter().map(|column| Field::of(table, column)).collect();
        if table.name == "tbl_ptinf" {
            // The one place where a bad name stands.
            for (field, column) in fields.iter_mut().zip(&table.columns) {
                if column.name == "name" {
                    *field = Field::Name { master: true };
                }
            }
        }
        Self {
            fields,
            has_patient: table.columns.iter().any(|column| column.name == "ptid"),
            run: counts(table, size).1,
            random: Random::for_table(size.seed, &table.name),
            stock,
        }
    }

    fn write(&mut self, out: &mut Vec<u8>, index: u64) {
        let run = self.run.max(1);
        let number = index.saturating_add(1);
        let in_runs = self.has_patient && run > 1;
        let row = Row {
            index,
            patient: (index / run).saturating_add(1),
            serial: if in_runs { (index % run).saturating_add(1) } else { number },
        };
        for (position, field) in self.fields.iter().enumerate() {
            if position > 0 {
                out.push(b'\t');
            }
            field.write(out, row, self.stock, &mut self.random);
        }
        out.push(b'\n');
    }
}
