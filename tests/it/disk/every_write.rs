//! R4: every call by which the program changes its files fails, in each of five ways where
//! everything is asked for: no panic, no hang, a clear problem, nothing acknowledged is lost,
//! nothing half-written has a final name, and the next run works.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use orca_cutover::clock::Clock;
use orca_cutover::journal::ledger::LedgerLog;
use orca_cutover::journal::store::{SqliteStore, Store};
use orca_cutover::mail::{Entry, Outbox, Place};
use orca_cutover::rehearsal::mail_sink::{MailSink, MailSinkConfig};

use super::child;
use super::shim::{Ended, Fault, Shim, run};
use crate::figures::{figure, is_full};
use crate::support::{program, scratch};

/// A workload of so few calls fails in every way in each run of the tests.
const SHORT: usize = 50;

/// What is wrong with a folder after some processes; true: after an end that was good.
pub(super) type Judge<'a> = &'a dyn Fn(&Path, &[&Ended], bool) -> Option<String>;

/// What is exercised.
pub(super) struct Workload<'a> {
    name: &'a str,
    test: &'a str,
    /// Is copied for each attempt.
    template: &'a Path,
    /// The process, in a copy.
    command: &'a dyn Fn(&Path) -> Command,
    /// The process that has a sound disk again.
    again: &'a dyn Fn(&Path) -> Command,
    wrong: Judge<'a>,
}

impl<'a> Workload<'a> {
    /// One whose next process does the same.
    pub(super) fn of(
        name: &'a str,
        test: &'a str,
        template: &'a Path,
        command: &'a dyn Fn(&Path) -> Command,
        wrong: Judge<'a>,
    ) -> Self {
        Self { name, test, template, command, again: command, wrong }
    }

    /// Exercises every call with every fault and prints the figure.
    pub(super) fn exercise(&self) {
        let shim = Shim::build();
        let scratch = scratch();
        let fresh = |name: String| {
            let dir = scratch.path().join(name);
            let copied = Command::new("cp").arg("-a").arg(self.template).arg(&dir).status();
            assert!(copied.unwrap().success());
            dir
        };
        let clean = fresh("clean".to_owned());
        let (first, calls) = shim.list((self.command)(&clean), &clean);
        let expected = first.status.unwrap_or_else(|| panic!("{first:?}"));
        assert!(![child::PROBLEM, child::WRONG, 70, 101].contains(&expected), "{first:?}");
        assert_eq!((self.wrong)(&clean, &[&first], true), None, "{first:?}");
        assert!(calls.len() > 2, "the shim sees {calls:?}");
        let (mut exercised, mut points, mut violations) = (0, 0, Vec::new());
        for (number, call) in calls.iter().enumerate() {
            let mut ways: Vec<Fault> =
                Fault::ALL.into_iter().filter(|fault| call.meets(*fault)).collect();
            points += ways.len();
            // In a run of all tests each call of a long workload fails in one way, turn about.
            if !is_full() && calls.len() > SHORT && !ways.is_empty() {
                // What tells an fsync from other calls is the way that it fails.
                let fsync = ways.iter().copied().find(|fault| *fault == Fault::Fsync);
                ways = vec![fsync.unwrap_or(ways[number % ways.len()])];
            }
            for fault in ways {
                let before = calls.iter().take(number).filter(|call| call.meets(fault)).count();
                let dir = fresh(format!("{fault:?}-{before}"));
                let failed = shim.fail((self.command)(&dir), &dir, fault, before + 1);
                let mut say = |what: String| {
                    violations.push(format!("{fault:?} at {} `{}`: {what}", before + 1, call.line));
                };
                if let Some(what) = self.misbehaved(&failed, expected) {
                    say(format!("{what}: {failed:?}"));
                }
                // A name may be missing, a part may be left where even removing it failed.
                if let Some(what) = (self.wrong)(&dir, &[&failed], failed.status == Some(expected))
                {
                    say(format!("{what}: {failed:?}"));
                }
                let next = run(&mut (self.again)(&dir));
                if next.status != Some(expected) {
                    say(format!("the next run: {next:?} after {failed:?}"));
                } else if let Some(what) = (self.wrong)(&dir, &[&failed, &next], true) {
                    say(format!("after the next run: {what}: {failed:?} {next:?}"));
                }
                exercised += 1;
                std::fs::remove_dir_all(&dir).unwrap();
            }
        }
        let told = format!(
            "{} of {0} calls, {exercised} of {points} ways, {} violations",
            calls.len(),
            violations.len()
        );
        let what = format!("{}: write calls that fail", self.name);
        figure("R4", &what, &told, &format!("cargo nextest run {}", self.test));
        assert!(violations.is_empty(), "{}", violations.join("\n"));
    }

