//! What one code becomes: a character, or one of the sequences of two that JIS X 0213 counts as
//! one character (か゚).

use std::fmt;

/// One or two code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Text {
    pub(super) first: char,
    pub(super) second: Option<char>,
}

impl Text {
    /// A text of two.
    pub(super) fn pair(first: char, second: char) -> Self {
        Self { first, second: Some(second) }
    }

    /// The character, where it is only one.
    pub(super) fn single(self) -> Option<char> {
        if self.second.is_none() { Some(self.first) } else { None }
    }

    /// Appends it in UTF-8.
    pub(super) fn push(self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.first.encode_utf8(&mut [0; 4]).as_bytes());
        if let Some(second) = self.second {
            out.extend_from_slice(second.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

impl From<char> for Text {
    fn from(first: char) -> Self {
        Self { first, second: None }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        self.second.map_or(Ok(()), |second| write!(f, "{second}"))
    }
}
