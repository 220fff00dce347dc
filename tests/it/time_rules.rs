//! The rules of time through the program itself, in zones of the machine that are not the
//! clinic's: against a table written by hand, and once through a whole cutover.

use std::path::Path;
use std::process::{Command, Output};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use crate::figures::figure;
use crate::kill::site_imports;
use crate::support::{DECIDES, World, program};

/// The command that prints the figures.
const COMMAND: &str = "cargo nextest run --no-capture time_rules";

/// The machine's zone must not matter.
const ZONES: [&str; 4] = ["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Apia"];

type At = DateTime<FixedOffset>;

/// A wall time in Japan.
fn at(text: &str) -> At {
    DateTime::parse_from_rfc3339(&format!("{text}+09:00")).unwrap()
}

/// Sets the rehearsal's clock.
fn set_clock(file: &Path, at: At) {
    let shift = at.timestamp_millis() - Utc::now().timestamp_millis();
    let part = file.with_extension("test");
    std::fs::write(&part, shift.to_string()).unwrap();
    std::fs::rename(part, file).unwrap();
}

/// One line of the table: what is asked, and which rules must not be `ok`, with what they say.
struct Case {
    what: &'static str,
    now: &'static str,
    production_at: &'static str,
    window_end: &'static str,
    read_at: &'static str,
    maintenance: &'static [(&'static str, &'static str)],
    expected: &'static [(&'static str, &'static str)],
}

/// A night on which everything holds; each case changes one thing of it.
const GOOD: Case = Case {
    what: "a good night",
    now: "2027-01-21T12:00:00",
    production_at: "2027-01-21T19:00:00",
    window_end: "2027-01-22T01:00:00",
    read_at: "2027-01-21T00:00:00",
    maintenance: &[],
    expected: &[],
};

const EVENING: (&str, &str) = ("calendar-not-before-19", "block");
const OVERLAP: (&str, &str) = ("calendar-maintenance-overlap", "block");
const STALE: (&str, &str) = ("calendar-stale", "block");
const PAST: (&str, &str) = ("calendar-start-past", "block");

const CASES: &[Case] = &[
    GOOD,
    Case {
        what: "a second before 19:00",
        production_at: "2027-01-21T18:59:59",
        expected: &[EVENING],
        ..GOOD
    },
    Case { what: "a second after 19:00", production_at: "2027-01-21T19:00:01", ..GOOD },
    Case {
        what: "the night's last second",
        production_at: "2027-01-22T04:59:59",
        window_end: "2027-01-22T11:00:00",
        ..GOOD
    },
    Case {
        what: "the morning",
        production_at: "2027-01-22T05:00:00",
        window_end: "2027-01-22T11:00:00",
        expected: &[EVENING],
        ..GOOD
    },
    Case {
        what: "maintenance ends a second before the start",
        maintenance: &[("2027-01-21T17:00:00", "2027-01-21T18:59:59")],
        ..GOOD
    },
    Case {
        what: "maintenance ends with the start",
        maintenance: &[("2027-01-21T17:00:00", "2027-01-21T19:00:00")],
        expected: &[OVERLAP],
        ..GOOD
    },
    Case {
        what: "maintenance ends a second after the start",
        maintenance: &[("2027-01-21T17:00:00", "2027-01-21T19:00:01")],
        expected: &[OVERLAP],
        ..GOOD
    },
    Case {
        what: "maintenance begins a second before the end",
        maintenance: &[("2027-01-22T00:59:59", "2027-01-22T03:00:00")],
        expected: &[OVERLAP],
        ..GOOD
    },
    Case {
        what: "maintenance begins with the end",
        maintenance: &[("2027-01-22T01:00:00", "2027-01-22T03:00:00")],
        expected: &[OVERLAP],
        ..GOOD
    },
    Case {
        what: "maintenance begins a second after the end",
        maintenance: &[("2027-01-22T01:00:01", "2027-01-22T03:00:00")],
        ..GOOD
    },
    // The clock goes on while the program starts, so this one lies well inside.
    Case { what: "announcements read almost 24 h ago", read_at: "2027-01-20T12:01:00", ..GOOD },
    Case {
        what: "announcements read 24 h and a second ago",
        read_at: "2027-01-20T11:59:59",
        expected: &[STALE],
        ..GOOD
    },
    Case {
        what: "the clock was set back a day",
        now: "2027-01-20T12:00:00",
        expected: &[STALE],
        ..GOOD
    },
    Case {
        what: "the clock jumped a day ahead",
        now: "2027-01-22T12:00:00",
        expected: &[PAST, STALE],
        ..GOOD
    },
    Case {
        what: "the machine woke three hours after the start",
        now: "2027-01-21T22:00:00",
        expected: &[PAST],
        ..GOOD
    },
    Case {
        what: "a second after the last start",
        now: "2027-01-21T20:30:01",
        expected: &[PAST],
        ..GOOD
    },
];

