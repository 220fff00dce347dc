//! Histories told event by event.

use serde_json::{Value, json};

use super::{
    Acknowledged, Evidence, Landed, Outline, RawRow, SourceAtEnd, Stream, TwinImport, When, chain,
};

/// A history that is told event by event.
pub(super) struct Story {
    pub(super) evidence: Evidence,
    pub(super) millis: i64,
    order: u64,
}

const STEP_MILLIS: i64 = 1_000;

pub(super) fn sha(archive: &str) -> String {
    format!("{archive:->64}")
}

impl Story {
    /// A run of the shipped playbook before its first step.
    pub(super) fn begin() -> Self {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
        let outline = Outline::read(&text("playbooks/cutover.yaml"), &text("examples/clinic.yaml"));
        let millis = outline.test_at.unwrap().timestamp_millis();
        let mut story =
            Self { evidence: Evidence { outline, ..Evidence::default() }, millis, order: 0 };
        story.run("run-1");
        story.event(json!({"type": "step-skipped", "step": "release"}));
        story
    }

    pub(super) fn run(&mut self, name: &str) {
        self.evidence.runs.push(Stream { run: name.to_owned(), rows: Vec::new() });
        self.event(json!({"type": "run-started", "run": name}));
    }

    pub(super) fn tick(&mut self) -> When {
        self.millis += STEP_MILLIS;
        self.order += 1;
        When { millis: self.millis, order: Some(self.order) }
    }

    pub(super) fn event(&mut self, event: Value) {
        let when = self.tick();
        let stream = self.evidence.runs.last_mut().unwrap();
        let before = stream.rows.last().map_or_else(
            || hex::encode(<sha2::Sha256 as sha2::Digest>::digest(stream.run.as_bytes())),
            |row| row.hash.clone(),
        );
        let at = chrono::DateTime::from_timestamp_millis(when.millis).unwrap().to_rfc3339();
        let seq = u64::try_from(stream.rows.len()).unwrap() + 1;
        let text = event.to_string();
        let mut row = RawRow { seq, at, text, hash: String::new(), order: when.order };
        row.hash = chain::hash(&row, &before);
        let (run, hash) = (stream.run.clone(), row.hash.clone());
        stream.rows.push(row);
        self.evidence.acknowledged.push(Acknowledged { run, seq, hash });
    }

    pub(super) fn starts(&mut self, id: &str, attempt: u64) {
        let step = self.evidence.outline.step(id).unwrap().clone();
        let (effect, role) = match (step.imports(), step.for_production(), step.closes()) {
            (true, true, _) => ("at-most-once", "production-import"),
            (true, false, _) => ("at-most-once", "test-import"),
            (_, _, true) => ("repeatable", "closes-source"),
            _ => ("repeatable", "plain"),
        };
        self.event(json!({"type": "step-started", "step": id, "attempt": attempt,
            "effect": effect, "role": role}));
    }

    pub(super) fn ends(&mut self, id: &str, attempt: u64) {
        let step = self.evidence.outline.step(id).unwrap().clone();
        let sum = sha(&step.archive);
        if matches!(step.kind.as_str(), "dump" | "portal_export") {
            self.event(json!({"type": "file-completed", "path": step.archive, "bytes": 7,
                "sha256": sum}));
        }
        if step.imports() {
            self.imports(Landed::Yes, &sum);
        }
        let outputs = json!({"archive": step.archive, "sha256": sum});
        self.event(json!({"type": "step-done", "step": id, "attempt": attempt,
            "outputs": outputs}));
    }

    /// The twin imports.
    pub(super) fn imports(&mut self, landed: Landed, sum: &str) {
        let (began, ended) = (self.tick(), self.tick());
        self.evidence.twin.imports.push(TwinImport {
            began,
            ended: Some(ended),
            bytes: Some(7),
            sha256: Some(sum.to_owned()),
            landed,
            exports_intact: Some(true),
            source_open: Some(false),
            rows_missing: Some(0),
            said_failed: false,
        });
    }

    pub(super) fn step(&mut self, id: &str, attempt: u64) {
        if id == "production_time" {
            let (from, _) = self.evidence.outline.windows[0];
            self.millis = self.millis.max(from.timestamp_millis());
        }
        self.starts(id, attempt);
        self.ends(id, attempt);
    }

    /// Every step from `from` up to and without `to`, in the playbook's order.
    pub(super) fn steps(&mut self, from: &str, to: &str) {
        let ids: Vec<String> = self.evidence.outline.steps.iter().map(|s| s.id.clone()).collect();
        let place = |id: &str| ids.iter().position(|other| other == id).unwrap_or(ids.len());
        for id in ids.iter().take(place(to)).skip(place(from)).filter(|id| *id != "release") {
            self.step(id, 1);
        }
    }

    pub(super) fn up_to(to: &str) -> Self {
        let mut story = Self::begin();
        story.steps("source", to);
        story
    }

    pub(super) fn resumed(&mut self) {
        self.event(json!({"type": "run-resumed", "operator": "test"}));
    }

    pub(super) fn fails(&mut self, id: &str, attempt: u64) {
        self.event(json!({"type": "step-failed", "step": id, "attempt": attempt,
            "problem": {"code": "x"}}));
    }

    pub(super) fn doubted(&mut self, id: &str, attempt: u64) {
        self.event(json!({"type": "step-in-doubt", "step": id, "attempt": attempt,
            "problem": {"code": "x"}}));
    }

    pub(super) fn settled(&mut self, id: &str, done: bool) {
        self.event(json!({"type": "step-settled", "step": id, "done": done,
            "by": {"person": {"name": "見本 花子", "reason": "the site's log"}}, "outputs": {}}));
    }

    pub(super) fn ended(&mut self, outcome: &str, clinic: &str) {
        self.event(json!({"type": "run-ended", "outcome": outcome, "clinic": clinic}));
    }

    pub(super) fn server(&mut self, open: bool) {
        let stream = self.evidence.runs.last().unwrap();
        let seq = u64::try_from(stream.rows.len()).unwrap();
        self.evidence.twin.ends.push(SourceAtEnd { run: stream.run.clone(), seq, open });
    }

    pub(super) fn undone(&mut self, id: &str) {
        self.event(json!({"type": "undo-started", "step": id}));
        self.event(json!({"type": "undo-done", "step": id}));
    }

    /// All that a resumption looks at again.
    pub(super) fn looked_again(&mut self) {
        for (id, attempt) in [("cutover_window", 2), ("cutover_portal", 2), ("stale", 2)] {
            self.event(json!({"type": "step-reopened", "step": id, "reason": "must-be-fresh"}));
            self.step(id, attempt);
        }
    }

    pub(super) fn replace(&mut self, place: usize, change: impl Fn(&mut Value)) {
        let rows = self.evidence.runs.last().unwrap().rows.clone();
        let name = self.evidence.runs.last().unwrap().run.clone();
        let mut before = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(name.as_bytes()));
        let rows: Vec<RawRow> = rows
            .into_iter()
            .enumerate()
            .map(|(index, mut row)| {
                if index == place {
                    let mut event: Value = serde_json::from_str(&row.text).unwrap();
                    change(&mut event);
                    row.text = event.to_string();
                }
                row.hash = chain::hash(&row, &before);
                before.clone_from(&row.hash);
                row
            })
            .collect();
        self.evidence.acknowledged.clear();
        self.evidence.runs.last_mut().unwrap().rows = rows;
    }

    pub(super) fn last_place(&self) -> usize {
        self.evidence.runs.last().unwrap().rows.len() - 1
    }
}
