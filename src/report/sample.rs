//! A plainly synthetic plan and three runs of it, for the tests of this room.

use std::collections::BTreeMap;

use chrono::{TimeDelta, TimeZone};
use chrono_tz::Asia::Tokyo;
use serde_json::json;

use crate::clock::Jst;
use crate::diag::{Fact, Kind, Problem, Redacted};
use crate::effect::Effect;
use crate::ids::{PhaseId, PlanDigest, RunId, Sha256, StepId};
use crate::journal::{ChainHash, ClinicState, Contents, Event, Outcome, Record, SettledBy};
use crate::plan::{Check, Facts, Plan, PlannedPhase, PlannedStep, Verdict};
use crate::playbook::{Clinic, Title};

pub(super) fn at(day: u32, hour: u32, minute: u32, second: u32) -> Jst {
    Tokyo.with_ymd_and_hms(2027, 1, day, hour, minute, second).unwrap()
}

fn title(ja: &str, en: &str) -> Title {
    Title { ja: ja.to_owned(), en: en.to_owned() }
}

fn clinic() -> Clinic {
    serde_json::from_value(json!({
        "format": 1, "name": "試験用みほん内科クリニック", "clinic_id": "JPN000000000000",
        "people": [
            {"name": "見本 花子", "role": "decides", "phone": "00-0000-0001"},
            {"name": "見本 次郎", "role": "deputy", "phone": "00-0000-0002"},
            {"name": "試験 太郎", "role": "operator", "phone": "00-0000-0003"},
            {"name": "架空 院長", "role": "clinic"}],
        "source": {"os_user": "orca", "database": "orca", "service": {
            "stop": ["systemctl", "stop", "jma-receipt"],
            "start": ["systemctl", "start", "jma-receipt"],
            "status": ["systemctl", "is-active", "jma-receipt"]}},
        "portal": {"control": "https://control.test", "auth": "https://auth.test",
            "management": "https://management.test", "ca": "ca.pem", "client_p12": "client.p12",
            "client_pass": {"env": "A"}, "login_id": {"env": "B"}, "login_password": {"env": "C"},
            "tenant": {"orcamo_id": "000000000", "name": "みほん内科（試験）"},
            "import_version": "15"},
        "mail": {"host": "mail.test", "port": 587, "security": "starttls",
            "from": "a@example.test", "support": "b@example.test", "notify": ["c@example.test"]},
        "characters": {"policy": "orca"},
        "cutover": {"test_import_at": "2027-01-12T13:00:00+09:00",
            "production_at": "2027-01-21T19:00:00+09:00",
            "window_end": "2027-01-22T07:00:00+09:00"},
        "calendar": {"maintenance": "maintenance.yaml"},
        "work_dir": "/var/lib/orca-cutover/mihon"
    }))
    .unwrap()
}

struct Layout(Jst);

