//! Forms as a browser sends them: successful controls only, hidden ones kept, and the button
//! that was clicked.

use zeroize::Zeroize;

/// A form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) method: String,
    pub(crate) multipart: bool,
    pub(crate) confirm: Option<String>,
    pub(crate) fields: Vec<Field>,
    /// True where a script, not the browser, sends the form.
    pub(crate) scripted: bool,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) kind: FieldKind,
    pub(crate) value: String,
    pub(crate) disabled: bool,
}

/// The kind of a field, as far as it matters for what is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    Hidden,
    Text,
    Password,
    File,
    /// Checkbox or radio button.
    Check {
        on: bool,
    },
    Select {
        options: Vec<Choice>,
    },
}

/// An option of a select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) text: String,
    pub(crate) value: String,
    pub(crate) selected: bool,
    pub(crate) disabled: bool,
}

impl Field {
    pub(crate) fn is_hidden(&self) -> bool {
        self.kind == FieldKind::Hidden
    }
}

impl Form {
    /// Sets a text or password field.
    pub(crate) fn fill(&mut self, field: usize, value: &str) {
        if let Some(field) = self.fields.get_mut(field) {
            value.clone_into(&mut field.value);
        }
    }

    /// Overwrites what was filled in, for passwords that have been sent.
    pub(crate) fn wipe(&mut self, field: usize) {
        if let Some(field) = self.fields.get_mut(field) {
            field.value.zeroize();
        }
    }

    /// Chooses an option by its index.
    pub(crate) fn choose(&mut self, field: usize, choice: usize) {
        if let Some(Field { kind: FieldKind::Select { options }, .. }) = self.fields.get_mut(field)
        {
            for (index, option) in options.iter_mut().enumerate() {
                option.selected = index == choice;
            }
        }
    }

    /// The pairs that a browser would send, in the page's order; a file field has `None`.
    pub(crate) fn successful(
        &self,
        button: Option<&(String, String)>,
    ) -> Vec<(String, Option<String>)> {
        let mut pairs = Vec::new();
        for field in self.fields.iter().filter(|field| !field.disabled && !field.name.is_empty()) {
            match &field.kind {
                FieldKind::Hidden | FieldKind::Text | FieldKind::Password => {
                    pairs.push((field.name.clone(), Some(field.value.clone())));
                }
                FieldKind::Check { on: true } => {
                    pairs.push((field.name.clone(), Some(field.value.clone())));
                }
                FieldKind::Check { on: false } => {}
                FieldKind::File => pairs.push((field.name.clone(), None)),
                FieldKind::Select { options } => {
                    // A browser sends the first choice where none is marked.
                    let chosen = options
                        .iter()
                        .find(|option| option.selected)
                        .or_else(|| options.iter().find(|option| !option.disabled));
                    if let Some(option) = chosen {
                        pairs.push((field.name.clone(), Some(option.value.clone())));
                    }
                }
            }
        }
        pairs.extend(button.map(|(name, value)| (name.clone(), Some(value.clone()))));
        pairs
    }

    /// Adds the page's csrf token where the form has none of its own.
    pub(crate) fn with_csrf(
        &self,
        mut pairs: Vec<(String, Option<String>)>,
        csrf: Option<&(String, String)>,
    ) -> Vec<(String, Option<String>)> {
        if let Some((name, token)) = csrf
            && self.method != "get"
            && !pairs.iter().any(|(known, _)| known == name)
        {
            pairs.insert(0, (name.clone(), Some(token.clone())));
        }
        pairs
    }
}
