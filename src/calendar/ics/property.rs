//! One property: name, parameters, value, place. The crate `icalendar` takes the line apart.

use icalendar::parser;

use super::lines::Line;
use crate::diag::Span;

/// A property of a component.
#[derive(Debug)]
pub(super) struct Property {
    /// In capitals.
    pub(super) name: String,
    /// TEXT values are unescaped.
    pub(super) value: String,
    pub(super) span: Span,
    params: Vec<(String, String)>,
}

impl Property {
    /// `None` where the line is no property.
    pub(super) fn parse(line: &Line) -> Option<Self> {
        // A name ends with the first mark; the crate knows names in capitals only, and takes a
        // line without a colon for a name.
        let end = line.text.find([':', ';'])?;
        let (name, rest) = (line.text.get(..end)?, line.text.get(end..)?);
        let known = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if name.is_empty() || !name.chars().all(known) || !rest.contains(':') {
            return None;
        }
        let name = name.to_ascii_uppercase();
        // The crate reads these two as part of a component only.
        if matches!(name.as_str(), "BEGIN" | "END") {
            let value = rest.strip_prefix(':')?.to_owned();
            return Some(Self { name, value, span: line.span.clone(), params: Vec::new() });
        }
        let text = format!("{name}{rest}");
        let parsed = parser::Property::try_from(text.as_str()).ok()?;
        let params = parsed.params.iter().map(|param| {
            let value = param.val.as_ref().map_or("", |value| value.as_str());
            (param.key.as_str().to_ascii_uppercase(), value.trim_matches('"').to_owned())
        });
        Some(Self {
            name: parsed.name.as_str().to_owned(),
            value: parsed.val.as_str().to_owned(),
            span: line.span.clone(),
            params: params.collect(),
        })
    }

    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
