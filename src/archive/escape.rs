//! The escapes of COPY text, as the server writes them.

use std::borrow::Cow;

use memchr::memchr;

/// A value without its escapes. A backslash stands before one byte: a letter for a control
/// character, or the byte itself.
pub(super) fn unescaped(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'\\', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let Some((byte, after)) = rest.split_first() else { break };
        out.push(match byte {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            byte => *byte,
        });
        rest = after;
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// Escapes what stands in `out` from `start` on, as the server does.
pub(super) fn escape_from(out: &mut Vec<u8>, start: usize) {
    let special = |byte: &u8| matches!(byte, 8..=13 | b'\\');
    if !out.get(start..).unwrap_or_default().iter().any(special) {
        return;
    }
    let plain = out.split_off(start.min(out.len()));
    for byte in plain {
        let letter = match byte {
            8 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            11 => b'v',
            12 => b'f',
            b'\r' => b'r',
            b'\\' => b'\\',
            byte => {
                out.push(byte);
                continue;
            }
        };
        out.extend([b'\\', letter]);
    }
}

/// True where the bytes end in the middle of an escape.
pub(super) fn ends_in_escape(bytes: &[u8]) -> bool {
    bytes.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// How many bytes a value has without its escapes, counted piece by piece.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EscapedLength {
    /// Bytes so far, without escapes.
    pub(super) bytes: u64,
    /// The last byte began an escape, which the next one ends.
    open: bool,
}

impl EscapedLength {
    /// Counts the next bytes.
    pub(super) fn add(&mut self, part: &[u8]) {
        let mut rest = part;
        if self.open {
            let Some((_, after)) = rest.split_first() else { return };
            rest = after;
            self.bytes = self.bytes.saturating_add(1);
            self.open = false;
        }
        while let Some(at) = memchr(b'\\', rest) {
            self.bytes = self.bytes.saturating_add(at as u64);
            match rest.get(at.saturating_add(2)..) {
                Some(after) => {
                    self.bytes = self.bytes.saturating_add(1);
                    rest = after;
                }
                None => {
                    self.open = true;
                    return;
                }
            }
        }
        self.bytes = self.bytes.saturating_add(rest.len() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_escape_of_the_server_is_undone() {
        let value = br"a\b\f\n\r\t\v\\n\x".as_slice();
        assert_eq!(&*unescaped(value), b"a\x08\x0c\n\r\t\x0b\\nx");
        assert!(matches!(unescaped(b"plain"), Cow::Borrowed(b"plain")));
        let mut again = b"before\t".to_vec();
        again.extend_from_slice(&unescaped(br"a\b\f\n\r\t\v\\n"));
        escape_from(&mut again, 7);
        assert_eq!(again, b"before\ta\\b\\f\\n\\r\\t\\v\\\\n");
        assert!(ends_in_escape(br"a\\\") && !ends_in_escape(br"a\\"));
    }

    #[test]
    fn lengths_are_the_same_however_the_value_is_cut() {
        let value = br"a\\\\b\n\tc\\".as_slice();
        for at in 0..=value.len() {
            let (first, second) = value.split_at(at);
            let mut length = EscapedLength::default();
            length.add(first);
            length.add(second);
            assert_eq!(length.bytes, unescaped(value).len() as u64, "cut at {at}");
        }
    }
}
