//! `orca-cutover scan`: finds every character that needs a decision, before anyone plans a date.
//!
//! It needs no playbook, writes nothing but the files that were asked for, and changes nothing.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::archive::{open, read_mapping, with_progress};
use super::files;
use super::output::{Output, write_out};
use crate::action::{self, WorkDir};
use crate::archive::{self, Scan, ScanOptions, ScanReport};
use crate::charset::{Mapping, Policy};
use crate::clock::Clock;
use crate::diag::{Fact, Kind, Problem};
use crate::disk;
use crate::i18n::Lang;
use crate::journal::ledger::LedgerEvent;
use crate::playbook::Clinic;
use crate::report::scan::{ScanView, ScannedView};
use crate::report::{self, scan as renderers};
use crate::t;

/// Exit status where something is to be decided.
const FINDINGS: u8 = 1;
/// Exit status where the dump is damaged: 1 would say that it was read to its end.
const COULD_NOT_TELL: u8 = 2;

/// `orca-cutover scan`.
#[derive(Clone, Debug, Args)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["dump", "clinic"]))]
pub(super) struct ScanArgs {
    /// A dump of any server, `-` for standard input / ダンプファイル（`-` は標準入力）
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
    /// The clinic file: scans its live database, read only / 医療機関ファイル（稼働中のデータベースを読み取り専用で調べる）
    #[arg(long, value_name = "FILE")]
    clinic: Option<PathBuf>,
    /// `orca`, `orca-vendor` or `postgres`; the clinic file's, or `orca` / 変換の方針
    #[arg(long)]
    policy: Option<String>,
    /// The mapping file; the clinic file's where it is left out / 文字対応表
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Write all findings as CSV for Excel / 全件を Excel 用の CSV で書き出す
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write a report as one HTML file / 報告書を HTML で書き出す
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write a mapping file to be filled in / 文字対応表のひな形を書き出す
    #[arg(long, value_name = "FILE")]
    mapping_out: Option<PathBuf>,
    /// Show keys and values in clear: patients' data! / 主キーと値を伏せずに出す（患者情報）
    #[arg(long)]
    show_values: bool,
}

/// Runs the command; gives the exit status.
pub(super) async fn scan(args: &ScanArgs, output: &Output) -> Result<u8, Problem> {
    let (given, copy) = (args.clone(), *output);
    let (status, report) = in_thread(move || run(&given, &copy)).await?;
    // A scan of the clinic's own database, by its own rules, is what a plan asks for.
    if let (Some(path), Some(report)) = (&args.clinic, &report)
        && args.policy.is_none()
        && args.mapping.is_none()
    {
        let clinic = files::clinic(path, output)?;
        remember(&clinic, &files::clock(&clinic), report).await?;
    }
    Ok(status)
}

/// Scans the clinic's database and writes into its journal that this was done.
pub(super) async fn record(clinic: &Clinic, clock: &Clock, output: &Output) -> Result<(), Problem> {
    let (asked, lang) = (clinic.clone(), output.lang);
    let report = in_thread(move || {
        let (policy, mapping) = action::characters(&asked)?;
        let spool_in = std::env::temp_dir();
        let options = ScanOptions { policy, mapping, show_values: false, spool_in };
        with_progress(lang, |progress| action::scan_live(&asked, &options, progress))
            .map(|scan| scan.report)
    })
    .await?;
    remember(clinic, clock, &report).await
}

async fn remember(clinic: &Clinic, clock: &Clock, report: &ScanReport) -> Result<(), Problem> {
    let work = WorkDir::open(clinic)?;
    let ledger = action::open_ledger(&work, clock).await?;
    let lossy = report.rules.iter().filter(|rule| rule.lossy);
    let event = LedgerEvent::CharactersScanned {
        mapping: action::file_hashes(clinic)?.mapping,
        policy: clinic.characters.policy.clone(),
        values: report.rows,
        undecided: report.open,
        lossy: lossy.map(|rule| (rule.rule.to_string(), rule.count)).collect(),
    };
    ledger.append(event).await?;
    Ok(())
}

async fn in_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Problem::new("run-defect", Kind::Internal)),
    }
}

