//! The frame of a document: head, style sheet, title, rehearsal banner, sections, tables.
//!
//! A document is one file: no scripts, and nothing is fetched from anywhere.

use super::markup::{Markup, all, el, style, tag, text};
use crate::i18n::Lang;
use crate::report::words::Words;

/// Screen and A4 paper.
const STYLE: &str = include_str!("style.css");

/// The banner in the margin of each printed page of a rehearsal. Both languages, always: the
/// paper may lie on anybody's desk.
const REHEARSAL_STYLE: &str = include_str!("rehearsal.css");

/// A whole document.
pub(super) fn document(
    w: Words,
    heading: &str,
    subtitle: &str,
    body: impl IntoIterator<Item = Markup>,
) -> String {
    let mut head = vec![
        el("meta", &[("charset", "utf-8")], []),
        el("meta", &[("name", "viewport"), ("content", "width=device-width")], []),
        tag("title", "", format!("{heading} {subtitle}")),
        style(STYLE),
    ];
    if w.rehearsal {
        head.push(style(REHEARSAL_STYLE));
    }
    let top = [banner(w), tag("h1", "", heading), tag("p", "subtitle", subtitle)];
    let html = el(
        "html",
        &[("lang", w.lang.tag())],
        [el("head", &[], head), el("body", &[], top.into_iter().chain(body))],
    );
    format!("<!doctype html>\n{}\n", html.into_string())
}

fn banner(w: Words) -> Markup {
    if !w.rehearsal {
        return Markup::default();
    }
    let both = [Lang::Ja, Lang::En].map(|lang| Words::new(lang, true).say("report-rehearsal"));
    let legend = tag("small", "", w.say("report-rehearsal-legend"));
    el("div", &[("class", "banner")], [text(both.join(" / ")), legend])
}

/// A section with its heading; a rehearsal's headings carry a badge.
pub(super) fn section(w: Words, id: &str, body: impl IntoIterator<Item = Markup>) -> Markup {
    let badge = if w.rehearsal {
        tag("span", "badge", w.say("report-rehearsal-badge"))
    } else {
        Markup::default()
    };
    let heading = el("h2", &[], [text(w.say(id)), badge]);
    el("section", &[], std::iter::once(heading).chain(body))
}

/// The same, begun on a fresh page.
pub(super) fn section_on_a_page(
    w: Words,
    id: &str,
    body: impl IntoIterator<Item = Markup>,
) -> Markup {
    el("div", &[("class", "page")], [section(w, id, body)])
}

/// A table whose head is repeated on each page.
pub(super) fn table(w: Words, heads: &[&str], rows: impl IntoIterator<Item = Markup>) -> Markup {
    let heads: Vec<String> = heads.iter().map(|id| w.say(id)).collect();
    table_below(&heads, rows)
}

/// The same with heads that are words already.
pub(super) fn table_below(heads: &[String], rows: impl IntoIterator<Item = Markup>) -> Markup {
    let heads = heads.iter().map(|words| tag("th", "", words));
    let head = el("thead", &[], [el("tr", &[], heads)]);
    el("table", &[], [head, el("tbody", &[], rows)])
}

/// Labels and values. The class of each value is beside it.
pub(super) fn pairs(w: Words, pairs: Vec<(&str, &str, Markup)>) -> Markup {
    let rows = pairs.into_iter().map(|(id, class, value)| {
        row([tag("th", "", w.say(id)), el("td", &[("class", class)], [value])])
    });
    let body: Vec<Markup> = rows.collect();
    el("table", &[("class", "cover")], [el("tbody", &[], body)])
}

/// A row.
pub(super) fn row(cells: impl IntoIterator<Item = Markup>) -> Markup {
    el("tr", &[], cells)
}

/// A cell with a text.
pub(super) fn td(content: impl AsRef<str>) -> Markup {
    tag("td", "", content)
}

/// A text whose back-quoted pieces are literals.
pub(super) fn prose(sentence: &str) -> Markup {
    all(sentence.split('`').enumerate().map(|(place, piece)| {
        if place % 2 == 1 { tag("span", "mono", piece) } else { text(piece) }
    }))
}

/// A phase's title over `columns`, and what stands in the columns after them.
pub(super) fn phase_row(
    title: &str,
    columns: &str,
    others: impl IntoIterator<Item = String>,
) -> Markup {
    let title = el("td", &[("colspan", columns)], [text(title)]);
    let others = others.into_iter().map(|words| tag("td", "time", words));
    el("tr", &[("class", "phase")], std::iter::once(title).chain(others))
}
