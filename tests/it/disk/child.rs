//! What a test does in a process of its own, so that its disk can fail: the product's journal,
//! ledger, outbox and clock, used as the product uses them. Each acknowledgement is a line on
//! standard output, and in the file `DISK_ACK` where there is one.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use orca_cutover::action::WorkDir;
use orca_cutover::clock::{Clock, Jst};
use orca_cutover::diag::{Problem, SourceText};
use orca_cutover::effect::Effect;
use orca_cutover::ids::{PlanDigest, RunId, StepId};
use orca_cutover::journal::ledger::{Actor, LedgerEvent, LedgerLog};
use orca_cutover::journal::store::Store;
use orca_cutover::journal::{Event, Journal, Role};
use orca_cutover::mail::{Letter, Outbox, SmtpConfig};
use orca_cutover::playbook::{Clinic, MailSecurity, load_clinic};

/// Status of a child that ended with a problem, as of the program for a problem of the disk.
pub(crate) const PROBLEM: i32 = 5;
/// Status of a child that did something that it must not do.
pub(crate) const WRONG: i32 = 99;

/// A process that does `workload` in `work`; `test` is the test that calls [`ran`].
pub(crate) fn command(test: &str, workload: &str, work: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env("DISK_CHILD", workload).env("DISK_WORK", work);
    command
}

