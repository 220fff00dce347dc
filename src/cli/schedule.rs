//! `tick`, `daemon`, `schedule`: work that starts by itself.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use tokio::sync::Notify;

use super::args::ClinicArg;
use super::{files, output::Output};
use crate::action::{self, WorkDir};
use crate::diag::{Fact, Kind, Problem};
use crate::playbook::{Job, Person};
use crate::schedule::{self, Export, News, Outcome, Tick, Ticked, Which};
use crate::{report, t};

#[derive(Clone, Debug, Args)]
pub(super) struct TickArgs {
    /// The playbook; that of the approved plan where it is left out / プレイブック
    pub(super) playbook: Option<PathBuf>,
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ScheduleArgs {
    #[command(subcommand)]
    pub(super) command: ScheduleCommand,
}

#[derive(Clone, Debug, Subcommand)]
pub(super) enum ScheduleCommand {
    /// Show what starts by itself, and when / 自動で始まる作業を表示する
    List(ClinicArg),
    /// Let work begin that waits for a person / 待機中の作業の開始を許可する
    Release(ReleaseArgs),
    /// Say that work that waits is not wanted / 待機中の作業を取りやめる
    Skip(ReleaseArgs),
    /// Write a crontab line or systemd units / crontab または systemd の設定を書き出す
    Export(ExportArgs),
}

#[derive(Clone, Debug, Args)]
pub(super) struct ReleaseArgs {
    /// The work / 作業
    #[arg(value_parser = job)]
    pub(super) job: Job,
    /// Who decides / 判断者の氏名
    #[arg(long = "as", value_name = "PERSON")]
    pub(super) person: String,
    /// Why / 理由
    #[arg(long, value_parser = super::args::filled)]
    pub(super) reason: String,
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    pub(super) form: ExportForm,
    /// Minutes between two looks / 確認の間隔（分）
    #[arg(long, default_value_t = 5, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=10))]
    pub(super) every: u32,
    /// Folder for the files; standard output where it is left out / 出力フォルダー
    #[arg(long, value_name = "FOLDER")]
    pub(super) dir: Option<PathBuf>,
    /// The user that runs it under systemd / 実行ユーザー
    #[arg(long, default_value = "root")]
    pub(super) user: String,
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
}

#[derive(Clone, Copy, Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct ExportForm {
    /// For systemd: daemon, and timer with service / systemd 用
    #[arg(long)]
    pub(super) systemd: bool,
    /// For crontab(5) / crontab 用
    #[arg(long)]
    pub(super) crontab: bool,
}

/// Work by its name in the clinic file.
fn job(name: &str) -> Result<Job, String> {
    let known = Job::NAMES.map(|(name, _)| name).join(", ");
    let found = Job::NAMES.iter().find(|(known, _)| *known == name);
    found.map(|(_, job)| *job).ok_or(known)
}

pub(super) async fn tick(args: &TickArgs, output: &Output) -> Result<u8, Problem> {
    let cx = context(args, "tick", super::run::stop_on_signal(), output).await?;
    let ticked = schedule::tick(&cx, Which::All).await?;
    if output.json {
        output.json(&ticked)?;
    } else {
        ticked.iter().try_for_each(|one| output.data(&line(one, output)))?;
    }
    // Between two deliveries nothing of the work says so: a monitor that looks at one exit status
    // would be lucky to see it.
    let left = action::outbox(&cx.work).await.undelivered().problem();
    let status = status(&ticked);
    match left {
        Some(problem) if status == 0 => {
            output.explain(&problem);
            Ok(problem.kind.exit_code())
        }
        _ => Ok(status),
    }
}

pub(super) async fn daemon(args: &TickArgs, output: &Output) -> Result<u8, Problem> {
    let stop = super::run::stop_on_signal();
    // The run that this process carries has a signal of its own, given after the daemon's.
    let cx = context(args, "daemon", Arc::new(Notify::new()), output).await?;
    output.talk(&t!(output.lang, "cli-daemon-looks", clinic = cx.clinic.name));
    let out = *output;
    schedule::daemon(&cx, &stop, move |news| match news {
        News::Ticked(ticked) => out.talk(&line(&ticked, &out)),
        News::Failed(problem) => out.explain(&problem),
        News::Slept(seconds) => out.talk(&t!(out.lang, "cli-daemon-slept", seconds = seconds)),
    })
    .await;
    output.talk(&t!(output.lang, "cli-daemon-stopped"));
    Ok(0)
}

async fn context(
    args: &TickArgs,
    name: &str,
    stop: Arc<Notify>,
    output: &Output,
) -> Result<Tick, Problem> {
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    let clock = files::clock(&clinic);
    let work = WorkDir::open(&clinic)?;
    let ledger = action::open_ledger(&work, &clock).await?;
    let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    Ok(Tick {
        clinic_path: absolute(&args.clinic.clinic),
        playbook: args.playbook.as_ref().map(absolute),
        clinic,
        clock,
        work,
        ledger,
        name: name.to_owned(),
        stop,
        observer: Default::default(),
    })
}

