//! `calendar`: announcements of maintenance, as they were read and by whom.

use std::io::Read;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use clap::{Args, Subcommand};
use sha2::{Digest, Sha256};

use super::args::ClinicArg;
use super::{files, output::Output};
use crate::action::{self, WorkDir, actor};
use crate::calendar::SourceReading;
use crate::calendar::notice::{self, Notice, Status};
use crate::clock::Jst;
use crate::diag::{Fact, Kind, Problem, SourceText};
use crate::journal::ledger::{
    Announced, AnnouncedWindow, LedgerEvent, LedgerLog, Reading, ReadingKind,
};
use crate::playbook::Clinic;
use crate::schedule::{self, Tick};
use crate::{report, t};

/// Largest announcement that is read, bytes; a page of a site that was saved has less.
const MAX_BYTES: u64 = 1024 * 1024;

/// How far ahead the windows of a rule, or of a calendar, are written down.
const AHEAD: TimeDelta = TimeDelta::days(400);

/// How far back: an import may lie beside maintenance that is over.
const BACK: TimeDelta = TimeDelta::days(60);

#[derive(Clone, Debug, Args)]
pub(super) struct CalendarArgs {
    #[command(subcommand)]
    pub(super) command: CalendarCommand,
}

#[derive(Clone, Debug, Subcommand)]
pub(super) enum CalendarCommand {
    /// Show what an announcement's text says; nothing is kept / お知らせの読み取り結果を表示する
    Parse(ParseArgs),
    /// Keep an announcement after a person has confirmed it / 確認のうえお知らせを取り込む
    Import(ImportArgs),
    /// Show every window with its source / 予定を情報源とともに表示する
    List(ListArgs),
    /// Hold the planned imports against what is known / 計画した日時と照合する
    Check(CheckArgs),
    /// Read the calendars again that the clinic file names / カレンダーを読み直す
    Read(ClinicArg),
    /// Let a reading count no more / 取り込んだお知らせを取り消す
    Withdraw(WithdrawArgs),
}

