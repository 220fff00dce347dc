//! Findings about a file that a person wrote, shown like a good compiler's.

use std::ops::Range;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource};
use serde::Serialize;

use crate::i18n::{self, Lang};

/// A file's name and text.
#[derive(Clone, Debug)]
pub struct SourceText {
    /// The name to show.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
}

/// A piece of a [`SourceText`], in bytes.
pub type Span = Range<usize>;

/// One finding with its place.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The stable code, which is also the id of the Fluent text.
    pub code: &'static str,
    /// The arguments of the text, of `<code>.label` and of `<code>.hint`.
    pub args: Vec<(&'static str, String)>,
    /// The file.
    pub source: SourceText,
    /// The piece that is wrong.
    pub span: Span,
}

/// A finding as JSON.
#[derive(Debug, Serialize)]
pub struct FindingView {
    code: &'static str,
    file: String,
    line: usize,
    column: usize,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// All findings of one reading.
#[derive(Clone, Debug, Default)]
pub struct Findings(pub Vec<Finding>);

impl Finding {
    /// Line and column, from 1; the column counts characters.
    pub fn line_column(&self) -> (usize, usize) {
        let start = self.span.start.min(self.source.text.len());
        let before = self.source.text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    fn args(&self) -> Vec<i18n::Arg<'_>> {
        self.args.iter().map(|(name, value)| (*name, value.as_str().into())).collect()
    }

    fn text(&self, lang: Lang, attribute: &str) -> Option<String> {
        let id = format!("{}{attribute}", self.code);
        i18n::find(lang, &id, &self.args()).or_else(|| i18n::find(Lang::En, &id, &self.args()))
    }

    /// The finding for machines.
    pub fn view(&self, lang: Lang) -> FindingView {
        let (line, column) = self.line_column();
        FindingView {
            code: self.code,
            file: self.source.name.clone(),
            line,
            column,
            message: self.text(lang, "").unwrap_or_else(|| self.code.to_owned()),
            expected: self.text(lang, ".label"),
            hint: self.text(lang, ".hint"),
        }
    }

    /// The finding for a terminal: message, place, the piece of the file, hint.
    pub fn render(&self, lang: Lang, colour: bool) -> String {
        let label = self.text(lang, ".label");
        let mut diagnostic =
            MietteDiagnostic::new(self.text(lang, "").unwrap_or_else(|| self.code.to_owned()))
                .with_code(self.code)
                .with_label(LabeledSpan::new(label, self.span.start, self.span.len()));
        if let Some(hint) = self.text(lang, ".hint") {
            diagnostic = diagnostic.with_help(hint);
        }
        let report = miette::Report::new(diagnostic)
            .with_source_code(NamedSource::new(&self.source.name, self.source.text.to_string()));
        let theme =
            if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let mut out = String::new();
        // Writing into a String does not fail.
        let _ = GraphicalReportHandler::new_themed(theme)
            .with_width(100)
            .render_report(&mut out, report.as_ref());
        out
    }
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