/// One line for what became of work; below it what it waits for and the command.
fn line(ticked: &Ticked, output: &Output) -> String {
    let lang = output.lang;
    let job = t!(lang, &format!("mail-job-{}", ticked.job));
    let outcome = match ticked.outcome {
        Outcome::Done => "cli-tick-done",
        Outcome::Failed => "cli-tick-failed",
        Outcome::Waits => "cli-tick-waits",
        Outcome::Missed => "cli-tick-missed",
        Outcome::Runs => "cli-tick-runs",
        Outcome::Interrupted => "cli-tick-interrupted",
    };
    let due = crate::clock::show(&ticked.due);
    let mut text = format!("{due}  {job}: {}", t!(lang, outcome));
    if let Some(problem) = &ticked.problem {
        text.push_str(&format!("\n  {} [{}]", problem.message(lang), problem.code));
        for line in problem.detail.iter().flat_map(|detail| detail.as_str().lines()) {
            text.push_str(&format!("\n  | {line}"));
        }
        if let Some(hint) = problem.hint(lang) {
            text.push_str(&format!("\n  {}: {hint}", t!(lang, "cli-hint")));
        }
    }
    if let Some(command) = &ticked.command {
        text.push_str(&format!("\n  $ {command}"));
    }
    text
}

/// A run that failed or was missed goes before what waits, and that before all other work.
fn status(ticked: &[Ticked]) -> u8 {
    let failed = |one: &&Ticked| {
        matches!(one.outcome, Outcome::Failed | Outcome::Missed | Outcome::Interrupted)
    };
    let code = |one: &Ticked| one.problem.as_ref().map_or(Kind::StepFailed, |p| p.kind).exit_code();
    if let Some(run) = ticked.iter().filter(failed).find(|one| one.job.is_run()) {
        return code(run);
    }
    if ticked.iter().any(|one| one.outcome == Outcome::Waits) {
        return Kind::ConfirmationNeeded.exit_code();
    }
    ticked.iter().find(failed).map_or(0, code)
}

pub(super) async fn schedule(args: &ScheduleArgs, output: &Output) -> Result<u8, Problem> {
    match &args.command {
        ScheduleCommand::List(clinic) => list(clinic, output).await,
        ScheduleCommand::Release(args) => release(args, true, output).await,
        ScheduleCommand::Skip(args) => release(args, false, output).await,
        ScheduleCommand::Export(args) => export(args, output),
    }
}

async fn list(args: &ClinicArg, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic, output)?;
    let (clock, work) = (files::clock(&clinic), WorkDir::of(&clinic));
    let standing = schedule::standing(&clinic, &clock, &work).await?;
    if output.json {
        output.json(&standing)?;
    } else {
        let rehearsal = clock.is_rehearsal();
        output.data(&report::terminal::standing(
            &standing,
            output.lang,
            rehearsal,
            output.colour,
            output.width,
        ))?;
    }
    Ok(0)
}

async fn release(args: &ReleaseArgs, begin: bool, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    let job = args.job;
    // Whoever lets work begin answers for it by name; an import is let begin, or left out, by
    // those who approve plans.
    let may =
        |person: &&Person| !job.is_run() || matches!(person.role.as_str(), "decides" | "deputy");
    if !clinic.people.iter().filter(may).any(|person| person.name == args.person) {
        let names: Vec<&str> =
            clinic.people.iter().filter(may).map(|person| person.name.as_str()).collect();
        return Err(Problem::new("run-nobody", Kind::Input)
            .with(Fact::local("name", &args.person))
            .with(Fact::local("people", names.join(", "))));
    }
    let (clock, work) = (files::clock(&clinic), WorkDir::of(&clinic));
    let ledger = action::open_ledger(&work, &clock).await?;
    let due = schedule::release(&ledger, job, &args.person, begin, &args.reason).await?;
    if output.json {
        output.json(&serde_json::json!({
            "job": job, "due": crate::clock::rfc3339(&due), "begin": begin, "by": args.person,
        }))?;
    } else {
        let id = if begin { "cli-released" } else { "cli-skipped" };
        output.data(&t!(output.lang, id, job = job, due = crate::clock::show(&due)))?;
    }
    Ok(0)
}

fn export(args: &ExportArgs, output: &Output) -> Result<u8, Problem> {
    // A clinic file that cannot be read would fail every night.
    files::clinic(&args.clinic.clinic, output)?;
    let form = if args.form.crontab { Export::Crontab } else { Export::Systemd };
    let program = std::env::current_exe().map_err(|error| {
        Problem::new("run-defect", Kind::Internal).with(Fact::local("reason", error))
    })?;
    let clinic = std::path::absolute(&args.clinic.clinic).unwrap_or(args.clinic.clinic.clone());
    let exported = schedule::export(form, (&program, &clinic), &args.user, args.every);
    match &args.dir {
        Some(dir) => {
            for (name, text) in &exported {
                let path = dir.join(name);
                files::write(&path, text.as_bytes())?;
                output.talk(&format!("{} {}", t!(output.lang, "cli-written"), path.display()));
            }
        }
        None if output.json => output.json(&exported)?,
        None => {
            for (name, text) in &exported {
                output.data(&format!("# {name}\n{}", text.trim_end()))?;
            }
        }
    }
    Ok(0)
}
