//! When an import may start. The rules are the operator's manual (19:00, the test import seven
//! days before) and what experience adds (billing days, month ends).
//!
//! It answers; it does not decide what a warning costs, and it never reads a clock.

use chrono::{Datelike, NaiveTime, TimeDelta};

use super::Maintenance;
use crate::clock::{Jst, show};

/// Production imports start at or after this time of day (manual of 2019, chapter 5).
const EVENING: NaiveTime = match NaiveTime::from_hms_opt(19, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
/// Until this time of day a start still belongs to the night that began at 19:00 the day
/// before. The manual only names 19:00; 05:00 leaves time for a roll-back before a clinic opens.
const MORNING: NaiveTime = match NaiveTime::from_hms_opt(5, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
/// The test import lies at least this long before production: seven times 24 hours, to the
/// second, not "a week earlier by date".
const TEST_BEFORE: TimeDelta = TimeDelta::days(7);
/// Last day of a month on which clinics still send their bills.
const BILLING_UNTIL: u32 = 10;

/// Which import is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    /// The test import.
    Test,
    /// The production import.
    Production,
}

/// An import's planned window, and what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct WindowQuestion<'q> {
    /// Which import.
    pub purpose: ImportKind,
    /// When the work begins.
    pub start: Jst,
    /// When it must have ended, roll-back included.
    pub end: Jst,
    /// The present moment.
    pub now: Jst,
    /// What is announced.
    pub maintenance: &'q Maintenance,
    /// How old the reading of the notices may be.
    pub max_age: TimeDelta,
    /// When a test import was proved by comparison; `None` where it never was.
    pub proved_test_import_at: Option<Jst>,
}

/// What a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The rule holds.
    Ok,
    /// A person should know.
    Warn,
    /// It must not start.
    Block,
}

