//! Random expressions, zones and times, judged by the crate `croner` and by a model that looks
//! at every single minute or second.

use std::collections::BTreeSet;

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;
use croner::Direction;
use croner::parser::CronParser;
use proptest::prelude::*;

use super::Cron;

/// Zones, each with moments near which its clock is moved.
const ZONES: [(Tz, &[&str]); 8] = [
    (Tz::Asia__Tokyo, &["2026-12-31T15:00:00Z"]),
    (Tz::UTC, &["2028-02-28T23:00:00Z"]),
    (Tz::America__New_York, &["2027-03-14T07:00:00Z", "2027-11-07T06:00:00Z"]),
    (Tz::Pacific__Apia, &["2011-12-30T10:00:00Z", "2011-09-24T14:00:00Z", "2012-03-31T14:00:00Z"]),
    (Tz::Europe__London, &["2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z"]),
    (Tz::Australia__Lord_Howe, &["2026-10-03T15:30:00Z", "2027-04-03T15:00:00Z"]),
    (Tz::America__Sao_Paulo, &["2018-11-04T03:00:00Z", "2019-02-17T02:00:00Z"]),
    (Tz::Asia__Tehran, &["2021-03-21T20:30:00Z", "2021-09-21T19:30:00Z"]),
];

/// A field as it is written, and the numbers that were meant.
#[derive(Clone, Debug)]
struct Written {
    text: String,
    numbers: BTreeSet<u32>,
}

impl Written {
    fn star(&self) -> bool {
        self.text.starts_with('*')
    }
}

#[derive(Clone, Debug)]
struct Expression {
    /// Second, minute, hour, day, month, weekday.
    fields: [Written; 6],
    with_seconds: bool,
}

impl Expression {
    fn text(&self) -> String {
        let written: Vec<&str> = self.fields.iter().map(|field| field.text.as_str()).collect();
        written[usize::from(!self.with_seconds)..].join(" ")
    }

    /// Fixed times by the rule of cron(8).
    fn fixed(&self) -> bool {
        !self.fields[..3].iter().any(Written::star)
    }

    fn matches(&self, wall: NaiveDateTime) -> bool {
        let [second, minute, hour, day, month, weekday] = &self.fields;
        let on_day = day.numbers.contains(&wall.day());
        let on_weekday = weekday.numbers.contains(&wall.weekday().num_days_from_sunday());
        second.numbers.contains(&wall.second())
            && minute.numbers.contains(&wall.minute())
            && hour.numbers.contains(&wall.hour())
            && month.numbers.contains(&wall.month())
            && if day.star() || weekday.star() {
                on_day && on_weekday
            } else {
                on_day || on_weekday
            }
    }

    /// Every moment from `from` to `to`, both inclusive, found by looking at every `step`.
    fn model(
        &self,
        zone: Tz,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        step: TimeDelta,
    ) -> Vec<DateTime<Utc>> {
        // What was shown before decides on repetition: begin earlier.
        let mut at = from - TimeDelta::hours(2);
        let mut latest = zone.from_utc_datetime(&at.naive_utc()).naive_local();
        let mut found = Vec::new();
        while at <= to {
            let wall = zone.from_utc_datetime(&at.naive_utc()).naive_local();
            let repeated = wall <= latest;
            let mut due = self.matches(wall) && !(repeated && self.fixed());
            // The clock jumped: what lies between is made up for, if it names fixed times.
            let jump = wall - latest - step;
            if jump > TimeDelta::zero() && jump <= TimeDelta::hours(3) && self.fixed() {
                let mut skipped = latest + step;
                while skipped < wall {
                    due = due || self.matches(skipped);
                    skipped += step;
                }
            }
            if due && at >= from {
                found.push(at);
            }
            latest = latest.max(wall);
            at += step;
        }
        found
    }

    fn on_day(&self, day: NaiveDate) -> bool {
        let mut at_midnight = self.clone();
        for time in &mut at_midnight.fields[..3] {
            time.numbers = BTreeSet::from([0]);
        }
        at_midnight.matches(day.and_hms_opt(0, 0, 0).unwrap())
    }

    /// False for 31 June and its like, for which croner searches through three thousand years.
    fn comes(&self) -> bool {
        let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
        first.iter_days().take(28 * 366).any(|day| self.on_day(day))
    }

