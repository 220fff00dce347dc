//! A document that is written from top to bottom: headings, lists, tables.

use std::fmt::Write as _;

use super::escape::prose;
use crate::report::content::Content;

/// The document so far.
pub(super) struct Page<'a> {
    pub(super) content: Content<'a>,
    pub(super) out: String,
}

impl Page<'_> {
    pub(super) fn line(&mut self, text: &str) {
        // Writing into a String does not fail.
        let _ = writeln!(self.out, "{text}\n");
    }

    pub(super) fn heading(&mut self, id: &str) {
        let words = self.content.w.say(id);
        self.line(&format!("## {words}"));
    }

    pub(super) fn list(&mut self, items: impl IntoIterator<Item = String>) {
        for item in items {
            let _ = writeln!(self.out, "- {item}");
        }
        self.out.push('\n');
    }

    /// A table; cells are Markdown already.
    pub(super) fn table(&mut self, heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let heads: Vec<String> = heads.iter().map(|id| self.content.w.say(id)).collect();
        let _ = writeln!(self.out, "| {} |", heads.join(" | "));
        let _ = writeln!(self.out, "|{}", " --- |".repeat(heads.len()));
        for row in rows {
            let _ = writeln!(self.out, "| {} |", row.join(" | "));
        }
        self.out.push('\n');
    }

    pub(super) fn pairs(&mut self, pairs: Vec<(&str, String)>) {
        let w = self.content.w;
        let rows = pairs.into_iter().map(|(id, value)| vec![w.say(id), prose(&value)]);
        let rows: Vec<_> = rows.collect();
        self.table(&["report-item", "report-value"], rows);
    }
}
