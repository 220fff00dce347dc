//! Text as Markdown. The one place that knows what Markdown takes for markup.

/// A text within a paragraph or a cell: nothing in it is markup, and it has one line.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' | '`' | '*' | '_' | '<' | '>' | '#' | '|' | '~' | '&' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // A bracket alone is no link: the mark `[R]` of a rehearsal's times stays readable.
            ']' if matches!(chars.peek(), Some('(' | '[' | ':')) => out.push_str("\\]"),
            // A bare address would become a link.
            '@' => out.push_str("&#64;"),
            '\n' | '\t' => out.push(' '),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out.replace("://", ":&#47;&#47;").replace("www.", "www&#46;")
}

/// A sentence of the program's own whose back-quoted pieces are literals.
pub(super) fn prose(sentence: &str) -> String {
    let pieces = sentence.split('`').enumerate();
    pieces.map(|(place, piece)| if place % 2 == 1 { code(piece) } else { escape(piece) }).collect()
}

/// A literal. It may stand in a cell, where only a bar needs an escape.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = one_line(text).replace('|', "\\|");
    // More back quotes around it than stand in it side by side.
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Control characters as visible marks, so that a line stays one.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_markup() {
        assert_eq!(escape("<b>|*x*|\n# y"), "\\<b\\>\\|\\*x\\*\\| \\# y");
        assert_eq!(escape("[a](http://x.test)"), "[a\\](http:&#47;&#47;x.test)");
        assert_eq!(escape("a\u{1b}b"), "a\u{fffd}b");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(prose("run `x <y>` now <z>"), "run `x <y>` now \\<z\\>");
    }
}
