//! Records of runs: finished, failed, in doubt, settled, and one that could not be rolled back.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::json;

use crate::clock::Jst;
use crate::diag::{Fact, Kind, Problem, Redacted};
use crate::ids::{RunId, Sha256, StepId};
use crate::journal::{ChainHash, ClinicState, Contents, Event, Outcome, Record, Role, SettledBy};
use crate::plan::{Plan, PlannedStep};

/// Records that are bound as the journal binds them.
pub(in crate::report) struct Run {
    pub(in crate::report) records: Vec<Record>,
    plan: Plan,
    now: Jst,
    run: RunId,
}

impl Run {
    fn start(plan: &Plan) -> Self {
        let run = RunId("01900000-0000-7000-8000-000000000001".to_owned());
        let mut this =
            Self { records: Vec::new(), plan: plan.clone(), now: plan.made_at, run: run.clone() };
        this.push(Event::RunStarted {
            run,
            playbook: plan.playbook.clone(),
            clinic: plan.clinic.name.clone(),
            clinic_id: plan.clinic.clinic_id.clone(),
            plan: plan.digest.clone(),
            operator: "taro".to_owned(),
            host: "server1".to_owned(),
            tool: "0.1.0".to_owned(),
            rehearsal: plan.rehearsal,
        });
        this
    }

    fn push(&mut self, event: Event) {
        let seq = self.records.len() as u64 + 1;
        let before =
            self.records.last().map_or_else(|| ChainHash::seed(&self.run), |r| r.hash.clone());
        self.records.push(Record::bind(seq, self.now, event, &before).unwrap().0);
    }

    fn planned(&self, id: &str) -> PlannedStep {
        self.plan.steps().find(|step| step.id.as_str() == id).unwrap().clone()
    }

    fn begin(&mut self, id: &str, attempt: u32) -> PlannedStep {
        let step = self.planned(id);
        self.now = self.now.max(step.starts_at) + TimeDelta::seconds(1);
        let role = match (step.kind.as_str(), step.is_production_import) {
            ("portal_import", true) => Role::ProductionImport,
            ("portal_import", false) => Role::TestImport,
            ("service_stop" | "fence", _) => Role::ClosesSource,
            _ => Role::Plain,
        };
        self.push(Event::StepStarted { step: id.into(), attempt, effect: step.effect, role });
        step
    }

    fn done(&mut self, id: &str, attempt: u32) {
        let step = self.begin(id, attempt);
        if !step.command.is_empty() && step.kind == "dump" {
            self.file(&format!("{id}.dump"), id, Contents::SourceDump);
        }
        // Actual times differ from the planned ones, so that drawings show both.
        let seconds = i64::try_from(step.estimate_secs).unwrap();
        self.now = if step.kind == "wait" {
            step.ends_at()
        } else {
            self.now + TimeDelta::seconds(seconds * 5 / 4)
        };
        let outputs = outputs(&step.kind);
        self.push(Event::StepDone { step: id.into(), attempt, outputs });
    }

    fn file(&mut self, name: &str, step: &str, contents: Contents) {
        let path = self.plan.clinic.work_dir.join(name).display().to_string();
        self.push(Event::FileRegistered { path: path.clone(), contents, step: step.into() });
        let sha256 = Sha256("ab12cd34ef56".repeat(5) + "0000");
        self.push(Event::FileCompleted { path, bytes: 531_000_000, sha256 });
    }

    fn until_cutover(&mut self) {
        for id in
            ["server", "site", "mail", "test-dump", "test-import", "test-export", "test-compare"]
        {
            self.done(id, 1);
        }
        for id in ["week", "stop", "fence", "final-dump"] {
            self.done(id, 1);
        }
        self.push(Event::StepSkipped { step: "stale".into() });
    }

    fn mail(&mut self, about: &str, sent: bool) {
        let message_id = format!("<{about}@server1.test>");
        self.push(Event::MailQueued {
            message_id: message_id.clone(),
            about: about.to_owned(),
            recipients: 3,
        });
        self.now += TimeDelta::seconds(2);
        self.push(if sent {
            Event::MailSent { message_id }
        } else {
            Event::MailDelayed { message_id, problem: problem("journal-store") }
        });
    }

    fn end(mut self, outcome: Outcome, clinic: ClinicState) -> Self {
        self.push(Event::RunEnded { outcome, clinic });
        self
    }
}

