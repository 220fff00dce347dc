//! One sheet: a head that stays in sight, rows, widths, A4 landscape.

use rust_xlsxwriter::{Workbook, Worksheet};

use super::SheetError;
use super::cells::{Cell, Looks, fitting, time};
use crate::report::words::Words;

/// A4 by its number in the form.
const A4: u8 = 9;

/// A sheet that is being written from top to bottom.
pub(super) struct Sheet<'a> {
    sheet: &'a mut Worksheet,
    looks: &'a Looks,
    row: u32,
    columns: u16,
}

impl<'a> Sheet<'a> {
    /// A sheet with a head in its first row, and its columns' widths in characters.
    pub(super) fn new(
        book: &'a mut Workbook,
        looks: &'a Looks,
        w: Words,
        name: &str,
        columns: &[(&str, f64)],
    ) -> Result<Self, SheetError> {
        let sheet = book.add_worksheet();
        sheet.set_name(w.say(name))?;
        sheet.set_paper_size(A4);
        sheet.set_landscape();
        sheet.set_print_fit_to_pages(1, 0);
        sheet.set_margins(0.4, 0.4, 0.7, 0.6, 0.3, 0.3);
        sheet.set_footer("&L&A&R&P / &N");
        if w.rehearsal {
            sheet.set_header(format!("&C{}", w.say("report-rehearsal")));
        }
        let mut made = Sheet { sheet, looks, row: 0, columns: 0 };
        for (place, (head, width)) in columns.iter().enumerate() {
            let column = u16::try_from(place).unwrap_or(u16::MAX);
            made.sheet.set_column_width(column, *width)?;
            made.sheet.write_string_with_format(0, column, w.say(head), &looks.head)?;
            made.columns = column;
        }
        made.sheet.set_freeze_panes(1, 0)?;
        made.sheet.set_repeat_rows(0, 0)?;
        made.row = 1;
        Ok(made)
    }

    /// A row.
    pub(super) fn row(&mut self, cells: Vec<Cell>) -> Result<(), SheetError> {
        for (place, cell) in cells.into_iter().enumerate() {
            let column = u16::try_from(place).unwrap_or(u16::MAX);
            self.cell(column, cell)?;
        }
        self.row += 1;
        Ok(())
    }

    /// A row over all columns.
    pub(super) fn phase(&mut self, title: &str) -> Result<(), SheetError> {
        let (row, looks) = (self.row, self.looks);
        for column in 0..=self.columns {
            self.sheet.write_blank(row, column, &looks.phase)?;
        }
        self.sheet.write_string_with_format(row, 0, fitting(title), &looks.phase)?;
        self.row += 1;
        Ok(())
    }

    /// A heading within the sheet, with an empty row before it.
    pub(super) fn heading(&mut self, title: &str) -> Result<(), SheetError> {
        self.row += 1;
        let look = &self.looks.title;
        self.sheet.write_string_with_format(self.row, 0, fitting(title), look)?;
        self.row += 1;
        Ok(())
    }

    /// A second head within the sheet.
    pub(super) fn heads(&mut self, heads: &[String]) -> Result<(), SheetError> {
        for (place, head) in heads.iter().enumerate() {
            let column = u16::try_from(place).unwrap_or(u16::MAX);
            self.sheet.write_string_with_format(self.row, column, head, &self.looks.head)?;
        }
        self.row += 1;
        Ok(())
    }

    /// Rows that people sign or fill in are higher.
    pub(super) fn high_row(&mut self, cells: Vec<Cell>) -> Result<(), SheetError> {
        self.sheet.set_row_height(self.row, 34)?;
        self.row(cells)
    }

    fn cell(&mut self, column: u16, cell: Cell) -> Result<(), SheetError> {
        let (row, looks) = (self.row, self.looks);
        match cell {
            // Always written as strings: a leading `=` is a letter like any other.
            Cell::Text(text) => {
                self.sheet.write_string_with_format(row, column, fitting(&text), &looks.text)?
            }
            Cell::Code(text) => {
                self.sheet.write_string_with_format(row, column, fitting(&text), &looks.code)?
            }
            Cell::Time(at) => {
                self.sheet.write_datetime_with_format(row, column, time(&at)?, &looks.time)?
            }
            Cell::Duration(secs) => {
                let days = secs as f64 / 86_400.0;
                self.sheet.write_number_with_format(row, column, days, &looks.duration)?
            }
            Cell::Verdict(verdict, word) => {
                let look = looks.verdict(verdict);
                self.sheet.write_string_with_format(row, column, word, &look)?
            }
            Cell::Empty => self.sheet.write_blank(row, column, &looks.text)?,
        };
        Ok(())
    }
}
