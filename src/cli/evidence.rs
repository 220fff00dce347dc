//! `evidence export`: everything that proves what was done, for people without this program.

use clap::{Args, Subcommand};
use std::path::PathBuf;

use super::args::ClinicArg;
use super::{files, output::Output};
use crate::action::WorkDir;
use crate::diag::{Fact, Kind, Problem};
use crate::journal::{JournalError, ledger};
use crate::report::evidence::{self, NoBundle, PlanFile, StreamRows, Streams};
use crate::{run, t};

#[derive(Clone, Debug, Args)]
pub(super) struct EvidenceArgs {
    #[command(subcommand)]
    command: EvidenceCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum EvidenceCommand {
    /// Write records, plans, approvals and reports into one zip archive / 証跡一式を書き出す
    Export(ExportArgs),
}

#[derive(Clone, Debug, Args)]
struct ExportArgs {
    /// The archive to write / 書き出すファイル
    #[arg(long, value_name = "FILE.zip")]
    to: PathBuf,
    #[command(flatten)]
    clinic: ClinicArg,
}

pub(super) async fn evidence(args: &EvidenceArgs, output: &Output) -> Result<u8, Problem> {
    let EvidenceCommand::Export(args) = &args.command;
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    let work = WorkDir::of(&clinic);
    if !work.journal().may_exist() {
        return Err(JournalError::NoRun { path: work.journal().to_string() }.into());
    }
    let streams = read(&work).await?;
    let known = crate::action::read_ledger(&work, &files::clock(&clinic)).await?;
    let plan = |digest: &crate::ids::PlanDigest| PlanFile {
        digest: digest.clone(),
        // One that was altered is none: it would be evidence of something else.
        bytes: run::gate::load_with_bytes(&run::plan_file(&work, digest)).ok().map(|(_, b)| b),
    };
    let plans: Vec<PlanFile> = known.plans.keys().map(plan).collect();
    let bundle = evidence::bundle(&streams, &plans).map_err(|error| match error {
        NoBundle::Journal(error) => error.into(),
        NoBundle::Zip(error) => Problem::new("cli-unwritable", Kind::Internal)
            .with(Fact::local("path", args.to.display()))
            .with(Fact::local("reason", error)),
    })?;
    files::write(&args.to, &bundle.bytes)?;
    for name in &bundle.missing {
        output.talk(&t!(output.lang, "cli-evidence-missing", name = name));
    }
    if output.json {
        output.json(&serde_json::json!({
            "file": args.to,
            "files": bundle.files,
            "sha256": bundle.sha256,
            "manifest_sha256": bundle.manifest_sha256,
            "missing": bundle.missing,
        }))?;
    } else {
        let path = args.to.display();
        output.data(&t!(output.lang, "cli-evidence", path = path, count = bundle.files))?;
        output.data(&format!("  SHA-256 {}", bundle.sha256))?;
        output.data(&format!("  SHA-256 {}  MANIFEST.sha256", bundle.manifest_sha256))?;
        output.data(&t!(output.lang, "cli-evidence.hint"))?;
    }
    Ok(0)
}

async fn read(work: &WorkDir) -> Result<Streams, Problem> {
    let store = work.store(false).await?;
    let mut runs = Vec::new();
    for run in store.runs().await? {
        runs.push(StreamRows { rows: store.rows(&run, 0).await?, stream: run });
    }
    let stream = ledger::stream();
    let ledger = StreamRows { rows: store.rows(&stream, 0).await?, stream };
    store.close().await;
    Ok(Streams { ledger, runs })
}
