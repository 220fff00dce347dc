//! Starts that wait for their end, and ends that come alone.

use super::code::Code;
use super::label::Label;
use super::reader::{End, Range, Reader, Sentence, Waiting};
use super::segment::has;
use super::token::{Kind, Mark, TimeLit};

impl Reader<'_> {
    /// A lone time: a start, an end, or none of ours.
    pub(super) fn point(&mut self, sentence: &Sentence<'_>, i: usize, lit: TimeLit) {
        // `1:00から停止し、5:00に再開します`
        let resumes = self.waiting.as_ref().is_some_and(|waiting| waiting.line == sentence.line)
            && matches!(sentence.kind(i + 1), Some(Kind::Text))
            && matches!(sentence.kind(i + 2), Some(Kind::Mark(Mark::End)))
            && sentence.token_text(i + 1).trim_start_matches('頃').starts_with('に');
        // `5:00 サービス再開`: the last row of a time table.
        let row = self.waiting.is_some()
            && sentence.kind(i + 3).is_none()
            && matches!(sentence.kind(i + 2), Some(Kind::Mark(Mark::End)))
            && matches!(
                sentence.token_text(i + 1).trim(),
                "サービス" | "利用" | "システム" | "運用" | "全サービス" | "メンテナンス"
            );
        let end =
            row || resumes || lit.mark == Some(Mark::End) || sentence.label == Some(Label::End);
        let usable = lit.after
            && has(
                &sentence.text,
                &["利用", "ログイン", "アクセス", "可能", "再開", "お試し", "確認"],
            );
        // `当日の受付は18:00で終了します`
        let closes = matches!(sentence.kind(i + 2), Some(Kind::Mark(Mark::End)))
            && matches!(sentence.token_text(i + 1).trim(), "で" | "にて");
        if (usable || closes) && self.waiting.is_none() && lit.mark != Some(Mark::Start) {
            self.aside(sentence, (i, i));
            return;
        }
        if end && lit.mark != Some(Mark::Start) {
            self.end_point(sentence, i, lit);
            return;
        }
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

    /// True where the sentence has had a range.
    pub(super) fn has_range(&self, sentence: &Sentence<'_>) -> bool {
        let (from, _) = sentence.all();
        self.last_range
            .as_ref()
            .is_some_and(|range| range.span.0 >= from && range.line == sentence.line)
    }

    /// True where the sentence has a range before token `i`, and no date since.
    pub(super) fn has_range_before(&self, sentence: &Sentence<'_>, i: usize) -> bool {
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
            // `完了予定:24時` below the range that says so already.
            let known = self.last_range.as_ref().is_some_and(|range| {
                matches!(range.end, End::At(end, _) if (end.minutes - lit.minutes) % 1440 == 0)
            });
            if known {
                self.aside(sentence, (i, i));
            } else if sentence.work || self.group.is_some() {
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
    pub(super) fn wait(&mut self, sentence: &Sentence<'_>, tokens: (usize, usize), lit: TimeLit) {
        // A time table: what comes between `作業開始` and `作業終了` is inside the window.
        let inside = self.waiting.as_ref().is_some_and(|waiting| {
            waiting.lit.mark == Some(Mark::Start) && waiting.line < sentence.line
        });
        let row = sentence.text.starts_with(|ch: char| ch.is_ascii_digit());
        if inside
            && (lit.mark.is_none() || row)
            && sentence.label.is_none()
            && !sentence.has_dates()
        {
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
        if let Some(group) = &mut self.group {
            group.used = true;
        }
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
        // `22:00 サービス停止`: the first row of a time table.
        let stops = sentence.text.ends_with("停止") && tokens.0 == tokens.1;
        let mark = lit.mark.or(stops.then_some(Mark::Start));
        self.waiting = Some(Waiting {
            lit: TimeLit { mark, ..lit },
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
    pub(super) fn use_group(&mut self, sentence: &Sentence<'_>) {
        if let Some(group) = &mut self.group
            && group.sentence == sentence.number
        {
            group.used = true;
        }
    }
}
