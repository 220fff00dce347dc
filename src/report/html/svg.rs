//! Texts and lines of a drawing.

use super::markup::{Markup, el, text};

/// A text at a place. `anchor` is SVG's `text-anchor`.
pub(super) fn label(x: f64, y: f64, anchor: &str, fill: &str, bold: bool, words: &str) -> Markup {
    let (x, y) = (format!("{x:.1}"), format!("{y:.1}"));
    let weight = if bold { "700" } else { "400" };
    let size = if bold { "12" } else { "11" };
    el(
        "text",
        &[
            ("x", &x),
            ("y", &y),
            ("text-anchor", anchor),
            ("fill", fill),
            ("font-size", size),
            ("font-weight", weight),
        ],
        [text(words)],
    )
}

/// A vertical line. `dash` is SVG's `stroke-dasharray`; empty for an unbroken line.
pub(super) fn vertical(x: f64, from: f64, until: f64, stroke: &str, dash: &str) -> Markup {
    let (x, from, until) = (format!("{x:.1}"), format!("{from:.1}"), format!("{until:.1}"));
    el(
        "line",
        &[
            ("x1", &x),
            ("x2", &x),
            ("y1", &from),
            ("y2", &until),
            ("stroke", stroke),
            ("stroke-dasharray", dash),
        ],
        [],
    )
}

/// The text, cut to so many half-width columns.
pub(super) fn cut(words: &str, columns: usize) -> String {
    let mut used = 0;
    let mut out = String::new();
    for c in words.chars() {
        let half_width = ('\u{ff61}'..='\u{ff9f}').contains(&c);
        used += if c >= '\u{1100}' && !half_width { 2 } else { 1 };
        if used > columns {
            out.push('…');
            break;
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_cut_by_its_width_and_not_by_its_letters() {
        assert_eq!(cut("照合照合", 8), "照合照合");
        assert_eq!(cut("照合照合a", 8), "照合照合…");
        assert_eq!(cut("ｼｮｳｺﾞｳ", 6), "ｼｮｳｺﾞｳ");
        assert_eq!(cut("abcdefghi", 8), "abcdefgh…");
    }
}
