//! Findings and notes of one reading.

use crate::diag::{Finding, Findings, SourceText, Span};

/// Most findings of one file: a file that is wrong throughout is not shown throughout.
const MAX_FINDINGS: usize = 20;
/// Most notes of one code: the first places say it.
const MAX_NOTES: usize = 5;

type Args = Vec<(&'static str, String)>;

/// Collects what is wrong and what should be known.
pub(super) struct Report<'s> {
    source: &'s SourceText,
    findings: Findings,
    notes: Vec<Finding>,
}

impl<'s> Report<'s> {
    pub(super) fn new(source: &'s SourceText) -> Self {
        Self { source, findings: Findings::default(), notes: Vec::new() }
    }

    pub(super) fn text(&self) -> &'s str {
        &self.source.text
    }

    pub(super) fn error(&mut self, code: &'static str, span: Span, args: Args) {
        if !self.is_full() {
            let finding = self.finding(code, span, args);
            self.findings.push(finding);
        }
    }

    pub(super) fn note(&mut self, code: &'static str, span: Span, args: Args) {
        if self.notes.iter().filter(|note| note.code == code).count() < MAX_NOTES {
            let note = self.finding(code, span, args);
            self.notes.push(note);
        }
    }

    /// True where no more findings are taken: reading on has no sense.
    pub(super) fn is_full(&self) -> bool {
        self.findings.0.len() >= MAX_FINDINGS
    }

    pub(super) fn finish(self) -> (Findings, Vec<Finding>) {
        (self.findings, self.notes)
    }

    fn finding(&self, code: &'static str, span: Span, args: Args) -> Finding {
        Finding { code, args, source: self.source.clone(), span }
    }
}

/// A piece of a file for a message, short enough to be read.
pub(super) fn shorten(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let start: String = text.chars().take(MOST).collect();
    format!("{start}…")
}
