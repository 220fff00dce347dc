//! One process after the other on one machine, each with a runtime of its own that is thrown away
//! when it dies.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use orca_cutover::action::WorkDir;
use orca_cutover::clock::{Clock, Jst, VirtualTime};
use orca_cutover::diag::{Problem, SourceText};
use orca_cutover::ids::PlanDigest;
use orca_cutover::journal::RunStatus;
use orca_cutover::journal::store::Place;
use orca_cutover::plan::{Approved, Inputs};
use orca_cutover::playbook::{self, CheckedPlaybook};
use orca_cutover::run::{self, Observer, RunEnd, RunRequest};
use tokio::sync::Notify;

use super::calendar;
use super::fault::Fault;
use super::hands::{MAPPING, PROFILE, SimHands};
use super::store::SimStore;
use super::world::World;
use crate::judge::{Evidence, Outline, SourceAtEnd, Violation, judge};

/// What all seeds of a thread share.
pub(crate) struct Stage {
    variants: Vec<(Arc<CheckedPlaybook>, Outline)>,
    begin: Jst,
    _scratch: tempfile::TempDir,
}

impl Stage {
    /// The shipped playbooks; that with a second database also with the swap switched on.
    pub(crate) fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
        let clinic = read("examples/clinic.yaml");
        let text = |text: &str| SourceText { name: "yaml".to_owned(), text: text.into() };
        let database = read("playbooks/cutover-database.yaml");
        let swap = database.replace("swap: \"no\"", "swap: \"yes\"");
        assert_ne!(swap, database);
        let variants = [read("playbooks/cutover.yaml"), database, swap].map(|yaml| {
            let loaded = playbook::load(&text(&yaml), &text(&clinic));
            let mut checked = loaded.map_err(|_| "the playbook has findings").unwrap();
            checked.clinic.work_dir = scratch.path().to_owned();
            // The announcements are read into the ledger here.
            checked.clinic.calendar.maintenance = None;
            (Arc::new(checked), Outline::read(&yaml, &clinic))
        });
        let begin = variants[0].0.clinic.cutover.test_import_at - TimeDelta::hours(2);
        Self { variants: variants.into(), begin, _scratch: scratch }
    }
}

/// A process in which time passes more often goes round in a circle.
const MOST_MOMENTS: u64 = 200_000;

/// What a process is asked to do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Start,
    Resume,
    TakeBack { force: bool },
}

/// What came of a process.
pub(crate) enum Came {
    Crashed,
    Stuck,
    Nothing,
    /// A refusal, a settlement or an end, in words.
    Told(String),
}

impl std::fmt::Display for Came {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Crashed => "crashed",
            Self::Stuck => "nothing happens any more",
            Self::Nothing => "nothing to do",
            Self::Told(words) => words,
        })
    }
}

/// One seed's world and everybody in it.
pub(crate) struct Theatre<'s> {
    pub(crate) world: World,
    pub(crate) store: SimStore,
    pub(crate) playbook: Arc<CheckedPlaybook>,
    pub(crate) outline: Outline,
    pub(crate) stuck: bool,
    waits_in_process: bool,
    _stage: &'s Stage,
}

/// What a seed showed.
pub(crate) struct Played {
    pub(crate) violations: Vec<Violation>,
    pub(crate) stuck: bool,
    pub(crate) fired: std::collections::BTreeMap<Fault, u64>,
    pub(crate) trace: Vec<String>,
    pub(crate) done: bool,
    pub(crate) imports: usize,
}

/// Plays one seed and judges it.
pub(crate) fn play(seed: u64, stage: &Stage, traced: bool) -> Played {
    let world = World::of_seed(seed, VirtualTime::beginning_at(&stage.begin), traced);
    let variant = usize::try_from(world.now().rng.below(6)).unwrap() % 4 % 3;
    let (playbook, outline) = stage.variants[variant].clone();
    let waits_in_process = world.now().rng.percent(50);
    let store = SimStore::of(world.clone());
    let mut theatre =
        Theatre { world, store, playbook, outline, stuck: false, waits_in_process, _stage: stage };
    theatre.play();
    theatre.judged()
}

