//! `rehearse`: the whole cutover on this machine, on real parts.

use std::path::PathBuf;
use std::sync::Arc;

use super::args::RehearseArgs;
use super::run::{Mode, carry_out, finish};
use super::{files, output::Output, plan};
use crate::action::{self, RealHands, WorkDir};
use crate::diag::{Kind, Problem};
use crate::ids::show_bytes;
use crate::plan::Verdict;
use crate::rehearsal::{World, WorldConfig};
use crate::run::{self, RunRequest, SavedFile, gate};
use crate::{report, t};

/// Who acts in a rehearsal, where it is no person of the clinic file.
const REHEARSAL: &str = "rehearsal";

pub(super) async fn rehearse(args: &RehearseArgs, output: &Output) -> Result<u8, Problem> {
    let dir = match &args.dir {
        Some(dir) => std::path::absolute(dir).unwrap_or_else(|_| dir.clone()),
        None => fresh_dir(),
    };
    let playbook = match &args.playbook {
        Some(path) => Some(crate::action::read_text(path)?),
        None => None,
    };
    let config = WorldConfig {
        playbook,
        dir: dir.clone(),
        patients: args.patients,
        size_bytes: args.size,
        seed: args.seed,
        dumps: args.dumps,
        fault: args.fault,
    };
    let world = World::build(&config).await?;
    introduce(&world, args, output);
    if args.world_only {
        output.talk(&t!(output.lang, "cli-rehearse-world"));
        for (command, who) in [("plan", ""), ("run", " --operator NAME")] {
            output.talk(&format!(
                "  orca-cutover {command} {} --clinic {}{who}",
                world.playbook.display(),
                world.clinic.display()
            ));
        }
        output.talk(&t!(output.lang, "cli-rehearse-stop"));
        wait_for_stop().await;
        world.end(args.keep).await?;
        return Ok(0);
    }
    // Ctrl-C ends the world, too: no database server is left behind.
    let result = tokio::select! {
        result = self::run(&world, output) => result,
        () = wait_for_stop() => Ok(Kind::Internal.exit_code()),
    };
    let mails = world.mails();
    let told = tell_mails(&mails, output);
    world.end(args.keep).await?;
    output.status(result?, told)
}

fn tell_mails(mails: &[PathBuf], output: &Output) -> Result<(), Problem> {
    if mails.is_empty() {
        return Ok(());
    }
    let head = t!(output.lang, "cli-rehearse-mails");
    let lines = mails.iter().map(|mail| format!("  {}", mail.display()));
    std::iter::once(head).chain(lines).try_for_each(|line| {
        if output.json {
            output.talk(&line);
            Ok(())
        } else {
            output.data(&line)
        }
    })
}

async fn run(world: &World, output: &Output) -> Result<u8, Problem> {
    let paths = (world.playbook.as_path(), world.clinic.as_path());
    let playbook = files::playbook(paths.0, paths.1, output)?;
    let work = WorkDir::open(&playbook.clinic)?;
    let ledger = action::open_ledger(&work, &world.clock).await?;
    super::scan::record(&playbook.clinic, &world.clock, output).await?;
    for read in action::read_feeds(&playbook.clinic, &world.clock, &ledger).await {
        read?;
    }
    let saved = run::prepare(&playbook, paths, &world.clock, false).await?;
    let plan = &saved.plan;
    // With --json, standard output holds one document: the result.
    let shown = report::terminal::plan(plan, None, output.lang, output.colour, output.width);
    output.talk(&shown);
    if plan.verdict() == Verdict::Block {
        for problem in &plan.facts.problems {
            output.talk(&format!("  {}: {}", problem.code, problem.message(output.lang)));
        }
        write_plan(plan, &work, output)?;
    }
    plan::refuse_blocked(plan, output)?;
    // A plan without facts may be read, but not carried out: the rehearsal has no person who
    // would overrule it.
    if let Some(problem) = plan.facts.problems.first() {
        write_plan(plan, &work, output)?;
        return Err(problem.clone());
    }
    let decides = playbook.clinic.people.iter().find(|person| person.role == "decides");
    let person = decides.map(|person| person.name.clone()).unwrap_or_default();
    gate::save(&work, &ledger, &saved, REHEARSAL).await?;
    gate::approve(&playbook.clinic, &ledger, &saved, &saved.snapshot, &person).await?;
    output.talk(&t!(output.lang, "cli-rehearse-approved", digest = plan.digest));
    let request = RunRequest {
        playbook,
        plan: plan.digest.clone(),
        clock: world.clock.clone(),
        saved: Some(SavedFile::of_run(&work, &saved)),
        work,
        approved: saved.approved(),
        stop: Default::default(),
        operator: REHEARSAL.to_owned(),
        by_person: true,
        leave_at_waits: false,
        hands: Arc::new(RealHands),
    };
    let end = carry_out(&request, plan, Mode::New, output).await?;
    finish(&request, plan, &end, output).await
}

fn write_plan(plan: &crate::plan::Plan, work: &WorkDir, output: &Output) -> Result<(), Problem> {
    for lang in [crate::i18n::Lang::Ja, crate::i18n::Lang::En] {
        let path = work.report(&format!("plan.{}.html", lang.tag()));
        files::write(&path, report::html::plan(plan, None, lang).as_bytes())?;
        output.talk(&format!("  {}", path.display()));
    }
    Ok(())
}

fn introduce(world: &World, args: &RehearseArgs, output: &Output) {
    let lang = output.lang;
    output.talk(&t!(
        lang,
        "cli-rehearse-source",
        tables = world.summary.tables,
        rows = world.summary.rows,
        bytes = show_bytes(world.summary.bytes)
    ));
    output.talk(&t!(lang, "cli-rehearse-site", url = world.site.control_url()));
    output.talk(&t!(lang, "cli-rehearse-mail", host = format!("localhost:{}", world.sink.port)));
    output.talk(&t!(lang, "cli-rehearse-clock", at = world.clock.show(&world.clock.now())));
    if let Some(fault) = args.fault {
        output.talk(&t!(lang, "cli-rehearse-fault", fault = fault.name()));
    }
    output.talk(&t!(lang, "cli-rehearse-dir", dir = world.dir.display()));
}

/// A folder that nobody else has: sockets need a short path that every user can enter.
fn fresh_dir() -> PathBuf {
    let id = crate::ids::RunId::fresh().to_string();
    let tail = id.get(id.len().saturating_sub(8)..).unwrap_or("rehearsal");
    std::env::temp_dir().join(format!("orca-rehearsal-{tail}"))
}

async fn wait_for_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
