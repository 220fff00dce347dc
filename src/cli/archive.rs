//! `orca-cutover archive`: looks at, proves, converts and compares archives by hand.
//!
//! stdout is the report, stderr is talk. It decides nothing; `crate::archive` does.

use std::fs::File;
use std::io::{IsTerminal, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::write_out;
use crate::archive::{
    ArchiveError, CompareOptions, CompareProfile, CompareReport, Compared, ConvertOptions,
    OtherFormat, ServerVersion, compare, convert, inspect, verify,
};
use crate::charset::{CharsetError, Mapping, Policy};
use crate::diag::Problem;
use crate::i18n::Lang;
use crate::ids::show_bytes;
use crate::pipe;
use crate::progress::Progress;
use crate::report::scan::{printable, printable_lines};
use crate::t;

mod show;

use show::{show_compared, show_converted, show_found, show_info, show_lacks, show_verified};

/// Largest mapping file that is read; the mapping itself refuses less.
const MAX_MAPPING_FILE: u64 = 4 << 20;
/// How often the progress line is written anew.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);
/// Exit status of `compare` where the archives differ.
const DIFFERENT: u8 = 1;
/// Exit status of `compare` where it could not tell.
const COULD_NOT_TELL: u8 = 2;

/// `orca-cutover archive`.
#[derive(Clone, Debug, Args)]
pub struct ArchiveCommand {
    /// What to do.
    #[command(subcommand)]
    pub action: ArchiveAction,
}

/// What to do with archives.
#[derive(Clone, Debug, Subcommand)]
pub enum ArchiveAction {
    /// Show what header and table of contents say.
    Inspect {
        /// The archive.
        file: PathBuf,
    },
    /// Read everything and prove that it is sound.
    Verify {
        /// The archive.
        file: PathBuf,
    },
    /// Convert to UTF-8 by ORCA's rules and compress.
    Convert {
        /// The archive, `-` for standard input.
        input: PathBuf,
        /// The file to write.
        output: PathBuf,
        /// `orca`, `orca-vendor` or `postgres`.
        #[arg(long, default_value = "orca")]
        policy: String,
        /// The clinic's mapping file.
        #[arg(long)]
        mapping: Option<PathBuf>,
        /// Compression level.
        #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=9))]
        level: u32,
        /// The PostgreSQL version of the server that is to restore it: `9.0` to `18`, or with its
        /// minor version, `9.6.24`.
        #[arg(long, value_name = "VERSION")]
        for_server: Option<String>,
    },
    /// Compare the data of two archives; exit status 0 same, 1 different, 2 could not tell.
    Compare {
        /// What was sent.
        expected: PathBuf,
        /// What came back.
        actual: PathBuf,
        /// How a side that is not UTF-8 is converted: `orca`, `orca-vendor` or `postgres`.
        #[arg(long, default_value = "orca")]
        policy: String,
        /// The clinic's mapping file for it.
        #[arg(long)]
        mapping: Option<PathBuf>,
        /// Show the keys of differing rows in clear; they can name a patient.
        #[arg(long)]
        show_keys: bool,
    },
}

/// Runs the command; gives the exit status.
///
/// # Errors
/// When an archive is not sound or cannot be read, converted or written.
pub fn run(command: &ArchiveCommand, lang: Lang, json: bool) -> Result<u8, Problem> {
    match &command.action {
        ArchiveAction::Inspect { file } => {
            let info = inspect(file)?;
            print(json, &info, || show_info(&info, lang))?;
            Ok(0)
        }
        ArchiveAction::Verify { file } => {
            let result = with_progress(lang, |progress| verify(file, progress));
            let report = result.map_err(|error| explained(error, json, lang))?;
            print(json, &report, || show_verified(&report, lang))?;
            Ok(0)
        }
        ArchiveAction::Convert { input, output, policy, mapping, level, for_server } => {
            let options = ConvertOptions {
                policy: policy.parse::<Policy>()?,
                mapping: mapping.as_deref().map_or(Ok(Mapping::default()), read_mapping)?,
                level: *level,
                for_server: for_server.as_deref().map(str::parse::<ServerVersion>).transpose()?,
                reserve: None,
            };
            let source = open(input)?;
            let result =
                with_progress(lang, |progress| convert(source, output, &options, progress));
            let report = result.map_err(|error| explained(error, json, lang))?;
            print(json, &report, || show_converted(&report, lang))?;
            Ok(0)
        }
        ArchiveAction::Compare { expected, actual, policy, mapping, show_keys } => {
            let options = CompareOptions {
                profile: CompareProfile::default(),
                policy: policy.parse::<Policy>()?,
                mapping: mapping.as_deref().map_or(Ok(Mapping::default()), read_mapping)?,
                show_keys: *show_keys,
            };
            let result =
                with_progress(lang, |progress| compare(expected, actual, &options, progress));
            compared(result, json, lang)
        }
    }
}

/// Like `diff` and `cmp`: trouble has an exit status of its own, so that "different" is sure.
fn compared(
    result: Result<CompareReport, ArchiveError>,
    json: bool,
    lang: Lang,
) -> Result<u8, Problem> {
    match result {
        Ok(report) => {
            print(json, &report, || show_compared(&report, lang))?;
            Ok(match report.result {
                Compared::Same => 0,
                Compared::Different => DIFFERENT,
                Compared::CouldNotTell => COULD_NOT_TELL,
            })
        }
        Err(error) => {
            let problem = Problem::from(error);
            let hint = problem.hint(lang).map(|hint| format!("\n{hint}")).unwrap_or_default();
            // stderr may be closed; the exit status says it all the same.
            let _ = writeln!(std::io::stderr(), "{}{hint}", problem.message(lang));
            Ok(COULD_NOT_TELL)
        }
    }
}

pub(super) fn open(input: &Path) -> Result<Box<dyn Read + Send>, Problem> {
    if input == Path::new("-") {
        pipe::widen(std::io::stdin());
        return Ok(Box::new(Standard));
    }
    if input.is_dir() {
        return Err(ArchiveError::NotAnArchive(OtherFormat::of_folder(input)).into());
    }
    let file = File::open(input).map_err(|error| unreadable(input, &error))?;
    Ok(Box::new(file))
}

/// Standard input.
struct Standard;

impl Read for Standard {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut stdin = std::io::stdin();
        pipe::let_gather(&stdin);
        stdin.read(buffer)
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    ArchiveError::Read { path: path.to_owned(), kind: error.kind() }.into()
}

pub(super) fn read_mapping(path: &Path) -> Result<Mapping, Problem> {
    let mut text = String::new();
    let read =
        File::open(path).and_then(|file| file.take(MAX_MAPPING_FILE).read_to_string(&mut text));
    read.map_err(|error| unreadable(path, &error))?;
    text.parse::<Mapping>().map_err(|error: CharsetError| error.into())
}

/// Prints the findings of an error, which a problem's single line cannot hold.
fn explained(error: ArchiveError, json: bool, lang: Lang) -> Problem {
    if let ArchiveError::Unconvertible(found) | ArchiveError::BadText(found) = &error {
        // The problem itself is reported by the caller, whatever becomes of its list.
        let _ = print(json, &**found, || show_found(found, lang));
    }
    if let ArchiveError::ServerLacks { all, .. } = &error {
        let _ = print(json, all, || show_lacks(all));
    }
    error.into()
}

fn print<T: Serialize>(
    json: bool,
    report: &T,
    text: impl FnOnce() -> String,
) -> Result<(), Problem> {
    write_out(|out| {
        if json {
            serde_json::to_writer_pretty(&mut *out, report)?;
            return writeln!(out);
        }
        out.write_all(printable_lines(&text()).as_bytes())
    })
}

/// Runs `work` with a progress line on stderr where that is a terminal.
pub(super) fn with_progress<T>(lang: Lang, work: impl FnOnce(&Progress) -> T) -> T {
    let progress = Progress::default();
    if !std::io::stderr().is_terminal() {
        return work(&progress);
    }
    let (done, waiting) = channel::<()>();
    std::thread::scope(|scope| {
        let shown = progress.clone();
        scope.spawn(move || {
            while waiting.recv_timeout(PROGRESS_EVERY) == Err(RecvTimeoutError::Timeout) {
                let now = shown.read();
                let line = t!(
                    lang,
                    "archive-progress",
                    bytes = show_bytes(now.bytes),
                    rows = now.rows,
                    stage = printable(&now.stage)
                );
                let _ = write!(std::io::stderr(), "\r\u{1b}[K{line}");
            }
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        });
        let result = work(&progress);
        drop(done);
        result
    })
}

#[cfg(test)]
mod tests {
    use super::show::{difference_id, reason_id, verdict_id};
    use super::*;
    use crate::archive::{Found, RowDifferenceKind, Verdict};
    use crate::charset::Reason;
    use crate::diag::Explain;
    use crate::i18n;
    use clap::Parser;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        archive: ArchiveCommand,
    }

    fn parse(args: &[&str]) -> Result<ArchiveCommand, clap::Error> {
        let args = ["archive"].iter().chain(args);
        Program::try_parse_from(args).map(|program| program.archive)
    }

    #[test]
    fn comparing_what_cannot_be_read_has_an_exit_status_of_its_own() {
        let command = parse(&["compare", "/nowhere/a", "/nowhere/b"]).unwrap();
        assert_eq!(run(&command, Lang::Ja, false).unwrap(), COULD_NOT_TELL);
        let command = parse(&["verify", "/nowhere/a"]).unwrap();
        assert_eq!(run(&command, Lang::En, false).unwrap_err().code, "archive-cannot-read");
        assert!(parse(&["convert", "-", "out", "--level", "0"]).is_err());
        let command = parse(&["convert", "-", "out", "--policy", "x"]).unwrap();
        assert_eq!(run(&command, Lang::En, false).unwrap_err().code, "charset-policy-unknown");
        let command = parse(&["convert", "-", "out", "--for-server", "9.9"]).unwrap();
        assert_eq!(run(&command, Lang::En, false).unwrap_err().code, "archive-server-unknown");
    }

    #[test]
    fn every_reason_and_verdict_has_a_text_in_both_languages() {
        let reasons = [
            Reason::OutsideJisX0213,
            Reason::Ambiguous,
            Reason::Invalid,
            Reason::NotAscii,
            Reason::Lossy,
            Reason::Shortened,
        ];
        let verdicts = [
            Verdict::Same,
            Verdict::RowsDiffer,
            Verdict::ColumnsDiffer,
            Verdict::Missing,
            Verdict::Extra,
            Verdict::AsExpected,
            Verdict::CouldNotTell,
        ];
        let kinds =
            [RowDifferenceKind::Missing, RowDifferenceKind::Extra, RowDifferenceKind::Changed];
        let ids = reasons.map(reason_id).into_iter().chain(verdicts.map(verdict_id));
        let ids = ids.chain(kinds.map(difference_id));
        for id in ids {
            for lang in [Lang::Ja, Lang::En] {
                assert!(i18n::find(lang, id, &[]).is_some(), "{id}");
            }
        }
    }

    #[test]
    fn every_error_explains_itself_in_both_languages_with_its_facts() {
        use crate::archive::{Inside, OtherFormat, Packer};
        let found = || Box::new(Found::default());
        let text = || "x".to_owned();
        let path = || PathBuf::from("x");
        let kind = std::io::ErrorKind::NotFound;
        let packed = |by, inside| ArchiveError::NotAnArchive(OtherFormat::Packed { by, inside });
        let errors = [
            ArchiveError::Read { path: path(), kind },
            ArchiveError::Write { path: path(), kind },
            ArchiveError::NotAnArchive(OtherFormat::PlainSql),
            ArchiveError::NotAnArchive(OtherFormat::ClusterSql),
            packed(Packer::Gzip, Inside::Sql),
            packed(Packer::Xz, Inside::Other),
            packed(Packer::Zstd, Inside::Archive),
            ArchiveError::NotAnArchive(OtherFormat::Tar),
            ArchiveError::NotAnArchive(OtherFormat::Directory),
            ArchiveError::NotAnArchive(OtherFormat::Folder),
            ArchiveError::NotAnArchive(OtherFormat::Utf16),
            ArchiveError::NotAnArchive(OtherFormat::Empty),
            ArchiveError::NotAnArchive(OtherFormat::Unknown),
            ArchiveError::UnsupportedVersion { version: text() },
            ArchiveError::UnsupportedCompression { algorithm: text() },
            ArchiveError::UnsupportedEncoding { encoding: text() },
            ArchiveError::ServerUnknown { server: text() },
            ArchiveError::ServerLacks {
                server: text(),
                entry: text(),
                feature: text(),
                more: 1,
                all: vec![text()],
            },
            ArchiveError::Damaged { what: "x", offset: 1 },
            ArchiveError::Truncated { offset: 1 },
            ArchiveError::TooLarge { what: "x", limit: 1, offset: 1 },
            ArchiveError::RowShape { schema: text(), table: text(), row: 1, expected: 1, found: 2 },
            ArchiveError::NotCopyText { schema: text(), table: text(), row: 1, what: "x" },
            ArchiveError::OutputBusy { path: path() },
            ArchiveError::OutputNotAFile { path: path() },
            ArchiveError::DataMissing { schema: text(), table: text() },
            ArchiveError::NotCopyData { schema: text(), table: text() },
            ArchiveError::BadText(found()),
            ArchiveError::Unconvertible(found()),
            ArchiveError::Level { level: 0 },
            ArchiveError::Stopped,
        ];
        let problems = errors.into_iter().map(Problem::from).chain(charset_problems());
        for problem in problems {
            for lang in [Lang::Ja, Lang::En] {
                let message = problem.message(lang);
                assert_ne!(message, problem.code);
                // Fluent leaves an argument that was not given as `{$name}`.
                assert!(!message.contains("{$"), "{message}");
                assert!(i18n::find(lang, &format!("{}.hint", problem.code), &[]).is_some());
            }
        }
    }

    fn charset_problems() -> Vec<Problem> {
        let code = || "x".to_owned();
        let errors = [
            CharsetError::PolicyUnknown { name: code() },
            CharsetError::MappingSyntax { line: 1 },
            CharsetError::MappingTooLarge { bytes: 1, rules: 1 },
            CharsetError::MappingWord { field: "x", line: 1, word: code(), known: code() },
            CharsetError::MappingPlace { line: 1, name: code() },
            CharsetError::MappingReading { rule: 1, line: 1, code: code(), reading: "x" },
            CharsetError::MappingCode { rule: 1, line: 1, code: code() },
            CharsetError::MappingTarget { rule: 1, line: 1, to: code() },
            CharsetError::MappingAction { rule: 1, line: 1 },
            CharsetError::MappingKeepsNothing { rule: 1, line: 1, code: code() },
            CharsetError::MappingTwice { rule: 1, line: 1, code: code() },
        ];
        assert!(errors.iter().all(|error| error.code().starts_with("charset-")));
        errors.into_iter().map(Problem::from).collect()
    }
}
