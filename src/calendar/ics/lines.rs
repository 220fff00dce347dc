//! Content lines: folded lines joined, each with its place in the file.

use crate::diag::Span;

/// One content line.
pub(super) struct Line {
    pub(super) text: String,
    /// Its first physical line.
    pub(super) span: Span,
}

/// Joins what is folded; LF and CRLF both end a line, blank lines and a byte order mark are left
/// out.
pub(super) fn unfold(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut at = 0;
    for physical in text.split_inclusive('\n') {
        let start = at;
        at += physical.len();
        let mut line = physical.trim_end_matches(['\n', '\r']);
        if start == 0 {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        if let (Some(rest), Some(last)) = (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            last.text.push_str(rest);
        } else if !line.is_empty() {
            lines.push(Line { text: line.to_owned(), span: start..start + line.len() });
        }
    }
    lines
}
