//! `outbox`: mails that wait, were sent, were given up or taken out; a person's word about them.

use std::fmt::Write as _;

use clap::{Args, Subcommand};

use super::args::{ClinicArg, filled};
use super::operator::operator;
use super::{files, output::Output};
use crate::action::{self, OutboxMail, Place, ShownMail, UNSPOOLED, WorkDir};
use crate::clock::show;
use crate::diag::{Kind, Problem};
use crate::t;

#[derive(Clone, Debug, Args)]
pub(super) struct OutboxArgs {
    #[command(subcommand)]
    pub(super) command: OutboxCommand,
}

#[derive(Clone, Debug, Subcommand)]
pub(super) enum OutboxCommand {
    /// List the mails and what became of them / メールの一覧と送信状況を表示する
    List(ClinicArg),
    /// Show a mail: headers, text, names of attachments / メールの内容を表示する
    Show(ShowArgs),
    /// Send mails now, also those that were given up / メールを今すぐ送信する
    Retry(RetryArgs),
    /// Take a mail out of the queue; it is kept / メールを送信待ちから外す（削除はしない）
    Cancel(CancelArgs),
}

#[derive(Clone, Debug, Args)]
pub(super) struct ShowArgs {
    /// The mail's id, or how it begins / メールの ID（先頭部分でも可）
    pub(super) id: String,
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
}

#[derive(Clone, Debug, Args)]
pub(super) struct RetryArgs {
    /// The mail's id, or how it begins / メールの ID（先頭部分でも可）
    #[arg(required_unless_present = "all")]
    pub(super) id: Option<String>,
    /// Every mail that has not arrived / 未送信のメールすべて
    #[arg(long, conflicts_with = "id")]
    pub(super) all: bool,
    /// Who asks for it: a person's name / 操作者の氏名
    #[arg(long, value_name = "NAME", env = "ORCA_CUTOVER_OPERATOR")]
    pub(super) by: Option<String>,
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
}

#[derive(Clone, Debug, Args)]
pub(super) struct CancelArgs {
    /// The mail's id, or how it begins; `unspooled`: a lost letter is known / メールの ID
    pub(super) id: String,
    /// Who decides / 判断者の氏名
    #[arg(long, value_name = "NAME", value_parser = filled)]
    pub(super) by: String,
    /// Why / 理由
    #[arg(long, value_parser = filled)]
    pub(super) reason: String,
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
}

pub(super) async fn outbox(args: &OutboxArgs, output: &Output) -> Result<u8, Problem> {
    match &args.command {
        OutboxCommand::List(clinic) => list(clinic, output).await,
        OutboxCommand::Show(args) => show_one(args, output).await,
        OutboxCommand::Retry(args) => retry(args, output).await,
        OutboxCommand::Cancel(args) => cancel(args, output).await,
    }
}

async fn list(args: &ClinicArg, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic, output)?;
    let list = action::outbox(&WorkDir::of(&clinic)).await;
    if output.json {
        output.json(&list)?;
    } else if list.mails.is_empty() {
        output.data(&t!(output.lang, "cli-outbox-empty"))?;
    } else {
        list.mails.iter().try_for_each(|mail| output.data(&lines(mail, output)))?;
    }
    list.problems.iter().for_each(|problem| output.explain(problem));
    Ok(status(list.undelivered().any()))
}

async fn show_one(args: &ShowArgs, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    let ShownMail { mail, read } = action::show_mail(&WorkDir::of(&clinic), &args.id).await?;
    if output.json {
        output.json(&ShownMail { mail, read })?;
        return Ok(0);
    }
    let mut text = lines(&mail, output);
    text.push_str("\n\n");
    for (name, value) in &read.headers {
        // How the mail is put together says nothing to a person. Writing into a String does not
        // fail.
        if !matches!(name.as_str(), "MIME-Version" | "Content-Type") {
            let _ = writeln!(text, "{name}: {value}");
        }
    }
    let _ = write!(text, "\n{}", read.text);
    for file in &mail.entry.enclosed {
        let _ = write!(
            text,
            "\n{}",
            t!(output.lang, "cli-outbox-enclosed", name = file.name, bytes = file.bytes)
        );
    }
    output.data(&text)?;
    Ok(0)
}

async fn retry(args: &RetryArgs, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    let (clock, work) = (files::clock(&clinic), WorkDir::of(&clinic));
    let person = operator(args.by.as_deref())?;
    let tried = action::retry_mails(&clinic, &clock, &work, args.id.as_deref(), &person).await?;
    if output.json {
        output.json(&serde_json::json!({ "tried": tried }))?;
    } else if tried.is_empty() {
        output.data(&t!(output.lang, "cli-outbox-nothing-waits"))?;
    } else {
        tried.iter().try_for_each(|mail| output.data(&lines(mail, output)))?;
    }
    Ok(status(tried.iter().any(|mail| mail.place.is_undelivered())))
}

async fn cancel(args: &CancelArgs, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    let by = operator(Some(&args.by))?;
    let (clock, work) = (files::clock(&clinic), WorkDir::of(&clinic));
    if args.id == UNSPOOLED {
        action::cancel_unspooled(&clock, &work, &by, &args.reason).await?;
        if output.json {
            output.json(&serde_json::json!({ "known": UNSPOOLED, "by": by }))?;
        } else {
            output.data(&t!(output.lang, "cli-outbox-known"))?;
        }
        return Ok(0);
    }
    let mail = action::cancel_mail(&clock, &work, &args.id, &by, &args.reason).await?;
    if output.json {
        output.json(&mail)?;
    } else {
        output.data(&lines(&mail, output))?;
    }
    Ok(0)
}

/// Whoever looks at the exit status alone learns that something has not arrived.
fn status(undelivered: bool) -> u8 {
    if undelivered { Kind::MailUndelivered.exit_code() } else { 0 }
}

/// A mail in some lines: id, place, subject, recipients, attempts, what went wrong.
fn lines(mail: &OutboxMail, output: &Output) -> String {
    let (lang, entry) = (output.lang, &mail.entry);
    let place = t!(lang, &format!("cli-outbox-{}", mail.place.name()));
    let mut text = format!("{}  {place}  {}", mail.short_id(), entry.subject);
    let mut add = |line: String| {
        text.push_str("\n    ");
        text.push_str(&line);
    };
    for recipient in &entry.recipients {
        let state = t!(lang, &format!("cli-outbox-to-{}", recipient.state.name()));
        add(format!("{}: {state}", recipient.address));
    }
    let (queued, attempts) = (show(&entry.queued_at), entry.attempts);
    add(t!(lang, "cli-outbox-since", at = queued, attempts = attempts));
    if let Some(at) = &entry.tried_at {
        add(t!(lang, "cli-outbox-tried", at = show(at)));
    }
    if mail.place == Place::Queued {
        add(t!(lang, "cli-outbox-next", at = show(&entry.next_try)));
    }
    if let Some(problem) = entry.problem.as_ref().filter(|_| mail.place != Place::Sent) {
        add(format!("{} [{}]", problem.message(lang), problem.code));
    }
    if let Some(word) = &entry.cancelled {
        let at = show(&word.at);
        add(t!(lang, "cli-outbox-word", by = word.by, at = at, reason = word.reason));
    }
    text
}
