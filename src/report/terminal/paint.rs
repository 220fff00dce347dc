//! Headings, colours and tables of the terminal.

use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, presets};

use crate::plan::Verdict;
use crate::report::view::Attempted;

/// Narrowest terminal that tables are laid out for; a narrower one wraps.
const NARROWEST: u16 = 60;

/// How to draw.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    pub(super) colour: bool,
    pub(super) width: u16,
}

impl Paint {
    pub(super) fn new(colour: bool, width: usize) -> Self {
        Self { colour, width: u16::try_from(width).unwrap_or(u16::MAX).max(NARROWEST) }
    }

    /// A heading with an empty line before it.
    pub(super) fn heading(self, text: &str) -> String {
        if self.colour { format!("\n\u{1b}[1m{text}\u{1b}[0m\n") } else { format!("\n{text}\n") }
    }

    /// A table with a line below its head. The columns `whole` are never wrapped: times.
    pub(super) fn table(self, heads: &[String], rows: Vec<Vec<Cell>>, whole: &[usize]) -> String {
        let mut table = self.empty(presets::UTF8_BORDERS_ONLY);
        table.set_header(heads.iter().map(Cell::new));
        table.add_rows(rows);
        for column in whole {
            if let Some(column) = table.column_mut(*column) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        format!("{}\n", trimmed(&table))
    }

    /// Labels and values, a pair a row.
    pub(super) fn pairs(self, pairs: &[(String, String)]) -> String {
        let mut table = self.empty(presets::NOTHING);
        table.add_rows(pairs.iter().map(|(label, value)| vec![Cell::new(label), Cell::new(value)]));
        format!("{}\n", trimmed(&table))
    }

    fn empty(self, preset: &str) -> Table {
        let mut table = Table::new();
        table.load_preset(preset);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(self.width);
        if self.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table
    }

    pub(super) fn verdict(self, verdict: Verdict, word: String) -> Cell {
        Cell::new(word).fg(match verdict {
            Verdict::Ok => Color::Green,
            Verdict::Later => Color::Blue,
            Verdict::Unknown => Color::Cyan,
            Verdict::Warn => Color::Yellow,
            Verdict::Block => Color::Red,
        })
    }

    /// A row that heads the rows of a phase: its title, and what stands in the other columns.
    pub(super) fn group(self, title: &str, others: &[&str]) -> Vec<Cell> {
        let cells = std::iter::once(title).chain(others.iter().copied());
        cells.map(|text| Cell::new(text).add_attribute(Attribute::Bold)).collect()
    }

    pub(super) fn state(self, state: Attempted, word: &str) -> Cell {
        let (symbol, colour) = match state {
            Attempted::Pending => ("·", Color::DarkGrey),
            Attempted::Running => ("▶", Color::Cyan),
            Attempted::Done => ("✔", Color::Green),
            Attempted::Failed => ("✘", Color::Red),
            Attempted::InDoubt => ("?", Color::Magenta),
            Attempted::Skipped => ("-", Color::DarkGrey),
            Attempted::Undone => ("↩", Color::Yellow),
        };
        Cell::new(format!("{symbol} {word}")).fg(colour)
    }
}

/// A title below a phase's. The spaces do not break, or a wrapped title would lose them.
pub(super) fn indented(title: &str) -> String {
    format!("\u{a0}\u{a0}{title}")
}

fn trimmed(table: &Table) -> String {
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}