    fn misbehaved(&self, ended: &Ended, expected: i32) -> Option<&'static str> {
        let Some(status) = ended.status else { return Some("a signal or a hang") };
        if ended.stderr.contains("panicked") {
            return Some("a panic");
        }
        if status == expected {
            return None;
        }
        if status != child::PROBLEM {
            return Some("another status");
        }
        (!ended.stderr.contains("error[")).then_some("no problem is told")
    }
}

pub(super) fn acknowledged(ended: &[&Ended]) -> Vec<String> {
    let lines = ended.iter().flat_map(|ended| ended.stdout.lines());
    lines.filter_map(|line| line.strip_prefix("ack ")).map(str::to_owned).collect()
}

pub(super) fn blocking<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(future)
}

/// Parts below a folder.
pub(super) fn parts(dir: &Path) -> Vec<PathBuf> {
    let found = Command::new("find").arg(dir).args(["-name", "*.part"]).output().unwrap();
    String::from_utf8(found.stdout).unwrap().lines().map(PathBuf::from).collect()
}

/// The journal's file, opened by SQLite's own reader in Python: an independent witness.
fn rows_by_python(file: &Path, stream: &str) -> usize {
    let script = "import sqlite3,sys\n\
        c=sqlite3.connect(sys.argv[1])\n\
        assert c.execute('pragma integrity_check').fetchone()[0]=='ok'\n\
        print(c.execute('select count(*) from records where run=?',(sys.argv[2],)).fetchone()[0])";
    let output =
        Command::new("python3").args(["-c", script]).arg(file).arg(stream).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.trim().parse().unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn every_write_of_a_runs_journal_may_fail() {
    child::ran();
    let test = "disk::every_write::every_write_of_a_runs_journal_may_fail";
    let template = scratch();
    let command = |dir: &Path| child::command(test, "journal", dir);
    let wrong = |dir: &Path, ended: &[&Ended], good: bool| {
        let acks = acknowledged(ended);
        let file = dir.join("work/journal.sqlite");
        if acks.is_empty() && !good {
            return None;
        }
        let records = blocking(async {
            let store = SqliteStore::open(&file, false).await?;
            let records = store.load(&child::run_id()).await;
            store.close().await;
            records
        });
        let records = match records {
            Ok(records) => records,
            Err(error) => return Some(format!("unreadable: {error}")),
        };
        let last = acks.iter().map(|ack| ack.parse::<u64>().unwrap()).max().unwrap_or(0);
        let there = records.last().map_or(0, |record| record.seq);
        if there < last {
            return Some(format!("{there} records, {last} acknowledged"));
        }
        if orca_cutover::journal::fold(&records).is_err() {
            return Some("the records do not fold".to_owned());
        }
        let counted = rows_by_python(&file, child::run_id().as_str());
        (counted as u64 != there).then(|| format!("python counts {counted}, not {there}"))
    };
    Workload::of("journal of a run", test, template.path(), &command, &wrong).exercise();
}

#[test]
fn every_write_of_the_ledger_may_fail() {
    child::ran();
    let test = "disk::every_write::every_write_of_the_ledger_may_fail";
    let template = scratch();
    // The folders are there: the journal's test has made them.
    child::prepare(template.path());
    let command = |dir: &Path| child::command(test, "ledger", dir);
    let wrong = |dir: &Path, ended: &[&Ended], good: bool| {
        let acks = acknowledged(ended);
        if acks.is_empty() && !good {
            return None;
        }
        let read = blocking(async {
            let store = std::sync::Arc::new(
                SqliteStore::open(&dir.join("work/journal.sqlite"), false).await?,
            );
            let ledger = LedgerLog::open(store.clone(), Clock::System).await?.now().await;
            store.close().await;
            ledger
        });
        let last = acks.iter().map(|ack| ack.parse::<u64>().unwrap()).max().unwrap_or(0);
        match read {
            Err(error) => Some(format!("unreadable: {error}")),
            Ok(ledger) if ledger.seq < last => Some(format!("{} of {last}", ledger.seq)),
            Ok(_) => None,
        }
    };
    Workload::of("ledger", test, template.path(), &command, &wrong).exercise();
}

/// Every letter of a spool with its place; an envelope whose mail is not whole is an error.
pub(super) fn letters(outbox: &Path) -> Result<Vec<(Place, Entry)>, String> {
    let all = Outbox::open(outbox).and_then(|outbox| outbox.list()).map_err(|e| e.to_string())?;
    if let Some(error) = all.unreadable.first() {
        return Err(error.to_string());
    }
    let all = all.mails;
    for (place, entry) in &all {
        let folders: &[&str] = match place {
            Place::Queued => &["queued"],
            // A crash between the two moves leaves the mail where it was; `tidy` moves it.
            Place::Sent => &["sent", "queued"],
            Place::GivenUp => &["given-up", "queued"],
            Place::Cancelled => &["cancelled", "queued"],
        };
        let stem = entry.message_id.as_str().trim_start_matches('<');
        let stem = stem.split('@').next().unwrap_or_default();
        let mail = folders
            .iter()
            .map(|folder| outbox.join(folder).join(format!("{stem}.eml")))
            .find_map(|path| std::fs::read(path).ok());
        let Some(mail) = mail else { return Err(format!("{stem} in {place:?} has no mail")) };
        let mail = String::from_utf8_lossy(&mail);
        if !mail.contains(entry.message_id.as_str()) || !mail.ends_with("\r\n") {
            return Err(format!("{stem} in {place:?} is not whole"));
        }
    }
    Ok(all)
}

/// Acknowledged letters that are nowhere.
pub(super) fn lost(outbox: &Path, acks: &[String]) -> Option<String> {
    let found = match letters(outbox) {
        Ok(found) => found,
        Err(reason) => return Some(reason),
    };
    let there: BTreeSet<&str> = found.iter().map(|(_, entry)| entry.message_id.as_str()).collect();
    let lost: Vec<_> = acks.iter().filter(|ack| !there.contains(ack.as_str())).collect();
    (!lost.is_empty()).then(|| format!("lost: {lost:?}"))
}

#[test]
fn every_write_of_a_spooled_letter_may_fail() {
    child::ran();
    let test = "disk::every_write::every_write_of_a_spooled_letter_may_fail";
    let template = scratch();
    let command = |dir: &Path| child::command(test, "enqueue", dir);
    let wrong = |dir: &Path, ended: &[&Ended], good: bool| {
        let acks = acknowledged(ended);
        if acks.is_empty() {
            return good.then(|| "nothing was acknowledged".to_owned());
        }
        lost(&dir.join("work/outbox"), &acks)
    };
    Workload::of("mail: a letter is spooled", test, template.path(), &command, &wrong).exercise();
}

#[test]
fn every_write_of_a_delivery_may_fail() {
    child::ran();
    let test = "disk::every_write::every_write_of_a_delivery_may_fail";
    let (template, server) = (scratch(), scratch());
    let spooled = run(&mut child::command(test, "enqueue", template.path()));
    let queued = acknowledged(&[&spooled]);
    assert_eq!(queued.len(), 3, "{spooled:?}");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (sink, ca) = runtime.block_on(sink(server.path()));
    let command = |hours: &str, dir: &Path| {
        let mut command = child::command(test, "deliver", dir);
        command.env("DISK_SMTP_PORT", sink.port.to_string()).env("DISK_SMTP_CA", &ca);
        command.env("DISK_HOURS", hours);
        command
    };
    let wrong = |dir: &Path, ended: &[&Ended], good: bool| {
        let outbox = dir.join("work/outbox");
        if let Some(what) = lost(&outbox, &queued) {
            return Some(what);
        }
        let places = letters(&outbox).unwrap_or_default();
        // A letter that was taken over twice has one Message-ID, so that nobody reads it twice.
        let waits = places.iter().filter(|(place, _)| *place != Place::Sent).count();
        (good && ended.len() > 1 && waits > 0).then(|| format!("{waits} still wait"))
    };
    let workload = Workload {
        name: "mail: letters are delivered",
        test,
        template: template.path(),
        command: &|dir| command("0", dir),
        again: &|dir| command("2", dir),
        wrong: &wrong,
    };
    workload.exercise();
    let known: BTreeSet<&String> = queued.iter().collect();
    let mails = sink.received();
    assert!(mails.len() >= queued.len());
    for mail in mails {
        let text = std::fs::read_to_string(&mail).unwrap();
        assert!(known.iter().any(|id| text.contains(id.as_str())), "{}", mail.display());
    }
}

/// The rehearsal's mail server; gives the file of its root certificate, too.
pub(super) async fn sink(dir: &Path) -> (MailSink, PathBuf) {
    let issuer_key = rcgen::KeyPair::generate().unwrap();
    let mut root = rcgen::CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    root.distinguished_name.push(rcgen::DnType::CommonName, "test root");
    let ca = dir.join("ca.pem");
    std::fs::write(&ca, root.self_signed(&issuer_key).unwrap().pem()).unwrap();
    let issuer = rcgen::Issuer::new(root, issuer_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = rcgen::CertificateParams::new(vec!["mail.clinic.example".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = MailSinkConfig::new(dir.join("received"), vec![leaf.der().clone()], key);
    (MailSink::start(config).await.unwrap(), ca)
}

#[test]
fn every_write_of_the_rehearsals_clock_may_fail() {
    child::ran();
    let test = "disk::every_write::every_write_of_the_rehearsals_clock_may_fail";
    let template = scratch();
    std::fs::write(template.path().join("clock"), "1000").unwrap();
    let command = |dir: &Path| child::command(test, "clock", dir);
    let wrong = |dir: &Path, _: &[&Ended], good: bool| {
        let text = std::fs::read_to_string(dir.join("clock")).unwrap_or_default();
        let wrong = text.parse::<i64>().is_err() || good && text == "1000";
        wrong.then(|| format!("the clock says `{text}`"))
    };
    Workload::of("the rehearsal's clock", test, template.path(), &command, &wrong).exercise();
}

/// What is wrong with a file of a known form.
fn not_whole(path: &Path) -> Option<String> {
    let bytes = std::fs::read(path).unwrap();
    let ends = |end: &str| bytes.ends_with(end.as_bytes());
    let whole = match path.extension().and_then(|end| end.to_str()).unwrap_or_default() {
        "json" => serde_json::from_slice::<serde_json::Value>(&bytes).is_ok(),
        "html" => ends("</html>\n"),
        "ics" => ends("END:VCALENDAR\r\n"),
        "xlsx" => zip::ZipArchive::new(std::io::Cursor::new(&bytes)).is_ok(),
        "md" | "csv" => ends("\n"),
        _ => true,
    };
    (!whole).then(|| format!("{} is not whole", path.display()))
}

/// Final names whose content is not whole, and parts that are left although a removal can work.
fn half_written(dir: &Path, ended: &[&Ended], written: &[&str], good: bool) -> Option<String> {
    for name in written {
        let path = dir.join(name);
        match path.exists() {
            true => {
                if let Some(what) = not_whole(&path) {
                    return Some(what);
                }
            }
            false if good => return Some(format!("{name} is missing")),
            false => {}
        }
    }
    // Where the removal itself is what fails, something has to stay.
    let left = parts(dir);
    (left.len() > ended.len()).then(|| format!("left: {left:?}"))
}

#[test]
fn every_write_of_a_plan_may_fail() {
    let test = "disk::every_write::every_write_of_a_plan_may_fail";
    let template = scratch();
    for from in [
        "playbooks/cutover.yaml",
        "examples/clinic.yaml",
        "examples/maintenance.yaml",
        "examples/characters.yaml",
    ] {
        let name = Path::new(from).file_name().unwrap();
        std::fs::copy(from, template.path().join(name)).unwrap();
    }
    child::prepare(template.path());
    let command = |dir: &Path| {
        let mut command = program();
        command.args(["plan", "cutover.yaml", "--offline", "--save", "--html", "plan.html"]);
        command.args(["--md", "plan.md", "--xlsx", "plan.xlsx", "--ics", "plan.ics"]);
        command.current_dir(dir);
        command
    };
    let written = ["plan.html", "plan.md", "plan.xlsx", "plan.ics"];
    let wrong = |dir: &Path, ended: &[&Ended], good: bool| {
        let plans = std::fs::read_dir(dir.join("work/plans")).unwrap();
        let saved: Vec<PathBuf> = plans.map(|file| file.unwrap().path()).collect();
        saved
            .iter()
            .find_map(|path| not_whole(path))
            .or_else(|| half_written(dir, ended, &written, good))
    };
    Workload::of("plan, saved and in every form", test, template.path(), &command, &wrong)
        .exercise();
}

#[test]
fn every_write_of_a_conversion_may_fail() {
    let test = "disk::every_write::every_write_of_a_conversion_may_fail";
    let template = scratch();
    let source = std::fs::canonicalize("tests/fixtures/archives/15-none.dump").unwrap();
    let command = |dir: &Path| {
        let mut command = program();
        command.args(["archive", "convert"]).arg(&source).arg(dir.join("out.dump"));
        command
    };
    let clean = template.path().join("expected");
    let made = run(program().args(["archive", "convert"]).arg(&source).arg(&clean));
    assert_eq!(made.status, Some(0), "{made:?}");
    let expected = std::fs::read(&clean).unwrap();
    let wrong = |dir: &Path, ended: &[&Ended], good: bool| {
        let left = parts(dir);
        if left.len() > ended.len() {
            return Some(format!("left: {left:?}"));
        }
        match std::fs::read(dir.join("out.dump")) {
            Ok(bytes) if bytes == expected => None,
            Ok(_) => Some("a file that is not the conversion has its name".to_owned()),
            Err(_) if good => Some("the conversion is missing".to_owned()),
            Err(_) => None,
        }
    };
    Workload::of("conversion of an archive", test, template.path(), &command, &wrong).exercise();
}

#[test]
fn every_write_of_a_scan_may_fail() {
    let test = "disk::every_write::every_write_of_a_scan_may_fail";
    let template = scratch();
    let source = std::fs::canonicalize("tests/fixtures/archives/15-none.dump").unwrap();
    let command = |dir: &Path| {
        let mut command = program();
        command.args(["scan", "--dump"]).arg(&source).args(["--csv", "s.csv", "--html", "s.html"]);
        command.args(["--mapping-out", "s.yaml"]).current_dir(dir);
        command
    };
    let wrong = |dir: &Path, ended: &[&Ended], good: bool| {
        half_written(dir, ended, &["s.csv", "s.html", "s.yaml"], good)
    };
    Workload::of("scan, in every form", test, template.path(), &command, &wrong).exercise();
}
