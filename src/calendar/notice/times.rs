//! Reads the times of a sentence: a range, a start that waits for its end, or a lone point.

use super::code::Code;
use super::reader::{End, Range, Reader, Sentence, Waiting};
use super::resolve::Found;
use super::segment::{Label, has};
use super::token::{Kind, Mark, Sep, TimeLit};

impl Reader<'_> {
    /// Reads from the time token `i` on, and returns the first token behind what was read.
    pub(super) fn take_times(&mut self, sentence: &Sentence<'_>, i: usize, lit: TimeLit) -> usize {
        let next = sentence.skip_weak(i + 1);
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
            Some(Kind::Date(_) | Kind::Cell) if self.column_end(sentence, next).is_some() => {
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

    /// A lone time: a start, an end, or none of ours.
    fn point(&mut self, sentence: &Sentence<'_>, i: usize, lit: TimeLit) {
        let end = lit.mark == Some(Mark::End) || sentence.label == Some(Label::End);
        if end && lit.mark != Some(Mark::Start) {
            self.end_point(sentence, i, lit);
            return;
        }
        let usable = lit.after
            && has(
                &sentence.text,
                &["利用", "ログイン", "アクセス", "可能", "再開", "お試し", "確認"],
            );
        let start = lit.mark == Some(Mark::Start) || sentence.label == Some(Label::Start);
        if !start && self.has_range_before(sentence, i) {
            self.aside(sentence, (i, i));
            return;
        }
        let dated = sentence.has_dates() && !sentence.prose;
        if !usable && (start || sentence.work || dated) {
            self.wait(sentence, (i, i), lit);
        } else {
            self.aside(sentence, (i, i));
        }
    }

    /// True where the sentence has a range before token `i`, and no date since.
    fn has_range_before(&self, sentence: &Sentence<'_>, i: usize) -> bool {
        let (from, _) = sentence.all();
        self.last_range.as_ref().is_some_and(|range| {
            let date = sentence.date_before(i).map_or(0, |at| sentence.span(at, at).0);
            range.span.0 >= from && date <= range.span.1 && range.line == sentence.line
        })
    }

    /// `～5:00`, `終了: 5:00`: the end of the start that waits.
    pub(super) fn end_point(&mut self, sentence: &Sentence<'_>, i: usize, lit: TimeLit) {
        let own_date = self
            .group
            .as_ref()
            .filter(|group| group.sentence == sentence.number && group.rule.is_none())
            .is_some();
        let date_at = if own_date { sentence.date_before(i) } else { None };
        let Some(waiting) = self.waiting.take() else {
            if sentence.work || self.group.is_some() {
                let from = date_at.unwrap_or(i);
                self.find(Code::StartMissing, sentence.span(from, i), sentence.line);
                self.use_group(sentence);
            } else {
                self.aside(sentence, (i, i));
            }
            return;
        };
        let found = match date_at.and_then(|at| sentence.kind(at).cloned()) {
            Some(Kind::Date(date)) => match waiting.group.days.last() {
                Some(start) => match self.calendar.resolve_end(&date, start.found()) {
                    Ok(found) => Some(found),
                    Err(code) => {
                        self.find(code, sentence.span(date_at.unwrap_or(i), i), sentence.line);
                        self.group = None;
                        return;
                    }
                },
                None => self.calendar.resolve(&date).ok(),
            },
            Some(Kind::Relative(relative)) => self.calendar.relative(relative).ok(),
            _ => None,
        };
        let span = (waiting.span.0, sentence.span(i, i).1);
        self.complete(waiting, End::At(lit, found), span, sentence.title.clone());
    }

    /// Completes a waiting start.
    pub(super) fn complete(
        &mut self,
        waiting: Waiting,
        end: End,
        span: (usize, usize),
        title: Option<String>,
    ) {
        let range = Range {
            start: waiting.lit,
            end,
            span,
            line: waiting.line,
            zone: waiting.zone,
            status: waiting.status,
            prose: false,
            part: false,
        };
        self.group = Some(waiting.group);
        self.place(&range, title);
    }

    /// Makes a time wait for its end.
    fn wait(&mut self, sentence: &Sentence<'_>, tokens: (usize, usize), lit: TimeLit) {
        // A time table: what comes between `作業開始` and `作業終了` is inside the window.
        let inside = self.waiting.as_ref().is_some_and(|waiting| {
            waiting.lit.mark == Some(Mark::Start) && waiting.line < sentence.line
        });
        if inside && lit.mark.is_none() && sentence.label.is_none() && !sentence.has_dates() {
            self.find(Code::NotAWindow, sentence.span(tokens.0, tokens.1), sentence.line);
            return;
        }
        self.give_up_waiting();
        let Some(group) = self
            .group
            .clone()
            .filter(|group| !group.days.is_empty() || group.rule.is_some() || group.bad)
        else {
            if let Some(code) = lit.problem {
                self.find(code, sentence.span(tokens.0, tokens.1), sentence.line);
            } else {
                self.find(Code::TimeWithoutDate, sentence.span(tokens.0, tokens.1), sentence.line);
            }
            return;
        };
        self.use_group(sentence);
        if group.bad {
            return;
        }
        let from = sentence.date_before(tokens.0).filter(|_| group.sentence == sentence.number);
        let mut span = sentence.span(from.unwrap_or(tokens.0), tokens.1);
        if from.is_none()
            && let Some(day) =
                group.days.first().filter(|day| day.span.1 + 60 > span.0 && day.span.0 < span.0)
        {
            span.0 = day.span.0;
        }
        self.waiting = Some(Waiting {
            lit,
            span,
            line: sentence.line,
            group,
            zone: sentence.zone_near(tokens.0, tokens.1),
            status: sentence.status,
            open: tokens.1 > tokens.0,
        });
    }

    /// Reports a start whose end never came.
    pub(super) fn give_up_waiting(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            let code = waiting.lit.problem.unwrap_or(Code::EndMissing);
            self.find(code, waiting.span, waiting.line);
        }
    }

    /// Times that are read as no window.
    pub(super) fn aside(&mut self, sentence: &Sentence<'_>, tokens: (usize, usize)) {
        self.find(Code::NotAWindow, sentence.span(tokens.0, tokens.1), sentence.line);
        self.use_group(sentence);
    }

    /// Dates of this sentence have found their times.
    fn use_group(&mut self, sentence: &Sentence<'_>) {
        if let Some(group) = &mut self.group
            && group.sentence == sentence.number
        {
            group.used = true;
        }
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
            part: has(&sentence.text, &["うち", "の内"]),
        };
        self.place(&range, sentence.title.clone());
    }
}

