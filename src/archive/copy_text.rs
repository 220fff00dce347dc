//! What COPY's text format writes, and what it never writes.
//!
//! `COPY TO` escapes backslash and the bytes 8 to 13, writes `\N` for NULL alone, and no other
//! escape; a text has no byte 0. What is otherwise was damaged on its way: `COPY FROM` refuses it,
//! and with it the whole table, or takes it for another value.

use memchr::{memchr, memchr2, memchr3};

const RAW: &str = "a byte that COPY does not write as it is";
const ESCAPE: &str = "an escape that COPY does not write";
const NULL: &str = "\\N inside a value";
const HALF: &str = "half an escape at the end of a value";

/// The first place in whole rows that COPY would not have written, and what is wrong there.
pub(super) fn fault(rows: &[u8]) -> Option<(usize, &'static str)> {
    if let Some(at) = raw(rows) {
        return Some((at, RAW));
    }
    let mut from = 0_usize;
    while let Some(found) = memchr(b'\\', rows.get(from..).unwrap_or_default()) {
        let at = from.saturating_add(found);
        match rows.get(at.saturating_add(1)) {
            Some(letter) if is_escape(*letter) => {}
            Some(b'N') if is_null(rows, at) => {}
            Some(b'N') => return Some((at, NULL)),
            Some(b'\t' | b'\n') | None => return Some((at, HALF)),
            Some(_) => return Some((at, ESCAPE)),
        }
        from = at.saturating_add(2);
    }
    None
}

/// A byte that is always escaped, or never there.
fn raw(bytes: &[u8]) -> Option<usize> {
    memchr3(0, 8, b'\r', bytes).or_else(|| memchr2(11, 12, bytes))
}

fn is_escape(letter: u8) -> bool {
    matches!(letter, b'\\' | b'b' | b'f' | b'n' | b'r' | b't' | b'v')
}

/// True where the two bytes are all of a value.
fn is_null(rows: &[u8], at: usize) -> bool {
    let border = |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b'\t' | b'\n'));
    border(at.checked_sub(1).and_then(|before| rows.get(before)))
        && border(rows.get(at.saturating_add(2)))
}

/// The same for a value that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct InPieces {
    length: u64,
    /// The last byte was a backslash that begins an escape.
    open: bool,
    null: bool,
}

impl InPieces {
    /// Looks at the next bytes of the value.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Option<&'static str> {
        if raw(piece).is_some() {
            return Some(RAW);
        }
        let mut from = 0_usize;
        if let Some(letter) = piece.first().filter(|_| self.open) {
            self.open = false;
            if let Some(fault) = self.escape(*letter, self.length == 1) {
                return Some(fault);
            }
            from = 1;
        }
        while let Some(found) = memchr(b'\\', piece.get(from..).unwrap_or_default()) {
            let at = from.saturating_add(found);
            from = at.saturating_add(2);
            match piece.get(at.saturating_add(1)) {
                None => {
                    self.open = true;
                    break;
                }
                Some(letter) => {
                    if let Some(fault) = self.escape(*letter, self.length == 0 && at == 0) {
                        return Some(fault);
                    }
                }
            }
        }
        self.length = self.length.saturating_add(piece.len() as u64);
        (self.null && self.length > 2).then_some(NULL)
    }

    /// The value's end.
    pub(super) fn end(&mut self) -> Option<&'static str> {
        std::mem::take(self).open.then_some(HALF)
    }

    fn escape(&mut self, letter: u8, first: bool) -> Option<&'static str> {
        match letter {
            b'N' if first => {
                self.null = true;
                None
            }
            b'N' => Some(NULL),
            letter if is_escape(letter) => None,
            _ => Some(ESCAPE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [&str; 6] =
        ["", "\\N", "a\\\\N", "\\b\\f\\n\\r\\t\\v\\\\", "\\\\x255044", "山\x07"];
    const BAD: [&str; 10] =
        ["\0", "a\r", "\\", "a\\", "\\0", "\\Na", "a\\N", "\\x41", "\\.", "\x0b\x0c\x08"];

    fn in_pieces(value: &[u8], size: usize) -> bool {
        let mut watch = InPieces::default();
        let fed = value.chunks(size).any(|piece| watch.feed(piece).is_some());
        fed || watch.end().is_some()
    }

    #[test]
    fn what_copy_never_writes_is_found_in_rows_and_in_pieces() {
        for (values, bad) in [(&GOOD[..], false), (&BAD[..], true)] {
            for value in values {
                let row = format!("1\t{value}\tx\n{value}\n");
                assert_eq!(fault(row.as_bytes()).is_some(), bad, "{value:?}");
                for size in 1..=3 {
                    assert_eq!(in_pieces(value.as_bytes(), size), bad, "{value:?} by {size}");
                }
            }
        }
        assert_eq!(fault(b"ok\t\\N\nx\t\\q\n"), Some((8, ESCAPE)));
    }
}
