//! The whole way (probe, export, import, delete) through pages that were changed at random. Each
//! visit must end as done or with a named reason, and nothing may reach the site but what the
//! step is for. Judged from the site's side.

mod lies;
mod markup;
mod watch;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::on_twin::{PASSWORD, Stage};
use super::session::{Limits, Session};
use super::{Certainty, PortalError};
use crate::archive::test_model::Dice;
use crate::diag::Explain;
use crate::figures::{figure, size};
use crate::progress::Progress;
use crate::rehearsal::site::{DumpRow, Site, SiteConfig};
use watch::{Phase, Plan, Watch};

/// The command that prints the figures.
const COMMAND: &str = "cargo nextest run --no-capture mutation_tests";

/// Dumps of the tenant's own that are there before each visit.
const OLD: [u32; 2] = [1, 2];

/// Longest visit: all its waits together are far below.
const LIMIT: Duration = Duration::from_secs(60);

fn pick<'a, T>(dice: &mut Dice, of: &'a [T]) -> &'a T {
    &of[dice.roll(of.len())]
}

/// A site with programs in the place of PostgreSQL's: what the database holds is not the matter
/// here, and thousands of visits need quick ones. A dump's bytes name the file they were made for.
async fn stage(tenant: u32, dir: &Path) -> Stage {
    let fixture = format!("{}/{ARCHIVE}", env!("CARGO_MANIFEST_DIR"));
    let dump = format!(
        "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = -f ] && file=$2; shift; done\n\
         {{ /bin/cat {fixture}; echo \"$file\"; }} >\"$file\"\n"
    );
    for (name, text) in
        [("pg_dump", dump.as_str()), ("pg_restore", "#!/bin/sh\n"), ("psql", "#!/bin/sh\n")]
    {
        let path = dir.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }
    let quick = |config: &mut SiteConfig| {
        config.cloud.program_dir = dir.to_owned();
        config.import_seconds_min = 0.002;
    };
    Stage::with(tenant, quick).await
}

const ARCHIVE: &str = "tests/fixtures/archives/made-1.14-utf8.dump";

/// Waits that fit a site which does everything at once.
fn quick(session: &mut Session) {
    session.limits = Limits {
        first_poll: Duration::from_millis(2),
        longest_poll: Duration::from_millis(20),
        row_appears: Duration::from_millis(150),
        idle: Duration::from_secs(5),
        import: Duration::from_secs(2),
        unclear: Duration::from_millis(150),
    };
}

/// How a visit ended, and where the client's word and the site's differ.
struct Visit {
    end: String,
    wrong: Vec<String>,
}

async fn visit(stage: &Stage, watch: &Watch, plan: &Plan, session: &mut Session) -> Visit {
    reset(&stage.site);
    watch.begin(Some(plan.clone()));
    let (mut wrong, mut made) = (Vec::new(), Vec::new());
    let going = go(stage, watch, session, &mut wrong, &mut made);
    let end = tokio::time::timeout(LIMIT, going).await;
    wrong.extend(watch.wrong(&made));
    let left = stage.site.state().dumps;
    if !OLD.iter().all(|old| left.iter().any(|dump| dump.id == *old)) {
        wrong.push("a dump of the tenant's own is gone".to_owned());
    }
    let end = match end {
        Ok(Ok(())) => "done".to_owned(),
        Ok(Err(error)) => {
            let code = error.code();
            // A reason that nobody can read is none.
            if crate::i18n::find(crate::i18n::Lang::En, code, &[]).is_none() {
                wrong.push(format!("no text for {code}"));
            }
            code.to_owned()
        }
        Err(_) => {
            wrong.push("no end".to_owned());
            "no end".to_owned()
        }
    };
    Visit { end, wrong }
}