impl Layout {
    fn step(&mut self, id: &str, (ja, en): (&str, &str), kind: &str, secs: u64) -> PlannedStep {
        let starts_at = self.0;
        self.0 += TimeDelta::seconds(i64::try_from(secs).unwrap());
        PlannedStep {
            id: id.into(),
            title: title(ja, en),
            kind: kind.to_owned(),
            effect: match kind {
                "portal_import" => Effect::AtMostOnce,
                "dump" | "portal_export" | "service_stop" | "fence" => Effect::Repeatable,
                _ => Effect::ReadOnly,
            },
            is_production_import: id == "final-import",
            needs: Vec::new(),
            applies: id != "stale",
            starts_at,
            estimate_secs: secs,
            command: match kind {
                "dump" => words("sudo -n -u orca pg_dump -Fc -Z0 orca"),
                "service_stop" => words("systemctl stop jma-receipt"),
                _ => Vec::new(),
            },
        }
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

fn phase(id: &str, names: (&str, &str), mut steps: Vec<PlannedStep>) -> PlannedPhase {
    let ids: Vec<StepId> = steps.iter().map(|step| step.id.clone()).collect();
    for (step, before) in steps.iter_mut().skip(1).zip(ids) {
        step.needs = vec![before];
    }
    PlannedPhase { id: PhaseId(id.to_owned()), title: title(names.0, names.1), steps }
}

fn phases() -> Vec<PlannedPhase> {
    let mut l = Layout(at(12, 9, 30, 0));
    let mut phases = vec![phase(
        "preflight",
        ("事前確認", "Preflight"),
        vec![
            l.step(
                "server",
                ("オンプレミスサーバの確認", "Look at the clinic's server"),
                "source_probe",
                1,
            ),
            l.step("site", ("管理サイトの確認", "Look at the management site"), "portal_probe", 10),
            l.step("mail", ("テストメールの送信", "Send a test mail"), "mail_probe", 10),
        ],
    )];
    l.0 = at(12, 13, 0, 0);
    phases.push(phase(
        "test_import",
        ("テストインポート", "Test import"),
        vec![
            l.step("test-dump", ("テスト用ダンプの取得", "Dump for the test"), "dump", 85),
            l.step(
                "test-import",
                ("テストインポートの実行", "Import for the test"),
                "portal_import",
                410,
            ),
            l.step(
                "test-export",
                ("クラウドからの取り出し", "Export from the cloud"),
                "portal_export",
                190,
            ),
            l.step(
                "test-compare",
                ("送付データと取り出したデータの照合", "Compare what was sent with what came back"),
                "compare_archives",
                42,
            ),
        ],
    ));
    let wait = u64::try_from((at(21, 19, 0, 0) - l.0).num_seconds()).unwrap();
    phases.push(phase(
        "waiting",
        ("待機期間", "Waiting"),
        vec![l.step("week", ("本番移行日時までの待機", "Wait for the cutover"), "wait", wait)],
    ));
    phases.push(phase(
        "cutover",
        ("切替", "Cutover"),
        vec![
            l.step(
                "stop",
                ("日レセサービスの停止", "Stop the clinic's service"),
                "service_stop",
                60,
            ),
            l.step("fence", ("データベースの閉鎖", "Close the database"), "fence", 10),
            l.step("final-dump", ("最終ダンプの取得", "Final dump"), "dump", 85),
            l.step(
                "stale",
                ("ダンプ後の更新がないことの確認", "Nothing was written since"),
                "stale_check",
                0,
            ),
        ],
    ));
    phases.push(phase(
        "production",
        ("本番", "Production"),
        vec![
            l.step("final-import", ("本番インポート", "Production import"), "portal_import", 410),
            l.step(
                "final-export",
                ("本番後のクラウドからの取り出し", "Export after the import"),
                "portal_export",
                190,
            ),
            l.step(
                "final-compare",
                ("本番データの照合", "Compare the production data"),
                "compare_archives",
                42,
            ),
        ],
    ));
    phases
}

fn check(code: &str, verdict: Verdict, measured: &str) -> Check {
    let facts = vec![Fact::open("wanted", 3)];
    Check { code: code.to_owned(), verdict, measured: measured.to_owned(), facts }
}

/// The plan.
pub(super) fn plan() -> Plan {
    let phases = phases();
    let starts = |id: &str| {
        phases.iter().flat_map(|p| &p.steps).find(|s| s.id.as_str() == id).unwrap().starts_at
    };
    let ends_at = phases.iter().flat_map(|p| &p.steps).map(PlannedStep::ends_at).max().unwrap();
    Plan {
        format: 1,
        made_at: at(12, 9, 30, 0),
        playbook: "standard".to_owned(),
        title: title("標準的なクラウド移行", "Standard move to the cloud"),
        clinic: clinic(),
        checks: vec![
            check(
                "plan-fits-window",
                Verdict::Ok,
                "2027-01-21 19:13:17 JST ≤ 2027-01-22 06:30:00 JST",
            ),
            check("plan-clinic-id", Verdict::Ok, "JPN000000000000"),
            check("plan-certificate-ends", Verdict::Warn, "2027-02-28 23:59:59 JST"),
            check("plan-free-slots", Verdict::Block, "1 ≥ 3"),
            check("plan-portal-known", Verdict::Unknown, ""),
        ],
        facts: Facts { at: at(12, 9, 30, 0), source: None, portal: None, problems: Vec::new() },
        service_stops_at: starts("stop"),
        import_starts_at: starts("final-import"),
        ends_at,
        latest_rollback_at: at(22, 6, 30, 0),
        rehearsal: false,
        digest: PlanDigest("0123456789abcdef".repeat(4)),
        phases,
    }
}

/// The same plan as a rehearsal.
pub(super) fn rehearsal() -> Plan {
    Plan { rehearsal: true, ..plan() }
}

/// Records that are bound as the journal binds them.
pub(super) struct Run {
    pub(super) records: Vec<Record>,
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
        self.push(Event::StepStarted { step: id.into(), attempt, effect: step.effect });
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
            "rules": {"fullwidth-tilde": 12, "hyphen": 3}}),
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
pub(super) fn redacted(text: &str) -> Redacted {
    serde_json::from_value(json!(text)).unwrap()
}

/// A run that failed once, was resumed, and is done.
pub(super) fn finished(plan: &Plan) -> Run {
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
pub(super) fn failed(plan: &Plan) -> Run {
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
pub(super) fn undo_failed(plan: &Plan) -> Run {
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
pub(super) fn in_doubt(plan: &Plan) -> Run {
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
pub(super) fn settled(plan: &Plan) -> Run {
    let mut run = in_doubt(plan);
    run.push(Event::StepSettled {
        step: StepId::from("final-import"),
        done: false,
        by: SettledBy::Person { name: "見本 花子".to_owned(), reason: "tenant log".to_owned() },
        outputs: BTreeMap::new(),
    });
    run
}
