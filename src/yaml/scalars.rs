//! Typed scalars: texts, numbers, times, durations.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound};

use super::{Node, Reader, Value, closest};
use crate::clock::{Jst, to_jst};

/// Longest text, in characters: titles, names, paths and commands are shorter, and a longer one
/// would break tables and mails.
const MAX_TEXT: usize = 1000;
/// Longest duration, in seconds: a cutover is planned weeks ahead, and a wait of more than sixty
/// days is a slip of the finger.
const MAX_DURATION_SECS: u64 = 60 * 24 * 3600;

impl Reader {
    /// A text on one line without control characters. Numbers count as their digits, so that
    /// `000000452` stays what it is.
    pub(crate) fn text(&mut self, node: &Node) -> Option<String> {
        let text = match node.text() {
            Some(text) if !node.is_null() => text,
            _ => {
                self.wrong_type(node, "text");
                return None;
            }
        };
        // Line breaks and escapes would forge lines of mails, logs and terminals.
        if text.chars().any(char::is_control) || text.chars().count() > MAX_TEXT {
            let args = vec![("limit", MAX_TEXT.to_string())];
            self.report(self.codes().bad_text, node.span.clone(), args);
            return None;
        }
        Some(text.to_owned())
    }

    /// A text that is not blank.
    pub(crate) fn filled_text(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        if text.trim().is_empty() {
            self.wrong_type(node, "filled-text");
            return None;
        }
        Some(text)
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, node: &Node) -> Option<Vec<String>> {
        let items = self.list(node)?;
        let texts: Vec<_> = items.iter().map(|item| self.text(item)).collect();
        texts.into_iter().collect()
    }

    /// A whole number between two bounds, inclusive.
    pub(crate) fn number(&mut self, node: &Node, least: u64, most: u64) -> Option<u64> {
        self.bounded(node, least, most, "number")
    }

    /// `auto`, which is `None`, or a whole number between two bounds, inclusive.
    pub(crate) fn number_or_auto(
        &mut self,
        node: &Node,
        least: u64,
        most: u64,
    ) -> Option<Option<u64>> {
        if node.text() == Some("auto") {
            return Some(None);
        }
        self.bounded(node, least, most, "number-or-auto").map(Some)
    }

    fn bounded(
        &mut self,
        node: &Node,
        least: u64,
        most: u64,
        expected: &'static str,
    ) -> Option<u64> {
        let number = match &node.value {
            Value::Scalar { text, plain: true }
                if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                text.parse::<u64>().ok()
            }
            _ => None,
        };
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let args = vec![
                ("expected", expected.to_owned()),
                ("least", least.to_string()),
                ("most", most.to_string()),
            ];
            self.wrong_type_with(node, args);
        }
        number
    }

    /// A number with a fraction between two bounds, inclusive.
    pub(crate) fn fraction(&mut self, node: &Node, least: f64, most: f64) -> Option<f64> {
        let number = match &node.value {
            Value::Scalar { text, plain: true } => text.parse::<f64>().ok(),
            _ => None,
        };
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let args = vec![
                ("expected", "fraction".to_owned()),
                ("least", least.to_string()),
                ("most", most.to_string()),
            ];
            self.wrong_type_with(node, args);
        }
        number
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, node: &Node) -> Option<bool> {
        match &node.value {
            Value::Scalar { text, plain: true } if text == "true" => Some(true),
            Value::Scalar { text, plain: true } if text == "false" => Some(false),
            _ => {
                self.wrong_type(node, "flag");
                None
            }
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&mut self, node: &Node, known: &[(&str, T)]) -> Option<T> {
        let text = self.text(node)?;
        let found = known.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words = || known.iter().map(|(word, _)| *word);
            let args = vec![
                ("value", text.clone()),
                ("guess", closest(&text, words()).unwrap_or("none").to_owned()),
                ("known", words().collect::<Vec<_>>().join(", ")),
            ];
            self.report(self.codes().unknown_value, node.span.clone(), args);
        }
        found
    }

    /// A time with its offset, kept to the millisecond, which is what is written again.
    pub(crate) fn time(&mut self, node: &Node) -> Option<Jst> {
        let text = self.text(node)?;
        if let Ok(at) = DateTime::parse_from_rfc3339(&text) {
            return Some(to_jst(at).trunc_subsecs(3));
        }
        let bare = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
            .iter()
            .any(|form| NaiveDateTime::parse_from_str(&text, form).is_ok())
            || NaiveDate::parse_from_str(&text, "%Y-%m-%d").is_ok();
        let codes = self.codes();
        let code = if bare { codes.time_without_offset } else { codes.bad_time };
        self.report(code, node.span.clone(), vec![("value", text)]);
        None
    }

    /// `30s`, `2m`, `3h`, `1d` in seconds, at least one.
    pub(crate) fn duration_secs(&mut self, node: &Node) -> Option<u64> {
        let text = self.text(node)?;
        let unit = match text.bytes().last() {
            Some(b's') => 1,
            Some(b'm') => 60,
            Some(b'h') => 3600,
            Some(b'd') => 86_400,
            _ => 0,
        };
        let digits = text.trim_end_matches(['s', 'm', 'h', 'd']);
        let one_unit = text.len() == digits.len().saturating_add(1);
        let secs = if one_unit && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            digits.parse::<u64>().ok().and_then(|count| count.checked_mul(unit))
        } else {
            None
        };
        let secs = secs.filter(|secs| (1..=MAX_DURATION_SECS).contains(secs));
        if secs.is_none() {
            self.report(self.codes().bad_duration, node.span.clone(), vec![("value", text)]);
        }
        secs
    }

    /// `format:` of a file must be this number.
    pub(crate) fn format(&mut self, node: &Node, known: u32) -> Option<u32> {
        if node.text() == Some(known.to_string().as_str()) {
            return Some(known);
        }
        let args = vec![("known", known.to_string())];
        self.report(self.codes().format, node.span.clone(), args);
        None
    }
}
