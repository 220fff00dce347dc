//! What a notice said: windows, rules, and everything a person must look at.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::code::Code;
use super::rule::Rule;
use crate::clock::Jst;
use crate::i18n::{self, Lang};

/// Everything that was read in a notice.
///
/// Where [`errors`](Self::errors) is not empty, something was announced that is not among the
/// windows: a person must settle it before the windows are relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The day on which the notice was read; dates without a year lie near it.
    pub read_on: NaiveDate,
    /// The windows, by their beginning.
    pub windows: Vec<NoticeWindow>,
    /// The rules, in the order of the text.
    pub recurring: Vec<Recurring>,
    /// What was not understood or contradicts itself.
    pub errors: Vec<NoticeFinding>,
    /// What was understood by a convention, or left aside.
    pub notes: Vec<NoticeFinding>,
}

impl Notice {
    /// True where neither a window nor a rule was found, of whatever status.
    pub fn no_window_found(&self) -> bool {
        self.windows.is_empty() && self.recurring.is_empty()
    }
}

impl Serialize for Notice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut object = serializer.serialize_struct("Notice", 6)?;
        object.serialize_field("read_on", &self.read_on)?;
        object.serialize_field("no_window_found", &self.no_window_found())?;
        object.serialize_field("windows", &self.windows)?;
        object.serialize_field("recurring", &self.recurring)?;
        object.serialize_field("errors", &self.errors)?;
        object.serialize_field("notes", &self.notes)?;
        object.end()
    }
}

/// What is announced of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It will take place.
    Planned,
    /// It was announced and will not take place.
    Cancelled,
    /// It takes place where the planned one cannot (予備日).
    Reserve,
}

/// A window, half-open: `from` is inside, `to` is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoticeWindow {
    /// Its first moment.
    #[serde(rename = "start", serialize_with = "moment")]
    pub from: Jst,
    /// The first moment after it.
    #[serde(rename = "end", serialize_with = "moment")]
    pub to: Jst,
    /// Whether it will take place.
    pub status: Status,
    /// The words it was read from, in the notice's own characters; `…` stands between words
    /// that lie far apart.
    pub words: String,
    /// The line on which the words begin, from 1.
    pub line: usize,
    /// Service or work that the notice names for it.
    pub title: Option<String>,
    /// The year is not in the notice.
    pub year_assumed: bool,
    /// The end was computed from a length (`約3時間`), not stated as a time.
    pub end_assumed: bool,
    /// The end is read as the next day although the notice does not say so (`22:00～5:00`).
    pub next_day_assumed: bool,
    /// A time is stated as approximate (`頃`, `約`, `予定`).
    pub approximate: bool,
    /// The date was computed from the day of reading (`本日`, `来週土曜`).
    pub relative: bool,
}

/// A rule by which windows come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recurring {
    /// The rule.
    pub rule: Rule,
    /// Minutes after the day's midnight at which it begins; may exceed a day, as `25:00` does.
    #[serde(rename = "start", serialize_with = "clock")]
    pub start_minutes: i64,
    /// Minutes after the same midnight at which it ends.
    #[serde(rename = "end", serialize_with = "clock")]
    pub end_minutes: i64,
    /// Whether it holds.
    pub status: Status,
    /// The words it was read from.
    pub words: String,
    /// The line on which the words begin, from 1.
    pub line: usize,
    /// Service or work that the notice names for it.
    pub title: Option<String>,
}

/// Something that a person must see, with the words it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeFinding {
    /// The stable code, which is also the id of the Fluent text.
    pub code: &'static str,
    /// The words, in the notice's own characters.
    pub words: String,
    /// The line on which they begin, from 1.
    pub line: usize,
    /// Further arguments of the text.
    pub args: Vec<(&'static str, String)>,
}

impl NoticeFinding {
    pub(super) fn new(code: Code, words: String, line: usize) -> Self {
        Self { code: code.id(), words, line, args: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }

    fn text(&self, lang: Lang, attribute: &str) -> String {
        let line = self.line.to_string();
        let mut args: Vec<i18n::Arg<'_>> =
            self.args.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
        args.push(("words", self.words.as_str().into()));
        args.push(("line", line.into()));
        i18n::text(lang, &format!("{}{attribute}", self.code), &args)
    }

    /// What was found, one lower-case fragment.
    pub fn message(&self, lang: Lang) -> String {
        self.text(lang, "")
    }

    /// What to do, a sentence.
    pub fn hint(&self, lang: Lang) -> String {
        self.text(lang, ".hint")
    }
}

#[derive(Serialize)]
struct InBoth {
    ja: String,
    en: String,
}

impl Serialize for NoticeFinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let both =
            |text: &dyn Fn(Lang) -> String| InBoth { ja: text(Lang::Ja), en: text(Lang::En) };
        let mut object = serializer.serialize_struct("NoticeFinding", 5)?;
        object.serialize_field("code", self.code)?;
        object.serialize_field("message", &both(&|lang| self.message(lang)))?;
        object.serialize_field("hint", &both(&|lang| self.hint(lang)))?;
        object.serialize_field("words", &self.words)?;
        object.serialize_field("line", &self.line)?;
        object.end()
    }
}

/// RFC 3339 in whole seconds: no notice names a fraction.
fn moment<S: Serializer>(at: &Jst, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(chrono::SecondsFormat::Secs, false))
}

/// `22:00`, or `29:00` for 05:00 of the next day.
fn clock<S: Serializer>(minutes: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!(
        "{:02}:{:02}",
        minutes.div_euclid(60),
        minutes.rem_euclid(60)
    ))
}
