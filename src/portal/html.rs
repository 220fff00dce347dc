//! HTML to [`Page`]. Reads markup; decides nothing.

use std::collections::HashMap;

use scraper::{ElementRef, Html, Node};

use super::form::{Choice, Field, FieldKind, Form};
use super::page::{Action, Control, Page, Row, Table};

/// Depth of elements that is walked: real pages have less than 40, and a hostile page must not
/// exhaust the stack.
const MAX_DEPTH: usize = 200;

/// Elements that are looked at: the longest real page, a full tenant log, has some thousands.
const MAX_ELEMENTS: usize = 50_000;

/// Forms, tables, headings, logs and facts that are kept of each: no real page has more, and
/// each costs a look at everything below it.
const MAX_PARTS: usize = 200;

/// Reads a page.
pub(crate) fn read(html: &str) -> Page {
    let document = Html::parse_document(html);
    let root = document.root_element();
    let mut page = Page::default();
    let visible: Vec<ElementRef<'_>> =
        root.descendent_elements().take(MAX_ELEMENTS).filter(|element| !hidden(*element)).collect();
    read_head(root, &mut page);
    for element in &visible {
        match element.value().name() {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "legend"
                if page.headings.len() < MAX_PARTS =>
            {
                page.headings.push(text_of(*element));
            }
            "pre" | "output" | "samp" => push_log(&mut page.logs, text_raw(*element)),
            "textarea" if element.attr("readonly").is_some() => {
                push_log(&mut page.logs, text_raw(*element));
            }
            _ => {}
        }
    }
    let forms = read_forms(root, &mut page);
    let controls = read_controls(&visible, &forms, &mut page);
    let tables = visible.iter().filter(|element| element.value().name() == "table");
    for table in tables.take(MAX_PARTS) {
        read_table(*table, &controls, &mut page);
    }
    read_lists(&visible, &mut page);
    let mut buffer = String::new();
    walk(root, 0, &mut buffer, &mut page.blocks);
    flush(&mut buffer, &mut page.blocks);
    read_colons(&mut page);
    let scripts = root.descendent_elements().any(|element| element.value().name() == "script");
    page.only_scripts = scripts && page.controls.is_empty() && page.forms.is_empty();
    page
}

fn push_log(logs: &mut Vec<String>, text: String) {
    if logs.len() < MAX_PARTS && !text.trim().is_empty() {
        logs.push(text);
    }
}

fn read_head(root: ElementRef<'_>, page: &mut Page) {
    let mut param = None;
    let mut token = None;
    for element in root.descendent_elements() {
        match (element.value().name(), element.attr("name")) {
            ("title", _) if page.title.is_empty() => page.title = text_of(element),
            ("meta", Some("csrf-param")) => param = element.attr("content"),
            ("meta", Some("csrf-token")) => token = element.attr("content"),
            ("meta", _)
                if element
                    .attr("http-equiv")
                    .is_some_and(|value| value.eq_ignore_ascii_case("refresh")) =>
            {
                page.refresh = refresh_target(element.attr("content").unwrap_or_default());
            }
            _ => {}
        }
    }
    page.csrf = param.zip(token).map(|(param, token)| (param.to_owned(), token.to_owned()));
}

/// `5; url=/there`, or `5` alone, which means the page itself.
fn refresh_target(content: &str) -> Option<String> {
    let Some((_, rest)) = content.split_once([';', ',']) else { return Some(String::new()) };
    let (key, url) = rest.split_once('=')?;
    key.trim().eq_ignore_ascii_case("url").then(|| url.trim().trim_matches(['\'', '"']).to_owned())
}

fn hidden(element: ElementRef<'_>) -> bool {
    let around = element.ancestors().take(MAX_DEPTH).filter_map(ElementRef::wrap);
    std::iter::once(element).chain(around).any(|element| {
        let name = element.value().name();
        let style = element.attr("style").unwrap_or_default().replace(' ', "").to_lowercase();
        matches!(name, "script" | "style" | "template" | "noscript" | "head")
            || element.attr("hidden").is_some()
            || style.contains("display:none")
            || style.contains("visibility:hidden")
    })
}

