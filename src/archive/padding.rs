//! The blanks of `character(n)`: PostgreSQL stores n characters, so where a conversion changes
//! how many a value has, the blanks at its end are made fewer or more, and nothing else.

use memchr::memchr2_iter;

use super::reader::Table;
use super::widths::Characters;

/// What a value can lose at most beside one character for each of its bytes: the half character
/// at its end that is left out.
const CUT: u64 = 3;

/// The columns of a table that are filled up with blanks.
pub(super) struct Padding {
    /// Characters by position.
    widths: Vec<Option<u64>>,
}

impl Padding {
    /// `None` where no column is `character(n)`.
    pub(super) fn of(table: &Table) -> Option<Self> {
        let widths = table.widths.iter();
        let widths: Vec<_> = widths.map(|w| w.filter(|w| w.padded).map(|w| w.characters)).collect();
        widths.iter().any(Option::is_some).then_some(Self { widths })
    }

    /// How many characters the column has, where blanks fill it up.
    pub(super) fn width(&self, column: usize) -> Option<u64> {
        self.widths.get(column).copied().flatten()
    }

    /// Puts the blanks of the whole rows right that stand in `out` from `start` on.
    pub(super) fn rows(&self, out: &mut Vec<u8>, start: usize) {
        let text = out.split_off(start.min(out.len()));
        let (mut copied, mut begin, mut column) = (0_usize, 0_usize, 0_usize);
        for end in memchr2_iter(b'\t', b'\n', &text) {
            let value = text.get(begin..end).unwrap_or_default();
            if let Some(width) = self.width(column).filter(|_| !value.is_ascii()) {
                let mut characters = Characters::default();
                characters.add(value);
                let blanks = blanks(characters, width, value.len());
                let kept = end.saturating_sub(count(characters.blanks()));
                out.extend_from_slice(text.get(copied..kept).unwrap_or_default());
                out.resize(out.len().saturating_add(blanks), b' ');
                copied = end;
            }
            column = if text.get(end) == Some(&b'\n') { 0 } else { column.saturating_add(1) };
            begin = end.saturating_add(1);
        }
        out.extend_from_slice(text.get(copied..).unwrap_or_default());
    }

    /// The same for one value.
    pub(super) fn value(&self, column: usize, out: &mut Vec<u8>, start: usize) {
        let Some(width) = self.width(column) else { return };
        let mut characters = Characters::default();
        let value = out.get(start..).unwrap_or_default();
        characters.add(value);
        let blanks = blanks(characters, width, value.len());
        out.truncate(out.len().saturating_sub(count(characters.blanks())));
        out.resize(out.len().saturating_add(blanks), b' ');
    }
}

/// How many blanks end a value of so many bytes. One that lacks more than a conversion can have
/// taken from it was not filled up before, and is no server's: it keeps those it has.
fn blanks(characters: Characters, width: u64, bytes: usize) -> usize {
    let lacks = width.saturating_sub(characters.count());
    if lacks > (bytes as u64).saturating_add(CUT) {
        return count(characters.blanks());
    }
    count(width.saturating_sub(characters.count().saturating_sub(characters.blanks())))
}

fn count(blanks: u64) -> usize {
    usize::try_from(blanks).unwrap_or(usize::MAX)
}

/// A value of `character(n)` that comes in pieces. Its last blanks wait, since they may have to
/// go.
#[derive(Default)]
pub(super) struct LongPadding {
    characters: Characters,
    bytes: usize,
    waiting: u64,
    /// Something in it is not ASCII.
    changes: bool,
}

impl LongPadding {
    /// Takes what has just been written of the value from `start` on for `source`.
    pub(super) fn piece(&mut self, source: &[u8], out: &mut Vec<u8>, start: usize) {
        let piece = out.get(start..).unwrap_or_default();
        self.characters.add(piece);
        self.bytes = self.bytes.saturating_add(piece.len());
        self.changes |= !source.is_ascii();
        let text =
            piece.iter().rposition(|byte| *byte != b' ').map_or(0, |at| at.saturating_add(1));
        let blanks = (piece.len().saturating_sub(text)) as u64;
        out.truncate(start.saturating_add(text));
        if text == 0 {
            self.waiting = self.waiting.saturating_add(blanks);
        } else {
            let earlier = std::mem::replace(&mut self.waiting, blanks);
            out.splice(start..start, std::iter::repeat_n(b' ', count(earlier)));
        }
    }

    /// The value's end: the blanks that belong there are written.
    pub(super) fn end(&mut self, width: u64, out: &mut Vec<u8>) {
        let value = std::mem::take(self);
        let blanks = if value.changes {
            blanks(value.characters, width, value.bytes)
        } else {
            count(value.waiting)
        };
        out.resize(out.len().saturating_add(blanks), b' ');
    }
}

#[cfg(test)]
mod tests {
    use super::super::widths::Width;
    use super::*;

    fn padding() -> Padding {
        let width = |characters, padded| Some(Width { characters, padded });
        let widths = vec![None, width(4, true), width(4, false)];
        Padding::of(&Table { widths, ..Table::default() }).unwrap()
    }

    #[test]
    fn only_blanks_at_the_end_of_a_padded_value_change() {
        let mut out = b"before\n".to_vec();
        let rows =
            "ガ \tガ \tガ \nx\tab\tx\n\tか\u{309a}   \t\\N\nx\t\\N\tガ\nx\tか\u{309a}かき \t\n";
        out.extend_from_slice(rows.as_bytes());
        padding().rows(&mut out, 7);
        let expected = "before\nガ \tガ   \tガ \nx\tab\tx\n\tか\u{309a}  \t\\N\nx\t\\N\tガ\n\
                        x\tか\u{309a}かき\t\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_value_that_never_was_filled_up_stays_small() {
        let widths = vec![Some(Width { characters: 10_000_000, padded: true })];
        let padding = Padding::of(&Table { widths, ..Table::default() }).unwrap();
        let mut out = "ガ \n".as_bytes().to_vec();
        padding.rows(&mut out, 0);
        assert_eq!(out, "ガ \n".as_bytes());
    }

    #[test]
    fn pieces_come_to_what_the_whole_value_does() {
        for text in
            ["ガ  ", "か\u{309a}  x    ", "    ", "ab  ", "か\u{309a}", "ガ x", "ガ    \\\\  "]
        {
            let mut whole = text.as_bytes().to_vec();
            if !text.is_ascii() {
                padding().value(1, &mut whole, 0);
            }
            for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
                let (mut out, mut long) = (b"x\t".to_vec(), LongPadding::default());
                for piece in [&text[..cut], &text[cut..]] {
                    let start = out.len();
                    out.extend_from_slice(piece.as_bytes());
                    long.piece(piece.as_bytes(), &mut out, start);
                }
                long.end(4, &mut out);
                assert_eq!(out, [b"x\t", whole.as_slice()].concat(), "{text:?} cut at {cut}");
            }
        }
    }
}
