//! What a value has to fit into: a width, 63 bytes, or those of the elements of an array and of
//! the fields of a composite value.
//!
//! It reads the texts that the server writes for arrays and composite values, without escapes of
//! COPY, in UTF-8.

use std::sync::Arc;

use super::widths::{Characters, Width};

/// Most bytes of a name: NAMEDATALEN less one. PostgreSQL cuts what is longer without a word.
pub(super) const NAME_BYTES: usize = 63;

/// What fits.
#[derive(Debug)]
pub(super) enum Fit {
    /// So many characters.
    Width(Width),
    /// A name.
    Name,
    /// Elements, each of which must fit.
    Array(Arc<Fit>),
    /// Fields.
    Fields(Fields),
}

/// The fields of a composite type, and whether a name is among them. Types share what they have
/// in common, so they must not be walked through again and again.
#[derive(Debug)]
pub(super) struct Fields(Vec<Option<Arc<Fit>>>, bool);

impl Fields {
    pub(super) fn new(fields: Vec<Option<Arc<Fit>>>) -> Self {
        let has_name = fields.iter().flatten().any(|field| field.has_name());
        Self(fields, has_name)
    }

    #[cfg(test)]
    pub(super) fn all(&self) -> &[Option<Arc<Fit>>] {
        &self.0
    }
}

/// What a value has too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    Characters,
    Bytes,
}

impl Fit {
    /// What a value has too much of, or the first part of it that has.
    pub(super) fn excess(&self, text: &[u8]) -> Option<Excess> {
        match self {
            Self::Width(width) => {
                width.is_exceeded(&Characters::of_plain(text)).then_some(Excess::Characters)
            }
            Self::Name => (text.len() > NAME_BYTES).then_some(Excess::Bytes),
            Self::Array(element) => {
                let open = text.iter().position(|byte| *byte == b'{')?;
                let elements = parts(text.get(open..)?, b"{}");
                elements.iter().flatten().find_map(|text| element.excess(text))
            }
            Self::Fields(fields) => {
                let parts = parts(text.strip_prefix(b"(")?.strip_suffix(b")")?, b"");
                let mut pairs = fields.0.iter().zip(&parts);
                pairs.find_map(|(fit, text)| fit.as_ref()?.excess(text.as_ref()?))
            }
        }
    }

    /// True where a name is in it.
    pub(super) fn has_name(&self) -> bool {
        match self {
            Self::Width(_) => false,
            Self::Name => true,
            Self::Array(element) => element.has_name(),
            Self::Fields(fields) => fields.1,
        }
    }
}

/// The parts between commas without their quotes; `None` for NULL: nothing, or in an array that
/// word. The braces of an array, of any dimension, are passed over.
fn parts(text: &[u8], braces: &[u8]) -> Vec<Option<Vec<u8>>> {
    let mut parts = Vec::new();
    let mut part: Option<Vec<u8>> = None;
    let (mut quoted, mut was_quoted) = (false, false);
    let is_null =
        |part: &Vec<u8>, was_quoted: bool| !braces.is_empty() && !was_quoted && part == b"NULL";
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => part.get_or_insert_default().extend(bytes.next()),
            // Doubled inside quotes it is a quote; an empty text is two of them, too.
            b'"' if quoted && bytes.peek() == Some(&b'"') => {
                bytes.next();
                part.get_or_insert_default().push(b'"');
            }
            b'"' => {
                quoted = !quoted;
                was_quoted = true;
                part.get_or_insert_default();
            }
            b',' if !quoted => {
                let whole = part.take().filter(|part| !is_null(part, was_quoted));
                parts.push(whole);
                was_quoted = false;
            }
            byte if !quoted && braces.contains(&byte) => {}
            byte => part.get_or_insert_default().push(byte),
        }
    }
    parts.push(part.filter(|part| !is_null(part, was_quoted)));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn width(characters: u64) -> Arc<Fit> {
        Arc::new(Fit::Width(Width { characters, padded: false }))
    }

    #[test]
    fn parts_are_what_the_server_wrote() {
        let some = |parts: &[&str]| -> Vec<Option<Vec<u8>>> {
            let part = |p: &&str| (*p != "-").then(|| p.as_bytes().to_vec());
            parts.iter().map(part).collect()
        };
        let array = br#"{{a,"b,\"c\\"},{"",NULL,"NULL"}}"#;
        assert_eq!(parts(array, b"{}"), some(&["a", "b,\"c\\", "", "-", "NULL"]));
        let row = br#"a,,"b ""c"" \\",""#;
        assert_eq!(parts(&row[..row.len() - 1], b""), some(&["a", "-", "b \"c\" \\", "-"]));
    }

    #[test]
    fn the_parts_of_a_value_have_to_fit_one_by_one() {
        let array = Fit::Array(width(3));
        assert_eq!(array.excess("{あいう,NULL,\"a b\"}".as_bytes()), None);
        assert_eq!(array.excess("[2:3]={あ,いうえお}".as_bytes()), Some(Excess::Characters));
        let name = Some(Arc::new(Fit::Name));
        let row = Fit::Fields(Fields::new(vec![None, Some(width(2)), name, Some(array.into())]));
        assert_eq!(row.excess("(あいう,あい,x,\"{あいう}\")".as_bytes()), None);
        assert_eq!(row.excess("(あいう,あいう,x,)".as_bytes()), Some(Excess::Characters));
        assert_eq!(
            row.excess("(,,,\"{あ,\"\"い うえ\"\"}\")".as_bytes()),
            Some(Excess::Characters)
        );
        let name = |count| format!("(,,{},)", "あ".repeat(count));
        assert_eq!(row.excess(name(21).as_bytes()), None);
        assert_eq!(row.excess(name(22).as_bytes()), Some(Excess::Bytes));
        assert!(row.has_name() && !Fit::Array(width(1)).has_name());
    }
}
