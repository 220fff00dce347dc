//! The site's look: server-rendered pages as a Rails application with Bootstrap makes them.
//!
//! Every page says in its footer that it is a rehearsal's, so that nobody takes it for the real
//! one; a client reads labels and headings and is not led by it.

use super::Skin;
use super::hosts::Host;
use super::session::{Flash, Visitor};

/// The style sheet, in the manual's colours.
pub(super) const STYLE: &str = include_str!("assets/application.css");
/// What `rails-ujs` and Bootstrap do in a browser: `data-method`, `data-confirm`, menus, tabs.
pub(super) const SCRIPT: &str = include_str!("assets/application.js");

/// One page.
pub(super) struct Page<'a> {
    /// The part of the title after `ORCAMOクラウド管理 > `; empty on the log-in page.
    pub(super) title: &'a str,
    /// The crumb after the site's name in the header.
    pub(super) crumb: &'a str,
    /// The menu, ready HTML.
    pub(super) menu: String,
    pub(super) flash: Option<Flash>,
    /// The page itself, ready HTML.
    pub(super) body: String,
    /// Seconds after which a browser asks again.
    pub(super) refresh_secs: Option<u32>,
}

/// Makes text safe inside elements and double-quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The whole document.
pub(super) fn document(visitor: &Visitor, page: &Page<'_>) -> String {
    // The log-in page stays as it is: it is another application.
    if visitor.skin == Skin::ScriptOnly && visitor.host != Host::Auth {
        return script_only(visitor);
    }
    let title = match page.title {
        "" => "ORCAMOクラウド管理".to_owned(),
        title => format!("ORCAMOクラウド管理 &gt; {}", escape(title)),
    };
    let refresh = page
        .refresh_secs
        .map(|secs| format!("<meta http-equiv=\"refresh\" content=\"{secs}\">\n"))
        .unwrap_or_default();
    format!(
        r#"<!DOCTYPE html>
<html lang="ja">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="csrf-param" content="authenticity_token">
<meta name="csrf-token" content="{csrf}">
{refresh}<link rel="stylesheet" media="all" href="/assets/application.css">
<script src="/assets/application.js" defer></script>
</head>
<body class="{host}">
<header class="navbar">
<a class="navbar-brand" href="/">ORCAMO クラウド管理</a>{crumb}
{menu}</header>
<main class="container">
{flash}{body}</main>
<footer><p>リハーサル用サイト（日レセクラウドではありません）</p></footer>
</body>
</html>
"#,
        csrf = escape(&visitor.csrf),
        host = match visitor.host {
            Host::Control => "ctrl",
            Host::Auth => "auth",
            Host::Management => "sms",
        },
        crumb = match page.crumb {
            "" => String::new(),
            crumb => format!("<span class=\"crumb\">› {}</span>", escape(crumb)),
        },
        menu = page.menu,
        flash = page.flash.as_ref().map(show_flash).unwrap_or_default(),
        body = page.body,
    )
}

/// A page whose content only a script would bring; there is none to bring it.
fn script_only(visitor: &Visitor) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"ja\">\n<head><meta charset=\"utf-8\">\
         <title>ORCAMOクラウド管理</title>\n<meta name=\"csrf-token\" content=\"{}\"></head>\n\
         <body><div id=\"app\"></div>\
         <script src=\"/assets/application.js\" defer></script></body>\n</html>\n",
        escape(&visitor.csrf)
    )
}

fn show_flash(flash: &Flash) -> String {
    let (class, text) = match flash {
        Flash::Notice(text) => ("alert alert-success", text),
        Flash::Alert(text) => ("alert alert-danger", text),
    };
    format!("<div class=\"{class}\" role=\"alert\">{}</div>\n", escape(text))
}

/// The token as a form's hidden field.
pub(super) fn token_field(visitor: &Visitor) -> String {
    format!(
        r#"<input type="hidden" name="authenticity_token" value="{}" autocomplete="off">"#,
        escape(&visitor.csrf)
    )
}

/// Something that changes data when it is clicked, as the skin makes it.
pub(super) struct Action<'a> {
    pub(super) text: &'a str,
    pub(super) href: &'a str,
    /// `post` or `delete`; what is sent is always a POST.
    pub(super) method: &'a str,
    /// The question before it; empty for none.
    pub(super) confirm: &'a str,
    pub(super) class: &'a str,
}

/// `link_to` with `method:` and `data: { confirm: }`, or `button_to`.
pub(super) fn action(visitor: &Visitor, action: &Action<'_>) -> String {
    let Action { text, href, method, confirm, class } = action;
    let (text, href) = (escape(text), escape(href));
    let data = if visitor.skin == Skin::Turbo { "data-turbo-" } else { "data-" };
    let confirm = match *confirm {
        "" => String::new(),
        confirm => format!(r#" {data}confirm="{}""#, escape(confirm)),
    };
    if visitor.skin != Skin::Buttons {
        return format!(
            r#"<a class="{class}"{confirm} rel="nofollow" {data}method="{method}" href="{href}">{text}</a>"#
        );
    }
    let token = token_field(visitor);
    format!(
        r#"<form class="button_to" method="post" action="{href}"><input type="hidden" name="_method" value="{method}" autocomplete="off"><input class="{class}"{confirm} type="submit" value="{text}">{token}</form>"#
    )
}

/// A table of plain cells.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let head: String = head.iter().map(|cell| format!("<th>{}</th>", escape(cell))).collect();
    let rows: String = rows
        .iter()
        .map(|row| {
            let cells: String =
                row.iter().map(|cell| format!("<td>{}</td>", escape(cell))).collect();
            format!("<tr>{cells}</tr>\n")
        })
        .collect();
    format!(
        "<table class=\"table\">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )
}

/// A page without layout.
pub(super) fn bare(message: &str) -> String {
    let message = escape(message);
    format!(
        "<!DOCTYPE html>\n<html lang=\"ja\">\n<head><meta charset=\"utf-8\"><title>{message}</title></head>\n<body><h1>{message}</h1></body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let html = table(&["a"], &[vec!["<script>\"'&".to_owned()]]);
        let parsed = scraper::Html::parse_document(&html);
        let cells = scraper::Selector::parse("td").unwrap();
        let texts: Vec<String> = parsed.select(&cells).map(|cell| cell.text().collect()).collect();
        assert_eq!(texts, ["<script>\"'&"]);
    }
}
