//! Reads the times of a sentence: a range, a start that waits for its end, or a lone point.

use super::code::Code;
use super::label::Label;
use super::reader::{End, Range, Reader, Sentence};
use super::resolve::Found;
use super::segment::has;
use super::token::{Kind, Mark, Sep, TimeLit};

impl Reader<'_> {
    /// Reads from the time token `i` on, and returns the first token behind what was read.
    pub(super) fn take_times(&mut self, sentence: &Sentence<'_>, i: usize, lit: TimeLit) -> usize {
        let next = sentence.skip_weak(i + 1);
        // The next column of a table whose columns are parted by commas.
        let comma = sentence.kind(next) == Some(&Kind::Comma) && sentence.token_text(next) == ",";
        let next = if comma && self.start_end_columns { next + 1 } else { next };
        match sentence.kind(next) {
            Some(Kind::Sep(sep)) => {
                let sep = *sep;
                self.behind_separator(sentence, i, lit, next, sep)
            }
            Some(Kind::Length { minutes, rough })
                if sentence.is_start(lit) && !self.ends_waiting(sentence, lit) =>
            {
                let end = End::After { minutes: *minutes, rough: *rough };
                self.range(sentence, (i, next), lit, end);
                next + 1
            }
            Some(Kind::Time(end)) if self.pairs(sentence, i, next, lit, *end) => {
                let end = *end;
                self.range(sentence, (i, next), lit, End::At(end, None));
                next + 1
            }
            Some(Kind::Comma)
                if has(&sentence.text, &["between", "Between"])
                    && matches!(sentence.kind(next + 1), Some(Kind::Time(_))) =>
            {
                if let Some(Kind::Time(end)) = sentence.kind(next + 1).cloned() {
                    self.range(sentence, (i, next + 1), lit, End::At(end, None));
                }
                next + 2
            }
            // `開始 1月16日 22:00 終了 1月17日 5:00` in one line.
            Some(Kind::Date(_) | Kind::Cell | Kind::Comma)
                if self.column_end(sentence, next).is_some() =>
            {
                match self.column_end(sentence, next) {
                    Some((date, at, end)) => {
                        let found = date.map(|at| self.end_date(sentence, at));
                        match found {
                            Some(None) => {}
                            Some(Some(date)) => {
                                self.range(sentence, (i, at), lit, End::At(end, Some(date)))
                            }
                            None => self.range(sentence, (i, at), lit, End::At(end, None)),
                        }
                        at + 1
                    }
                    None => next,
                }
            }
            Some(Kind::UntilBy) => {
                self.aside(sentence, (i, next));
                next + 1
            }
            Some(Kind::Until) if has(&sentence.text, &["延長"]) && self.has_range(sentence) => {
                if has(&sentence.text, &["場合", "可能性", "ことが"]) {
                    self.aside(sentence, (i, next));
                } else {
                    self.moved_ends.push((sentence.all(), sentence.line, lit.minutes));
                    self.use_group(sentence);
                }
                next + 1
            }
            Some(Kind::Until) => {
                self.end_point(sentence, i, lit);
                next + 1
            }
            _ => {
                self.point(sentence, i, lit);
                i + 1
            }
        }
    }

    /// Reads what stands behind `22:00～`.
    fn behind_separator(
        &mut self,
        sentence: &Sentence<'_>,
        i: usize,
        lit: TimeLit,
        sep_at: usize,
        sep: Sep,
    ) -> usize {
        let at = sentence.skip_weak(sep_at + 1);
        let between = sentence.tokens.get(sep_at + 1..at).unwrap_or_default();
        let weekday = between.iter().find_map(|token| match token.kind {
            Kind::Weekday(day) => Some(day),
            _ => None,
        });
        match sentence.kind(at).cloned() {
            Some(Kind::Time(end)) => {
                let end = TimeLit { weekday: end.weekday.or(weekday), ..end };
                // `22:00～5:00(17日)`: the date behind the end.
                if let (Some(Kind::Open), Some(Kind::Date(_)), Some(Kind::Close)) =
                    (sentence.kind(at + 1), sentence.kind(at + 2), sentence.kind(at + 3))
                {
                    // `22:00～24:00(5月22日)`: the day of the whole range.
                    let undated = self.group.as_ref().is_none_or(|group| group.used);
                    if undated && sentence.date_before(i).is_none() {
                        self.range(sentence, (i, at), lit, End::At(end, None));
                        return at + 1;
                    }
                    if let Some(date) = self.end_date(sentence, at + 2) {
                        self.range(sentence, (i, at + 3), lit, End::At(end, Some(date)));
                    }
                    return at + 4;
                }
                self.range(sentence, (i, at), lit, End::At(end, None));
                at + 1
            }
            Some(Kind::Date(_) | Kind::Relative(_)) => {
                let mut time = sentence.skip_weak(at + 1);
                if sentence.kind(time) == Some(&Kind::Comma) {
                    time = sentence.skip_weak(time + 1);
                }
                let Some(Kind::Time(end)) = sentence.kind(time).cloned() else {
                    self.find(Code::EndMissing, sentence.span(i, at), sentence.line);
                    self.use_group(sentence);
                    return at + 1;
                };
                if let Some(date) = self.end_date(sentence, at) {
                    self.range(sentence, (i, time), lit, End::At(end, Some(date)));
                } else {
                    self.use_group(sentence);
                }
                time + 1
            }
            Some(Kind::Length { minutes, rough }) => {
                self.range(sentence, (i, at), lit, End::After { minutes, rough });
                at + 1
            }
            Some(_) if sep == Sep::Dash => {
                self.point(sentence, i, lit);
                sep_at + 1
            }
            _ => {
                self.wait(sentence, (i, sep_at), lit);
                sep_at + 1
            }
        }
    }

    /// The date of a range's end.
    fn end_date(&mut self, sentence: &Sentence<'_>, at: usize) -> Option<Found> {
        let start = self.group.as_ref().and_then(|group| group.days.last()).map(|day| day.found());
        let found = match (sentence.kind(at).cloned(), start) {
            (Some(Kind::Date(lit)), Some(start)) => self.calendar.resolve_end(&lit, start),
            (Some(Kind::Date(lit)), None) => self.calendar.resolve(&lit),
            (Some(Kind::Relative(relative)), _) => self.calendar.relative(relative),
            _ => return None,
        };
        match found {
            Ok(found) => Some(found),
            Err(code) => {
                let from = sentence.date_before(at).unwrap_or(at);
                self.find(code, sentence.span(from, at), sentence.line);
                None
            }
        }
    }

    /// True where two times side by side are a start and an end.
    fn pairs(
        &self,
        sentence: &Sentence<'_>,
        i: usize,
        next: usize,
        start: TimeLit,
        end: TimeLit,
    ) -> bool {
        let columns = self.start_end_columns
            && sentence.tokens.get(i..next).is_some_and(|between| {
                between.iter().all(|token| !matches!(token.kind, Kind::Comma))
            });
        (start.mark == Some(Mark::Start) && end.mark == Some(Mark::End))
            || (start.mark == Some(Mark::Start) && has(&sentence.text, &["終了", "完了", "再開"]))
            || (sentence.label == Some(Label::Start)
                && has(&sentence.text, &["終了", "完了", "再開", "End", "至"]))
            || columns
    }

    /// In a table of starts and ends: the end's date, its token, and the time.
    fn column_end(
        &self,
        sentence: &Sentence<'_>,
        next: usize,
    ) -> Option<(Option<usize>, usize, TimeLit)> {
        let labelled = sentence.label == Some(Label::Start)
            && has(&sentence.text, &["終了", "完了", "再開", "End", "至"]);
        if !self.start_end_columns && !labelled {
            return None;
        }
        let mut at = next;
        if labelled && sentence.kind(at) == Some(&Kind::Comma) {
            at += 1;
        }
        while matches!(sentence.kind(at), Some(Kind::Cell | Kind::Text | Kind::Mark(_)))
            && at < next + 6
        {
            at += 1;
        }
        match (sentence.kind(at), sentence.kind(sentence.skip_weak(at + 1))) {
            (Some(Kind::Time(end)), _) => Some((None, at, *end)),
            (Some(Kind::Date(_)), Some(Kind::Time(end))) => {
                Some((Some(at), sentence.skip_weak(at + 1), *end))
            }
            _ => None,
        }
    }

    fn ends_waiting(&self, sentence: &Sentence<'_>, lit: TimeLit) -> bool {
        self.waiting.is_some()
            && (lit.mark == Some(Mark::End) || sentence.label == Some(Label::End))
    }

    fn range(&mut self, sentence: &Sentence<'_>, tokens: (usize, usize), start: TimeLit, end: End) {
        let range = Range {
            start,
            end,
            span: sentence.span(tokens.0, tokens.1),
            line: sentence.line,
            zone: sentence.zone_near(tokens.0, tokens.1),
            status: sentence.status,
            prose: sentence.prose,
            part: has(&sentence.text, &["うち", "の内", "を除", "は除"]),
        };
        self.place(&range, sentence.title.clone());
    }
}
