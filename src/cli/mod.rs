//! The command line: parses, calls the rooms, prints. stdout is data, stderr is talk.

mod approve;
pub mod archive;
mod args;
mod calendar;
mod check;
mod confirm;
mod evidence;
mod faults;
mod files;
mod journal;
mod live;
mod operator;
mod outbox;
mod output;
mod plan;
mod plan_files;
mod purge;
mod rehearse;
mod report;
mod resolve;
mod run;
mod scan;
mod schedule;
mod shield;
mod slots;
mod status;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use output::Output;

/// Runs the program with the process's arguments and gives its exit status.
pub fn main() -> ExitCode {
    shield::behind(parse_and_run)
}

fn parse_and_run() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(cli.lang, cli.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("orca-cutover: {error}");
            return ExitCode::from(70);
        }
    };
    let result = runtime.block_on(dispatch(&cli.command, &output));
    // Watchers of processes and sockets must not keep the program from ending.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match result {
        Ok(status) => ExitCode::from(status),
        Err(problem) => {
            output.problem(&problem);
            ExitCode::from(problem.kind.exit_code())
        }
    }
}

async fn dispatch(command: &Command, output: &Output) -> Result<u8, crate::diag::Problem> {
    match command {
        Command::Check(args) => check::check(args, output).await,
        Command::Plan(args) => plan::plan(args, output).await,
        Command::Approve(args) => approve::approve(args, output).await,
        Command::Revoke(args) => approve::revoke(args, output).await,
        Command::Run(args) => run::run(args, output).await,
        Command::Status(args) => status::status(args, output).await,
        Command::Tick(args) => schedule::tick(args, output).await,
        Command::Daemon(args) => schedule::daemon(args, output).await,
        Command::Schedule(args) => schedule::schedule(args, output).await,
        Command::Slots(args) => slots::slots(args, output).await,
        Command::Calendar(args) => calendar::calendar(args, output).await,
        Command::Outbox(args) => outbox::outbox(args, output).await,
        Command::Purge(args) => purge::purge(args, output).await,
        Command::Report(args) => report::report(args, output).await,
        Command::Evidence(args) => evidence::evidence(args, output).await,
        Command::Resolve(args) => resolve::resolve(args, output).await,
        Command::Faults => faults::faults(output),
        Command::Journal(args) => journal::journal(args, output).await,
        Command::Rehearse(args) => rehearse::rehearse(args, output).await,
        Command::Scan(args) => scan::scan(args, output).await,
        Command::Archive(command) => {
            let (command, output) = (command.clone(), *output);
            match tokio::task::spawn_blocking(move || {
                archive::run(&command, output.lang, output.json)
            })
            .await
            {
                Ok(result) => result,
                Err(_) => Err(crate::diag::Problem::new("run-defect", crate::diag::Kind::Internal)),
            }
        }
    }
}
