//! A page as a person or a screen reader meets it: names, not markup.
//!
//! Values only; [`super::html`] makes them, [`super::contract`] judges them.

use super::form::Form;
use super::names;

/// Names listed as "seen" in an error: enough to find a renamed label.
const MAX_SEEN: usize = 40;

/// Longest name listed as "seen", in characters: a control's name is short, text is not.
const MAX_SEEN_CHARS: usize = 24;

/// A page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) headings: Vec<String>,
    pub(crate) controls: Vec<Control>,
    pub(crate) forms: Vec<Form>,
    pub(crate) tables: Vec<Table>,
    /// Texts of paragraphs, alerts, cells; not of menus and buttons.
    pub(crate) blocks: Vec<String>,
    /// Texts shown as program output.
    pub(crate) logs: Vec<String>,
    /// `医療機関名: ...`, whichever way the page lays it out.
    pub(crate) facts: Vec<(String, String)>,
    /// Rails' csrf parameter and token.
    pub(crate) csrf: Option<(String, String)>,
    /// Where the page goes by itself.
    pub(crate) refresh: Option<String>,
    /// True where scripts make the page and nothing else does.
    pub(crate) only_scripts: bool,
}

/// Something to click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Control {
    pub(crate) name: String,
    pub(crate) action: Action,
    /// The question a browser asks before it acts.
    pub(crate) confirm: Option<String>,
    pub(crate) disabled: bool,
}

/// What a click does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// A plain link.
    Get(String),
    /// A link that Rails' script sends with another method.
    Send { method: String, href: String },
    /// A button of the form with this number; `extra` is its own name and value.
    Submit { form: usize, extra: Option<(String, String)> },
    /// Only a script knows.
    Script,
}

/// A table with a row of headers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) headers: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// A row: cells by header, and what can be clicked in it, as indices into [`Page::controls`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) cells: Vec<String>,
    pub(crate) controls: Vec<usize>,
}

/// Why a name did not lead to exactly one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    None,
    Many(usize),
}

impl Page {
    /// The control of this name. The same link in the menu and in the text counts once.
    pub(crate) fn control(&self, words: &[String]) -> Result<&Control, Miss> {
        one_control(self.controls.iter(), words)
    }

    /// The control of this name in a row.
    pub(crate) fn control_in(&self, row: &Row, words: &[String]) -> Result<&Control, Miss> {
        one_control(row.controls.iter().filter_map(|index| self.controls.get(*index)), words)
    }

    /// The value that stands at a label such as `ORCAMO ID`.
    pub(crate) fn fact(&self, words: &[String]) -> Result<&str, Miss> {
        for word in words {
            let mut values: Vec<&str> = self
                .facts
                .iter()
                .filter(|(label, _)| names::same(label, word))
                .map(|(_, value)| value.as_str())
                .collect();
            values.dedup_by(|left, right| names::same(left, right));
            match values.as_slice() {
                [] => {}
                [value] => return Ok(value),
                many => return Err(Miss::Many(many.len())),
            }
        }
        Err(Miss::None)
    }

    /// The heading of this name, with or without a tenant in brackets.
    pub(crate) fn heading(&self, words: &[String]) -> Option<&str> {
        words.iter().find_map(|word| {
            self.headings.iter().find(|text| names::heading_is(text, word)).map(String::as_str)
        })
    }

    /// The form, and its field, that carries this label.
    pub(crate) fn field(&self, words: &[String]) -> Result<(usize, usize), Miss> {
        for word in words {
            let found: Vec<(usize, usize)> = self
                .forms
                .iter()
                .enumerate()
                .flat_map(|(form, value)| {
                    value
                        .fields
                        .iter()
                        .enumerate()
                        .filter(|(_, field)| !field.is_hidden() && names::same(&field.label, word))
                        .map(move |(field, _)| (form, field))
                })
                .collect();
            match found.as_slice() {
                [] => {}
                [one] => return Ok(*one),
                many => return Err(Miss::Many(many.len())),
            }
        }
        Err(Miss::None)
    }

    /// The names of what can be used on the page: labels, never running text or cells.
    pub(crate) fn seen(&self) -> String {
        let fields = self.forms.iter().flat_map(|form| form.fields.iter());
        let mut seen: Vec<String> = Vec::new();
        let labels = fields
            .filter(|field| !field.is_hidden())
            .map(|field| field.label.as_str())
            .chain(self.controls.iter().map(|control| control.name.as_str()))
            .chain(self.tables.iter().flat_map(|table| table.headers.iter().map(String::as_str)))
            .chain(self.headings.iter().map(|text| text.split(['(', '（']).next().unwrap_or("")));
        for label in labels {
            let label = label.trim();
            let short = !label.is_empty() && label.chars().count() <= MAX_SEEN_CHARS;
            if short && seen.len() < MAX_SEEN && !seen.iter().any(|known| known == label) {
                seen.push(label.to_owned());
            }
        }
        if seen.is_empty() { "-".to_owned() } else { seen.join(", ") }
    }
}

fn one_control<'a>(
    controls: impl Iterator<Item = &'a Control> + Clone,
    words: &[String],
) -> Result<&'a Control, Miss> {
    for word in words {
        let mut found: Vec<&Control> = Vec::new();
        for control in controls.clone().filter(|control| names::same(&control.name, word)) {
            // A link is only looked at; what changes something must be there exactly once.
            let is_link = matches!(control.action, Action::Get(_));
            if !is_link || !found.iter().any(|known| known.action == control.action) {
                found.push(control);
            }
        }
        match found.as_slice() {
            [] => {}
            [one] => return Ok(one),
            many => return Err(Miss::Many(many.len())),
        }
    }
    Err(Miss::None)
}
