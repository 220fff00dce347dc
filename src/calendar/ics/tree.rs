//! Components: what stands between BEGIN and END.

use super::lines;
use super::property::Property;
use super::report::{Report, shorten};
use crate::diag::Span;

/// Deepest nesting; VCALENDAR, VEVENT, VALARM are three.
const MAX_DEPTH: usize = 8;

/// A component.
pub(super) struct Block {
    /// In capitals: `VEVENT`.
    pub(super) name: String,
    /// Its BEGIN line.
    pub(super) span: Span,
    pub(super) properties: Vec<Property>,
    pub(super) blocks: Vec<Block>,
}

impl Block {
    /// Every property of that name.
    pub(super) fn all<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b Property> {
        self.properties.iter().filter(move |property| property.name == name)
    }

    /// The property of that name, which must not stand twice.
    pub(super) fn one(&self, report: &mut Report<'_>, name: &str) -> Option<&Property> {
        let mut all = self.properties.iter().filter(|property| property.name == name);
        let first = all.next();
        if let Some(second) = all.next() {
            let args = vec![("property", name.to_owned())];
            report.error("calendar-ics-twice", second.span.clone(), args);
        }
        first
    }
}

/// The calendars of a file, at least one.
pub(super) fn read(report: &mut Report<'_>) -> Option<Vec<Block>> {
    let mut open: Vec<Block> = Vec::new();
    let mut calendars = Vec::new();
    let mut last = 0..0;
    for line in lines::unfold(report.text()) {
        last = line.span.clone();
        let structure = |what: &str| vec![("what", what.to_owned())];
        let Some(property) = Property::parse(&line) else {
            // Something else than a calendar has no lines to tell of.
            let code =
                if open.is_empty() { "calendar-ics-no-calendar" } else { "calendar-ics-line" };
            report.error(code, line.span, vec![("line", shorten(&line.text))]);
            return None;
        };
        let value = property.value.trim().to_ascii_uppercase();
        match property.name.as_str() {
            "BEGIN" if open.is_empty() && value != "VCALENDAR" => {
                report.error(
                    "calendar-ics-no-calendar",
                    line.span,
                    vec![("line", shorten(&line.text))],
                );
                return None;
            }
            "BEGIN" if open.len() == MAX_DEPTH => {
                report.error("calendar-ics-structure", line.span, structure("deep"));
                return None;
            }
            "BEGIN" => open.push(Block {
                name: value,
                span: line.span,
                properties: Vec::new(),
                blocks: Vec::new(),
            }),
            "END" => {
                let Some(block) = open.pop().filter(|block| block.name == value) else {
                    report.error("calendar-ics-structure", line.span, structure("end"));
                    return None;
                };
                match open.last_mut() {
                    Some(parent) => parent.blocks.push(block),
                    None => calendars.push(block),
                }
            }
            _ => match open.last_mut() {
                Some(block) => block.properties.push(property),
                None => {
                    report.error(
                        "calendar-ics-no-calendar",
                        line.span,
                        vec![("line", shorten(&line.text))],
                    );
                    return None;
                }
            },
        }
    }
    if !open.is_empty() {
        report.error("calendar-ics-structure", last, vec![("what", "unfinished".to_owned())]);
        return None;
    }
    if calendars.is_empty() {
        report.error("calendar-ics-no-calendar", 0..0, vec![("line", String::new())]);
        return None;
    }
    Some(calendars)
}