/// The steps of a run, each only after the one before.
async fn go(
    stage: &Stage,
    watch: &Watch,
    session: &mut Session,
    wrong: &mut Vec<String>,
    made: &mut Vec<DumpRow>,
) -> Result<(), PortalError> {
    let dest = stage.dir.path().join("before.dump");
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join(ARCHIVE);
    let progress = Progress::default();
    session.probe().await?;

    watch.phase(Phase::Export);
    let row = session.export_start().await?;
    session.export_wait(&row, Duration::from_secs(1)).await?;
    let got = session.download(&row, &dest, &progress, None).await?;
    *made = ours(&stage.site);
    match made.as_slice() {
        [dump] => {
            let made = stage.dir.path().join(format!("site/dumps/{}.dump", dump.id));
            let made = hex::encode(Sha256::digest(std::fs::read(made).unwrap()));
            if made != got.sha256.as_str() {
                wrong.push("another dump was fetched".to_owned());
            }
        }
        dumps => wrong.push(format!("{} dumps were made", dumps.len())),
    }

    watch.phase(Phase::Import);
    let imported = session.import(&archive, &progress).await;
    let state = stage.site.state();
    match &imported {
        Ok(done) => {
            let fits = matches!(state.imports.as_slice(), [one] if one.version == "15" && one.bytes == done.bytes);
            if !fits {
                wrong.push(format!("said to be imported: {:?}", state.imports));
            }
        }
        Err(failure) => {
            if failure.certainty == Certainty::NotStarted
                && watch.uploaded()
                && !state.imports.is_empty()
            {
                wrong.push("an import is said not to have begun".to_owned());
            }
            if failure.certainty == Certainty::Ended && !watch.uploaded() {
                wrong.push("an import is said to have ended that never came".to_owned());
            }
        }
    }
    imported.map_err(|failure| failure.error)?;

    watch.phase(Phase::Delete);
    let gone = session.delete_dump(&row).await;
    if gone.is_ok() && !ours(&stage.site).is_empty() {
        wrong.push("a dump is said to be gone".to_owned());
    }
    gone
}

fn reset(site: &Site) {
    site.change_state(|state| {
        state.dumps.retain(|dump| OLD.contains(&dump.id));
        state.imports.clear();
        state.log.clear();
        state.logins.clear();
    });
}

/// The dumps that were made in this visit.
fn ours(site: &Site) -> Vec<DumpRow> {
    site.state().dumps.into_iter().filter(|dump| !OLD.contains(&dump.id)).collect()
}

/// A fresh session; pages are as they should be until it is there, unless the log-in is the
/// matter.
async fn session(stage: &Stage) -> Result<Session, PortalError> {
    let mut session = Session::open(stage.config()).await?;
    quick(&mut session);
    Ok(session)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_pages_never_lead_to_a_wrong_change() {
    let folder = tempfile::tempdir().unwrap();
    let stage = stage(760, folder.path()).await;
    let watch = Arc::new(Watch::new("760", PASSWORD));
    stage.site.set_retouch(Some(watch.clone()));
    let first = std::env::var("ORCA_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let count = size(400, 10_000);
    let (mut ends, mut wrong) = (BTreeMap::<String, usize>::new(), Vec::new());
    let mut kept: Option<Session> = None;
    let started = Instant::now();
    for seed in (first..).take(count) {
        let plan = Plan::of(seed);
        if plan.place == watch::Place::LogIn {
            reset(&stage.site);
            watch.begin(Some(plan.clone()));
            let opened = session(&stage).await;
            wrong.extend(watch.wrong(&[]).into_iter().map(|what| format!("{plan:?}: {what}")));
            let end = opened.map_or_else(|error| error.code().to_owned(), |_| "done".to_owned());
            *ends.entry(end).or_default() += 1;
            continue;
        }
        let mut session = match kept.take() {
            Some(session) => session,
            None => {
                watch.begin(None);
                session(&stage).await.unwrap()
            }
        };
        let seen = visit(&stage, &watch, &plan, &mut session).await;
        wrong.extend(seen.wrong.into_iter().map(|what| format!("{plan:?}: {what}")));
        // A session that lost its way logs in anew; most go on.
        if !matches!(seen.end.as_str(), "portal-session-lost" | "portal-login-refused") {
            kept = Some(session);
        }
        *ends.entry(seen.end).or_default() += 1;
    }
    let done = ends.get("done").copied().unwrap_or_default();
    let named: usize = ends.values().sum::<usize>() - done;
    println!("{ends:#?}\n{} pages, {:?}", watch.pages(), started.elapsed());
    figure("R6", "wrong actions", format!("{} in {count} visits", wrong.len()), COMMAND);
    let value = format!("{} of {count} ({done} done, {named} named stops)", done + named);
    figure("R6", "visits that end as done or as a named stop", value, COMMAND);
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(done + named, count);
    // The changes are small enough to let some through and large enough to stop others.
    assert!(done > count / 20 && named > count / 20, "{ends:?}");
}
