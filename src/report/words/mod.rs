//! Words for values, in the language asked: times, durations, numbers; states and kinds in
//! [`states`], sentences in [`told`]. No layout.

mod states;
mod told;

pub(in crate::report) use states::is_rolled_back;

use crate::clock::Jst;
use crate::i18n::{self, Lang};
use crate::plan::Check;
use crate::playbook::Title;

/// The mark of a rehearsal's time in narrow places; every document explains it in its banner.
const REHEARSAL_MARK: &str = " [R]";

/// A language, and whether times are a rehearsal's.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Words {
    pub(in crate::report) lang: Lang,
    pub(in crate::report) rehearsal: bool,
}

impl Words {
    pub(in crate::report) fn new(lang: Lang, rehearsal: bool) -> Self {
        Self { lang, rehearsal }
    }

    /// The text `id`, which has no arguments.
    pub(in crate::report) fn say(self, id: &str) -> String {
        i18n::text(self.lang, id, &[])
    }

    /// The title in this language, or in the other where it is empty.
    pub(in crate::report) fn title(self, title: &Title) -> &str {
        let (wanted, other) = match self.lang {
            Lang::Ja => (&title.ja, &title.en),
            Lang::En => (&title.en, &title.ja),
        };
        if wanted.is_empty() { other } else { wanted }
    }

    fn mark(self) -> &'static str {
        if self.rehearsal { REHEARSAL_MARK } else { "" }
    }

    /// `2027-01-21 19:00:00 JST`, marked in a rehearsal.
    pub(in crate::report) fn full(self, at: &Jst) -> String {
        format!("{}{}", crate::clock::show(at), self.mark())
    }

    /// `2027-01-21 (木) 19:00`, marked in a rehearsal.
    pub(in crate::report) fn minute(self, at: &Jst) -> String {
        let weekday = self.say(&format!("report-weekday-{}", at.format("%u")));
        format!("{} ({weekday}) {}{}", at.format("%Y-%m-%d"), at.format("%H:%M"), self.mark())
    }

    /// `01-21 19:00:00`, marked in a rehearsal.
    pub(in crate::report) fn short(self, at: &Jst) -> String {
        format!("{}{}", at.format("%m-%d %H:%M:%S"), self.mark())
    }

    /// A head above times: it carries the mark for all of them where cells have no room for it.
    pub(in crate::report) fn head(self, id: &str) -> String {
        format!("{}{}", self.say(id), self.mark())
    }

    /// `01-21 (木)`, below a marked head.
    pub(in crate::report) fn day(self, at: &Jst) -> String {
        let weekday = self.say(&format!("report-weekday-{}", at.format("%u")));
        format!("{} ({weekday})", at.format("%m-%d"))
    }

    /// The time of a day that the reader knows, in the form `form`; of another day with its
    /// date. Below a marked head.
    pub(in crate::report) fn on_day(self, at: &Jst, day: &Jst, form: &str) -> String {
        if at.date_naive() == day.date_naive() {
            return at.format(form).to_string();
        }
        at.format("%m-%d %H:%M").to_string()
    }

    /// `19:00:00`, marked in a rehearsal.
    pub(in crate::report) fn clock(self, at: &Jst) -> String {
        format!("{}{}", at.format("%H:%M:%S"), self.mark())
    }

    /// A criterion's measured value. The plan wrote its times; a rehearsal's are marked here.
    pub(in crate::report) fn measured(self, check: &Check) -> String {
        if check.measured.is_empty() {
            return self.say("report-not-measured");
        }
        check.measured(self.lang).replace(" JST", &format!(" JST{}", self.mark()))
    }

    /// `1 時間 20 分`: two units at most.
    pub(in crate::report) fn duration(self, seconds: i64) -> String {
        let seconds = seconds.max(0);
        let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
        let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
        let unit = |value: i64, unit: &str| {
            let id = format!("report-duration-{unit}");
            i18n::text(self.lang, &id, &[("n", value.to_string().into())])
        };
        let pair = match (days, hours, minutes) {
            (0, 0, 0) => return unit(rest, "seconds"),
            (0, 0, _) => [(minutes, "minutes"), (rest, "seconds")],
            (0, _, _) => [(hours, "hours"), (minutes, "minutes")],
            _ => [(days, "days"), (hours, "hours")],
        };
        let parts: Vec<String> =
            pair.iter().filter(|(value, _)| *value > 0).map(|(v, u)| unit(*v, u)).collect();
        parts.join(" ")
    }
}

/// `1,234,567`
pub(in crate::report) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The first 12 digits of a hash: enough to compare by eye.
pub(in crate::report) fn short_hash(hash: &str) -> String {
    hash.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Problem;

    #[test]
    fn durations_have_two_units_at_most() {
        let w = Words::new(Lang::En, false);
        let shown: Vec<String> = [0, 59, 60, 3_599, 3_660, 90_000, 172_800, -5]
            .into_iter()
            .map(|seconds| w.duration(seconds))
            .collect();
        assert_eq!(
            shown,
            ["0 s", "59 s", "1 min", "59 min 59 s", "1 h 1 min", "1 d 1 h", "2 d", "0 s"]
        );
        assert_eq!(Words::new(Lang::Ja, false).duration(3_660), "1時間 1分");
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }

    #[test]
    fn a_code_without_a_text_is_named_and_not_shown_bare() {
        let problem = Problem::new("somewhere-something", crate::diag::Kind::Internal);
        let shown = Words::new(Lang::En, false).message(&problem);
        assert_eq!(shown, "a problem this version has no text for (`somewhere-something`)");
    }
}
