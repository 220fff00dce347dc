//! The live view of a run on standard error: a line for each event, a bar for each running step.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::output::Output;
use crate::ids::{StepId, show_bytes};
use crate::journal::Record;
use crate::plan::Plan;
use crate::progress::Reading;
use crate::report::terminal;
use crate::run::Observer;
use crate::t;

/// How often bars move.
const TICK: Duration = Duration::from_millis(200);

/// How often a line is written where standard error is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

pub(super) struct Live {
    observer: Observer,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Live {
    pub(super) fn start(plan: &Plan, output: &Output) -> Self {
        let (records, inbox) = mpsc::unbounded_channel();
        let observer = Observer { records: Some(records), running: Default::default() };
        let (stop, stopped) = oneshot::channel();
        let view = View {
            plan: plan.clone(),
            output: *output,
            observer: observer.clone(),
            bars: MultiProgress::new(),
            steps: BTreeMap::new(),
        };
        let task = tokio::spawn(view.run(inbox, stopped));
        Self { observer, stop, task }
    }

    pub(super) fn observer(&self) -> &Observer {
        &self.observer
    }

    pub(super) async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

struct View {
    plan: Plan,
    output: Output,
    observer: Observer,
    bars: MultiProgress,
    steps: BTreeMap<StepId, Shown>,
}

struct Shown {
    bar: ProgressBar,
    since: Instant,
    line_at: Instant,
}

impl View {
    async fn run(
        mut self,
        mut inbox: mpsc::UnboundedReceiver<Record>,
        mut stopped: oneshot::Receiver<()>,
    ) {
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                biased;
                Some(record) = inbox.recv() => self.record(&record),
                _ = &mut stopped => break,
                _ = tick.tick() => self.tick(),
            }
        }
        while let Ok(record) = inbox.try_recv() {
            self.record(&record);
        }
        for shown in self.steps.values() {
            shown.bar.finish_and_clear();
        }
    }

    fn record(&mut self, record: &Record) {
        self.tick();
        let Some(line) = terminal::line(record, &self.plan, self.output.lang) else { return };
        if self.output.terminal {
            let _ = self.bars.println(line);
        } else {
            self.output.talk(&line);
        }
    }

    fn tick(&mut self) {
        let readings: BTreeMap<StepId, Reading> = self
            .observer
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .map(|(step, progress)| (step.clone(), progress.read()))
            .collect();
        self.steps.retain(|step, shown| {
            let runs = readings.contains_key(step);
            if !runs {
                shown.bar.finish_and_clear();
            }
            runs
        });
        for (step, reading) in readings {
            self.show(step, &reading);
        }
    }

    fn show(&mut self, step: StepId, reading: &Reading) {
        let now = Instant::now();
        let bars = &self.bars;
        let shown = self.steps.entry(step.clone()).or_insert_with(|| Shown {
            bar: bars.add(bar()),
            since: now,
            line_at: now + LINE_EVERY,
        });
        let words = words(self.output, &step, reading, now - shown.since);
        if self.output.terminal {
            shown.bar.set_message(words);
            shown.bar.tick();
        } else if now >= shown.line_at {
            shown.line_at = now + LINE_EVERY;
            self.output.talk(&words);
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// `final-dump: 45.1 MB of 200 MB, 120000 rows, 24.0 MB/s, 6 s left (tbl_ptinf)`.
fn words(output: Output, step: &StepId, reading: &Reading, since: Duration) -> String {
    let seconds = since.as_secs_f64();
    let mut parts = Vec::new();
    if reading.bytes > 0 {
        let bytes = show_bytes(reading.bytes);
        // A dump is smaller than the database: a total that was passed is no total.
        let total = Some(reading.total_bytes).filter(|total| *total >= reading.bytes);
        parts.push(match total {
            Some(total) => {
                t!(output.lang, "cli-progress-of", bytes = bytes, total = show_bytes(total))
            }
            None => bytes,
        });
        if reading.rows > 0 {
            parts.push(t!(output.lang, "cli-progress-rows", rows = reading.rows));
        }
        let rate = reading.bytes as f64 / seconds.max(0.001);
        parts.push(format!("{}/s", show_bytes(rate as u64)));
        if let Some(total) = total.filter(|_| seconds > 1.0) {
            let left = (total - reading.bytes) as f64 / rate.max(1.0);
            parts.push(t!(output.lang, "cli-progress-left", seconds = left.ceil() as u64));
        }
    } else {
        parts.push(format!("{} s", since.as_secs()));
    }
    let stage =
        if reading.stage.is_empty() { String::new() } else { format!(" ({})", reading.stage) };
    format!("{step}: {}{stage}", parts.join(", "))
}