    /// Fixed times on the day that Apia left out: croner makes up for what lies in the day's last
    /// two hours, and gives up its search for all else. cron(8) makes up for at most three hours.
    fn over_missing_day(&self, at: DateTime<Tz>, way: Direction) -> bool {
        let missing: DateTime<Utc> = "2011-12-30T10:00:00Z".parse().unwrap();
        let ahead = if way == Direction::Forward { at < missing } else { at >= missing };
        at.timezone() == Tz::Pacific__Apia
            && ahead
            && self.fixed()
            && self.on_day(NaiveDate::from_ymd_opt(2011, 12, 30).unwrap())
    }

    /// What croner would have to be asked instead: it takes an expression with several numbers in
    /// its times for one that follows the clock; cron(8) does not. One time after another is a
    /// fixed time for both. `None` where these are too many.
    fn for_croner(&self) -> Option<Vec<croner::Cron>> {
        let [second, minute, hour, day, month, weekday] = &self.fields;
        // croner only takes a lone `*` for unrestricted; crontab(5) what begins with one.
        let both = day.star() || weekday.star();
        let parser = CronParser::builder().dom_and_dow(both).build();
        if !self.fixed() {
            return Some(vec![parser.parse(&self.text()).unwrap()]);
        }
        if second.numbers.len() * minute.numbers.len() * hour.numbers.len() > 60 {
            return None;
        }
        let mut all = Vec::new();
        for second in &second.numbers {
            for minute in &minute.numbers {
                for hour in &hour.numbers {
                    let rest = format!("{} {} {}", day.text, month.text, weekday.text);
                    let text = format!("{second} {minute} {hour} {rest}");
                    all.push(parser.parse(&text).unwrap());
                }
            }
        }
        Some(all)
    }
}

fn by_croner(all: &[croner::Cron], at: DateTime<Tz>, way: Direction) -> Option<DateTime<Tz>> {
    let found = all.iter().map(|cron| match way {
        Direction::Forward => cron.find_next_occurrence(&at, false).unwrap(),
        Direction::Backward => cron.find_previous_occurrence(&at, false).unwrap(),
    });
    if way == Direction::Forward { found.min() } else { found.max() }
}

fn field(least: u32, most: u32, names: &'static [&'static str]) -> impl Strategy<Value = Written> {
    let name = move |number: u32, named: bool| match names.get((number - least) as usize) {
        Some(name) if named => (*name).to_owned(),
        _ => number.to_string(),
    };
    // 7 is Sunday in numbers, 0 in the model.
    let day = move |number: u32| if most == 7 { number % 7 } else { number };
    let number = least..=most;
    let one = (number.clone(), any::<bool>()).prop_map(move |(n, named)| Written {
        text: name(n, named),
        numbers: BTreeSet::from([day(n)]),
    });
    let range = (number.clone(), number, 1_u32..9, any::<bool>(), any::<bool>()).prop_map(
        move |(a, b, step, stepped, named)| {
            let (first, last) = (a.min(b), a.max(b));
            // croner takes `sun-sun` for the whole week; cron(8) takes it for Sunday.
            let named = named && last > 0;
            let text = format!("{}-{}", name(first, named), name(last, named));
            let (text, step) = if stepped { (format!("{text}/{step}"), step) } else { (text, 1) };
            let numbers = (first..=last).step_by(step as usize).map(day).collect();
            Written { text, numbers }
        },
    );
    let list =
        prop::collection::vec(prop_oneof![3 => one.clone(), 1 => range], 1..4).prop_map(|parts| {
            let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
            Written {
                text: texts.join(","),
                numbers: parts.iter().flat_map(|part| part.numbers.clone()).collect(),
            }
        });
    let most_steps = if most == 7 { 6 } else { most };
    let star = (1_u32..=(most - least)).prop_map(move |step| Written {
        text: if step == 1 { "*".to_owned() } else { format!("*/{step}") },
        numbers: (least..=most_steps).step_by(step as usize).map(day).collect(),
    });
    let all = Just(Written { text: "*".to_owned(), numbers: (least..=most_steps).collect() });
    prop_oneof![2 => one, 2 => list, 1 => star, 3 => all]
}