impl Sentence<'_> {
    /// Passes over what may stand inside a range: brackets, spaces, `の`, a zone.
    pub(super) fn skip_weak(&self, mut i: usize) -> usize {
        while let Some(kind) = self.kind(i) {
            let weak = match kind {
                Kind::Open | Kind::Close | Kind::Zone(_) | Kind::Weekday(_) => true,
                Kind::Mark(_) => true,
                Kind::Text => {
                    let text = self.token_text(i);
                    let text = text.trim();
                    text.is_empty()
                        || matches!(
                            text,
                            "の" | ":"
                                | "の間"
                                | "間"
                                | "、約"
                                | "約"
                                | "所要"
                                | "に"
                                | "から約"
                                | "最大"
                                | "※"
                                | "予定"
                                | "(約"
                                | "時刻:"
                                | "時刻"
                                | "日時:"
                                | "日時"
                                | "予定:"
                                | "予定時刻:"
                                | "予定日時:"
                                | "所要時間:"
                                | "所要時間"
                                | "作業時間"
                                | "予定時間"
                                | "for"
                                | "at"
                                | "頃"
                                | "所要時間約"
                                | "所要時間:約"
                                | "間、約"
                                | "from"
                                | "延べ"
                                | "およそ"
                                | "作業"
                                | "作業:"
                                | "は"
                                | "期間"
                                | "duration"
                                | "、所要時間"
                                | "、所要時間約"
                                | "T"
                                | "JST:"
                                | "、最大"
                                | "●"
                                | "、"
                                | "合計"
                                | "の約"
                                | "間は約"
                                | "夜"
                                | "の夜"
                        )
                }
                _ => false,
            };
            if !weak {
                break;
            }
            i += 1;
        }
        i
    }

    fn is_start(&self, lit: TimeLit) -> bool {
        lit.mark != Some(Mark::End)
    }

    /// The last date token before `i`.
    pub(super) fn date_before(&self, i: usize) -> Option<usize> {
        let before = self.tokens.get(..i)?;
        before.iter().rposition(|token| {
            matches!(token.kind, Kind::Date(_) | Kind::Relative(_) | Kind::Rule(_))
        })
    }

    /// The zone that is stated for tokens `from..=to`: between or behind them, or the only one.
    pub(super) fn zone_near(&self, from: usize, to: usize) -> Option<Option<i32>> {
        let zone = |i: usize| match self.kind(i) {
            Some(Kind::Zone(zone)) => Some(*zone),
            _ => None,
        };
        if let Some(found) = (from..=to).find_map(zone) {
            return Some(found);
        }
        let mut i = to + 1;
        while matches!(self.kind(i), Some(Kind::Open | Kind::Close | Kind::Weekday(_))) {
            i += 1;
        }
        if let Some(found) = zone(i) {
            return Some(found);
        }
        let mut all = self.tokens.iter().filter_map(|token| match token.kind {
            Kind::Zone(zone) => Some(zone),
            _ => None,
        });
        let first = all.next()?;
        if all.all(|other| other == first) {
            return Some(first);
        }
        (0..from).rev().find_map(zone)
    }
}