fn outputs(kind: &str) -> BTreeMap<String, serde_json::Value> {
    let value = match kind {
        "dump" => json!({"archive": "final.dump", "tables": 214, "rows": 4_812_334,
            "bytes": 531_000_000, "sha256": "ab12cd34ef56".repeat(5) + "0000",
            "rules": [{"rule": "jis-wave-dash", "count": 12, "lossy": false},
                {"rule": "geta", "count": 1, "lossy": true}],
            "stamp": {"writes": 36_609}}),
        "compare_archives" => json!({"tables": 214, "rows": 4_812_334, "differences": [],
            "digest": "77".repeat(32)}),
        "source_probe" => json!({"encoding": "EUC_JP", "database_bytes": 2_100_000_000}),
        _ => json!({}),
    };
    serde_json::from_value(value).unwrap()
}

fn problem(code: &'static str) -> Problem {
    Problem::new(code, Kind::StepFailed)
        .with(Fact::local("path", "/srv/<script>alert(1)</script>"))
        .with(Fact::open("reason", "line 42"))
        .with(Fact::open("seq", 42))
}

/// Redacted text. The product makes it by redaction only; a test reads it as a journal does.
pub(in crate::report) fn redacted(text: &str) -> Redacted {
    serde_json::from_value(json!(text)).unwrap()
}

/// A run that failed once, was resumed, and is done.
pub(in crate::report) fn finished(plan: &Plan) -> Run {
    let mut run = Run::start(plan);
    run.until_cutover();
    run.begin("final-import", 1);
    run.now += TimeDelta::seconds(300);
    let again_at = Some(run.now + TimeDelta::seconds(30));
    run.push(Event::StepFailed {
        step: "final-import".into(),
        attempt: 1,
        problem: problem("journal-store"),
        import_log: None,
        again_at,
    });
    run.now += TimeDelta::seconds(30);
    for (id, attempt) in [("final-import", 2), ("final-export", 1), ("final-compare", 1)] {
        run.done(id, attempt);
    }
    run.file("after.dump", "final-export", Contents::CloudDump);
    run.mail("finished", true);
    run.end(Outcome::Done, ClinicState::InCloud)
}

/// A run whose production import failed, with an import log; the server was opened again.
pub(in crate::report) fn failed(plan: &Plan) -> Run {
    let mut run = Run::start(plan);
    run.until_cutover();
    run.begin("final-import", 1);
    run.now += TimeDelta::seconds(200);
    let log: Vec<String> = (1..=25)
        .map(|line| format!("pg_restore: error: COPY failed for table \"tbl_mihon\": line {line}"))
        .collect();
    run.push(Event::StepFailed {
        step: "final-import".into(),
        attempt: 1,
        problem: problem("journal-broken"),
        import_log: Some(redacted(&log.join("\n"))),
        again_at: None,
    });
    for id in ["fence", "stop"] {
        run.push(Event::UndoStarted { step: id.into() });
        run.now += TimeDelta::seconds(4);
        run.push(Event::UndoDone { step: id.into() });
    }
    run.mail("failure", false);
    run.end(Outcome::Failed, ClinicState::Unchanged)
}

/// A failed run whose database could not be opened again.
pub(in crate::report) fn undo_failed(plan: &Plan) -> Run {
    let mut run = Run::start(plan);
    run.until_cutover();
    run.begin("final-import", 1);
    run.push(Event::StepFailed {
        step: "final-import".into(),
        attempt: 1,
        problem: problem("journal-broken"),
        import_log: None,
        again_at: None,
    });
    run.push(Event::UndoStarted { step: "fence".into() });
    run.push(Event::UndoFailed { step: "fence".into(), problem: problem("journal-store") });
    run.end(Outcome::Failed, ClinicState::SourceClosed)
}

/// A run whose production import is in doubt.
pub(in crate::report) fn in_doubt(plan: &Plan) -> Run {
    let mut run = Run::start(plan);
    run.until_cutover();
    run.begin("final-import", 1);
    run.now += TimeDelta::seconds(900);
    run.push(Event::StepInDoubt {
        step: "final-import".into(),
        attempt: 1,
        problem: problem("journal-store"),
    });
    run.end(Outcome::InDoubt, ClinicState::CloudInDoubt)
}

/// The run in doubt, after a person has settled it.
pub(in crate::report) fn settled(plan: &Plan) -> Run {
    let mut run = in_doubt(plan);
    run.push(Event::StepSettled {
        step: StepId::from("final-import"),
        done: false,
        by: SettledBy::Person {
            name: "見本 花子".to_owned(),
            reason: "tenant log".to_owned(),
            host: "sample".to_owned(),
        },
        outputs: BTreeMap::new(),
    });
    run
}
