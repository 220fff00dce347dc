//! The plan: about a dozen steps over five phases, one of which does not apply.

use chrono::{TimeDelta, TimeZone};
use chrono_tz::Asia::Tokyo;
use serde_json::json;

use super::rows;
use crate::clock::Jst;
use crate::effect::Effect;
use crate::ids::{PhaseId, PlanDigest, StepId};
use crate::plan::{
    DurationSource, Estimate, EstimateBasis, Plan, PlannedMaintenance, PlannedPhase, PlannedStep,
};
use crate::playbook::{Clinic, Title};

pub(in crate::report) fn at(day: u32, hour: u32, minute: u32, second: u32) -> Jst {
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
            max_secs: secs * 2,
            estimate_source: match kind {
                "dump" => DurationSource::TestImport,
                "portal_import" => DurationSource::Rehearsal,
                _ => DurationSource::Default,
            },
            samples: usize::from(matches!(kind, "dump" | "portal_import")),
            runs_as: if kind == "dump" { "sudo -n -u orca".to_owned() } else { String::new() },
            host: match kind {
                "portal_import" | "portal_export" | "portal_probe" => "management.test",
                _ => "clinic-server",
            }
            .to_owned(),
            critical: id != "stale" && id != "mail",
            done: false,
            archives: match kind {
                "dump" | "portal_export" => vec![format!("{id}.dump")],
                _ => Vec::new(),
            },
            more_commands: Vec::new(),
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
                ("院内サーバーの確認", "Look at the clinic's server"),
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

/// The plan.
pub(in crate::report) fn plan() -> Plan {
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
        checks: rows::checks(),
        facts: rows::facts(),
        basis: Some(EstimateBasis {
            database_bytes: 2_100_000_000,
            size_known: true,
            dump_rate: 25_000_000,
            line_rate: 2_500_000,
            restore_rate: 2_000_000,
            upload: None,
        }),
        maintenance: vec![PlannedMaintenance {
            from: at(21, 19, 10, 0),
            to: at(21, 23, 0, 0),
            title: "<b>試験</b>メンテナンス".to_owned(),
            source: "お知らせ".to_owned(),
        }],
        service_stops_at: starts("stop"),
        import_starts_at: starts("final-import"),
        ends_at,
        margin_secs: 900,
        rollback: Some(Estimate {
            secs: 1_200,
            max_secs: 2_400,
            source: DurationSource::Rehearsal,
            samples: 1,
        }),
        rollback_steps: Vec::new(),
        latest_rollback_at: at(22, 6, 30, 0),
        places: rows::places(),
        work: rows::work(),
        inputs: rows::inputs(),
        rehearsal: false,
        digest: PlanDigest("0123456789abcdef".repeat(4)),
        phases,
    }
}

/// The same plan as a rehearsal.
pub(in crate::report) fn rehearsal() -> Plan {
    Plan { rehearsal: true, ..plan() }
}
