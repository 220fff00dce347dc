//! Reads the dates of a sentence: one, a list, or a period.

use chrono::Days;

use super::code::Code;
use super::model::{NoticeFinding, Status};
use super::reader::{Day, Group, Reader, Sentence};
use super::resolve::Found;
use super::segment::{has, unbulleted};
use super::token::{Kind, Sep};

/// Longest period of days, each with a window: a quarter of a year.
const MAX_PERIOD: i64 = 92;

impl Reader<'_> {
    /// Reads the dates from token `i` on, and returns the first token behind them.
    pub(super) fn take_dates(&mut self, sentence: &Sentence<'_>, i: usize) -> usize {
        let mut group =
            Group { line: sentence.line, sentence: sentence.number, ..Group::default() };
        let mut at = i;
        loop {
            match self.day(sentence, at) {
                Some(day) => group.days.push(day),
                None => group.bad = true,
            }
            let next = sentence.kind(at + 1);
            match (next, sentence.kind(at + 2)) {
                (Some(Kind::Comma), Some(Kind::Date(_) | Kind::Relative(_))) => at += 2,
                (Some(Kind::Sep(sep)), Some(Kind::Date(_) | Kind::Relative(_))) => {
                    let sep = *sep;
                    at += 2;
                    if self.second_of_period(sentence, at, sep, &mut group) {
                        if !matches!(
                            (sentence.kind(at + 1), sentence.kind(at + 2)),
                            (Some(Kind::Comma), Some(Kind::Date(_)))
                        ) {
                            break;
                        }
                        at += 2;
                    } else {
                        break;
                    }
                }
                _ => break,
            }
        }
        self.set_group(sentence, i, group);
        at + 1
    }

    /// The day of the date token `at`, with what is to be said of it.
    pub(super) fn day(&mut self, sentence: &Sentence<'_>, at: usize) -> Option<Day> {
        let span = sentence.span(at, at);
        let found = match sentence.kind(at) {
            Some(Kind::Date(lit)) => self.calendar.resolve(lit),
            Some(Kind::Relative(relative)) => self.calendar.relative(*relative),
            _ => return None,
        };
        match found {
            Ok(found) => {
                self.remark(found, span, sentence.line);
                // `1/2` may be a fraction: only a label makes it a date that lacks its time.
                let sure = match sentence.kind(at) {
                    Some(Kind::Date(lit)) => {
                        lit.year.is_some()
                            || lit.weekday.is_some()
                            || has(&self.words(span), &["月", "日"])
                            || has(&sentence.text, &["日時", "日程", "実施日", "予備日"])
                    }
                    _ => true,
                };
                Some(Day {
                    date: found.date,
                    assumed: found.assumed,
                    relative: found.relative,
                    status: sentence.status,
                    span,
                    line: sentence.line,
                    work: sentence.work && sure || self.section.when,
                })
            }
            Err(code) => {
                // The day of the week is what an erratum puts right.
                let erratum = unbulleted(&sentence.text).starts_with('誤');
                let code = match code {
                    Code::WeekdayContradiction if erratum => Code::DateLeftAside,
                    code => code,
                };
                self.find(code, span, sentence.line);
                None
            }
        }
    }

    fn remark(&mut self, found: Found, span: (usize, usize), line: usize) {
        let words = self.words(span);
        let far = (found.date - self.calendar.read_on).num_days().abs() > 400;
        let mut note = |code| {
            let finding = NoticeFinding::new(code, words.clone(), line).with("date", found.date);
            self.push(code, finding);
        };
        if found.relative {
            note(Code::RelativeDate);
        }
        if found.by_weekday {
            note(Code::YearByWeekday);
        }
        if far {
            note(Code::FarFromReading);
        }
    }

    /// Reads the second date of `1月16日～18日` or of `1月16日から1月23日に延期`; false where
    /// the group ends here.
    fn second_of_period(
        &mut self,
        sentence: &Sentence<'_>,
        at: usize,
        sep: Sep,
        group: &mut Group,
    ) -> bool {
        let Some(first) = group.days.last().cloned() else {
            // The first date is wrong and was reported; the second is read for its own sake.
            group.bad = true;
            self.day(sentence, at);
            return true;
        };
        if sentence.moved && matches!(sep, Sep::Word | Sep::Arrow) {
            if let Some(last) = group.days.last_mut() {
                last.status = Some(Status::Cancelled);
            }
            match self.day(sentence, at) {
                Some(day) => group.days.push(Day { status: Some(Status::Planned), ..day }),
                None => group.bad = true,
            }
            return true;
        }
        let span = sentence.span(at, at);
        let found = match sentence.kind(at) {
            Some(Kind::Date(lit)) => self.calendar.resolve_end(&lit.clone(), first.found()),
            Some(Kind::Relative(relative)) => self.calendar.relative(*relative),
            _ => return false,
        };
        let last = match found {
            Ok(found) => found.date,
            Err(code) => {
                self.find(code, span, sentence.line);
                group.bad = true;
                return true;
            }
        };
        if (last - first.date).num_days() > MAX_PERIOD {
            group.period = true;
            group.days.push(Day { date: last, span, ..first });
            return true;
        }
        let mut date = first.date;
        while date < last {
            let Some(next) = date.checked_add_days(Days::new(1)) else { break };
            date = next;
            group.days.push(Day { date, span: (first.span.0, span.1), ..first.clone() });
        }
        if let Some(day) = group.days.iter_mut().find(|day| day.date == first.date) {
            day.span = (first.span.0, span.1);
        }
        group.period = true;
        true
    }

    /// Puts a group in force. Dates on lines of their own, one below the other, are one list.
    fn set_group(&mut self, sentence: &Sentence<'_>, i: usize, mut group: Group) {
        if let Some(old) = self.group.take() {
            let near = old.line + 1 >= group.line && !old.used && !old.bad && old.rule.is_none();
            let same = old.sentence == group.sentence;
            // A time behind the new date is the new window's alone.
            let own = matches!(sentence.kind(sentence.skip_weak(i + 1)), Some(Kind::Time(_)));
            if near && same && sentence.moved && own {
                for day in old.days {
                    let day = Day { status: Some(Status::Cancelled), ..day };
                    // Also where its window stands in a list above.
                    let above = self.windows.iter_mut();
                    for window in above.filter(|window| window.from.date_naive() == day.date) {
                        window.status = Status::Cancelled;
                    }
                    self.cancelled_days.push(day.clone());
                    self.leftovers.push(day);
                }
            } else if near && same && sentence.moved {
                let old_days = old.days.into_iter();
                let mut days: Vec<Day> =
                    old_days.map(|day| Day { status: Some(Status::Cancelled), ..day }).collect();
                let new = group.days.into_iter();
                days.extend(new.map(|day| Day { status: Some(Status::Planned), ..day }));
                group.days = days;
            } else if near && !sentence.has_time && !old.period && !group.period && !same {
                let mut days = old.days;
                for day in group.days {
                    match days.iter_mut().find(|other| other.date == day.date) {
                        Some(other) => *other = day,
                        None => days.push(day),
                    }
                }
                group.days = days;
            } else if !old.used && !old.bad {
                self.leftovers.extend(old.days);
            }
        }
        group.each |= sentence.has_each();
        self.group = Some(group);
        if let Some(range) = self.loose.take() {
            // The sentence's own times belong to its dates, but those before them may be the range.
            let behind = sentence.tokens.get(i..).unwrap_or_default();
            let own = behind.iter().any(|token| matches!(token.kind, Kind::Time(_)));
            if own
                || (sentence.has_time && range.line != sentence.line)
                || range.line + 4 < sentence.line
            {
                self.loose = Some(range);
            } else {
                self.place(&range, sentence.title.clone());
            }
        }
    }
}

impl Sentence<'_> {
    pub(super) fn kind(&self, i: usize) -> Option<&Kind> {
        self.tokens.get(i).map(|token| &token.kind)
    }

    pub(super) fn has_each(&self) -> bool {
        self.tokens.iter().any(|token| matches!(token.kind, Kind::Each | Kind::Days))
    }
}
