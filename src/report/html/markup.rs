//! Markup that can only be made through escaping. The one place where `<` comes from.

use std::fmt::Write as _;

/// A piece of HTML or SVG. Text enters by [`text`] and attributes by [`el`], which both escape.
#[derive(Clone, Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    pub(super) fn into_string(self) -> String {
        self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Text as markup.
pub(super) fn text(text: impl AsRef<str>) -> Markup {
    Markup(escape(text.as_ref()))
}

/// An element with its attributes and children. Names are the program's own.
pub(super) fn el(
    name: &'static str,
    attributes: &[(&'static str, &str)],
    children: impl IntoIterator<Item = Markup>,
) -> Markup {
    let mut out = format!("<{name}");
    for (attribute, value) in attributes {
        // Writing into a String does not fail.
        let _ = write!(out, " {attribute}=\"{}\"", escape(value));
    }
    out.push('>');
    // Elements that have no end tag in HTML.
    if matches!(name, "meta" | "br") {
        return Markup(out);
    }
    for child in children {
        out.push_str(&child.0);
    }
    let _ = write!(out, "</{name}>");
    Markup(out)
}

/// An element with a class around one text.
pub(super) fn tag(name: &'static str, class: &str, content: impl AsRef<str>) -> Markup {
    let class = [("class", class)];
    el(name, if class[0].1.is_empty() { &[] } else { &class }, [text(content)])
}

/// Several pieces, one after the other.
pub(super) fn all(pieces: impl IntoIterator<Item = Markup>) -> Markup {
    Markup(pieces.into_iter().map(|piece| piece.0).collect())
}

/// A style sheet of the program's own; never anything from outside.
pub(super) fn style(css: &'static str) -> Markup {
    Markup(format!("<style>{css}</style>"))
}

/// Text and attributes share this. Control characters are no HTML; they become visible marks.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_escaping() {
        let made = el("p", &[("title", "a\"b<c")], [text("<script>'&\u{0}</script>")]);
        assert_eq!(
            made.into_string(),
            "<p title=\"a&quot;b&lt;c\">&lt;script&gt;&#39;&amp;\u{fffd}&lt;/script&gt;</p>"
        );
    }
}
