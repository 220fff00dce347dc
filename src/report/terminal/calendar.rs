//! Announcements, known windows and possible dates on a terminal.

use std::fmt::Write as _;

use comfy_table::{Cell, Color};

use super::line::printable;
use super::paint::Paint;
use crate::calendar::notice::{Notice, NoticeFinding, NoticeWindow, Status};
use crate::i18n::{self, Lang};
use crate::journal::ledger::{Announced, AnnouncedWindow};
use crate::plan::{Check, Reason, Slot, Verdict, weekday};
use crate::report::calendar::{CalendarView, SlotsView};
use crate::report::words::Words;
use crate::t;

/// What was understood of an announcement, with the words it came from.
pub fn notice(notice: &Notice, lang: Lang) -> String {
    let w = Words::new(lang, false);
    let mut out = String::new();
    for window in &notice.windows {
        let (from, to) = (w.minute(&window.from), w.minute(&window.to));
        // Writing into a String does not fail.
        let _ = writeln!(out, "{}  {from} – {to}", status(w, window.status));
        let _ = writeln!(out, "    {}", told(window, w));
        quoted(&mut out, w, window.line, &window.words);
    }
    for rule in &notice.recurring {
        let minutes = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let (from, to) = (minutes(rule.start_minutes), minutes(rule.end_minutes));
        let _ = writeln!(out, "{}  {} {from} – {to}", status(w, rule.status), rule.rule);
        quoted(&mut out, w, rule.line, &rule.words);
    }
    if notice.no_window_found() {
        let _ = writeln!(out, "{}", w.say("report-notice-none"));
    }
    findings(&mut out, w, "report-notice-errors", &notice.errors);
    findings(&mut out, w, "report-notice-notes", &notice.notes);
    out.trim_end().to_owned()
}

/// What a person must see before confirming: the title, and what was assumed.
fn told(window: &NoticeWindow, w: Words) -> String {
    let assumed = [
        (window.year_assumed, "report-notice-year-assumed"),
        (window.end_assumed, "report-notice-end-assumed"),
        (window.next_day_assumed, "report-notice-next-day"),
        (window.approximate, "report-notice-approximate"),
        (window.relative, "report-notice-relative"),
    ];
    let title = window.title.iter().map(|title| printable(title));
    let assumed = assumed.iter().filter(|(holds, _)| *holds).map(|(_, id)| w.say(id));
    title.chain(assumed).collect::<Vec<_>>().join(" / ")
}

fn quoted(out: &mut String, w: Words, line: usize, words: &str) {
    let words = printable(words);
    let _ = writeln!(out, "    {}", t!(w.lang, "report-notice-words", line = line, words = words));
}

fn findings(out: &mut String, w: Words, heading: &str, findings: &[NoticeFinding]) {
    if findings.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", w.say(heading));
    for finding in findings {
        let _ = writeln!(out, "  [{}] {}", finding.code, printable(&finding.message(w.lang)));
        let _ = writeln!(out, "    → {}", printable(&finding.hint(w.lang)));
    }
}

fn status(w: Words, status: Status) -> String {
    w.say(match status {
        Status::Planned => "report-announced-planned",
        Status::Cancelled => "report-announced-cancelled",
        Status::Reserve => "report-announced-reserve",
    })
}

/// Windows that came as data.
pub fn announced(windows: &[AnnouncedWindow], lang: Lang) -> String {
    let w = Words::new(lang, false);
    if windows.is_empty() {
        return w.say("report-notice-none");
    }
    windows.iter().map(|window| line(w, window)).collect::<Vec<_>>().join("\n")
}

fn line(w: Words, window: &AnnouncedWindow) -> String {
    let status = w.say(match window.status {
        Announced::Planned => "report-announced-planned",
        Announced::Cancelled => "report-announced-cancelled",
        Announced::Reserve => "report-announced-reserve",
    });
    let (from, to) = (w.minute(&window.from), w.minute(&window.to));
    format!("{status}  {from} – {to}  {}", printable(&window.title))
}