const MONTHS: [&str; 12] =
    ["jan", "FEB", "mar", "apr", "May", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// Named from Sunday, which is 0; 7 has no name.
const DAYS: [&str; 7] = ["sun", "MON", "tue", "wed", "Thu", "fri", "sat"];

fn expressions() -> impl Strategy<Value = Expression> {
    let fields = (
        field(0, 59, &[]),
        field(0, 59, &[]),
        // Clocks are moved at night: hours that are often in a gap or a fold.
        prop_oneof![
            field(0, 23, &[]),
            field(0, 3, &[]).prop_map(|mut written| {
                if written.star() {
                    written.numbers = BTreeSet::from([1, 2]);
                    "1,2".clone_into(&mut written.text);
                }
                written
            })
        ],
        field(1, 31, &[]),
        field(1, 12, &MONTHS),
        field(0, 7, &DAYS),
        any::<bool>(),
    );
    fields.prop_map(|(second, minute, hour, day, month, weekday, with_seconds)| {
        let none = Written { text: "0".to_owned(), numbers: BTreeSet::from([0]) };
        let second = if with_seconds { second } else { none };
        Expression { fields: [second, minute, hour, day, month, weekday], with_seconds }
    })
}

/// A zone and a moment, most often within two days of a moment at which its clock is moved.
fn moments() -> impl Strategy<Value = DateTime<Tz>> {
    let near = (0..ZONES.len(), any::<prop::sample::Index>(), -172_800_i64..172_800);
    let very_near = (0..ZONES.len(), any::<prop::sample::Index>(), -7_200_i64..7_200);
    let anywhere = (0..ZONES.len(), any::<prop::sample::Index>(), -90_000_000_i64..90_000_000);
    prop_oneof![2 => near, 3 => very_near, 1 => anywhere].prop_map(|(zone, index, seconds)| {
        let (zone, moves) = ZONES[zone];
        let moved: DateTime<Utc> = index.get(moves).parse().unwrap();
        // Whole minutes as often as not: the moment itself must not be found.
        let seconds = if seconds % 2 == 0 { seconds / 60 * 60 } else { seconds };
        (moved + TimeDelta::seconds(seconds)).with_timezone(&zone)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn croner_finds_the_same(expression in expressions(), at in moments()) {
        let ours: Cron = expression.text().parse().unwrap();
        if !expression.comes() {
            prop_assert_eq!((ours.next_after(at), ours.previous_before(at)), (None, None));
        } else if let Some(theirs) = expression.for_croner() {
            if !expression.over_missing_day(at, Direction::Forward) {
                let next = by_croner(&theirs, at, Direction::Forward);
                prop_assert_eq!(ours.next_after(at), next, "{} after {}", expression.text(), at);
            }
            if !expression.over_missing_day(at, Direction::Backward) {
                let found = by_croner(&theirs, at, Direction::Backward);
                let previous = ours.previous_before(at);
                prop_assert_eq!(previous, found, "{} before {}", expression.text(), at);
            }
        }
    }

    #[test]
    fn looking_at_every_minute_finds_the_same(expression in expressions(), at in moments()) {
        let mut expression = Expression { with_seconds: false, ..expression };
        expression.fields[0] = Written { text: "0".to_owned(), numbers: BTreeSet::from([0]) };
        let at = at - TimeDelta::seconds(i64::from(at.second()));
        judge(&expression, at, TimeDelta::hours(40), TimeDelta::minutes(1))?;
    }

    #[test]
    fn looking_at_every_second_finds_the_same(expression in expressions(), at in moments()) {
        judge(&expression, at, TimeDelta::minutes(80), TimeDelta::seconds(1))?;
    }
}

/// All moments of a span after `at`, forwards and backwards, against the model.
fn judge(
    expression: &Expression,
    at: DateTime<Tz>,
    span: TimeDelta,
    step: TimeDelta,
) -> Result<(), TestCaseError> {
    let text = expression.text();
    let cron: Cron = text.parse().unwrap();
    let end = at + span;
    let model = expression.model(at.timezone(), at.to_utc(), end.to_utc() - step, step);
    // Only the first few: a second of `* * * * * *` is like another.
    let found: Vec<_> = cron.between(at, end).take(200).map(|at| at.to_utc()).collect();
    prop_assert_eq!(&found[..], &model[..model.len().min(200)], "{} from {}", text, at);
    let mut back = Vec::new();
    let mut before = end;
    while let Some(previous) = cron.previous_before(before).filter(|found| *found >= at) {
        back.push(previous.to_utc());
        before = previous;
        if back.len() == 200 {
            break;
        }
    }
    let expected: Vec<_> = model.iter().rev().take(200).copied().collect();
    prop_assert_eq!(back, expected, "{} back from {}", text, end);
    Ok(())
}

#[test]
fn the_moments_are_those_at_which_clocks_are_moved() {
    for (zone, moves) in ZONES {
        let moved = moves.iter().filter(|moved| {
            let at: DateTime<Utc> = moved.parse().unwrap();
            let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
            offset(at - TimeDelta::seconds(1)) != offset(at)
        });
        let expected = if matches!(zone, Tz::UTC | Tz::Asia__Tokyo) { 0 } else { moves.len() };
        assert_eq!(moved.count(), expected, "{zone}");
    }
}
