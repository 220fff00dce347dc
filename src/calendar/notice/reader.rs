//! The state of reading: which dates, times, titles and statuses are in force at a line.

use chrono::NaiveDate;

use super::code::Code;
use super::label::Label;
use super::model::{NoticeFinding, NoticeWindow, Recurring, Status};
use super::normalise::Glyph;
use super::resolve::Calendar;
use super::rule::Rule;
use super::title::Titles;
use super::token::{TimeLit, Token};
use super::topic::Topic;

/// Most windows and rules of one notice; a year of nights.
pub(super) const MAX_WINDOWS: usize = 500;
/// Most findings of one notice; nobody reads more.
pub(super) const MAX_FINDINGS: usize = 300;
/// Most characters of the words that are shown.
const MAX_WORDS: usize = 300;

/// Bytes of the text.
pub(super) type Span = (usize, usize);

/// A date in force.
#[derive(Clone, Debug)]
pub(super) struct Day {
    pub(super) date: NaiveDate,
    pub(super) assumed: bool,
    pub(super) relative: bool,
    pub(super) status: Option<Status>,
    pub(super) span: Span,
    pub(super) line: usize,
    /// The sentence speaks of work; a date without a time is then an error.
    pub(super) work: bool,
}

impl Day {
    /// The day as what a range's end is counted from.
    pub(super) fn found(&self) -> super::resolve::Found {
        super::resolve::Found {
            date: self.date,
            assumed: self.assumed,
            by_weekday: false,
            relative: self.relative,
        }
    }
}

/// The dates that times belong to.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) days: Vec<Day>,
    pub(super) rule: Option<(Rule, Span, usize)>,
    /// Days from one to another, which may be one window or one on each day.
    pub(super) period: bool,
    pub(super) each: bool,
    /// A finding was made of it: times that follow are not another one.
    pub(super) bad: bool,
    pub(super) used: bool,
    /// Where it was last written or used.
    pub(super) line: usize,
    /// The sentence, counted through the notice.
    pub(super) sentence: usize,
}

/// A start that waits for its end.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) lit: TimeLit,
    pub(super) span: Span,
    pub(super) line: usize,
    pub(super) group: Group,
    pub(super) zone: Option<Option<i32>>,
    pub(super) status: Option<Status>,
    /// A separator stands behind it: the end may begin the next line.
    pub(super) open: bool,
}

/// The end of a range.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// A time, and its own date where one is written.
    At(TimeLit, Option<super::resolve::Found>),
    /// A length.
    After { minutes: i64, rough: bool },
    /// The end of the day.
    OfDay,
}

/// A range of times, not yet on a date.
#[derive(Clone, Debug)]
pub(super) struct Range {
    pub(super) start: TimeLit,
    pub(super) end: End,
    pub(super) span: Span,
    pub(super) line: usize,
    pub(super) zone: Option<Option<i32>>,
    pub(super) status: Option<Status>,
    /// In a sentence of prose rather than in a list.
    pub(super) prose: bool,
    /// The sentence says that it is part of something longer: `うち 22:15～22:30`.
    pub(super) part: bool,
}

/// A sentence that is being read.
pub(super) struct Sentence<'g> {
    pub(super) glyphs: &'g [Glyph],
    pub(super) tokens: Vec<Token>,
    pub(super) text: String,
    pub(super) line: usize,
    pub(super) number: usize,
    pub(super) label: Option<Label>,
    pub(super) status: Option<Status>,
    pub(super) moved: bool,
    pub(super) work: bool,
    pub(super) prose: bool,
    pub(super) has_time: bool,
    pub(super) title: Option<String>,
}

impl Sentence<'_> {
    /// The bytes of tokens `from..=to`.
    pub(super) fn span(&self, from: usize, to: usize) -> Span {
        let glyph = |i: usize| self.glyphs.get(i);
        let start = self.tokens.get(from).and_then(|token| glyph(token.start));
        let end = self.tokens.get(to).and_then(|token| glyph(token.end.saturating_sub(1)));
        (start.map_or(0, |glyph| glyph.start), end.map_or(0, |glyph| glyph.end))
    }

    /// The bytes of the whole sentence.
    pub(super) fn all(&self) -> Span {
        let first = self.glyphs.iter().find(|glyph| !glyph.ch.is_whitespace());
        let last = self.glyphs.iter().rfind(|glyph| !glyph.ch.is_whitespace());
        (first.map_or(0, |glyph| glyph.start), last.map_or(0, |glyph| glyph.end))
    }

    /// The normalised text of a token.
    pub(super) fn token_text(&self, i: usize) -> String {
        let Some(token) = self.tokens.get(i) else { return String::new() };
        let glyphs = self.glyphs.get(token.start..token.end).unwrap_or_default();
        glyphs.iter().map(|glyph| glyph.ch).collect()
    }
}