/// The visible text below an element with its blanks made single.
pub(super) fn text_of(element: ElementRef<'_>) -> String {
    squeeze(&text_raw(element))
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text_raw(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    for node in element.descendants() {
        let Some(value) = node.value().as_text() else { continue };
        let masked = node
            .ancestors()
            .take(MAX_DEPTH)
            .take_while(|ancestor| ancestor.id() != element.id())
            .filter_map(ElementRef::wrap)
            .any(|inner| {
                matches!(
                    inner.value().name(),
                    "script" | "style" | "template" | "option" | "textarea"
                ) || inner.attr("aria-hidden") == Some("true")
                    || inner.attr("hidden").is_some()
            });
        if !masked {
            text.push_str(value);
        }
    }
    text
}

fn ancestor<'a>(element: ElementRef<'a>, name: &str) -> Option<ElementRef<'a>> {
    element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .find(|ancestor| ancestor.value().name() == name)
}

/// The forms found, by the element's position in the tree and by its `id`.
struct Forms<'a> {
    elements: Vec<ElementRef<'a>>,
}

impl<'a> Forms<'a> {
    /// The form that an element belongs to: named by `form=`, else the one around it.
    fn of(&self, element: ElementRef<'a>) -> Option<usize> {
        if let Some(id) = element.attr("form") {
            return self.elements.iter().position(|form| form.attr("id") == Some(id));
        }
        let around = ancestor(element, "form")?;
        self.elements.iter().position(|form| form.id() == around.id())
    }
}

fn read_forms<'a>(root: ElementRef<'a>, page: &mut Page) -> Forms<'a> {
    let elements: Vec<ElementRef<'a>> = root
        .descendent_elements()
        .filter(|element| element.value().name() == "form")
        .take(MAX_PARTS)
        .collect();
    for form in &elements {
        page.forms.push(Form {
            action: form.attr("action").unwrap_or_default().to_owned(),
            method: form.attr("method").unwrap_or("get").to_ascii_lowercase(),
            multipart: form.attr("enctype") == Some("multipart/form-data"),
            confirm: confirm_of(*form),
            fields: Vec::new(),
            scripted: form.attr("data-remote") == Some("true"),
        });
    }
    let forms = Forms { elements };
    let fields = root
        .descendent_elements()
        .filter(|element| matches!(element.value().name(), "input" | "select" | "textarea"));
    for element in fields.take(MAX_PARTS) {
        if let Some(field) = read_field(root, element)
            && let Some(form) = forms.of(element).and_then(|index| page.forms.get_mut(index))
        {
            form.scripted |= element.attr("data-direct-upload-url").is_some();
            form.fields.push(field);
        }
    }
    forms
}

fn read_field(root: ElementRef<'_>, element: ElementRef<'_>) -> Option<Field> {
    let value = element.attr("value").unwrap_or_default();
    let (kind, value) = match element.value().name() {
        "input" => match element.attr("type").unwrap_or("text").to_ascii_lowercase().as_str() {
            "submit" | "button" | "image" | "reset" => return None,
            "hidden" => (FieldKind::Hidden, value.to_owned()),
            "password" => (FieldKind::Password, value.to_owned()),
            "file" => (FieldKind::File, String::new()),
            "checkbox" | "radio" => (
                FieldKind::Check { on: element.attr("checked").is_some() },
                element.attr("value").unwrap_or("on").to_owned(),
            ),
            _ => (FieldKind::Text, value.to_owned()),
        },
        "textarea" => (FieldKind::Text, element.text().collect()),
        "select" => (FieldKind::Select { options: read_options(element) }, String::new()),
        _ => return None,
    };
    Some(Field {
        name: element.attr("name").unwrap_or_default().to_owned(),
        label: label_of(root, element),
        kind,
        value,
        disabled: element.attr("disabled").is_some(),
    })
}

fn read_options(select: ElementRef<'_>) -> Vec<Choice> {
    select
        .descendent_elements()
        .filter(|element| element.value().name() == "option")
        .map(|option| {
            let text = squeeze(&option.text().collect::<String>());
            Choice {
                value: option.attr("value").map_or_else(|| text.clone(), str::to_owned),
                text,
                selected: option.attr("selected").is_some(),
                disabled: option.attr("disabled").is_some(),
            }
        })
        .collect()
}

