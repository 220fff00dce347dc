//! What is left when the text is read: starts without an end, dates without a time, doubles.

use super::code::Code;
use super::model::{Notice, NoticeFinding, Status};
use super::reader::{Day, Reader};

impl Reader<'_> {
    /// Makes the notice.
    pub(super) fn finish(mut self) -> Notice {
        self.give_up_waiting();
        if let Some(range) = self.loose.take() {
            self.find(Code::TimeWithoutDate, range.span, range.line);
        }
        if let Some(group) = self.group.take()
            && !group.used
        {
            self.leftovers.extend(group.days);
            if let Some((_, span, line)) = group.rule {
                self.find(Code::RuleUnread, span, line);
            }
        }
        self.over();
        self.settle_moved_ends();
        if let Some((span, line)) = self.vague.take()
            && self.windows.is_empty()
            && self.recurring.is_empty()
            && self.errors.is_empty()
        {
            self.find(Code::VagueDate, span, line);
        }
        let days = std::mem::take(&mut self.leftovers);
        for (i, day) in days.iter().enumerate() {
            // `1月16日～17日`: the second day of a period that a window covers to its end.
            let before = i.checked_sub(1).and_then(|i| days.get(i));
            let last = before.is_some_and(|other| other.span == day.span);
            self.left(day, last);
        }
        self.same_twice();
        if let Some(subject) = &self.titles.subject {
            for window in self.windows.iter_mut().filter(|window| window.title.is_none()) {
                window.title = Some(subject.clone());
            }
        }
        if self.full {
            // The lists are full: room is made for the finding that says so.
            self.errors.truncate(super::reader::MAX_FINDINGS - 1);
            self.find(Code::TooMany, (0, 0), 1);
        }
        self.windows.sort_by_key(|window| (window.from, window.to, window.status, window.line));
        self.errors.sort_by_key(|finding| finding.line);
        self.notes.sort_by_key(|finding| finding.line);
        Notice {
            read_on: self.calendar.read_on,
            windows: self.windows,
            recurring: self.recurring,
            errors: self.errors,
            notes: self.notes,
        }
    }

    /// Windows of a report that the work is over; what lies ahead cannot be over.
    fn over(&mut self) {
        let Some((span, line)) = self.done else { return };
        let read_on = self.calendar.read_on;
        let words = self.words(span);
        let (over, ahead): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.windows).into_iter().partition(|window| {
                window.from.date_naive() <= read_on && window.to.date_naive() <= read_on
            });
        self.windows = ahead;
        for window in over {
            self.leftovers.retain(|day| day.date != window.from.date_naive());
            self.push(Code::Done, NoticeFinding::new(Code::Done, window.words, window.line));
        }
        self.push(Code::Done, NoticeFinding::new(Code::Done, words, line));
    }

    /// A date for which no time was found.
    fn left(&mut self, day: &Day, last: bool) {
        let covered = self.windows.iter().any(|window| {
            let (from, to) = (window.from.date_naive(), window.to.date_naive());
            from == day.date || (from < day.date && day.date < to) || (last && day.date == to)
        });
        // The day of a letter or of a list of news.
        let past = day.date <= self.calendar.read_on;
        if covered || (past && !day.work) {
            return;
        }
        let code = if day.status == Some(Status::Cancelled) {
            Code::CancelledWithoutTime
        } else if self.done.is_some() && past {
            Code::Done
        } else if day.work && (!past || self.windows.is_empty()) {
            Code::DateWithoutTime
        } else {
            Code::DateLeftAside
        };
        let finding =
            NoticeFinding::new(code, self.words(day.span), day.line).with("date", day.date);
        self.push(code, finding);
    }

    /// The same window twice is one; where it is cancelled once, the cancellation holds.
    fn same_twice(&mut self) {
        let mut kept: Vec<super::model::NoticeWindow> = Vec::new();
        for window in std::mem::take(&mut self.windows) {
            let other =
                kept.iter_mut().find(|other| other.from == window.from && other.to == window.to);
            match other {
                None => kept.push(window),
                Some(other) => {
                    if other.title.is_none()
                        || (other.title != window.title && window.title.is_some())
                    {
                        let both = [other.title.take(), window.title].into_iter().flatten();
                        let both: Vec<String> = both.collect();
                        other.title = (!both.is_empty()).then(|| both.join(" / "));
                    }
                    if other.status != window.status {
                        other.status = other.status.min(window.status).max(
                            if other.status == Status::Cancelled
                                || window.status == Status::Cancelled
                            {
                                Status::Cancelled
                            } else {
                                Status::Planned
                            },
                        );
                        let code = Code::CancelledAndPlanned;
                        let finding = NoticeFinding::new(code, window.words, window.line);
                        let (words, line) = (finding.words.clone(), finding.line);
                        self.notes.push(NoticeFinding::new(code, words, line));
                    }
                }
            }
        }
        self.windows = kept;
    }
}