/// Every source with its windows.
pub fn calendar(view: &CalendarView, lang: Lang) -> String {
    let w = Words::new(lang, false);
    let mut out = String::new();
    for source in &view.sources {
        let number = source.number.map_or_else(|| "–".to_owned(), |number| number.to_string());
        let read = source.read_at.map_or_else(
            || w.say("report-calendar-never"),
            |at| t!(lang, "report-calendar-read", at = w.full(&at.0), by = source.read_by),
        );
        // Writing into a String does not fail.
        let _ = writeln!(out, "[{number}] {}\n    {read}", printable(&source.source));
        for window in &source.windows {
            let _ = writeln!(out, "    {}", line(w, window));
        }
    }
    if out.is_empty() { w.say("report-calendar-no-source") } else { out.trim_end().to_owned() }
}

/// Rows of the go/no-go list alone.
pub fn checks_of(checks: &[Check], lang: Lang, colour: bool, width: usize) -> String {
    let (w, paint) = (Words::new(lang, false), Paint::new(colour, width));
    let heads = ["report-verdict", "report-criterion", "report-measured"].map(|id| w.say(id));
    let rows = checks
        .iter()
        .map(|check| {
            let mut criterion = check.criterion(lang);
            if check.verdict != Verdict::Ok
                && let Some(hint) = check.hint(lang)
            {
                let _ = write!(criterion, "\n→ {hint}");
            }
            vec![
                paint.verdict(check.verdict, w.verdict(check.verdict)),
                Cell::new(criterion),
                Cell::new(w.measured(check)),
            ]
        })
        .collect();
    paint.table(&heads, rows, &[0])
}

/// Dates that do, and why nearer ones do not.
pub fn slots(view: &SlotsView, lang: Lang, colour: bool, width: usize) -> String {
    let (w, paint) = (Words::new(lang, false), Paint::new(colour, width));
    let heads = ["report-slots-day", "report-slots-verdict", "report-slots-why"];
    let rows = view.days.iter().map(|slot| row(w, colour, slot)).collect();
    let read = view.read_at.map_or_else(
        || w.say("report-calendar-never"),
        |at| t!(lang, "report-slots-read", at = w.full(&at.0)),
    );
    let mut out = format!(
        "{}{}\n{read}",
        paint.table(&heads.map(|id| w.say(id)), rows, &[0, 1]),
        t!(lang, "report-slots-found", found = view.found)
    );
    let mut notes = view.days.iter().flat_map(|slot| &slot.notes);
    if let Some(note) = notes.find(|note| note.code == HOURS_UNKNOWN) {
        // True of every day: said once.
        let _ = write!(out, "\n※ {}", told_reason(w, note));
    }
    out
}

/// What is the same for every day.
const HOURS_UNKNOWN: &str = "slots-hours-unknown";

fn row(w: Words, colour: bool, slot: &Slot) -> Vec<Cell> {
    let day = w.say(&format!("report-weekday-{}", weekday(slot.day)));
    let fits = slot.reasons.is_empty();
    let verdict = if fits {
        format!(
            "{} {}–{}",
            w.say("report-slots-yes"),
            slot.start.format("%H:%M"),
            slot.end.format("%H:%M")
        )
    } else {
        w.say("report-slots-no")
    };
    let mut cell = Cell::new(verdict);
    if colour {
        cell = cell.fg(if fits { Color::Green } else { Color::Red });
    }
    let mut why: Vec<String> = slot.reasons.iter().map(|reason| told_reason(w, reason)).collect();
    let notes = slot.notes.iter().filter(|note| note.code != HOURS_UNKNOWN);
    why.extend(notes.map(|note| format!("※ {}", told_reason(w, note))));
    vec![Cell::new(format!("{} ({day})", slot.day)), cell, Cell::new(why.join("\n"))]
}

fn told_reason(w: Words, reason: &Reason) -> String {
    let args: Vec<i18n::Arg<'_>> =
        reason.args.iter().map(|(name, value)| (name.as_str(), value.as_str().into())).collect();
    printable(&i18n::text(w.lang, &reason.code, &args))
}
