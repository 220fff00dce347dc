//! What a look at the clock means for one kind of work. Pure.
//!
//! A start that is seen within ten minutes of its time is on time. A later one was missed, and
//! the schedule's rule says what becomes of it while its window is open. After the window nothing
//! starts, whatever the rule, and nobody's silence counts as a yes.

use chrono::TimeDelta;

use crate::clock::Jst;
use crate::journal::ledger::{WorkEntry, WorkState};
use crate::playbook::{Missed, Schedule};

/// A start is on time until so long after its time: a crontab line may look every ten minutes.
const GRACE: TimeDelta = TimeDelta::minutes(10);

/// Times that are told one by one when they were missed; more are told by their number.
pub(super) const MOST_TIMES: usize = 10_000;

/// What is to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing is due.
    Nothing,
    /// It runs, as far as the ledger says: whether its process lives is for the lock to say.
    Runs {
        /// When it was due.
        due: Jst,
    },
    /// It may start.
    Start {
        /// When it was due.
        due: Jst,
    },
    /// It was missed, and a person decides whether it starts late.
    Ask {
        /// When it was due.
        due: Jst,
    },
    /// It waits for a person; its window is open.
    Waits {
        /// When it was due.
        due: Jst,
    },
    /// Its time is over.
    Over {
        /// When it was due last.
        due: Jst,
        /// How many starts were missed.
        times: usize,
        /// Why it was not begun.
        why: Over,
    },
}

/// Why work was not begun in its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Nobody looked while the window was open.
    NobodyLooked,
    /// It was seen late, and its rule is not to start late.
    Late,
    /// It waited for a person until the window was over.
    Waited,
}

