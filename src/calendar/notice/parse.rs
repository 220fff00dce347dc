//! From the text to the notice: line by line, sentence by sentence.

use chrono::NaiveDate;

use super::code::Code;
use super::event::{is_outage, names_meeting};
use super::label::{self, Label, heading_topic, is_heading};
use super::lex::lex;
use super::markup;
use super::model::{Notice, Status};
use super::normalise::{self, Glyph};
use super::reader::{Reader, Section, Sentence};
use super::segment::{self, compact, has};
use super::status;
use super::title;
use super::token::{Kind, Sep};
use super::topic::{Topic, is_done, topic};

/// Longest text that is read, in bytes. A notice has a hundredth of it.
const MAX_TEXT: usize = 1 << 20;

/// Reads a maintenance notice that was pasted as text on the day `read_on`.
///
/// It never fails: what it does not understand is among the notice's errors, with its words.
pub fn parse(text: &str, read_on: NaiveDate) -> Notice {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let shown = text.get(..end).unwrap_or_default();
    let mut reader = Reader::new(shown, read_on);
    if end < text.len() {
        reader.find(Code::TooLong, (0, 0), 1);
    }
    reader.changes = has(shown, &["変更", "延期", "訂正", "順延", "誤り", "リスケ"]);
    let marked_up = markup::is_marked_up(shown);
    for line in normalise::lines(shown) {
        // Between the rows of a page's table stand lines of nothing but markup.
        if line.is_blank() && marked_up {
            continue;
        }
        if line.is_blank() {
            reader.start_end_columns = false;
            reader.old_new_columns = false;
            continue;
        }
        for sentence in segment::sentences(&line) {
            reader.sentence(sentence, line.number);
        }
    }
    reader.finish()
}

/// What a sentence has in it.
#[derive(Clone, Copy)]
struct Has {
    date: bool,
    time: bool,
    range: bool,
    rule: bool,
    cell: bool,
}

impl Has {
    fn of(tokens: &[super::token::Token]) -> Self {
        let any = |test: &dyn Fn(&Kind) -> bool| tokens.iter().any(|token| test(&token.kind));
        let times = tokens.iter().filter(|token| matches!(token.kind, Kind::Time(_))).count();
        let sep = any(&|kind| matches!(kind, Kind::Sep(_)));
        Self {
            date: any(&|kind| matches!(kind, Kind::Date(_) | Kind::Relative(_))),
            time: times > 0,
            range: times > 0 && sep || times > 1,
            rule: any(&|kind| matches!(kind, Kind::Rule(_) | Kind::BadRule | Kind::Each)),
            cell: any(&|kind| matches!(kind, Kind::Cell)),
        }
    }
}

