//! Walks the tokens of a sentence and hands dates and times to those who read them.

use super::code::Code;
use super::label::Label;
use super::parse::leads;
use super::reader::{End, Group, Range, Reader, Sentence};
use super::rule::Rule;
use super::segment::has;
use super::token::{Kind, Sep, TimeLit};

/// Words beside a length that is not that of the whole.
const PARTS: [&str; 12] = [
    "あたり",
    "当たり",
    "につき",
    "×",
    "ずつ",
    "回程度",
    "前に",
    "前から",
    "後に",
    "ごと",
    "うち",
    "前まで",
];

impl Reader<'_> {
    /// Reads a sentence's tokens; true where an arrow stands between two of its windows.
    pub(super) fn walk(&mut self, sentence: &Sentence<'_>) -> bool {
        let times =
            sentence.tokens.iter().filter(|token| matches!(token.kind, Kind::Time(_))).count();
        // `22:00～` at the end of a line, its end at the beginning of the next.
        let mut lead = times == 1
            && self
                .waiting
                .as_ref()
                .is_some_and(|waiting| waiting.open && waiting.line + 1 >= sentence.line);
        let mut arrow = false;
        let mut i = 0;
        while let Some(kind) = sentence.kind(i).cloned() {
            let next = match kind {
                Kind::Date(_) | Kind::Relative(_) => self.take_dates(sentence, i),
                Kind::Time(lit) => {
                    let next = if lead && !sentence.begins_range(i) {
                        self.end_point(sentence, i, lit);
                        i + 1
                    } else {
                        self.take_times(sentence, i, lit)
                    };
                    lead = false;
                    next
                }
                Kind::Sep(sep) => {
                    lead = leads(sep)
                        && matches!(
                            sentence.kind(sentence.skip_weak(i + 1)),
                            Some(Kind::Time(_) | Kind::Date(_))
                        );
                    arrow |= sep == Sep::Arrow && i > 0 && lead && times > 2;
                    if arrow {
                        lead = false;
                    }
                    i + 1
                }
                other => {
                    self.other(sentence, i, other);
                    i + 1
                }
            };
            i = next.max(i + 1);
        }
        arrow
    }

    fn other(&mut self, sentence: &Sentence<'_>, i: usize, kind: Kind) {
        match kind {
            Kind::Month(year, month) => {
                if let Err(code) = self.calendar.heading(year, month) {
                    self.find(code, sentence.span(i, i), sentence.line);
                }
            }
            Kind::Rule(rule) => self.set_rule(sentence, i, rule),
            Kind::BadRule => {
                let more = sentence.has_time || sentence.work;
                if more {
                    self.find(Code::RuleUnread, sentence.all(), sentence.line);
                    self.bad_group(sentence);
                }
            }
            Kind::Vague if sentence.names_vaguely() => {
                self.vague.get_or_insert((sentence.all(), sentence.line));
            }
            Kind::Vague if (sentence.work || sentence.has_time) && !sentence.has_dates() => {
                self.find(Code::VagueDate, sentence.all(), sentence.line);
                self.bad_group(sentence);
            }
            Kind::Each => self.each(sentence, i),
            Kind::AllDay => self.all_day(sentence, i),
            Kind::Length { minutes, rough } => self.length(sentence, i, minutes, rough),
            Kind::SameTime => self.same_time(sentence, i),
            // A time that was not made out, as part of something longer, is not passed over.
            Kind::Text
                if (sentence.work || sentence.has_dates())
                    && is_like_time(&sentence.token_text(i)) =>
            {
                self.find(Code::Unclear, sentence.span(i, i), sentence.line);
            }
            Kind::Undecided if sentence.label == Some(Label::End) => self.give_up_waiting(),
            _ => {}
        }
    }

    fn set_rule(&mut self, sentence: &Sentence<'_>, i: usize, rule: Rule) {
        self.drop_group();
        let span = sentence.span(i, i);
        self.group = Some(Group {
            rule: Some((rule, span, sentence.line)),
            line: sentence.line,
            sentence: sentence.number,
            ..Group::default()
        });
        // `22時～翌2時(毎月第3水曜日)`: the times stood first.
        if let Some(range) = self.loose.take() {
            if sentence.has_time && range.line != sentence.line || range.line + 4 < sentence.line {
                self.loose = Some(range);
            } else {
                self.place(&range, sentence.title.clone());
            }
        }
    }

    fn bad_group(&mut self, sentence: &Sentence<'_>) {
        self.drop_group();
        self.group = Some(Group {
            bad: true,
            line: sentence.line,
            sentence: sentence.number,
            ..Group::default()
        });
    }

    fn drop_group(&mut self) {
        if let Some(old) = self.group.take()
            && !old.used
        {
            self.leftovers.extend(old.days);
        }
    }

    /// `毎日` with dates before it means each of them; without, every day for good.
    fn each(&mut self, sentence: &Sentence<'_>, i: usize) {
        let word = sentence.token_text(i);
        let daily =
            has(&word, &["毎日", "毎晩", "毎夜", "daily", "nightly", "every", "日毎", "日ごと"]);
        let dated = sentence.has_dates()
            || self.group.as_ref().is_some_and(|group| {
                !group.used && group.line + 3 >= sentence.line && !group.days.is_empty()
            });
        if dated {
            if let Some(group) = &mut self.group {
                group.each = true;
            }
        } else if daily
            && (sentence.has_time || sentence.work)
            && !self
                .group
                .as_ref()
                .is_some_and(|group| group.rule.is_some() && group.sentence == sentence.number)
        {
            self.set_rule(sentence, i, Rule::Daily);
        }
    }

    fn all_day(&mut self, sentence: &Sentence<'_>, i: usize) {
        let ready = self
            .group
            .as_ref()
            .is_some_and(|group| !group.used && (!group.days.is_empty() || group.rule.is_some()));
        if sentence.has_time || !ready {
            return;
        }
        let midnight = TimeLit {
            minutes: 0,
            shift: None,
            late: false,
            afternoon: None,
            rough: false,
            unit: false,
            mark: None,
            after: false,
            weekday: None,
            problem: None,
        };
        let range = Range {
            start: midnight,
            end: End::OfDay,
            span: sentence.span(i, i),
            line: sentence.line,
            zone: None,
            status: sentence.status,
            prose: false,
            part: false,
        };
        self.place(&range, sentence.title.clone());
    }

    fn length(&mut self, sentence: &Sentence<'_>, i: usize, minutes: i64, rough: bool) {
        let labelled = sentence.label == Some(Label::Length)
            || has(
                &sentence.text,
                &[
                    "所要",
                    "予定時間",
                    "作業時間",
                    "停止時間",
                    "時間:",
                    "程度",
                    "約",
                    "間を予定",
                    "くらい",
                    "ぐらい",
                    "で終わ",
                    "で完了",
                    "で終了",
                ],
            );
        // `1台あたり5分` is not how long the whole takes.
        let part = has(&sentence.text, &PARTS);
        match self.waiting.take() {
            Some(waiting)
                if labelled && !part && minutes > 0 && waiting.line + 10 >= sentence.line =>
            {
                let end = sentence.span(i, i).1;
                let span = (waiting.span.0, end);
                self.complete(waiting, End::After { minutes, rough }, span, sentence.title.clone());
            }
            waiting => {
                self.waiting = waiting;
                if minutes == 24 * 60 {
                    self.all_day(sentence, i);
                }
            }
        }
    }

    /// `同時刻`: the range before, on the dates of this sentence.
    fn same_time(&mut self, sentence: &Sentence<'_>, i: usize) {
        let ready = self.group.as_ref().is_some_and(|group| !group.used && !group.days.is_empty());
        if let Some(range) = self.last_range.clone().filter(|_| ready && !sentence.has_time) {
            let range = Range {
                span: sentence.span(i, i),
                line: sentence.line,
                status: sentence.status,
                end: match range.end {
                    // The date of the other end belongs to the other day.
                    End::At(lit, Some(_)) => End::At(lit, None),
                    end => end,
                },
                ..range
            };
            self.place(&range, sentence.title.clone());
        }
    }
}

