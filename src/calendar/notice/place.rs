//! Puts a range of times on its dates: windows, or a rule.

use chrono::{Days, NaiveDate, TimeDelta};

use super::code::Code;
use super::minutes::{DAY, Span, rule_end, span_on};
use super::model::{NoticeFinding, NoticeWindow, Recurring, Status};
use super::reader::{Day, End, Group, MAX_WINDOWS, Range, Reader};
use super::rule::moment;
use super::token::TimeLit;
use super::zone::JAPAN;

/// How many lines below its dates a range may stand.
const REACH: usize = 10;
impl Reader<'_> {
    /// Puts `range` on the dates in force, or keeps it until a date comes.
    pub(super) fn place(&mut self, range: &Range, title: Option<String>) {
        let problem = range.start.problem.or(match range.end {
            End::At(end, _) => end.problem,
            _ => None,
        });
        if let Some(code) = problem {
            self.find(code, range.span, range.line);
            self.mark_used(range.line);
            return;
        }
        let reach = |group: &Group| group.line + if group.used { 2 } else { REACH } >= range.line;
        let Some(group) = self.group.clone().filter(reach) else {
            if self.inside(range) {
                self.find(Code::InsideWindow, range.span, range.line);
            } else {
                if let Some(old) = self.loose.replace(range.clone()) {
                    self.find(Code::TimeWithoutDate, old.span, old.line);
                }
            }
            return;
        };
        if group.bad {
            self.mark_used(range.line);
            return;
        }
        let part = range.part || (range.prose && group.line < range.line);
        if group.used && part && self.inside(range) {
            self.find(Code::InsideWindow, range.span, range.line);
            return;
        }
        self.last_range = Some(range.clone());
        self.mark_used(range.line);
        if let Some(zone) = range.zone.or(self.zone)
            && zone.is_none()
        {
            self.find(Code::ForeignZone, range.span, range.line);
            return;
        }
        if let Some((rule, span, line)) = group.rule.clone() {
            self.rule(rule, (span, line), range, title);
            return;
        }
        if group.period && !group.each && !self.period_is_clear(&group, range) {
            return;
        }
        self.windows_of(&group, range, title.as_ref());
    }

    fn windows_of(&mut self, group: &Group, range: &Range, title: Option<&String>) {
        let whole = matches!(range.end, End::OfDay) && group.period;
        if let (true, Some(first), Some(last)) = (whole, group.days.first(), group.days.last()) {
            let minutes = (last.date - first.date).num_days() * DAY + DAY;
            let span = Span { start: 0, end: minutes, notes: Vec::new() };
            self.window(first, &span, range, title);
            return;
        }
        if let (End::At(_, Some(_)), true) = (&range.end, group.days.len() > 1) {
            self.find(Code::Unclear, range.span, range.line);
            return;
        }
        let mut said = false;
        for day in &group.days {
            match span_on(day.date, range) {
                Ok(mut span) => {
                    // One note for a list of days.
                    if said {
                        span.notes.clear();
                    }
                    said = true;
                    self.window(day, &span, range, title);
                }
                Err(code) => {
                    let words = self.words_of(day.span, range.span);
                    self.push(code, NoticeFinding::new(code, words, range.line));
                    return;
                }
            }
        }
    }

    /// A period and times without a word that says whether each day is meant.
    fn period_is_clear(&mut self, group: &Group, range: &Range) -> bool {
        let (Some(first), Some(last)) = (group.days.first(), group.days.last()) else {
            return false;
        };
        if matches!(range.end, End::OfDay) {
            return true;
        }
        let days = (last.date - first.date).num_days();
        let whole = match span_on(first.date, range) {
            Ok(span) => span.end <= DAY,
            Err(_) => true,
        };
        let words = self.words_of(first.span, range.span);
        // `16日～17日 22:00～5:00` may be one night or two; many days may be one long window.
        let code = if !whole && days == 1 || usize::try_from(days + 1) != Ok(group.days.len()) {
            Code::AmbiguousPeriod
        } else {
            Code::EveryDayAssumed
        };
        self.push(code, NoticeFinding::new(code, words, range.line));
        code == Code::EveryDayAssumed
    }

    fn rule(
        &mut self,
        rule: super::rule::Rule,
        (span, line): ((usize, usize), usize),
        range: &Range,
        title: Option<String>,
    ) {
        let Some(any) = NaiveDate::from_ymd_opt(2027, 1, 1) else { return };
        if let Some(Some(zone)) = range.zone.or(self.zone)
            && zone != JAPAN
        {
            self.find(Code::ForeignZone, range.span, range.line);
            return;
        }
        let end = rule_end(&rule, range);
        let range = match &end {
            Ok(end) => &Range { end: end.clone(), ..range.clone() },
            Err(code) => {
                self.find(*code, range.span, range.line);
                return;
            }
        };
        match span_on(any, range) {
            Ok(minutes) => {
                let words = self.words_of(span, range.span);
                self.remark_range(range, &minutes, &words, line);
                if matches!(rule, super::rule::Rule::Weekly { every: 2, .. }) {
                    self.push(
                        Code::EveryOther,
                        NoticeFinding::new(Code::EveryOther, words.clone(), line),
                    );
                }
                let status = self.status(range.status);
                let title = title
                    .or_else(|| self.titles.block.clone())
                    .or_else(|| self.titles.subject.clone());
                if self.recurring.len() + self.windows.len() < MAX_WINDOWS {
                    self.recurring.push(Recurring {
                        rule,
                        start_minutes: minutes.start,
                        end_minutes: minutes.end,
                        status,
                        words,
                        line,
                        title,
                    });
                } else {
                    self.full = true;
                }
            }
            Err(code) => self.find(code, range.span, range.line),
        }
    }

    fn window(&mut self, day: &Day, minutes: &Span, range: &Range, title: Option<&String>) {
        let words = self.words_of(day.span, range.span);
        let line = day.line.min(range.line);
        let zone = range.zone.or(self.zone).flatten().unwrap_or(JAPAN);
        let shift = TimeDelta::minutes(i64::from(JAPAN - zone));
        let at = |minutes| moment(day.date, minutes).and_then(|at| at.checked_add_signed(shift));
        let (Some(from), Some(to)) = (at(minutes.start), at(minutes.end)) else {
            self.find(Code::NoSuchDate, range.span, range.line);
            return;
        };
        if from >= to {
            let finding = NoticeFinding::new(Code::EndBeforeStart, words, line);
            self.push(Code::EndBeforeStart, finding);
            return;
        }
        if range.part && self.windows.iter().any(|other| other.from <= from && to <= other.to) {
            self.push(Code::InsideWindow, NoticeFinding::new(Code::InsideWindow, words, line));
            return;
        }
        if zone != JAPAN {
            self.push(
                Code::ZoneConverted,
                NoticeFinding::new(Code::ZoneConverted, words.clone(), line),
            );
        }
        self.remark_range(range, minutes, &words, line);
        if self.windows.len() + self.recurring.len() >= MAX_WINDOWS {
            self.full = true;
            return;
        }
        let rough = |lit: TimeLit| lit.rough;
        let cancelled = self.cancelled_days.iter().any(|other| other.date == day.date);
        let own = range.status.or(day.status).or(cancelled.then_some(Status::Cancelled));
        self.windows.push(NoticeWindow {
            from,
            to,
            status: self.status(day.status.filter(|_| range.status.is_none()).or(own)),
            words,
            line,
            title: title.cloned().or_else(|| self.titles.block.clone()),
            year_assumed: day.assumed,
            end_assumed: matches!(range.end, End::After { .. }),
            next_day_assumed: minutes.notes.contains(&Code::NextDayAssumed),
            approximate: rough(range.start)
                || match range.end {
                    End::At(end, _) => end.rough,
                    End::After { rough, .. } => rough,
                    End::OfDay => false,
                },
            relative: day.relative,
        });
    }

    fn remark_range(&mut self, range: &Range, minutes: &Span, words: &str, line: usize) {
        let mut codes = minutes.notes.clone();
        match range.end {
            End::After { rough, .. } => {
                codes.push(Code::EndFromLength);
                if rough || range.start.rough {
                    codes.push(Code::Approximate);
                }
            }
            End::At(end, _) if end.rough || range.start.rough => codes.push(Code::Approximate),
            _ => {}
        }
        for code in codes {
            self.push(code, NoticeFinding::new(code, words.to_owned(), line));
        }
    }

    fn mark_used(&mut self, line: usize) {
        if let Some(group) = &mut self.group {
            group.used = true;
            group.line = group.line.max(line);
        }
    }

    /// True where the range lies within a window that is known already.
    fn inside(&self, range: &Range) -> bool {
        self.windows.iter().rev().take(20).any(|window| {
            let date = window.from.date_naive();
            [Some(date), date.checked_add_days(Days::new(1))].into_iter().flatten().any(|date| {
                span_on(date, range).is_ok_and(|span| {
                    match (moment(date, span.start), moment(date, span.end)) {
                        (Some(from), Some(to)) => window.from <= from && to <= window.to,
                        _ => false,
                    }
                })
            })
        })
    }
}
