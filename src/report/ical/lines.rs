//! Content lines: folded, escaped, ended as the standard has it (RFC 5545, 3.1 and 3.3.11).

/// Most octets of a line, without its end.
const LONGEST: usize = 75;

/// A calendar's text.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    /// A property whose value is the program's own: a date, a keyword, a number.
    pub(super) fn plain(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{value}"));
    }

    /// A property whose value is text from anywhere.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{}", escape(value)));
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }

    /// Folds by octets, and never within a character.
    fn fold(&mut self, line: &str) {
        let mut used = 0;
        for c in line.chars() {
            if used + c.len_utf8() > LONGEST {
                self.0.push_str("\r\n ");
                used = 1;
            }
            self.0.push(c);
            used += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// A value of the type TEXT: a line break in it is `\n`, and nothing in it ends the property.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_by_octets_and_a_text_stays_in_its_property() {
        let mut lines = Lines::default();
        lines.text("SUMMARY", &"移行;a,b\\c\r\nEND:VEVENT ".repeat(9));
        let text = lines.into_string();
        assert!(text.split("\r\n").all(|line| line.len() <= LONGEST), "{text}");
        let unfolded = text.replace("\r\n ", "");
        assert_eq!(unfolded.lines().count(), 1);
        assert!(unfolded.contains("移行\\;a\\,b\\\\c \\nEND:VEVENT"), "{unfolded}");
    }

    #[test]
    fn a_line_of_exactly_the_longest_length_is_not_folded() {
        let mut lines = Lines::default();
        lines.plain("A", &"x".repeat(LONGEST - 2));
        assert_eq!(lines.into_string().len(), LONGEST + 2);
    }
}