/// The sample clinic's files with a case's times, and a clock of their own.
fn write(dir: &Path, case: &Case) {
    let sample = |name: &str| {
        std::fs::read_to_string(format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let clinic = sample("clinic.yaml")
        .replace("2027-01-21T19:00:00+09:00", &format!("{}+09:00", case.production_at))
        .replace("2027-01-22T01:00:00+09:00", &format!("{}+09:00", case.window_end));
    std::fs::write(dir.join("clinic.yaml"), format!("{clinic}\nrehearsal_clock: clock\n")).unwrap();
    std::fs::write(dir.join("characters.yaml"), sample("characters.yaml")).unwrap();
    let windows: String = case
        .maintenance
        .iter()
        .map(|(from, to)| {
            format!("  - {{from: \"{from}+09:00\", to: \"{to}+09:00\", title: 試験}}\n")
        })
        .collect();
    let windows = if windows.is_empty() { " []".to_owned() } else { format!("\n{windows}") };
    let read_at = case.read_at;
    std::fs::write(
        dir.join("maintenance.yaml"),
        format!(
            "format: 1\nsource: 試験\nread_at: \"{read_at}+09:00\"\nread_by: 見本 太郎\n\
             windows:{windows}\n"
        ),
    )
    .unwrap();
    set_clock(&dir.join("clock"), at(case.now));
}

/// The rules about times that a plan says do not hold.
fn broken_rules(plan: &serde_json::Value) -> Vec<(String, String)> {
    let checks = plan["checks"].as_array().unwrap();
    let of_the_test = |check: &&serde_json::Value| {
        let facts = check["facts"].as_array().map(Vec::as_slice).unwrap_or_default();
        facts.iter().any(|fact| fact["name"] == "purpose" && fact["value"] == "test")
    };
    let mut broken: Vec<(String, String)> = checks
        .iter()
        // The test import's own time is past on that day, which is right and said apart.
        .filter(|check| !of_the_test(check))
        .map(|check| (check["code"].as_str().unwrap(), check["verdict"].as_str().unwrap()))
        .filter(|(code, verdict)| code.starts_with("calendar-") && *verdict != "ok")
        // What the plan alone cannot know is the other test's matter, and so is a second import.
        .filter(|(code, _)| *code != "calendar-test-import-too-late")
        .map(|(code, verdict)| (code.to_owned(), verdict.to_owned()))
        .collect();
    broken.sort();
    broken.dedup();
    broken
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn plans_say_what_the_table_says_in_every_zone() {
    let dir = tempfile::tempdir().unwrap();
    let playbook = format!("{}/playbooks/cutover.yaml", env!("CARGO_MANIFEST_DIR"));
    let (mut right, mut wrong) = (0, Vec::new());
    for zone in ZONES {
        for case in CASES {
            write(dir.path(), case);
            let mut command = program();
            command.args(["plan", &playbook, "--offline", "--json", "--clinic"]);
            command.arg(dir.path().join("clinic.yaml")).env("TZ", zone);
            let found = broken_rules(&json(&command.output().unwrap()));
            let mut expected: Vec<(String, String)> = case
                .expected
                .iter()
                .map(|(code, verdict)| ((*code).to_owned(), (*verdict).to_owned()))
                .collect();
            expected.sort();
            if found == expected {
                right += 1;
            } else {
                wrong.push(format!("{} in {zone}: {found:?}", case.what));
            }
        }
    }
    let all = CASES.len() * ZONES.len();
    figure("R9", "time rules by plan, in 4 zones", format!("{right} of {all} right"), COMMAND);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A world's looks at the clock, counted where they did what was to be done.
struct Looks {
    world: World,
    right: usize,
    wrong: Vec<String>,
}

impl Looks {
    fn note(&mut self, what: &str, holds: bool, seen: &dyn std::fmt::Debug) {
        if holds {
            self.right += 1;
        } else {
            self.wrong.push(format!("{what}: {seen:?}"));
        }
    }

    fn set(&self, at: At) {
        set_clock(&self.world.dir.join("clock"), at);
    }

    fn run(&self, args: &[&str], zone: &str) -> Output {
        let mut command: Command = self.world.command(args);
        command.env("TZ", zone).output().unwrap()
    }

    /// One look at this moment; then so many imports must have been taken by the site.
    fn tick(&mut self, at: At, zone: &str, imports: usize) -> String {
        self.set(at);
        let output = self.run(&["tick"], zone);
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let seen = site_imports(&self.world).len();
        self.note(&format!("{at} in {zone}: {imports} imports"), seen == imports, &(seen, &said));
        said
    }

    /// The verdict of one row of a plan that is made now.
    fn verdict(&self, zone: &str, code: &str) -> String {
        let plan = json(&self.run(&["plan", &self.world.playbook(), "--json"], zone));
        let checks = plan["checks"].as_array().unwrap();
        let row = checks.iter().find(|check| check["code"] == code).unwrap();
        row["verdict"].as_str().unwrap().to_owned()
    }

    /// Puts other times into the clinic file.
    fn write_times(&self, sample: &str, production_at: At, window_end: At) {
        let text = sample
            .replace("2027-01-21T19:00:00.000+09:00", &production_at.to_rfc3339())
            .replace("2027-01-22T01:00:00.000+09:00", &window_end.to_rfc3339());
        assert_ne!(text, sample);
        std::fs::write(self.world.dir.join("clinic.yaml"), text).unwrap();
    }
}

/// Seven days to the second, jumps of a day, a sleep of three hours, the certificate's end to the
/// second: by real looks of the program at a clock that is moved.
#[test]
fn a_whole_cutover_keeps_every_time_in_every_zone() {
    let mut looks = Looks { world: World::up(&[]), right: 0, wrong: Vec::new() };
    looks.set(at("2027-01-12T12:50:00"));
    let digest = {
        looks.world.prepare();
        let plan = looks.run(&["plan", &looks.world.playbook(), "--save", "--json"], "UTC");
        json(&plan)["digest"].as_str().unwrap().to_owned()
    };
    let approved = looks.run(&["approve", &digest, "--as", DECIDES], "Pacific/Apia");
    assert!(approved.status.success(), "{}", String::from_utf8_lossy(&approved.stderr));

    // Not a second early, whatever zone the machine is in; then once, and never twice.
    for zone in ZONES {
        looks.tick(at("2027-01-12T12:59:50"), zone, 0);
    }
    looks.tick(at("2027-01-12T13:00:00"), "America/New_York", 1);
    for (jump, zone) in [("2027-01-11T13:00:00", "UTC"), ("2027-01-13T13:00:00", "Asia/Tokyo")] {
        looks.tick(at(jump), zone, 1);
    }

    // Seven days since the proof, to the second.
    let clinic = looks.world.dir.join("clinic.yaml");
    let sample = std::fs::read_to_string(&clinic).unwrap();
    let plan = json(&looks.run(&["plan", &looks.world.playbook(), "--json"], "UTC"));
    let proved = plan["facts"]["proved_test_import_at"].as_str().unwrap();
    let proved: At = DateTime::parse_from_rfc3339(proved).unwrap();
    let week = proved + TimeDelta::days(7);
    let shifts = [(-1000, "block"), (-1, "block"), (0, "ok"), (1000, "ok")];
    for (millis, expected) in shifts {
        let start = week + TimeDelta::milliseconds(millis);
        looks.write_times(&sample, start, start + TimeDelta::hours(6));
        for zone in ZONES {
            let seen = looks.verdict(zone, "calendar-test-import-too-late");
            looks.note(&format!("7 d: {start} in {zone}"), seen == expected, &seen);
        }
    }

    // The certificate must outlast the window by 30 days, to the second.
    let ends = plan["facts"]["portal"]["certificate_ends"].as_str().unwrap();
    let ends: At = DateTime::parse_from_rfc3339(ends).unwrap();
    let last = ends - TimeDelta::days(30);
    for (seconds, blocks) in [(-1, false), (0, false), (1, true)] {
        let window_end = last + TimeDelta::seconds(seconds);
        looks.write_times(&sample, window_end - TimeDelta::hours(6), window_end);
        let seen = looks.verdict("Pacific/Apia", "plan-certificate-ends");
        looks.note(&format!("certificate, {seconds} s"), (seen == "block") == blocks, &seen);
    }
    std::fs::write(&clinic, &sample).unwrap();

    // The night: not early, and not after the machine slept over its last start.
    looks.tick(at("2027-01-21T18:40:00"), "UTC", 1);
    for zone in ZONES {
        looks.tick(at("2027-01-21T18:59:50"), zone, 1);
    }
    let woke = looks.tick(at("2027-01-21T22:00:00"), "America/New_York", 1);
    looks.note("a sleep of three hours is told", woke.contains("MISSED"), &woke);
    looks.tick(at("2027-01-20T19:00:00"), "UTC", 1);
    looks.tick(at("2027-01-22T19:00:00"), "Pacific/Apia", 1);

    let all = looks.right + looks.wrong.len();
    let value = format!("{} of {all} right", looks.right);
    figure("R9", "looks at a moved clock, in 4 zones", value, COMMAND);
    assert!(looks.wrong.is_empty(), "{:#?}", looks.wrong);
}
