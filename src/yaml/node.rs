//! The tree: scalars, lists and mappings, each with its place.

use crate::diag::Span;

/// A piece of YAML.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where to point: the scalar itself, or a collection's first piece.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A text as it stands; `plain` where it has no quotes, so that it may be a number.
    Scalar {
        /// The text after YAML's escapes.
        text: String,
        /// Written without quotes.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping in the file's order, duplicate keys included.
    Map(Vec<Entry>),
    /// A value that could not be worked out and was reported; nothing more is said about it.
    Broken,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Its place.
    pub(crate) key_span: Span,
    /// The value.
    pub(crate) value: Node,
}

impl Node {
    /// A scalar's text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// True for `~`, `null` and nothing at all.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The value of `key` where this is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => {
                entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
            }
            _ => None,
        }
    }
}