impl Verdict {
    /// The attribute of the rule's text: `ok`, `warn` or `block`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

/// One rule's answer. Its texts are `<code>` (the rule), `<code>.ok`, `.warn` or `.block`, and
/// `<code>.hint`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RuleResult {
    /// The rule.
    pub code: &'static str,
    /// What it says.
    pub verdict: Verdict,
    /// The arguments of its texts.
    pub args: Vec<(&'static str, String)>,
}

/// Every rule's answer, in a fixed order; also those that hold, because a plan shows them.
pub fn check_window(question: &WindowQuestion<'_>) -> Vec<RuleResult> {
    let mut results = vec![in_order(question), not_past(question)];
    if question.purpose == ImportKind::Production {
        results.push(evening(question));
        results.push(tested(question));
    }
    results.push(no_maintenance(question));
    results.push(check_freshness(question.maintenance, question.now, question.max_age));
    if question.purpose == ImportKind::Production {
        results.push(billing(question));
        results.push(month_end(question));
    }
    results
}

fn result(
    code: &'static str,
    holds: bool,
    otherwise: Verdict,
    args: Vec<(&'static str, String)>,
) -> RuleResult {
    RuleResult { code, verdict: if holds { Verdict::Ok } else { otherwise }, args }
}

fn in_order(question: &WindowQuestion<'_>) -> RuleResult {
    let args = vec![("start", show(&question.start)), ("end", show(&question.end))];
    result("calendar-window-order", question.start < question.end, Verdict::Block, args)
}

/// A start that is past is late, however little. Whoever is about to start asks with `start`
/// set to the present moment, so that the other rules see when it really begins.
fn not_past(question: &WindowQuestion<'_>) -> RuleResult {
    let args = vec![("start", show(&question.start)), ("now", show(&question.now))];
    result("calendar-start-past", question.now <= question.start, Verdict::Block, args)
}

fn evening(question: &WindowQuestion<'_>) -> RuleResult {
    let time = question.start.time();
    let args = vec![("start", show(&question.start))];
    let holds = time >= EVENING || time < MORNING;
    result("calendar-not-before-19", holds, Verdict::Block, args)
}

fn tested(question: &WindowQuestion<'_>) -> RuleResult {
    let code = "calendar-test-import-too-late";
    let Some(proved) = question.proved_test_import_at else {
        let args = vec![("start", show(&question.start)), ("proved", "none".to_owned())];
        return result(code, false, Verdict::Block, args);
    };
    let args = vec![("start", show(&question.start)), ("proved", show(&proved))];
    result(code, question.start - proved >= TEST_BEFORE, Verdict::Block, args)
}

fn no_maintenance(question: &WindowQuestion<'_>) -> RuleResult {
    let hit = question
        .maintenance
        .windows()
        .find(|(_, window)| window.touches(&question.start, &question.end));
    let mut args = vec![("start", show(&question.start)), ("end", show(&question.end))];
    if let Some((reading, window)) = hit {
        args.push(("from", show(&window.from)));
        args.push(("to", show(&window.to)));
        args.push(("title", window.title.clone()));
        args.push(("source", reading.source.clone()));
    }
    result("calendar-maintenance-overlap", hit.is_none(), Verdict::Block, args)
}

/// Whether every source of announcements was read lately. A reading from the future is as useless
/// as an old one, and so is none at all.
pub fn check_freshness(maintenance: &Maintenance, now: Jst, max_age: TimeDelta) -> RuleResult {
    let oldest = maintenance.oldest();
    let read_at = oldest.and_then(|reading| reading.read_at);
    let age = read_at.map(|read_at| now - read_at);
    let holds = age.is_some_and(|age| age >= TimeDelta::zero() && age <= max_age);
    let args = vec![
        ("source", oldest.map(|reading| reading.source.clone()).unwrap_or_default()),
        ("read_at", read_at.map_or_else(|| "never".to_owned(), |at| show(&at))),
        ("hours", age.map_or(0, |age| (age.num_minutes() + 59) / 60).to_string()),
        ("limit", max_age.num_hours().to_string()),
    ];
    result("calendar-stale", holds, Verdict::Block, args)
}

fn billing(question: &WindowQuestion<'_>) -> RuleResult {
    let args = vec![("start", show(&question.start)), ("until", BILLING_UNTIL.to_string())];
    result("calendar-billing-days", question.start.day() > BILLING_UNTIL, Verdict::Warn, args)
}

/// The last day of a month, and a window that reaches into the first.
fn month_end(question: &WindowQuestion<'_>) -> RuleResult {
    let month = |at: &Jst| (at.year(), at.month());
    let next_day = question.start.checked_add_signed(TimeDelta::days(1));
    let holds = month(&question.end) == month(&question.start)
        && next_day.is_some_and(|next| month(&next) == month(&question.start));
    let args = vec![("start", show(&question.start))];
    result("calendar-month-end", holds, Verdict::Warn, args)
}

#[cfg(test)]
mod tests {
    use super::super::{ReadBy, SourceReading, Window};
    use super::*;
    use crate::clock::to_jst;
    use crate::i18n::{self, Lang};
    use chrono::DateTime;

    fn at(text: &str) -> Jst {
        to_jst(DateTime::parse_from_rfc3339(text).unwrap())
    }

    fn calendar(windows: &[(&str, &str)]) -> Maintenance {
        let windows = windows
            .iter()
            .map(|(from, to)| Window { from: at(from), to: at(to), title: "試験".to_owned() })
            .collect();
        let read_at = Some(at("2027-01-21T00:00:00+09:00"));
        let (source, read_by) = ("sample".to_owned(), "見本 太郎".to_owned());
        let reading = SourceReading { by: ReadBy::People, source, read_at, read_by, windows };
        Maintenance { readings: vec![reading] }
    }

    /// The sample cutover: 19:00 on 21 January 2027 to 01:00, asked at noon.
    fn question(maintenance: &Maintenance) -> WindowQuestion<'_> {
        WindowQuestion {
            purpose: ImportKind::Production,
            start: at("2027-01-21T19:00:00+09:00"),
            end: at("2027-01-22T01:00:00+09:00"),
            now: at("2027-01-21T12:00:00+09:00"),
            maintenance,
            max_age: TimeDelta::hours(24),
            proved_test_import_at: Some(at("2027-01-12T15:00:00+09:00")),
        }
    }

    fn verdict(question: &WindowQuestion<'_>, code: &str) -> Verdict {
        check_window(question).iter().find(|result| result.code == code).unwrap().verdict
    }

    #[test]
    fn the_sample_night_passes_every_rule() {
        let maintenance = calendar(&[]);
        let results = check_window(&question(&maintenance));
        assert!(results.iter().all(|result| result.verdict == Verdict::Ok), "{results:?}");
    }

    #[test]
    fn production_starts_at_19_and_not_a_second_before() {
        let maintenance = calendar(&[]);
        for (start, expected) in [
            ("2027-01-21T18:59:59+09:00", Verdict::Block),
            ("2027-01-21T19:00:00+09:00", Verdict::Ok),
            ("2027-01-21T23:59:59+09:00", Verdict::Ok),
            ("2027-01-22T00:00:00+09:00", Verdict::Ok),
            ("2027-01-22T04:59:59+09:00", Verdict::Ok),
            ("2027-01-22T05:00:00+09:00", Verdict::Block),
            ("2027-01-22T12:00:00+09:00", Verdict::Block),
            // The same moment as 19:00 in Tokyo, written in other zones.
            ("2027-01-21T10:00:00Z", Verdict::Ok),
            ("2027-01-21T05:00:00-05:00", Verdict::Ok),
            ("2027-01-21T19:00:00Z", Verdict::Ok),
            ("2027-01-21T09:59:59Z", Verdict::Block),
        ] {
            let question = WindowQuestion { start: at(start), ..question(&maintenance) };
            assert_eq!(verdict(&question, "calendar-not-before-19"), expected, "{start}");
        }
    }

    #[test]
    fn the_test_import_is_seven_days_old_to_the_second() {
        let maintenance = calendar(&[]);
        for (proved, expected) in [
            (Some("2027-01-14T19:00:00+09:00"), Verdict::Ok),
            (Some("2027-01-14T19:00:01+09:00"), Verdict::Block),
            (Some("2027-01-22T19:00:00+09:00"), Verdict::Block),
            (None, Verdict::Block),
        ] {
            let proved_test_import_at = proved.map(at);
            let question = WindowQuestion { proved_test_import_at, ..question(&maintenance) };
            assert_eq!(verdict(&question, "calendar-test-import-too-late"), expected, "{proved:?}");
        }
    }

    #[test]
    fn maintenance_that_only_touches_the_window_blocks() {
        for (from, to, expected) in [
            ("2027-01-21T18:00:00+09:00", "2027-01-21T18:59:59+09:00", Verdict::Ok),
            ("2027-01-21T18:00:00+09:00", "2027-01-21T19:00:00+09:00", Verdict::Block),
            ("2027-01-21T20:00:00+09:00", "2027-01-21T21:00:00+09:00", Verdict::Block),
            ("2027-01-21T00:00:00+09:00", "2027-01-23T00:00:00+09:00", Verdict::Block),
            ("2027-01-22T01:00:00+09:00", "2027-01-22T05:00:00+09:00", Verdict::Block),
            ("2027-01-22T01:00:01+09:00", "2027-01-22T05:00:00+09:00", Verdict::Ok),
        ] {
            let maintenance = calendar(&[(from, to)]);
            let found = verdict(&question(&maintenance), "calendar-maintenance-overlap");
            assert_eq!(found, expected, "{from} {to}");
        }
    }

    #[test]
    fn old_notices_past_starts_and_busy_days_are_told() {
        let maintenance = calendar(&[]);
        let base = question(&maintenance);
        for (now, expected) in [
            ("2027-01-20T23:59:59+09:00", Verdict::Block),
            ("2027-01-21T00:00:00+09:00", Verdict::Ok),
            ("2027-01-22T00:00:00+09:00", Verdict::Ok),
            ("2027-01-22T00:00:01+09:00", Verdict::Block),
        ] {
            let question = WindowQuestion { now: at(now), ..base };
            assert_eq!(verdict(&question, "calendar-stale"), expected, "{now}");
        }
        let late = WindowQuestion { now: base.start + TimeDelta::seconds(1), ..base };
        assert_eq!(verdict(&late, "calendar-start-past"), Verdict::Block);
        let in_time = WindowQuestion { now: base.start, ..base };
        assert_eq!(verdict(&in_time, "calendar-start-past"), Verdict::Ok);
        for (start, billing, end) in [
            ("2027-02-01T19:00:00+09:00", Verdict::Warn, Verdict::Ok),
            ("2027-02-10T23:59:59+09:00", Verdict::Warn, Verdict::Ok),
            ("2027-02-11T00:00:00+09:00", Verdict::Ok, Verdict::Ok),
            ("2027-02-27T17:00:00+09:00", Verdict::Ok, Verdict::Ok),
            ("2027-02-28T00:00:00+09:00", Verdict::Ok, Verdict::Warn),
        ] {
            let start = at(start);
            let question = WindowQuestion { start, end: start + TimeDelta::hours(6), ..base };
            assert_eq!(verdict(&question, "calendar-billing-days"), billing, "{start}");
            assert_eq!(verdict(&question, "calendar-month-end"), end, "{start}");
        }
        let backwards = WindowQuestion { end: base.start, ..base };
        assert_eq!(verdict(&backwards, "calendar-window-order"), Verdict::Block);
    }

    #[test]
    fn a_verdict_names_the_attribute_of_its_text() {
        let words = [Verdict::Ok, Verdict::Warn, Verdict::Block].map(Verdict::word);
        assert_eq!(words, ["ok", "warn", "block"]);
    }

    #[test]
    fn every_rule_has_its_texts() {
        let maintenance = calendar(&[]);
        for result in check_window(&question(&maintenance)) {
            let severe = match result.code {
                "calendar-billing-days" | "calendar-month-end" => "warn",
                _ => "block",
            };
            for lang in [Lang::Ja, Lang::En] {
                for attribute in ["", ".ok", ".hint", &format!(".{severe}")] {
                    let id = format!("{}{attribute}", result.code);
                    assert!(i18n::find(lang, &id, &[]).is_some(), "{id} in {lang:?}");
                }
            }
        }
    }
}