/// The decision for work with `schedule`, whose entry in the ledger is `entry`. `due` are the
/// times that have come since the entry's, ascending.
pub fn decide(schedule: &Schedule, entry: &WorkEntry, due: &[Jst], now: Jst) -> Decision {
    match &entry.state {
        WorkState::Running { due, .. } => Decision::Runs { due: *due },
        WorkState::Waiting { due: waits, released, .. } => {
            if now > schedule.last_start(*waits) {
                Decision::Over { due: *waits, times: 1, why: Over::Waited }
            } else if *released {
                Decision::Start { due: *waits }
            } else {
                Decision::Waits { due: *waits }
            }
        }
        WorkState::Idle => {
            let Some(latest) = due.last().copied() else { return Decision::Nothing };
            let over = |why| Decision::Over { due: latest, times: due.len(), why };
            if now > schedule.last_start(latest) {
                return over(Over::NobodyLooked);
            }
            if now - latest <= GRACE {
                return Decision::Start { due: latest };
            }
            match schedule.missed {
                Missed::RunOnce => Decision::Start { due: latest },
                Missed::Skip => over(Over::Late),
                Missed::Ask => Decision::Ask { due: latest },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Kind, Problem};
    use crate::journal::ledger::Actor;
    use crate::playbook::Job;
    use chrono::{DateTime, TimeZone};
    use chrono_tz::Tz;

    fn at(text: &str) -> Jst {
        crate::clock::to_jst(DateTime::parse_from_rfc3339(text).unwrap())
    }

    fn schedule(missed: Missed) -> Schedule {
        // 19:00-20:30
        Schedule { missed, ..Schedule::usual(Job::Cutover) }
    }

    fn idle() -> WorkEntry {
        let upto = at("2027-01-01T00:00:00+09:00");
        WorkEntry { upto, state: WorkState::Idle, last: None, missed: None }
    }

    const DUE: &str = "2027-01-21T19:00:00+09:00";

    #[test]
    fn a_window_is_open_to_its_last_second() {
        let due = at(DUE);
        let over = |why| Decision::Over { due, times: 1, why };
        for (now, missed, expected) in [
            ("2027-01-21T19:00:00+09:00", Missed::RunOnce, Decision::Start { due }),
            ("2027-01-21T19:10:00+09:00", Missed::Skip, Decision::Start { due }),
            ("2027-01-21T19:10:01+09:00", Missed::Skip, over(Over::Late)),
            ("2027-01-21T19:10:01+09:00", Missed::Ask, Decision::Ask { due }),
            ("2027-01-21T19:10:01+09:00", Missed::RunOnce, Decision::Start { due }),
            ("2027-01-21T20:30:00+09:00", Missed::RunOnce, Decision::Start { due }),
            ("2027-01-21T20:30:01+09:00", Missed::RunOnce, over(Over::NobodyLooked)),
            ("2027-01-21T20:30:01+09:00", Missed::Skip, over(Over::NobodyLooked)),
            ("2027-01-21T20:30:01+09:00", Missed::Ask, over(Over::NobodyLooked)),
            // Three hours late: the machine slept.
            ("2027-01-21T22:00:00+09:00", Missed::RunOnce, over(Over::NobodyLooked)),
        ] {
            let found = decide(&schedule(missed), &idle(), &[due], at(now));
            assert_eq!(found, expected, "{now} {missed:?}");
        }
        assert_eq!(decide(&schedule(Missed::Skip), &idle(), &[], at(DUE)), Decision::Nothing);
    }

    /// The same moment, written in any zone, decides the same.
    #[test]
    fn the_machines_zone_decides_nothing() {
        for zone in [Tz::UTC, Tz::Asia__Tokyo, Tz::America__New_York, Tz::Pacific__Apia] {
            let due = zone.with_ymd_and_hms(2027, 1, 21, 12, 0, 0).unwrap();
            let last = crate::clock::to_jst(due + TimeDelta::minutes(90));
            let due = crate::clock::to_jst(due);
            let rule = schedule(Missed::RunOnce);
            assert_eq!(decide(&rule, &idle(), &[due], last), Decision::Start { due }, "{zone}");
            let late = last + TimeDelta::seconds(1);
            assert!(matches!(decide(&rule, &idle(), &[due], late), Decision::Over { .. }));
        }
    }

    #[test]
    fn work_that_waits_starts_when_it_is_released_and_never_by_time_alone() {
        let due = at(DUE);
        let waiting = |released| {
            let problem = Problem::new("run-approval-needed", Kind::ConfirmationNeeded);
            WorkEntry { state: WorkState::Waiting { due, since: due, problem, released }, ..idle() }
        };
        let rule = schedule(Missed::RunOnce);
        for minutes in 0..=90 {
            let now = due + TimeDelta::minutes(minutes);
            assert_eq!(decide(&rule, &waiting(false), &[], now), Decision::Waits { due });
            assert_eq!(decide(&rule, &waiting(true), &[], now), Decision::Start { due });
        }
        let now = due + TimeDelta::minutes(90) + TimeDelta::seconds(1);
        for released in [false, true] {
            let over = Decision::Over { due, times: 1, why: Over::Waited };
            assert_eq!(decide(&rule, &waiting(released), &[], now), over);
        }
    }

    #[test]
    fn what_runs_is_left_alone() {
        let due = at(DUE);
        let by = Actor { name: "tick".into(), host: "h".into(), tool: "0".into() };
        let entry = WorkEntry { state: WorkState::Running { due, since: due, by }, ..idle() };
        let now = due + TimeDelta::days(9);
        assert_eq!(decide(&schedule(Missed::Skip), &entry, &[now], now), Decision::Runs { due });
    }

    #[test]
    fn of_many_missed_nights_the_last_one_counts() {
        let nights: Vec<Jst> = (0..5).map(|day| at(DUE) + TimeDelta::days(day)).collect();
        let last = nights[4];
        let now = last + TimeDelta::minutes(30);
        let start = Decision::Start { due: last };
        assert_eq!(decide(&schedule(Missed::RunOnce), &idle(), &nights, now), start);
        let now = last + TimeDelta::hours(3);
        let over = Decision::Over { due: last, times: 5, why: Over::NobodyLooked };
        assert_eq!(decide(&schedule(Missed::RunOnce), &idle(), &nights, now), over);
    }

    /// A clock that was set back makes nothing due twice; one that was set forward is a machine
    /// that slept.
    #[test]
    fn a_clock_that_jumps_starts_nothing_twice() {
        let clinic = sample();
        let rule = Schedule::usual(Job::Preflight);
        let day = at("2027-01-20T02:30:00+09:00");
        let entry = WorkEntry { upto: day, ..idle() };
        let due =
            |now: Jst| crate::plan::times_between(&rule, &clinic, entry.upto, now, MOST_TIMES);
        let back = day - TimeDelta::days(1);
        assert_eq!(decide(&rule, &entry, &due(back), back), Decision::Nothing);
        let forward = day + TimeDelta::days(1);
        let start = Decision::Start { due: forward };
        assert_eq!(decide(&rule, &entry, &due(forward), forward), start);
        // Over a leap day and the end of a year.
        for (from, expected) in [
            ("2028-02-28T02:30:00+09:00", "2028-02-29T02:30:00+09:00"),
            ("2027-12-31T02:30:00+09:00", "2028-01-01T02:30:00+09:00"),
        ] {
            let next = crate::plan::times_between(
                &rule,
                &clinic,
                at(from),
                at(from) + TimeDelta::days(3),
                1,
            );
            assert_eq!(next, [at(expected)]);
        }
    }

    fn sample() -> crate::playbook::Clinic {
        let text = include_str!("../../examples/clinic.yaml").into();
        let source = crate::diag::SourceText { name: "clinic.yaml".to_owned(), text };
        crate::playbook::load_clinic(&source).unwrap()
    }
}
