//! Takes values out of the tree and keeps every finding.

use super::{Codes, Entry, Node, Value, closest};
use crate::diag::{Finding, Findings, SourceText, Span};

/// A finding before the file's text is masked: code, place, arguments.
type Found = (&'static str, Span, Vec<(&'static str, String)>);

/// One file's reading.
#[derive(Debug)]
pub(crate) struct Reader {
    source: SourceText,
    codes: &'static Codes,
    findings: Vec<Found>,
    hidden: Vec<Span>,
}

impl Reader {
    /// A reading of `source` for the room whose codes these are.
    pub(crate) fn new(source: &SourceText, codes: &'static Codes) -> Self {
        Self { source: source.clone(), codes, findings: Vec::new(), hidden: Vec::new() }
    }

    /// The file.
    pub(crate) fn source(&self) -> &SourceText {
        &self.source
    }

    /// The room's codes.
    pub(crate) fn codes(&self) -> &'static Codes {
        self.codes
    }

    /// True where nothing has been found so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Keeps a finding.
    pub(crate) fn report(
        &mut self,
        code: &'static str,
        span: Span,
        args: Vec<(&'static str, String)>,
    ) {
        self.findings.push((code, span, args));
    }

    /// Keeps these bytes out of every finding's text.
    pub(super) fn hide(&mut self, spans: &[Span]) {
        self.hidden.extend_from_slice(spans);
    }

    /// All findings in the file's order.
    pub(crate) fn finish(mut self) -> Findings {
        let source = SourceText {
            name: self.source.name.clone(),
            text: masked(&self.source.text, &self.hidden).into(),
        };
        self.findings.sort_by_key(|(_, span, _)| span.start);
        self.findings.dedup();
        Findings(
            self.findings
                .into_iter()
                .map(|(code, span, args)| Finding { code, args, source: source.clone(), span })
                .collect(),
        )
    }

    /// Reports that `node` is not of the `expected` type: `text`, `number`, `list`, ...
    pub(crate) fn wrong_type(&mut self, node: &Node, expected: &str) {
        self.wrong_type_with(node, vec![("expected", expected.to_owned())]);
    }

    /// As [`Self::wrong_type`], with more arguments.
    pub(super) fn wrong_type_with(&mut self, node: &Node, args: Vec<(&'static str, String)>) {
        if !matches!(node.value, Value::Broken) {
            self.report(self.codes.wrong_type, node.span.clone(), args);
        }
    }

    /// A mapping's fields; duplicate keys are reported here.
    pub(crate) fn fields<'n>(&mut self, node: &'n Node) -> Option<Fields<'n>> {
        let Value::Map(entries) = &node.value else {
            self.wrong_type(node, "mapping");
            return None;
        };
        let mut first = std::collections::BTreeMap::new();
        for entry in entries {
            if let Some(span) = first.insert(entry.key.as_str(), entry.key_span.clone()) {
                let line = self.line_of(&span);
                let args = vec![("key", entry.key.clone()), ("line", line.to_string())];
                self.report(self.codes.duplicate_key, entry.key_span.clone(), args);
            }
        }
        Some(Fields { entries, span: node.span.clone(), known: Vec::new() })
    }

    /// A list's items.
    pub(crate) fn list<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            _ => {
                self.wrong_type(node, "list");
                None
            }
        }
    }

    /// Line of a span's start, from 1.
    pub(crate) fn line_of(&self, span: &Span) -> usize {
        let before = self.source.text.get(..span.start).unwrap_or_default();
        before.matches('\n').count().saturating_add(1)
    }
}

/// `text` with `*` in place of each hidden byte; the length and the lines stay.
fn masked(text: &str, hidden: &[Span]) -> String {
    if hidden.is_empty() {
        return text.to_owned();
    }
    let mut hide = vec![false; text.len()];
    for span in hidden {
        let end = span.end.min(text.len());
        if let Some(piece) = hide.get_mut(span.start.min(end)..end) {
            piece.fill(true);
        }
    }
    let mut out = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if letter != '\n' && hide.get(at).copied().unwrap_or(false) {
            out.extend(std::iter::repeat_n('*', letter.len_utf8()));
        } else {
            out.push(letter);
        }
    }
    out
}

/// The fields of one mapping, and which of them were asked for.
#[derive(Debug)]
pub(crate) struct Fields<'n> {
    entries: &'n [Entry],
    span: Span,
    known: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// The value of `key`, `None` where it is left out or null.
    pub(crate) fn optional(&mut self, key: &'static str) -> Option<&'n Node> {
        self.known.push(key);
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
            .filter(|value| !value.is_null())
    }

    /// The value of `key`; a finding where it is left out.
    pub(crate) fn required(&mut self, reader: &mut Reader, key: &'static str) -> Option<&'n Node> {
        let found = self.optional(key);
        if found.is_none() {
            let span = self
                .entries
                .iter()
                .find(|entry| entry.key == key)
                .map_or_else(|| self.span.clone(), |entry| entry.key_span.clone());
            reader.report(reader.codes().missing_key, span, vec![("key", key.to_owned())]);
        }
        found
    }

    /// The place of `key`'s name where it is there, otherwise of the mapping.
    pub(crate) fn place(&self, key: &str) -> Span {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map_or_else(|| self.span.clone(), |entry| entry.key_span.clone())
    }

    /// Reports every key that was not asked for.
    pub(crate) fn finish(self, reader: &mut Reader) {
        for entry in self.entries {
            if self.known.contains(&entry.key.as_str()) {
                continue;
            }
            // A key that is there already was not meant.
            let free = self
                .known
                .iter()
                .copied()
                .filter(|known| !self.entries.iter().any(|other| other.key == *known));
            let guess = closest(&entry.key, free).unwrap_or("none").to_owned();
            let args = vec![
                ("key", entry.key.clone()),
                ("guess", guess),
                ("known", self.known.join(", ")),
            ];
            reader.report(reader.codes().unknown_key, entry.key_span.clone(), args);
        }
    }
}