/// A field's name, in the order in which a screen reader takes it.
fn label_of(root: ElementRef<'_>, element: ElementRef<'_>) -> String {
    let by_for = element.attr("id").and_then(|id| {
        root.descendent_elements()
            .find(|label| label.value().name() == "label" && label.attr("for") == Some(id))
    });
    if let Some(label) = by_for.or_else(|| ancestor(element, "label")) {
        return text_of(label);
    }
    if let Some(label) = element.attr("aria-label") {
        return label.to_owned();
    }
    let labelled_by = element
        .attr("aria-labelledby")
        .and_then(|id| root.descendent_elements().find(|other| other.attr("id") == Some(id)));
    let in_row =
        || ancestor(element, "tr")?.child_elements().find(|cell| cell.value().name() == "th");
    if let Some(label) = labelled_by.or_else(in_row) {
        return text_of(label);
    }
    element.attr("placeholder").or(element.attr("title")).unwrap_or_default().to_owned()
}

/// Reads links and buttons; the map leads from a tree position to an index of the page.
fn read_controls<'a>(
    visible: &[ElementRef<'a>],
    forms: &Forms<'a>,
    page: &mut Page,
) -> HashMap<String, usize> {
    let mut places = HashMap::new();
    for element in visible {
        let control = match element.value().name() {
            "a" => read_link(*element),
            "button" | "input" => read_button(*element, forms, page),
            _ => None,
        };
        if let Some(control) = control {
            places.insert(place(*element), page.controls.len());
            page.controls.push(control);
        }
    }
    places
}

fn place(element: ElementRef<'_>) -> String {
    format!("{:?}", element.id())
}

fn read_link(element: ElementRef<'_>) -> Option<Control> {
    let href = element.attr("href")?.trim().to_owned();
    let method = element.attr("data-method").or(element.attr("data-turbo-method"));
    let action = match method.map(str::to_ascii_lowercase) {
        _ if element.attr("data-remote") == Some("true") => Action::Script,
        Some(method) if method != "get" => Action::Send { method, href },
        _ if href.is_empty() || href.starts_with('#') || href.starts_with("javascript:") => {
            Action::Script
        }
        _ => Action::Get(href),
    };
    let class = element.attr("class").unwrap_or_default();
    Some(Control {
        name: name_of(element),
        action,
        confirm: confirm_of(element),
        disabled: element.attr("aria-disabled") == Some("true")
            || class.split_whitespace().any(|name| name == "disabled"),
    })
}

fn read_button<'a>(element: ElementRef<'a>, forms: &Forms<'a>, page: &Page) -> Option<Control> {
    let is_button = element.value().name() == "button";
    let kind = element.attr("type").unwrap_or(if is_button { "submit" } else { "text" });
    let submits = matches!(kind.to_ascii_lowercase().as_str(), "submit" | "image");
    if !is_button && !submits && !kind.eq_ignore_ascii_case("button") {
        return None;
    }
    let form = forms.of(element);
    let around = form.and_then(|index| page.forms.get(index));
    let own = |name: &str| {
        let value = element.attr("value").unwrap_or_default();
        (name.to_owned(), value.to_owned())
    };
    // A button with an address of its own goes elsewhere than its form says.
    let elsewhere = ["formaction", "formmethod", "formenctype"];
    let submits = submits && elsewhere.iter().all(|name| element.attr(name).is_none());
    let action = match form {
        Some(form) if submits && !around.is_some_and(|form| form.scripted) => Action::Submit {
            form,
            extra: element.attr("name").filter(|name| !name.is_empty()).map(own),
        },
        _ => Action::Script,
    };
    let name = if is_button {
        name_of(element)
    } else {
        element.attr("value").or(element.attr("alt")).unwrap_or_default().to_owned()
    };
    let confirm = confirm_of(element).or_else(|| around.and_then(|form| form.confirm.clone()));
    Some(Control { name, action, confirm, disabled: element.attr("disabled").is_some() })
}

fn name_of(element: ElementRef<'_>) -> String {
    if let Some(label) = element.attr("aria-label").filter(|label| !label.trim().is_empty()) {
        return label.to_owned();
    }
    let text = text_of(element);
    if !text.is_empty() {
        return text;
    }
    let image = element.descendent_elements().find_map(|image| image.attr("alt"));
    image.or(element.attr("title")).unwrap_or_default().to_owned()
}