impl Sentence<'_> {
    /// `年末年始のシステム停止について`, `連休中は下記のとおり…`: the dates stand elsewhere.
    fn names_vaguely(&self) -> bool {
        let text = self.text.trim_end_matches(['】', ')', ']', '」', '。', '■', '◆']);
        let title = ["について", "お知らせ", "ご案内", "ご連絡", "に関して", "のご通知"];
        !self.has_time
            && !self.has_dates()
            && (title.iter().any(|word| text.ends_with(word))
                || has(text, &["下記", "以下", "次のとおり", "次の通り"]))
    }

    pub(super) fn has_dates(&self) -> bool {
        self.tokens.iter().any(|token| matches!(token.kind, Kind::Date(_) | Kind::Relative(_)))
    }

    /// True where the time `i` has a separator and another time behind it.
    fn begins_range(&self, i: usize) -> bool {
        let next = self.skip_weak(i + 1);
        matches!(self.kind(next), Some(Kind::Sep(_)))
            && matches!(self.kind(self.skip_weak(next + 1)), Some(Kind::Time(_) | Kind::Date(_)))
    }
}

/// True where a figure such as `22:00` is in the text; not the port or part of an address.
fn is_like_time(text: &str) -> bool {
    text.match_indices(':').any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + 1..).unwrap_or_default();
        let digits = before.chars().rev().take_while(char::is_ascii_digit).count();
        let minutes = after.chars().take_while(char::is_ascii_digit).count();
        let rest = before.get(..before.len() - digits).unwrap_or_default();
        let joined = rest
            .ends_with(|ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '.' | ':'))
            || after.get(minutes..).unwrap_or_default().starts_with([':', '.']);
        (1..=2).contains(&digits) && minutes == 2 && !joined && !text.contains("://")
    })
}
