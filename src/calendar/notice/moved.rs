//! What is moved from one time to another.

use chrono::Timelike;

use super::code::Code;
use super::model::Status;
use super::reader::{Reader, Sentence};
use super::segment::has;
use super::token::Kind;
use crate::clock::Jst;

impl Reader<'_> {
    /// `終了予定を6:00から9:00に延長`: two ends of a window, and no window between them.
    pub(super) fn moves_end(&mut self, sentence: &Sentence<'_>) -> bool {
        let text = &sentence.text;
        let times = sentence.tokens.iter().filter_map(|token| match token.kind {
            Kind::Time(lit) => Some(lit.minutes),
            _ => None,
        });
        let times: Vec<i64> = times.collect();
        let [_, new] = times.as_slice() else { return false };
        let named = ["開始", "終了", "完了"].iter().any(|word| {
            text.match_indices(word).any(|(at, word)| {
                let after = text.get(at + word.len()..).unwrap_or_default();
                let after: String = after.chars().take(6).collect();
                let name = after.split(['を', 'は']).next().unwrap_or_default();
                name.len() < after.len()
                    && ["", "予定", "時刻", "時間", "日時", "予定日時", "予定時刻", "予定時間"]
                        .contains(&name)
            })
        });
        let moved = has(
            text,
            &["変更", "延長", "繰り下げ", "繰り上げ", "繰下げ", "繰上げ", "前倒し", "後ろ倒し"],
        );
        if named && moved && text.contains("から") {
            self.moved_ends.push((sentence.all(), sentence.line, *new));
            return true;
        }
        false
    }

    /// A moved end is settled where a window has it; otherwise a person must look.
    pub(super) fn settle_moved_ends(&mut self) {
        for (span, line, minutes) in std::mem::take(&mut self.moved_ends) {
            let at = |time: &Jst| i64::from(time.hour() * 60 + time.minute()) == minutes % 1440;
            let known = self.windows.iter().any(|window| at(&window.from) || at(&window.to));
            self.find(if known { Code::NotAWindow } else { Code::Unclear }, span, line);
        }
    }

    /// Settles the status of the windows that a sentence made, once all of them are known.
    pub(super) fn settle(&mut self, sentence: &Sentence<'_>, first: usize, arrow: bool) {
        let made = self.windows.len().saturating_sub(first);
        if arrow && !self.changes && made > 1 {
            self.find(Code::Unclear, sentence.all(), sentence.line);
        }
        let moved = sentence.moved || self.old_new_columns || (arrow && self.changes);
        if moved && made > 1 {
            let last = self.windows.len() - 1;
            for (i, window) in self.windows.iter_mut().enumerate().skip(first) {
                window.status = if i == last { Status::Planned } else { Status::Cancelled };
            }
        }
        if sentence.moved && made == 0 && has(&sentence.text, &["下記", "以下"]) {
            self.notice_status = Some(Status::Cancelled);
        }
        let Some(group) = &self.group else { return };
        if group.sentence != sentence.number {
            return;
        }
        let cancelled: Vec<_> = group
            .days
            .iter()
            .filter(|day| day.status == Some(Status::Cancelled) && !sentence.has_time)
            .cloned()
            .collect();
        for day in &cancelled {
            for window in &mut self.windows {
                if window.from.date_naive() == day.date {
                    window.status = Status::Cancelled;
                }
            }
        }
        self.cancelled_days.extend(cancelled);
    }
}