impl Theatre<'_> {
    pub(crate) fn clock(&self) -> Clock {
        Clock::Virtual(self.world.time.clone())
    }

    fn work(&self) -> WorkDir {
        let place = Place::Open(Arc::new(self.store.clone()));
        WorkDir::of(&self.playbook.clinic).with_journal(place)
    }

    fn request(&self, by_person: bool) -> RunRequest {
        RunRequest {
            playbook: self.playbook.clone(),
            plan: PlanDigest::from("plan"),
            clock: self.clock(),
            work: self.work(),
            approved: Approved {
                inputs: Inputs {
                    mapping: MAPPING.to_owned(),
                    profile: PROFILE.to_owned(),
                    ..Inputs::default()
                },
                ..Approved::default()
            },
            operator: if by_person { "test" } else { "tick" }.to_owned(),
            by_person,
            stop: Arc::default(),
            leave_at_waits: !self.waits_in_process,
            saved: None,
            hands: Arc::new(SimHands { world: self.world.clone() }),
        }
    }

    /// Runs `work` in a process of its own, up to its end or its death.
    pub(crate) fn in_a_process(&self, work: impl Future<Output = Came>) -> Came {
        let crash = self.world.new_process();
        let stuck = Arc::new(Notify::new());
        let (time, nobody) = (self.world.time.clone(), stuck.clone());
        let moments = AtomicU64::new(0);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .on_thread_park(move || {
                let goes_round = moments.fetch_add(1, Ordering::Relaxed) > MOST_MOMENTS;
                if goes_round || !time.advance() {
                    nobody.notify_one();
                }
            })
            .build()
            .unwrap();
        runtime.block_on(async {
            tokio::select! {
                biased;
                () = crash.notified() => Came::Crashed,
                came = work => came,
                () = stuck.notified() => Came::Stuck,
            }
        })
    }

    pub(crate) fn process(&self, act: Act) -> Came {
        self.world.say(|| format!("=== {act:?}"));
        if matches!(act, Act::TakeBack { force: true })
            && let Some(state) = self.store.state()
        {
            self.world.now().twin.forced.push((state.info.run.to_string(), state.seq + 1));
        }
        // Of those that died, one in three is taken up by the scheduled look at the clock.
        let dead = self.store.state().filter(|state| state.status == RunStatus::Running);
        let by_itself = dead.is_some_and(|state| state.seq % 3 == 0);
        let request = self.request(!(by_itself && matches!(act, Act::Resume)));
        let other = self.request(true);
        self.in_a_process(async {
            tokio::select! {
                biased;
                end = carry_out(&request, act) => told(end),
                () = self.beside(&request, &other) => Came::Nothing,
            }
        })
    }

    /// What people do while a process runs. Never ends.
    async fn beside(&self, request: &RunRequest, other: &RunRequest) {
        let world = &self.world;
        if world.fires(Fault::StopSignal) {
            world.moment(4_000).await;
            request.stop.notify_one();
        }
        if world.fires(Fault::SecondProcess) {
            world.moment(2_000).await;
            let acts = [Act::Start, Act::Resume, Act::TakeBack { force: false }];
            let act = acts[usize::try_from(world.now().rng.below(3)).unwrap()];
            let came = told(carry_out(other, act).await);
            world.say(|| format!("=== beside it, {act:?}: {came}"));
        }
        std::future::pending().await
    }

    pub(crate) fn read_calendar(&self) {
        let (world, work, clock) = (self.world.clone(), self.work(), self.clock());
        self.in_a_process(async move {
            calendar::read(&world, &work, &clock).await;
            Came::Nothing
        });
    }

    /// Notes how the clinic's server stands, where the last record is the end of a run.
    pub(crate) fn look_at_server(&self) {
        let Some((run, seq)) = self.store.at_end() else { return };
        let mut world = self.world.now();
        let known = |end: &SourceAtEnd| end.run == run && end.seq == seq;
        if !world.twin.ends.iter().any(known) {
            let open = world.source.is_open();
            world.twin.ends.push(SourceAtEnd { run, seq, open });
        }
    }

    fn judged(self) -> Played {
        let mut world = self.world.now();
        let evidence = Evidence {
            outline: self.outline.clone(),
            runs: self.store.raw(),
            acknowledged: std::mem::take(&mut world.acknowledged),
            twin: std::mem::take(&mut world.twin),
        };
        let done = evidence.runs.iter().flat_map(|run| &run.rows);
        let done = done.filter(|row| row.text.contains("\"outcome\":\"done\"")).count() > 0;
        Played {
            violations: judge(&evidence),
            stuck: self.stuck,
            fired: world.faults.fired.clone(),
            trace: world.trace.take().unwrap_or_default(),
            done,
            imports: evidence.twin.imports.len(),
        }
    }
}

async fn carry_out(request: &RunRequest, act: Act) -> Result<RunEnd, Problem> {
    let observer = Observer::default();
    match act {
        Act::Start => run::start(request, &observer).await,
        Act::Resume => run::resume(request, &observer).await,
        Act::TakeBack { force } => run::take_back(request, &observer, force).await,
    }
}

fn told(end: Result<RunEnd, Problem>) -> Came {
    match end {
        Ok(end) => Came::Told(format!("{:?}, clinic {:?}", end.outcome, end.clinic)),
        Err(problem) => Came::Told(format!("refused: {}", problem.code)),
    }
}