/// The question a browser would ask: Rails' attributes, or `confirm('...')` in a handler.
fn confirm_of(element: ElementRef<'_>) -> Option<String> {
    ["data-confirm", "data-turbo-confirm"]
        .iter()
        .find_map(|name| element.attr(name))
        .map(str::to_owned)
        .or_else(|| {
            ["onclick", "onsubmit"]
                .iter()
                .filter_map(|name| element.attr(name))
                .find_map(confirm_in_script)
        })
}

fn confirm_in_script(script: &str) -> Option<String> {
    let (_, rest) = script.split_once("confirm(")?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = rest.strip_prefix(quote)?;
    inner.split_once(quote).map(|(text, _)| text.to_owned())
}

fn read_table(table: ElementRef<'_>, controls: &HashMap<String, usize>, page: &mut Page) {
    let own = |element: ElementRef<'_>| {
        ancestor(element, "table").is_some_and(|nearest| nearest.id() == table.id())
    };
    let mut read = Table::default();
    for row in table.descendent_elements().filter(|row| row.value().name() == "tr" && own(*row)) {
        let cells: Vec<ElementRef<'_>> = row
            .child_elements()
            .filter(|cell| matches!(cell.value().name(), "td" | "th"))
            .collect();
        let heads = cells.iter().filter(|cell| cell.value().name() == "th").count();
        let texts: Vec<String> = cells.iter().map(|cell| text_of(*cell)).collect();
        if read.headers.is_empty() && read.rows.is_empty() && heads >= 2 && heads == cells.len() {
            read.headers = texts;
            continue;
        }
        if heads == 1
            && let [label, value] = texts.as_slice()
        {
            page.facts.push((label.clone(), value.clone()));
        }
        let inside = row
            .descendent_elements()
            .filter_map(|element| controls.get(&place(element)).copied())
            .collect();
        read.rows.push(Row { cells: texts, controls: inside });
    }
    page.tables.push(read);
}

