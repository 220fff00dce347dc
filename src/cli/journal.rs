//! `journal verify`: whether the journal is the evidence that it was.

use super::args::{JournalArgs, JournalCommand, VerifyArgs};
use super::{files, output::Output};
use crate::action::WorkDir;
use crate::diag::{Kind, Problem};
use crate::journal::{self, JournalError, Stream};
use crate::t;

pub(super) async fn journal(args: &JournalArgs, output: &Output) -> Result<u8, Problem> {
    match &args.command {
        JournalCommand::Verify(args) => verify(args, output).await,
    }
}

async fn verify(args: &VerifyArgs, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    let work = WorkDir::of(&clinic);
    if !work.journal().may_exist() {
        return Err(JournalError::NoRun { path: work.journal().to_string() }.into());
    }
    let store = work.store(false).await?;
    let verified = journal::verify(store.as_ref(), &args.head).await;
    store.close().await;
    let verified = verified?;
    let damages = verified.damages();
    let status = if damages.is_empty() { 0 } else { Kind::Data.exit_code() };
    let told = if output.json {
        output.json(&verified)
    } else {
        verified.streams.iter().try_for_each(|stream| output.data(&line(stream, output)))
    };
    let heads = verified.heads.iter().filter_map(|kept| Some((kept, kept.found.as_ref()?)));
    for (kept, (stream, seq)) in heads {
        output.talk(&t!(
            output.lang,
            "cli-journal-head",
            head = kept.head,
            stream = stream,
            seq = seq
        ));
    }
    for damage in &damages {
        output.explain(damage);
    }
    output.status(status, told)
}

fn line(stream: &Stream, output: &Output) -> String {
    let (name, head) = (&stream.stream, &stream.head.0);
    if stream.damage.is_none() {
        return t!(
            output.lang,
            "cli-journal-sound",
            stream = name,
            records = stream.records,
            head = head
        );
    }
    t!(
        output.lang,
        "cli-journal-damaged",
        stream = name,
        records = stream.records,
        sound = stream.sound,
        head = head
    )
}