#[derive(Clone, Debug, Args)]
pub(super) struct ParseArgs {
    /// The text; `-` for standard input / お知らせのテキスト
    pub(super) file: PathBuf,
    /// The day on which it was read; dates without a year lie near it / 読んだ日
    #[arg(long, value_name = "DATE")]
    pub(super) read_on: NaiveDate,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ImportArgs {
    /// An announcement's text, an .ics file or a maintenance file; `-` for standard input
    pub(super) file: PathBuf,
    /// Who read it / 読んだ人の氏名
    #[arg(long = "as", value_name = "PERSON")]
    pub(super) person: String,
    /// Where it was announced; the file's name where it is left out / 情報源
    #[arg(long, value_name = "TEXT")]
    pub(super) source: Option<String>,
    /// The day on which it was read; today where it is left out / 読んだ日
    #[arg(long, value_name = "DATE")]
    pub(super) read_on: Option<NaiveDate>,
    /// What was shown is right: the code that stood below it / 表示内容を確認した印
    #[arg(long, value_name = "CODE")]
    pub(super) confirm: Option<String>,
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ListArgs {
    /// Also windows that are over / 終わった予定も表示する
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
}

#[derive(Clone, Debug, Args)]
pub(super) struct CheckArgs {
    /// This person has read the announcements now, and nothing is new / 確認者（新しい予定なし）
    #[arg(long, value_name = "PERSON")]
    pub(super) read_by: Option<String>,
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
}

#[derive(Clone, Debug, Args)]
pub(super) struct WithdrawArgs {
    /// The reading's number, as `calendar list` shows it / 番号
    pub(super) number: u64,
    /// Who / 氏名
    #[arg(long = "as", value_name = "PERSON")]
    pub(super) person: String,
    /// Why / 理由
    #[arg(long, value_parser = super::args::filled)]
    pub(super) reason: String,
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
}

pub(super) async fn calendar(args: &CalendarArgs, output: &Output) -> Result<u8, Problem> {
    match &args.command {
        CalendarCommand::Parse(args) => parse(args, output),
        CalendarCommand::Import(args) => import(args, output).await,
        CalendarCommand::List(args) => list(args, output).await,
        CalendarCommand::Check(args) => check(args, output).await,
        CalendarCommand::Read(args) => read(args, output).await,
        CalendarCommand::Withdraw(args) => withdraw(args, output).await,
    }
}

fn parse(args: &ParseArgs, output: &Output) -> Result<u8, Problem> {
    let notice = notice::parse(&text_of(&args.file)?, args.read_on);
    if output.json {
        output.json(&notice)?;
    } else {
        output.data(&report::terminal::notice(&notice, output.lang))?;
    }
    Ok(if notice.errors.is_empty() { 0 } else { Kind::Input.exit_code() })
}

/// What a file says, in the form that is kept.
struct Understood {
    kind: ReadingKind,
    windows: Vec<AnnouncedWindow>,
    shown: String,
    errors: usize,
}

async fn import(args: &ImportArgs, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    named(&clinic, &args.person)?;
    let (clock, work) = (files::clock(&clinic), WorkDir::open(&clinic)?);
    let now = clock.now();
    let text = text_of(&args.file)?;
    let read_on = args.read_on.unwrap_or_else(|| now.date_naive());
    let understood = understand(&text, &args.file, read_on, output)?;
    if understood.errors > 0 {
        output.talk(&understood.shown);
        return Err(Problem::new("calendar-import-errors", Kind::Input)
            .with(Fact::open("count", understood.errors)));
    }
    if understood.windows.is_empty() {
        output.talk(&understood.shown);
        return Err(Problem::new("calendar-import-nothing", Kind::Input));
    }
    let code = confirmation(&text, &understood.windows)?;
    if args.confirm.as_deref() != Some(code.as_str()) {
        if output.json {
            output.json(&serde_json::json!({ "windows": understood.windows, "confirm": code }))?;
        } else {
            output.data(&understood.shown)?;
        }
        return Err(Problem::new("calendar-import-unconfirmed", Kind::ConfirmationNeeded)
            .with(Fact::open("code", code))
            .with(Fact::open("count", understood.windows.len())));
    }
    // Of a day that is past nobody says at what time: the earliest is the one that does not make
    // stale notices look fresh.
    let read_at = if read_on < now.date_naive() { midnight(read_on)? } else { now };
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let reading = Reading {
        kind: understood.kind,
        source: args.source.clone().or(name).unwrap_or_else(|| "-".to_owned()),
        read_at,
        read_by: args.person.clone(),
        sha256: hex::encode(Sha256::digest(text.as_bytes())),
        windows: understood.windows,
    };
    let count = reading.windows.len();
    let ledger = action::open_ledger(&work, &clock).await?;
    ledger.append(LedgerEvent::CalendarRead { reading }).await?;
    let news = news(args.clinic.clinic.as_path(), clinic, clock, work, ledger).await;
    told(&news, &t!(output.lang, "cli-calendar-imported", count = count), output)
}

fn understand(
    text: &str,
    path: &Path,
    read_on: NaiveDate,
    output: &Output,
) -> Result<Understood, Problem> {
    // Reckoned from the day, and not from the moment: what is shown and what is confirmed later
    // must be the same.
    let day = midnight(read_on)?;
    let until = day.checked_add_signed(AHEAD).unwrap_or(day);
    if text.trim_start_matches('\u{feff}').starts_with("BEGIN:VCALENDAR") {
        let source = SourceText { name: path.display().to_string(), text: text.into() };
        let since = day.checked_sub_signed(BACK).unwrap_or(day);
        let (windows, notes) = action::ics_windows(&source, since, until)?;
        output.findings_talk(&notes);
        let shown = report::terminal::announced(&windows, output.lang);
        return Ok(Understood { kind: ReadingKind::Ics, windows, shown, errors: 0 });
    }
    if text.lines().any(|line| line.trim_end() == "format: 1") {
        let source = SourceText { name: path.display().to_string(), text: text.into() };
        let reading = SourceReading::parse(&source).map_err(|findings| {
            output.findings(&findings);
            Problem::new("cli-findings", Kind::Input).with(Fact::open("count", findings.0.len()))
        })?;
        let windows: Vec<AnnouncedWindow> = reading
            .windows
            .into_iter()
            .map(|w| announced(w.from, w.to, Announced::Planned, w.title, String::new()))
            .collect();
        let shown = report::terminal::announced(&windows, output.lang);
        return Ok(Understood { kind: ReadingKind::Ics, windows, shown, errors: 0 });
    }
    let notice = notice::parse(text, read_on);
    Ok(Understood {
        kind: ReadingKind::Notice,
        windows: of_notice(&notice, day, until),
        shown: report::terminal::notice(&notice, output.lang),
        errors: notice.errors.len(),
    })
}

/// The windows of a notice, its rules written out for the time ahead.
fn of_notice(notice: &Notice, from: Jst, until: Jst) -> Vec<AnnouncedWindow> {
    let status = |status: Status| match status {
        Status::Planned => Announced::Planned,
        Status::Cancelled => Announced::Cancelled,
        Status::Reserve => Announced::Reserve,
    };
    let mut windows: Vec<AnnouncedWindow> = notice
        .windows
        .iter()
        .map(|w| {
            let title = w.title.clone().unwrap_or_else(|| w.words.clone());
            announced(w.from, w.to, status(w.status), title, w.words.clone())
        })
        .collect();
    for rule in &notice.recurring {
        let title = rule.title.clone().unwrap_or_else(|| rule.words.clone());
        windows.extend(rule.occurrences(&from, &until).into_iter().map(|(from, to)| {
            announced(from, to, status(rule.status), title.clone(), rule.words.clone())
        }));
    }
    windows.sort_by_key(|window| (window.from, window.to));
    windows
}

fn announced(
    from: Jst,
    to: Jst,
    status: Announced,
    title: String,
    words: String,
) -> AnnouncedWindow {
    AnnouncedWindow { from, to, status, title, words }
}

/// A code of what was shown: whoever confirms says that it is this that was read.
fn confirmation(text: &str, windows: &[AnnouncedWindow]) -> Result<String, Problem> {
    let windows = serde_json::to_vec(windows).map_err(|error| {
        Problem::new("run-defect", Kind::Internal).with(Fact::local("reason", error))
    })?;
    let mut sha = Sha256::new();
    sha.update((text.len() as u64).to_be_bytes());
    sha.update(text.as_bytes());
    sha.update(&windows);
    Ok(hex::encode(sha.finalize()).chars().take(8).collect())
}

/// The day's first moment in Japan.
fn midnight(day: NaiveDate) -> Result<Jst, Problem> {
    let at = day.and_time(NaiveTime::MIN).and_local_timezone(chrono_tz::Asia::Tokyo);
    at.earliest().ok_or_else(|| Problem::new("run-defect", Kind::Internal))
}

async fn list(args: &ListArgs, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    let (clock, work) = (files::clock(&clinic), WorkDir::of(&clinic));
    let ledger = action::read_ledger(&work, &clock).await?;
    let maintenance = action::known_maintenance(&clinic, &ledger)?;
    let since = if args.all { None } else { Some(clock.now()) };
    let view = report::CalendarView::new(&maintenance, &ledger, since);
    if output.json {
        output.json(&view)?;
    } else {
        output.data(&report::terminal::calendar(&view, output.lang))?;
    }
    Ok(0)
}

async fn check(args: &CheckArgs, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    let clock = files::clock(&clinic);
    let work = WorkDir::open(&clinic)?;
    if let Some(person) = &args.read_by {
        named(&clinic, person)?;
        let reading = Reading {
            kind: ReadingKind::NothingNew,
            source: t!(output.lang, "cli-calendar-notices"),
            read_at: clock.now(),
            read_by: person.clone(),
            sha256: String::new(),
            windows: Vec::new(),
        };
        let ledger = action::open_ledger(&work, &clock).await?;
        ledger.append(LedgerEvent::CalendarRead { reading }).await?;
    }
    let maintenance = action::load_maintenance(&clinic, &clock).await?;
    let checks = crate::plan::calendar_checks(&clinic, &maintenance, clock.now());
    let blocked = checks.iter().any(|check| check.verdict == crate::plan::Verdict::Block);
    if output.json {
        output.json(&checks)?;
    } else {
        output.data(&report::terminal::checks_of(
            &checks,
            output.lang,
            output.colour,
            output.width,
        ))?;
    }
    Ok(if blocked { Kind::Blocked.exit_code() } else { 0 })
}

async fn read(args: &ClinicArg, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic, output)?;
    let (clock, work) = (files::clock(&clinic), WorkDir::open(&clinic)?);
    let ledger = action::open_ledger(&work, &clock).await?;
    let news = news(&args.clinic, clinic, clock, work, ledger).await;
    told(&news, &t!(output.lang, "cli-calendar-read", count = news.read), output)
}

/// Reads the calendars and takes back what they forbid now.
async fn news(
    path: &Path,
    clinic: Clinic,
    clock: crate::clock::Clock,
    work: WorkDir,
    ledger: LedgerLog,
) -> schedule::CalendarNews {
    let cx = Tick {
        clinic_path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
        playbook: None,
        clinic,
        clock,
        work,
        ledger,
        name: "calendar".to_owned(),
        stop: Default::default(),
        observer: Default::default(),
    };
    let news = schedule::read_calendar(&cx).await;
    schedule::tell_news(&cx, &news).await;
    news
}

fn told(news: &schedule::CalendarNews, done: &str, output: &Output) -> Result<u8, Problem> {
    if output.json {
        let revoked: Vec<_> = news.revoked.iter().map(|(digest, _)| digest).collect();
        output.json(&serde_json::json!({
            "read": news.read, "revoked": revoked, "problem": news.problem,
        }))?;
    } else {
        output.data(done)?;
    }
    for (_, problem) in &news.revoked {
        output.explain(problem);
    }
    match &news.problem {
        Some(problem) => {
            output.explain(problem);
            Ok(problem.kind.exit_code())
        }
        None if news.revoked.is_empty() => Ok(0),
        None => Ok(Kind::Blocked.exit_code()),
    }
}

async fn withdraw(args: &WithdrawArgs, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    named(&clinic, &args.person)?;
    let (clock, work) = (files::clock(&clinic), WorkDir::of(&clinic));
    let ledger = action::open_ledger(&work, &clock).await?;
    let known = ledger.now().await?.readings.iter().any(|entry| entry.number == args.number);
    if !known {
        return Err(Problem::new("calendar-no-reading", Kind::Input)
            .with(Fact::open("number", args.number)));
    }
    ledger
        .append(LedgerEvent::ReadingWithdrawn {
            reading: args.number,
            by: actor(&args.person),
            reason: args.reason.clone(),
        })
        .await?;
    output.data(&t!(output.lang, "cli-calendar-withdrawn", number = args.number))?;
    Ok(0)
}

/// Whoever reads announcements answers for it by name.
fn named(clinic: &Clinic, name: &str) -> Result<(), Problem> {
    if clinic.people.iter().any(|person| person.name == name) {
        return Ok(());
    }
    let names: Vec<&str> = clinic.people.iter().map(|person| person.name.as_str()).collect();
    Err(Problem::new("run-nobody", Kind::Input)
        .with(Fact::local("name", name))
        .with(Fact::local("people", names.join(", "))))
}

fn text_of(path: &Path) -> Result<String, Problem> {
    if path != Path::new("-") {
        return action::read_text(path);
    }
    let unreadable = |reason: &dyn std::fmt::Display| {
        Problem::new("run-file-unreadable", Kind::Input)
            .with(Fact::local("path", "-"))
            .with(Fact::local("reason", reason))
    };
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(MAX_BYTES + 1);
    input.read_to_string(&mut text).map_err(|error| unreadable(&error))?;
    if text.len() as u64 > MAX_BYTES {
        return Err(unreadable(&format!("> {MAX_BYTES} bytes")));
    }
    Ok(text)
}