/// `<dl><dt>label<dd>value`.
fn read_lists(visible: &[ElementRef<'_>], page: &mut Page) {
    let mut label: Option<String> = None;
    for element in visible {
        match element.value().name() {
            _ if page.facts.len() >= MAX_PARTS => return,
            "dt" => label = Some(text_of(*element)),
            "dd" => {
                if let Some(label) = label.take() {
                    page.facts.push((label, text_of(*element)));
                }
            }
            _ => {}
        }
    }
}

/// `label: value` in one block of text.
fn read_colons(page: &mut Page) {
    for block in &page.blocks {
        if let Some((label, value)) = block.split_once([':', '：'])
            && !value.trim().is_empty()
        {
            page.facts.push((label.trim().to_owned(), value.trim().to_owned()));
        }
    }
}

/// Collects text block by block; menus, links, buttons and choices are no text.
fn walk(element: ElementRef<'_>, depth: usize, buffer: &mut String, blocks: &mut Vec<String>) {
    if depth > MAX_DEPTH {
        return;
    }
    for node in element.children() {
        if let Node::Text(text) = node.value() {
            buffer.push_str(text);
            continue;
        }
        let Some(child) = ElementRef::wrap(node) else { continue };
        let name = child.value().name();
        let skip = matches!(
            name,
            "head"
                | "nav"
                | "footer"
                | "a"
                | "button"
                | "select"
                | "textarea"
                | "script"
                | "style"
                | "template"
                | "noscript"
                | "pre"
        );
        if skip || child.attr("hidden").is_some() || child.attr("aria-hidden") == Some("true") {
            continue;
        }
        let inline = matches!(
            name,
            "span"
                | "b"
                | "strong"
                | "i"
                | "em"
                | "small"
                | "label"
                | "time"
                | "code"
                | "u"
                | "mark"
        );
        if !inline {
            flush(buffer, blocks);
        }
        walk(child, depth.saturating_add(1), buffer, blocks);
        if !inline {
            flush(buffer, blocks);
        }
    }
}

fn flush(buffer: &mut String, blocks: &mut Vec<String>) {
    let text = squeeze(buffer);
    if !text.is_empty() {
        blocks.push(text);
    }
    buffer.clear();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::page::Miss;

    fn words(word: &str) -> Vec<String> {
        vec![word.to_owned()]
    }

    #[test]
    fn labels_of_fields_are_found_every_way_people_write_them() {
        let page = read(
            "<form method=post action=/x><label for=a>ログイン ID</label><input id=a name=u>\
             <label>パスワード <input type=password name=p></label>\
             <input type=file name=f aria-label=ダンプファイル>\
             <table><tr><th>版</th><td><select name=v><option>9.6<option selected>15</select></td></tr></table>\
             <input type=hidden name=t value=k></form>",
        );
        for word in ["ログインID", "パスワード", "ダンプファイル", "版"] {
            assert!(page.field(&words(word)).is_ok(), "{word}");
        }
        let pairs = page.forms[0].successful(None);
        assert!(pairs.contains(&("v".into(), Some("15".into()))));
        assert!(pairs.contains(&("t".into(), Some("k".into()))));
        assert!(pairs.contains(&("f".into(), None)));
    }

    #[test]
    fn the_same_link_twice_is_one_but_two_targets_are_not() {
        let page = read("<nav><a href=/d>DBダンプ</a></nav><p><a href=/d>DB ダンプ</a>");
        assert!(page.control(&words("DBダンプ")).is_ok());
        let page = read("<a href=/d>DBダンプ</a><a href=/e>DBダンプ</a>");
        assert_eq!(page.control(&words("DBダンプ")).unwrap_err(), Miss::Many(2));
        let twice = "<form method=post action=/x><button>実行</button></form>".repeat(2);
        assert_eq!(read(&twice).control(&words("実行")).unwrap_err(), Miss::Many(2));
        let twice = "<a href=/d data-method=post>ダンプ実行</a>".repeat(2);
        assert_eq!(read(&twice).control(&words("ダンプ実行")).unwrap_err(), Miss::Many(2));
        let page = read("<a href=/d style='display: none'>DBダンプ</a>");
        assert_eq!(page.control(&words("DBダンプ")).unwrap_err(), Miss::None);
    }

    #[test]
    fn facts_are_found_in_tables_lists_and_lines() {
        let page = read(
            "<dl><dt>ORCAMO ID</dt><dd>000000452</dd></dl>\
             <table><tr><th>名称</th><td>OSC用テナント</td></tr></table>\
             <p><b>医療機関名:</b> OSC用テナント<br>医療機関ID：JPN0</p>",
        );
        assert_eq!(page.fact(&words("ORCAMO ID")), Ok("000000452"));
        assert_eq!(page.fact(&words("名称")), Ok("OSC用テナント"));
        assert_eq!(page.fact(&words("医療機関名")), Ok("OSC用テナント"));
        assert_eq!(page.fact(&words("医療機関ID")), Ok("JPN0"));
        assert_eq!(page.fact(&words("DB管理")), Err(Miss::None));
    }

    #[test]
    fn confirmations_are_read_from_attributes_and_handlers() {
        let page = read(
            "<a href=/x data-method=delete data-confirm=削除しますか>削除</a>\
             <form method=post onsubmit=\"return confirm('実行しますか')\"><button>実行</button></form>",
        );
        let delete = page.control(&words("削除")).unwrap();
        assert_eq!(delete.confirm.as_deref(), Some("削除しますか"));
        let run = page.control(&words("実行")).unwrap();
        assert_eq!(run.confirm.as_deref(), Some("実行しますか"));
    }

    #[test]
    fn a_page_made_by_scripts_and_a_remote_form_are_known_as_such() {
        assert!(read("<div id=app></div><script src=/a.js></script>").only_scripts);
        let page = read("<form data-remote=true><button>実行</button></form>");
        assert_eq!(page.control(&words("実行")).unwrap().action, Action::Script);
    }

    #[test]
    fn deep_or_broken_markup_does_no_harm() {
        let deep = format!("{}<p>終わり", "<div>".repeat(20_000));
        let page = read(&deep);
        assert!(page.controls.is_empty());
        let page = read("<table><tr><td><form><a href=/a>戻る</table></form><h1>DBダンプ");
        assert!(page.control(&words("戻る")).is_ok());
        assert_eq!(page.headings, ["DBダンプ"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "(?s).{0,400}") {
            let _ = read(&text);
        }
    }
}
