//! From text to the tree, within limits. Aliases, anchors, tags and further documents are
//! refused: a file that many people read must say what it says where it says it.

use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, Span as ParserSpan};

use super::reader::Reader;
use super::{Entry, Node, Value, secrets};
use crate::diag::Span;

/// Largest file, in bytes: a playbook has some ten kilobytes; a dump named by mistake has more.
const MAX_BYTES: usize = 1_000_000;
/// Deepest nesting; a playbook needs 7. Bounds the recursion of everything that walks the tree.
const MAX_DEPTH: usize = 24;

/// Reads the file of `reader`; `None` where there is no tree to go on with.
pub(crate) fn parse(reader: &mut Reader) -> Option<Node> {
    let text = reader.source().text.clone();
    if text.len() > MAX_BYTES {
        let args = vec![("limit", MAX_BYTES.to_string())];
        reader.report(reader.codes().too_large, 0..0, args);
        return None;
    }
    let mut builder = Builder { text: &text, open: Vec::new(), root: None, documents: 0 };
    let mut whole = true;
    for event in Parser::new_from_str(&text) {
        let (event, place) = match event {
            Ok(event) => event,
            Err(error) => {
                let at = builder.at_marker(error.marker().byte_offset(), error.marker().index());
                reader.hide(&secrets::in_lines(&text));
                let line = line_of(&text, at.start);
                let shape = if line.contains("${") { "reference" } else { "other" };
                let args = vec![("reason", error.info()), ("shape", shape.to_owned())];
                reader.report(reader.codes().syntax, at, args);
                return None;
            }
        };
        if !builder.take(event, builder.span(&place), reader) {
            whole = false;
            break;
        }
    }
    if !whole {
        reader.hide(&secrets::in_lines(&text));
        return None;
    }
    if builder.root.is_none() && reader.is_clean() {
        reader.report(reader.codes().empty, 0..0, Vec::new());
    }
    let root = builder.root?;
    secrets::report(&root, reader);
    Some(root)
}

/// The line of `text` that holds the byte `at`.
fn line_of(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |end| end.saturating_add(1));
    text.get(start..).unwrap_or_default().lines().next().unwrap_or_default()
}

/// A collection that is not closed yet.
enum Open {
    List(Span, Vec<Node>),
    Map(Span, Vec<Entry>, Option<(String, Span)>),
}

struct Builder<'t> {
    text: &'t str,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

impl Builder<'_> {
    /// Takes one event; false where reading must end.
    fn take(&mut self, event: Event<'_>, span: Span, reader: &mut Reader) -> bool {
        let codes = reader.codes();
        match event {
            Event::DocumentStart(..) => {
                self.documents = self.documents.saturating_add(1);
                if self.documents > 1 {
                    reader.report(codes.documents, span, Vec::new());
                    return false;
                }
            }
            Event::Alias(_) | Event::Anchor(..) | Event::UnresolvedAlias(_) => {
                reader.report(codes.alias, span, Vec::new());
                return false;
            }
            Event::Scalar(text, style, anchor, tag) => {
                // The document of an empty file is an empty scalar.
                if self.open.is_empty() && text.is_empty() {
                    return true;
                }
                if !Self::is_bare(anchor, tag.is_some(), &span, reader) {
                    return false;
                }
                let plain = matches!(style, ScalarStyle::Plain);
                let text = text.into_owned();
                return self.add(Node { span, value: Value::Scalar { text, plain } }, reader);
            }
            Event::SequenceStart(_, anchor, tag) => {
                return Self::is_bare(anchor, tag.is_some(), &span, reader)
                    && self.open(Open::List(span, Vec::new()), reader);
            }
            Event::MappingStart(_, anchor, tag) => {
                return Self::is_bare(anchor, tag.is_some(), &span, reader)
                    && self.open(Open::Map(span, Vec::new(), None), reader);
            }
            Event::SequenceEnd | Event::MappingEnd => return self.close(reader),
            // The ends of stream and document, comments, and what a later parser may add.
            _ => {}
        }
        true
    }

    fn is_bare(anchor: usize, tagged: bool, span: &Span, reader: &mut Reader) -> bool {
        if anchor != 0 {
            reader.report(reader.codes().alias, span.clone(), Vec::new());
        } else if tagged {
            reader.report(reader.codes().tag, span.clone(), Vec::new());
        }
        anchor == 0 && !tagged
    }

    fn open(&mut self, open: Open, reader: &mut Reader) -> bool {
        if self.open.len() >= MAX_DEPTH {
            let (Open::List(span, _) | Open::Map(span, ..)) = open;
            let args = vec![("limit", MAX_DEPTH.to_string())];
            reader.report(reader.codes().too_deep, span, args);
            return false;
        }
        self.open.push(open);
        true
    }

    fn close(&mut self, reader: &mut Reader) -> bool {
        let node = match self.open.pop() {
            Some(Open::List(span, items)) => {
                let span = items.first().map_or(span, |item| item.span.clone());
                Node { span, value: Value::List(items) }
            }
            Some(Open::Map(span, entries, _)) => {
                let span = entries.first().map_or(span, |entry| entry.key_span.clone());
                Node { span, value: Value::Map(entries) }
            }
            None => return true,
        };
        self.add(node, reader)
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node, reader: &mut Reader) -> bool {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, entries, key)) => match key.take() {
                Some((name, key_span)) => {
                    entries.push(Entry { key: name, key_span, value: node });
                }
                None => match node.value {
                    Value::Scalar { text, .. } => *key = Some((text, node.span)),
                    _ => {
                        let args = vec![("expected", "key".to_owned())];
                        reader.report(reader.codes().wrong_type, node.span, args);
                        return false;
                    }
                },
            },
        }
        true
    }

    fn span(&self, place: &ParserSpan) -> Span {
        let Some(range) = place.byte_range() else {
            return self.at_marker(place.start.byte_offset(), place.start.index());
        };
        let start = self.boundary(range.start);
        let end = self.boundary(range.end).max(start);
        // A block scalar's span runs to the next key; one line is enough to point at.
        let piece = self.text.get(start..end).unwrap_or_default();
        let shown = piece.split('\n').next().unwrap_or_default().trim_end().len();
        start..start.saturating_add(shown)
    }

    fn at_marker(&self, byte: Option<usize>, index: usize) -> Span {
        let at = byte.unwrap_or_else(|| {
            self.text.char_indices().nth(index).map_or(self.text.len(), |(at, _)| at)
        });
        let at = self.boundary(at);
        at..at
    }

    fn boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at = at.saturating_sub(1);
        }
        at
    }
}
