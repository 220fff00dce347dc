//! How many characters a value has, and how many `character(n)` and `character varying(n)` take.

/// What a column takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width {
    /// Characters.
    pub(super) characters: u64,
    /// True for `character(n)`: blanks at a value's end are not part of it.
    pub(super) padded: bool,
}

impl Width {
    /// True where a value has more characters than the column takes.
    pub(super) fn is_exceeded(self, value: &Characters) -> bool {
        let blanks = if self.padded { value.blanks } else { 0 };
        value.count.saturating_sub(blanks) > self.characters
    }
}

/// Counts the characters of a value in UTF-8, as COPY writes it, however it is cut.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Characters {
    count: u64,
    /// Blanks at the end.
    blanks: u64,
    /// The last byte began an escape.
    open: bool,
}

impl Characters {
    /// Counts the next bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\\' if !self.open => self.open = true,
                // Not the first byte of a character.
                0x80..=0xbf => {}
                _ => {
                    self.count = self.count.saturating_add(1);
                    let blank = *byte == b' ' && !self.open;
                    self.blanks = if blank { self.blanks.saturating_add(1) } else { 0 };
                    self.open = false;
                }
            }
        }
    }

    /// Of a text without escapes.
    pub(super) fn of_plain(text: &[u8]) -> Self {
        let is_first = |byte: &&u8| !matches!(byte, 0x80..=0xbf);
        let blanks = text.iter().rev().take_while(|byte| **byte == b' ').count();
        Self {
            count: text.iter().filter(is_first).count() as u64,
            blanks: blanks as u64,
            open: false,
        }
    }

    /// All characters, with the blanks at the end.
    pub(super) fn count(self) -> u64 {
        self.count
    }

    /// The blanks at the end.
    pub(super) fn blanks(self) -> u64 {
        self.blanks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_measured_without_its_escapes_and_padding() {
        let exceeded = |value: &str, characters, padded| {
            let mut counted = Characters::default();
            for byte in value.as_bytes() {
                counted.add(&[*byte]);
            }
            Width { characters, padded }.is_exceeded(&counted)
        };
        assert!(!exceeded(r"か\\x\n", 4, false));
        assert!(exceeded(r"か\\x\n", 3, false));
        assert!(!exceeded("女   ", 1, true));
        assert!(exceeded("女 ", 1, false));
        assert!(exceeded("か\u{309a}", 1, true));
    }

    #[test]
    fn a_text_without_escapes_is_measured_as_it_stands() {
        let counted = Characters::of_plain("\\か\u{309a} x  ".as_bytes());
        assert_eq!((counted.count(), counted.blanks()), (7, 2));
    }
}