fn run(args: &ScanArgs, output: &Output) -> Result<(u8, Option<ScanReport>), Problem> {
    let clinic = args.clinic.as_deref().map(|path| files::clinic(path, output)).transpose()?;
    let (policy, mapping) = decisions(args, clinic.as_ref())?;
    let mapping_rules = mapping.len();
    let spool_in = spool_folder(args);
    let options = ScanOptions { policy, mapping, show_values: args.show_values, spool_in };
    let mut scan = match look(args, clinic.as_ref(), &options, output.lang) {
        Ok(scan) => scan,
        Err(problem) if problem.kind == Kind::Data => {
            output.problem(&problem);
            return Ok((COULD_NOT_TELL, None));
        }
        Err(problem) => return Err(problem),
    };
    let scanned = scanned(args, clinic.as_ref(), &scan, mapping_rules);
    let all_in = args.csv.as_ref().map(|path| path.display().to_string());
    let view = ScanView::new(&scan.report, scanned, args.show_values, all_in, output.lang);
    let written = write_files(args, &view, &mut scan, output.lang)?;
    show(&view, &mut scan, output)?;
    for path in written {
        output.talk(&format!("{} {}", t!(output.lang, "cli-written"), path.display()));
    }
    Ok((if view.clean { 0 } else { FINDINGS }, Some(scan.report)))
}

/// Policy and mapping file: what was given goes before what the clinic file says.
fn decisions(args: &ScanArgs, clinic: Option<&Clinic>) -> Result<(Policy, Mapping), Problem> {
    let (mut policy, mut mapping) =
        clinic.map_or(Ok((Policy::Orca, Mapping::default())), action::characters)?;
    if let Some(given) = &args.policy {
        policy = given.parse()?;
    }
    if let Some(path) = &args.mapping {
        mapping = read_mapping(path)?;
    }
    Ok((policy, mapping))
}

/// The spool lies beside the list that it becomes: there is room, and it is the reader's own.
fn spool_folder(args: &ScanArgs) -> PathBuf {
    args.csv.as_deref().map_or_else(std::env::temp_dir, |path| folder_of(path).to_owned())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn look(
    args: &ScanArgs,
    clinic: Option<&Clinic>,
    options: &ScanOptions,
    lang: Lang,
) -> Result<Scan, Problem> {
    if let Some(clinic) = clinic {
        return with_progress(lang, |progress| action::scan_live(clinic, options, progress));
    }
    let path = args.dump.as_deref().unwrap_or(Path::new("-"));
    let input = open(path)?;
    with_progress(lang, |progress| {
        if let Ok(meta) = std::fs::metadata(path) {
            progress.expect_bytes(meta.len());
        }
        Ok(archive::scan(input, path, options, progress)?)
    })
}

fn scanned(
    args: &ScanArgs,
    clinic: Option<&Clinic>,
    scan: &Scan,
    mapping_rules: usize,
) -> ScannedView {
    let report = &scan.report;
    let file = args.dump.as_deref().and_then(Path::file_name);
    let file = file.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    ScannedView {
        name: clinic.map_or(file, |clinic| format!("{} ({})", clinic.name, clinic.clinic_id)),
        live: clinic.is_some(),
        database: report.database.clone(),
        encoding: report.encoding.postgres_name().to_owned(),
        server_version: report.server_version.clone(),
        created: report.created.clone(),
        policy: report.policy.to_string(),
        mapping_rules,
        tables: report.tables,
        rows: report.rows,
        bytes: report.bytes,
    }
}

/// Writes the files that were asked for; gives their names.
fn write_files(
    args: &ScanArgs,
    view: &ScanView,
    scan: &mut Scan,
    lang: Lang,
) -> Result<Vec<PathBuf>, Problem> {
    let mut written = Vec::new();
    if let Some(path) = &args.csv {
        let findings = scan.spool.findings()?;
        write_csv(path, findings.map(|f| f.map_err(io::Error::other)), view, lang)?;
        written.push(path.clone());
    }
    if let Some(path) = &args.html {
        files::write(path, report::html::scan(view, lang).as_bytes())?;
        written.push(path.clone());
    }
    if let Some(path) = &args.mapping_out {
        files::write(path, renderers::mapping_skeleton(view, lang).as_bytes())?;
        written.push(path.clone());
    }
    Ok(written)
}

/// The list may be large, so it is written as it comes: under another name, readable by its
/// owner only, and renamed when all of it is on the disk.
fn write_csv(
    path: &Path,
    findings: impl Iterator<Item = io::Result<archive::ScanFinding>>,
    view: &ScanView,
    lang: Lang,
) -> Result<(), Problem> {
    let written = disk::write_private_with(path, |mut out| {
        renderers::write_csv(&mut out, findings, view, lang)
    });
    written.map_err(|error| {
        Problem::new("scan-cannot-write", Kind::Environment)
            .with(Fact::local("path", path.display()))
            .with(Fact::local("reason", error))
    })
}

fn show(view: &ScanView, scan: &mut Scan, output: &Output) -> Result<(), Problem> {
    if !output.json {
        let text = report::terminal::scan(view, output.lang, output.colour, output.width);
        return output.data(&text);
    }
    let findings = scan.spool.findings()?.map(|found| found.map_err(io::Error::other));
    write_out(|mut out| renderers::write_json(&mut out, view, findings, output.lang))
}