/// In the child: does the workload and ends the process. Elsewhere: nothing.
pub(crate) fn ran() {
    let Ok(workload) = std::env::var("DISK_CHILD") else { return };
    let work = PathBuf::from(std::env::var_os("DISK_WORK").unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let done = runtime.block_on(async {
        let count = std::env::var("DISK_COUNT").ok().and_then(|count| count.parse().ok());
        match workload.as_str() {
            "journal" => journal(&work, count.unwrap_or(6)).await,
            "ledger" => ledger(&work).await,
            "enqueue" => enqueue(&work, count.unwrap_or(3)),
            "deliver" => deliver(&work).await,
            "clock" => clock(&work),
            "seal" => super::patients::seal(&work).await,
            "purge" => super::patients::purge(&work).await,
            "download" => super::patients::download(&work).await,
            other => panic!("no workload `{other}`"),
        }
    });
    let status = match done {
        Ok(()) => 0,
        Err(problem) => {
            eprintln!("error[{}]: {}", problem.code, problem.message(orca_cutover::i18n::Lang::En));
            i32::from(problem.kind.exit_code())
        }
    };
    std::process::exit(status);
}

pub(super) fn acknowledge(what: &str) {
    // On a line of its own: the harness has begun one with the name of the test.
    println!("\nack {what}");
    if let Some(path) = std::env::var_os("DISK_ACK") {
        let mut file = File::options().create(true).append(true).open(path).unwrap();
        file.write_all(format!("{what}\n").as_bytes()).unwrap();
    }
}

/// The sample clinic with its working folder in `work`.
pub(crate) fn clinic(work: &Path) -> Clinic {
    let text = std::fs::read_to_string("examples/clinic.yaml").unwrap();
    let source = SourceText { name: "clinic.yaml".to_owned(), text: text.into() };
    let mut clinic = load_clinic(&source).unwrap();
    clinic.work_dir = work.join("work");
    clinic
}

/// The run of the workload `journal`.
pub(crate) fn run_id() -> RunId {
    RunId("01890000-0000-7000-8000-000000000001".to_owned())
}

fn event(number: u64) -> Event {
    let (step, attempt) = (StepId(format!("step_{}", number / 2)), 1);
    if number.is_multiple_of(2) {
        Event::StepStarted { step, attempt, effect: Effect::Repeatable, role: Role::Plain }
    } else {
        Event::StepDone { step, attempt, outputs: Default::default() }
    }
}

/// Begins a run, or takes it up, and appends `count` events.
async fn journal(work: &Path, count: u64) -> Result<(), Problem> {
    let work = WorkDir::open(&clinic(work))?;
    let store = work.store(true).await?;
    let journal = taken_up(store.clone()).await?;
    let first = journal.state().await.seq;
    for number in first..first + count {
        match journal.append(event(number - 1)).await {
            Ok(state) => acknowledge(&state.seq.to_string()),
            Err(error) => {
                let disk_failed = error.to_string().contains("disk I/O error");
                // A disk that failed once says nothing of worth afterwards; one that was full may
                // have room again, and then the record must be there.
                match journal.append(event(number - 1)).await {
                    Ok(_) if disk_failed => std::process::exit(WRONG),
                    Ok(state) => acknowledge(&state.seq.to_string()),
                    Err(_) => {}
                }
                store.close().await;
                return Err(error.into());
            }
        }
    }
    store.close().await;
    Ok(())
}

/// The run, begun where there is none yet.
pub(super) async fn taken_up(store: Arc<dyn Store>) -> Result<Journal, Problem> {
    match store.runs().await?.contains(&run_id()) {
        true => Ok(Journal::take_up(store, Clock::System, run_id(), None).await?),
        false => begin(store).await,
    }
}

async fn begin(store: Arc<dyn Store>) -> Result<Journal, Problem> {
    let started = Event::RunStarted {
        run: run_id(),
        playbook: "cutover".into(),
        clinic: "見本クリニック".into(),
        clinic_id: "JPN000000000452".into(),
        plan: PlanDigest("0".repeat(64)),
        operator: "見本 太郎".into(),
        host: "sample".into(),
        tool: "0.1.0".into(),
        rehearsal: true,
    };
    let journal = Journal::begin(store, Clock::System, run_id(), started, None).await?;
    acknowledge("1");
    Ok(journal)
}

/// Opens the ledger and appends four events.
async fn ledger(work: &Path) -> Result<(), Problem> {
    let work = WorkDir::open(&clinic(work))?;
    let store = work.store(true).await?;
    let log = LedgerLog::open(store.clone(), Clock::System).await?;
    for number in 0..4 {
        let by =
            Actor { name: "見本 太郎".into(), host: "sample".into(), tool: "0.1.0".into() };
        let digest = PlanDigest(format!("{number:064}"));
        let after = log.append(LedgerEvent::PlanSaved { digest, file: "plan.json".into(), by });
        acknowledge(&after.await?.seq.to_string());
    }
    store.close().await;
    Ok(())
}

pub(crate) fn now() -> Jst {
    Clock::System.now()
}

fn enqueue(work: &Path, count: u64) -> Result<(), Problem> {
    let work = WorkDir::open(&clinic(work))?;
    let outbox = Outbox::open(&work.outbox())?;
    for number in 0..count {
        let letter = Letter {
            to: vec!["support@vendor.example".into()],
            subject: format!("見本 {number}"),
            body: "一行目\n二行目\n".repeat(300),
            attachments: Vec::new(),
        };
        let id = outbox.enqueue(&letter, "cutover@clinic.example", &now())?;
        acknowledge(id.as_str());
    }
    Ok(())
}

/// Delivers what is due to the server at `DISK_SMTP_PORT`.
async fn deliver(work: &Path) -> Result<(), Problem> {
    let work = WorkDir::open(&clinic(work))?;
    let outbox = Outbox::open(&work.outbox())?;
    let smtp = SmtpConfig {
        host: "mail.clinic.example".into(),
        port: std::env::var("DISK_SMTP_PORT").unwrap().parse().unwrap(),
        connect_to: Some([127, 0, 0, 1].into()),
        security: MailSecurity::Starttls,
        ca: Some(PathBuf::from(std::env::var_os("DISK_SMTP_CA").unwrap())),
        user: None,
        password: None,
        timeout: Duration::from_secs(10),
        content_timeout: Duration::from_secs(10),
    };
    // What a failed attempt put off is due again later.
    let hours = std::env::var("DISK_HOURS").ok().and_then(|hours| hours.parse().ok());
    let at = now() + chrono::TimeDelta::hours(hours.unwrap_or(0));
    for delivery in outbox.deliver(&smtp, &at).await? {
        if delivery.place == orca_cutover::mail::Place::Sent {
            acknowledge(delivery.entry.message_id.as_str());
        }
    }
    Ok(())
}

/// Sets the rehearsal's clock a day forward.
fn clock(work: &Path) -> Result<(), Problem> {
    let clock = Clock::Rehearsal(work.join("clock"));
    let later = clock.now() + chrono::TimeDelta::days(1);
    clock.set(&later).map_err(|error| {
        let kind = orca_cutover::diag::Kind::Environment;
        Problem::new("run-clock", kind).with(orca_cutover::diag::Fact::local("reason", error))
    })?;
    acknowledge(&orca_cutover::clock::rfc3339(&later));
    Ok(())
}

/// Makes the working folder and an empty journal.
pub(crate) fn prepare(work: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let work = WorkDir::open(&clinic(work)).unwrap();
        work.store(true).await.unwrap().close().await;
    });
}