/// What holds for the lines below a heading.
#[derive(Clone, Debug, Default)]
pub(super) struct Section {
    pub(super) topic: Option<Topic>,
    pub(super) status: Option<Status>,
    /// It is about when.
    pub(super) when: bool,
}

/// The reading of one notice.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) calendar: Calendar,
    pub(super) windows: Vec<NoticeWindow>,
    pub(super) recurring: Vec<Recurring>,
    pub(super) errors: Vec<NoticeFinding>,
    pub(super) notes: Vec<NoticeFinding>,
    pub(super) group: Option<Group>,
    pub(super) waiting: Option<Waiting>,
    pub(super) loose: Option<Range>,
    pub(super) last_range: Option<Range>,
    pub(super) leftovers: Vec<Day>,
    pub(super) cancelled_days: Vec<Day>,
    pub(super) section: Section,
    pub(super) notice_status: Option<Status>,
    pub(super) done: Option<(Span, usize)>,
    pub(super) zone: Option<Option<i32>>,
    pub(super) next_label: Option<Label>,
    /// The columns of a table hold starts and ends: `開始 | 終了`.
    pub(super) start_end_columns: bool,
    /// The columns of a table hold old and new windows: `変更前 | 変更後`.
    pub(super) old_new_columns: bool,
    pub(super) titles: Titles,
    pub(super) sentence: usize,
    pub(super) full: bool,
    /// The notice speaks of a change somewhere.
    pub(super) changes: bool,
    /// A heading with a vague date: an error only where no date is found at all.
    pub(super) vague: Option<(Span, usize)>,
    /// Beginnings or ends that were moved, with their new minutes after midnight.
    pub(super) moved_ends: Vec<(Span, usize, i64)>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, read_on: NaiveDate) -> Self {
        Self {
            text,
            calendar: Calendar::new(read_on),
            windows: Vec::new(),
            recurring: Vec::new(),
            errors: Vec::new(),
            notes: Vec::new(),
            group: None,
            waiting: None,
            loose: None,
            last_range: None,
            leftovers: Vec::new(),
            cancelled_days: Vec::new(),
            section: Section::default(),
            notice_status: None,
            done: None,
            zone: None,
            next_label: None,
            start_end_columns: false,
            old_new_columns: false,
            titles: Titles::default(),
            sentence: 0,
            full: false,
            changes: false,
            vague: None,
            moved_ends: Vec::new(),
        }
    }

    /// The words of the text, cut to a length that can be shown.
    pub(super) fn words(&self, span: Span) -> String {
        let words = self.text.get(span.0..span.1).unwrap_or_default().trim();
        if words.chars().count() <= MAX_WORDS {
            return words.to_owned();
        }
        words.chars().take(MAX_WORDS).chain(['…']).collect()
    }

    /// The words of two places: all between them where they are near, else both with `…`.
    pub(super) fn words_of(&self, one: Span, other: Span) -> String {
        let (first, second) = if one.0 <= other.0 { (one, other) } else { (other, one) };
        if second.0 <= first.1 + 60 {
            return self.words((first.0, first.1.max(second.1)));
        }
        format!("{} … {}", self.words(first), self.words(second))
    }

    /// Records a finding; the same words are not reported twice for the same thing.
    pub(super) fn find(&mut self, code: Code, span: Span, line: usize) {
        let words = self.words(span);
        self.push(code, NoticeFinding::new(code, words, line));
    }

    pub(super) fn push(&mut self, code: Code, finding: NoticeFinding) {
        let read_on = self.calendar.read_on;
        let list = if code.is_error() { &mut self.errors } else { &mut self.notes };
        let recent = list.iter().rev().take(20);
        if recent.clone().any(|other| {
            other.code == finding.code && other.line == finding.line && other.words == finding.words
        }) {
            return;
        }
        if list.len() < MAX_FINDINGS {
            list.push(finding.with("read_on", read_on).with("limit", MAX_WINDOWS));
        } else {
            self.full = true;
        }
    }

    /// The status of a window: what its own words say, then its section, then the notice.
    pub(super) fn status(&self, own: Option<Status>) -> Status {
        own.or(self.section.status).or(self.notice_status).unwrap_or(Status::Planned)
    }
}