impl Reader<'_> {
    fn sentence(&mut self, glyphs: &[Glyph], line: usize) {
        let text = compact(glyphs);
        let tokens = lex(glyphs);
        let seen = Has::of(&tokens);
        self.sentence += 1;
        let said = status::said(&text);
        let struck = tokens.iter().any(|token| token.kind == Kind::Struck);
        // `毎月第2日曜…、3月は実施しません`: the rule holds but for a month.
        let month = tokens.iter().any(|token| matches!(token.kind, Kind::Month(..)));
        let but_once = seen.rule && month && said.status == Some(Status::Cancelled);
        let label = label::label(&text).or_else(|| self.next_label.take());
        let mut sentence = Sentence {
            glyphs,
            tokens,
            line,
            number: self.sentence,
            label,
            status: said
                .status
                .filter(|_| !but_once)
                .or((struck && !said.moved).then_some(Status::Cancelled)),
            moved: said.moved,
            work: segment::is_work(&text) || label.is_some(),
            prose: has(&text, &["。", "ます", "です", "の間"]) || text.starts_with('※'),
            has_time: seen.time,
            title: None,
            text,
        };
        let bare = !seen.date && !seen.time && !seen.rule;
        if but_once {
            self.find(Code::RuleException, sentence.all(), line);
        }
        if self.skip(&sentence, seen, bare) {
            return;
        }
        if let Some(subject) = title::subject(&sentence.text) {
            self.titles.subject.get_or_insert(subject);
            if !seen.range {
                self.dates_of_subject(&sentence);
                return;
            }
        }
        if bare && self.columns(&sentence) {
            return;
        }
        if bare {
            self.bare(&sentence);
        }
        if self.titles_of(&sentence, bare) {
            return;
        }
        sentence.title = if seen.range || seen.cell || seen.time || seen.rule {
            title::row(&sentence)
        } else {
            None
        };
        let first = self.windows.len();
        let arrow = self.walk(&sentence);
        self.settle(&sentence, first, arrow);
    }

    /// Sentences whose times are no windows; true where it was one.
    fn skip(&mut self, sentence: &Sentence<'_>, seen: Has, bare: bool) -> bool {
        let text = &sentence.text;
        let mut about = topic(text, seen.date, seen.range);
        if bare && is_heading(text) {
            let event = self.section.topic == Some(Topic::Event) && !is_outage(text);
            self.section = Section {
                topic: heading_topic(text).or(event.then_some(Topic::Event)),
                status: None,
                when: has(text, &["日時", "日程", "実施日", "期間", "スケジュール", "時間"]),
            };
            self.start_end_columns = false;
        }
        // `操作説明会のご案内`: the hours below are the meeting's.
        if bare && names_meeting(text) {
            self.section.topic = Some(Topic::Event);
        }
        // The head of a table of faults.
        if bare && about == Topic::History && sentence.tokens.iter().any(|t| t.kind == Kind::Cell) {
            self.section.topic = Some(Topic::History);
        }
        if has(text, &["-----", "=====", "_____", "*****", "＿＿＿", "＝＝＝"])
            && bare
            && !text.contains('|')
        {
            self.section = Section::default();
        }
        if about == Topic::Plan
            && let Some(section) = self.section.topic
        {
            let plan = seen.date && seen.range && section == Topic::Contact
                || section == Topic::Event && is_outage(text);
            about = if plan { Topic::Plan } else { section };
        }
        if about == Topic::Plan && is_done(text) && !seen.date {
            self.done = Some((sentence.all(), sentence.line));
        }
        let may = has(
            text,
            &[
                "前後する",
                "前後いたし",
                "延長",
                "早まる",
                "前倒し",
                "変更となる",
                "変更になる",
                "変更する",
                "短縮",
                "遅れる",
            ],
        );
        if may && has(text, &["場合", "可能性", "ことが"]) {
            self.find(Code::MayChange, sentence.all(), sentence.line);
            // `前倒しで21:30から開始する場合があります` is no window of its own.
            let times =
                sentence.tokens.iter().filter(|token| matches!(token.kind, Kind::Time(_))).count();
            if times == 1 && !seen.date {
                self.find(Code::NotAWindow, sentence.all(), sentence.line);
                return true;
            }
        }
        if self.moves_end(sentence) {
            return true;
        }
        // The end of a start that stands above it, though it is named as after a fault.
        let ends = sentence.label == Some(Label::End) || about == Topic::Event;
        if matches!(about, Topic::History | Topic::Event) && ends && self.waiting.is_some() {
            about = Topic::Plan;
        }
        if about != Topic::Plan {
            if matches!(about, Topic::Posted | Topic::Header) && seen.date {
                self.posted(sentence);
            } else if seen.time {
                self.find(Code::NotAWindow, sentence.all(), sentence.line);
            } else if about == Topic::History && seen.date && is_done(text) {
                self.find(Code::Done, sentence.all(), sentence.line);
            }
            if about == Topic::Header
                && let Some(subject) = title::subject(text)
            {
                self.titles.subject.get_or_insert(subject);
            }
            return true;
        }
        if has(text, &["を除く", "を除き", "は除く", "は除き"])
            && (seen.date || seen.rule || !self.recurring.is_empty())
        {
            self.find(Code::RuleException, sentence.all(), sentence.line);
            return !seen.range;
        }
        false
    }

    /// Notes the day a notice says it was written, without letting it decide other dates.
    fn posted(&mut self, sentence: &Sentence<'_>) {
        let mut calendar = self.calendar.clone();
        for token in &sentence.tokens {
            if let Kind::Date(lit) = token.kind {
                if let Ok(found) = calendar.resolve(&lit) {
                    self.calendar.posted = Some(found.date);
                }
                return;
            }
        }
    }

    /// A subject without times: its dates say what is cancelled, its words what the notice is.
    fn dates_of_subject(&mut self, sentence: &Sentence<'_>) {
        if is_done(&sentence.text) {
            self.done = Some((sentence.all(), sentence.line));
        }
        for token in &sentence.tokens {
            if let Kind::Month(year, month) = token.kind {
                // A month that is none is no reason to refuse the notice.
                self.calendar.heading(year, month).unwrap_or_default();
            }
        }
        if sentence.status != Some(Status::Cancelled) || sentence.text.contains("延期") {
            return;
        }
        let mut days = Vec::new();
        let errors = self.errors.len();
        for i in 0..sentence.tokens.len() {
            if matches!(sentence.kind(i), Some(Kind::Date(_))) {
                days.extend(self.day(sentence, i));
            }
        }
        self.errors.truncate(errors);
        if days.is_empty() {
            self.notice_status = Some(Status::Cancelled);
        }
        self.cancelled_days.extend(days);
    }
}

/// True for a separator that may stand before an end alone.
pub(super) fn leads(sep: Sep) -> bool {
    sep != Sep::Dash
}
