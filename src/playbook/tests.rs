//! The shipped files load, and every kind of mistake is found where it was made.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::diag::{Findings, SourceText};
use crate::i18n::{self, Lang};

pub(super) const PLAYBOOK: &str = include_str!("../../playbooks/cutover.yaml");
pub(super) const CLINIC: &str = include_str!("../../examples/clinic.yaml");

pub(super) fn source(name: &str, text: &str) -> SourceText {
    SourceText { name: name.to_owned(), text: Arc::from(text) }
}

pub(super) fn load_texts(playbook: &str, clinic: &str) -> Result<CheckedPlaybook, Findings> {
    load(&source("cutover.yaml", playbook), &source("clinic.yaml", clinic))
}

fn shown(findings: &Findings) -> String {
    findings.0.iter().map(|finding| finding.render(Lang::En, false)).collect()
}

/// `text` with its only `old` replaced by `new`.
pub(super) fn edited(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "`{old}` must stand in the file once");
    text.replace(old, new)
}

#[test]
fn the_shipped_playbook_loads_for_the_sample_clinic() {
    let playbook = load_texts(PLAYBOOK, CLINIC).unwrap_or_else(|f| panic!("{}", shown(&f)));
    let phases: Vec<_> = playbook.phases.iter().map(|phase| phase.id.as_str()).collect();
    assert_eq!(
        phases,
        [
            "preflight",
            "test_import",
            "waiting",
            "cutover",
            "last_check",
            "production_import",
            "proof"
        ]
    );
    let import = &playbook.phases[5].steps;
    assert_eq!(import.len(), 1, "the irreversible step is alone in its phase");
    assert_eq!(
        import[0].action,
        StepAction::PortalImport { archive: "final.dump".into(), purpose: Purpose::Production }
    );
    assert_eq!(import[0].retry.attempts, 1);
    let dump = &playbook.phases[1].steps[2];
    assert_eq!(
        dump.action,
        StepAction::Dump {
            archive: "test.dump".into(),
            level: Level::Auto,
            strategy: DumpStrategy::Stream
        }
    );
    assert_eq!(dump.timeout_secs, 4 * 3600);
    // The sample clinic names no dump to be deleted.
    let skipped: Vec<&str> =
        playbook.steps().filter(|step| !step.applies).map(|step| step.id.as_str()).collect();
    assert_eq!(skipped, ["release"]);
    assert_eq!(playbook.clinic.portal.tenant.orcamo_id, "000000452");
}

#[test]
fn a_clinic_without_service_commands_skips_the_stop() {
    let clinic = edited(CLINIC, "stop: [sudo, -n, systemctl, stop, jma-receipt]", "stop: []");
    let playbook = load_texts(PLAYBOOK, &clinic).unwrap_or_else(|f| panic!("{}", shown(&f)));
    let stop = playbook.phases[3].steps.iter().find(|step| step.id.as_str() == "stop");
    assert!(!stop.unwrap().applies);
}

#[test]
fn a_written_clinic_file_reads_as_the_same_values() {
    let mut clinic = load_clinic(&source("clinic.yaml", CLINIC)).unwrap();
    resolve_paths(&mut clinic, Path::new("/srv/見本"));
    assert_eq!(clinic.portal.client_pass.file, Some("/srv/見本/secrets/client0000.pass".into()));
    clinic.rehearsal_clock = Some("/srv/clock".into());
    clinic.name = "null # \"'{}: 見本".to_owned();
    clinic.portal.resolve = Some([127, 0, 0, 1].into());
    clinic.portal.upload_rate = Some("1.5Mbit/s".parse().unwrap());
    clinic.portal.tenant.server = Some("9.6".parse().unwrap());
    let key = "age18jchnjc995fy762wkrzy7lrzpj2397fgkjf0xxu4yl84w8f3dy0q82eges".to_owned();
    clinic.at_rest = Some(AtRest { recipients: vec![key] });
    let yaml = clinic.to_yaml();
    let again = load_clinic(&source("again.yaml", &yaml));
    assert_eq!(again.unwrap_or_else(|f| panic!("{yaml}\n{}", shown(&f))), clinic);
}

/// (the file's text to replace, its replacement, code, text at the finding's place)
type Case = (&'static str, &'static str, &'static str, &'static str);

const PLAYBOOK_CASES: &[Case] = &[
    ("name: cutover\n", "nmae: cutover\n", "playbook-unknown-key", "nmae"),
    ("name: cutover\n", "", "playbook-missing-key", "format"),
    ("name: cutover\n", "name: cutover\nname: again\n", "playbook-duplicate-key", "name"),
    ("name: cutover\n", "name: Cut Over\n", "playbook-bad-id", "Cut Over"),
    ("format: 1\n", "format: 2\n", "playbook-format", "2"),
    ("  - id: proof\n", "  - id: cutover\n", "playbook-duplicate-id", "cutover"),
    ("- id: stale\n", "- id: stop\n", "playbook-duplicate-id", "stop"),
    ("kind: stale_check", "kind: stale_chek", "playbook-unknown-value", "stale_chek"),
    ("with: {mode: closed}", "with: {mode: shut}", "playbook-unknown-value", "shut"),
    (
        "timeout: 2m\n        retry: {attempts: 3, first_wait: 5s",
        "timeout: soon\n        retry: {attempts: 3, first_wait: 5s",
        "playbook-bad-duration",
        "soon",
    ),
    (
        "first_wait: 5s, longest_wait: 1m",
        "first_wait: 5m, longest_wait: 1m",
        "playbook-retry-waits",
        "first_wait",
    ),
    ("needs: [stale]", "needs: [stael]", "playbook-need-unknown", "stael"),
    ("needs: [stale]", "needs: [stale, last_window]", "playbook-need-later-phase", "last_window"),
    ("needs: [fence]", "needs: [fence, stale]", "playbook-need-cycle", "final_dump"),
    (
        "archive: test.dump\n          level: ${vars.level}",
        "archive: test.dump\n          level: ${vars.levle}",
        "playbook-unknown-reference",
        "vars.levle",
    ),
    (
        "archive: test.dump\n          level: ${vars.level}",
        "archive: test.dump\n          level: ${vars.level",
        "playbook-open-reference",
        "${vars.level",
    ),
    ("  level: auto\n", "  level: \"${vars.level}\"\n", "playbook-reference-loop", "${vars.level}"),
    ("  level: auto\n", "  level: 10\n", "playbook-wrong-type", "${vars.level}"),
    ("  level: auto\n", "  level: fast\n", "playbook-wrong-type", "${vars.level}"),
    (
        "needs: [test_dump]",
        "needs: [test_window]",
        "playbook-forward-reference",
        "steps.test_dump.archive",
    ),
    (
        "${clinic.source.service.stop} != \"\"",
        "${clinic.source.service.stop} =! \"\"",
        "playbook-when",
        "${clinic.source.service.stop} =! \"\"",
    ),
    (
        "${clinic.source.service.stop} != \"\"",
        "${clinic.portal.client_pass.file} != \"\"",
        "playbook-unknown-reference",
        "clinic.portal.client_pass.file",
    ),
    (
        "{archive: before-test.dump}",
        "{archive: ../before.dump}",
        "playbook-archive-name",
        "../before.dump",
    ),
    (
        "{archive: before-production.dump}",
        "{archive: final.dump}",
        "playbook-archive-twice",
        "final.dump",
    ),
    (
        "expected: ${steps.final_dump.archive}",
        "expected: finl.dump",
        "playbook-archive-unwritten",
        "finl.dump",
    ),
    (
        "actual: ${steps.production_after.archive}",
        "actual: final.dump",
        "playbook-compare-same",
        "final.dump",
    ),
    (
        "needs: [test_verify, test_before]",
        "needs: [test_dump, test_before]",
        "playbook-import-unverified",
        "${steps.test_dump.archive}",
    ),
    (
        "needs: [test_verify, test_before]",
        "needs: [test_verify]",
        "playbook-import-without-export",
        "test_import",
    ),
    (
        "needs: [test_verify, test_before]",
        "needs: [test_verify]",
        "playbook-import-not-alone",
        "test_import",
    ),
    (
        "with: {purpose: test}\n        needs: [test_time]",
        "with: {purpose: production}\n        needs: [test_time]",
        "playbook-import-without-window",
        "test_import",
    ),
    (
        "actual: ${steps.production_after.archive}",
        "actual: before-production.dump",
        "playbook-import-unproved",
        "production_import",
    ),
    ("with: {mode: read-only}", "with: {mode: closed}", "playbook-closed-too-early", "final_dump"),
    ("with: {mode: read-only}", "with: {mode: closed}", "playbook-dump-unfenced", "final_dump"),
    (
        "with: {dump: final_dump}",
        "with: {dump: test_dump}",
        "playbook-import-stale",
        "${steps.final_dump.archive}",
    ),
    ("with: {dump: final_dump}", "with: {dump: fence}", "playbook-stale-check-dump", "fence"),
    (
        "purpose: production\n        timeout: 4h",
        "purpose: production\n        timeout: 4h\n        retry: {attempts: 2}",
        "playbook-import-retried",
        "2",
    ),
    (
        "purpose: production\n        timeout: 4h",
        "purpose: test\n        timeout: 4h",
        "playbook-import-twice",
        "test",
    ),
    ("format: 1\n", "format: &one 1\n", "playbook-alias", "1"),
    ("format: 1\n", "format: !!int 1\n", "playbook-tag", "1"),
    ("format: 1\n", "format: 1\n---\n", "playbook-documents", "---"),
    ("vars:\n", "vars: [\n", "playbook-syntax", ""),
    ("vars:\n", "vars:\n  password: hunter2\n", "playbook-secret-in-clear", "password"),
];

const CLINIC_CASES: &[Case] = &[
    ("JPN000000000452", "JPN00000000452", "playbook-clinic-id", "JPN00000000452"),
    ("\"000000452\"", "452", "playbook-orcamo-id", "452"),
    (
        "orcamo_id: \"000000452\"\n",
        "orcamo_id: \"000000452\"\n    server: v9.6\n",
        "playbook-bad-pg-version",
        "v9.6",
    ),
    (
        "  import_version: \"15\"\n",
        "  import_version: \"15\"\n  upload_rate: 20Mbps\n",
        "playbook-bad-upload-rate",
        "20Mbps",
    ),
    (
        "2027-01-12T13:00:00+09:00",
        "2027-01-12T13:00:00",
        "playbook-time-without-offset",
        "2027-01-12T13:00:00",
    ),
    ("2027-01-12T13:00:00+09:00", "tomorrow", "playbook-bad-time", "tomorrow"),
    (
        "2027-01-22T01:00:00+09:00",
        "2027-01-21T01:00:00+09:00",
        "playbook-window-backwards",
        "2027-01-21T01:00:00+09:00",
    ),
    (
        "client_pass: {file: secrets/client0000.pass}",
        "client_pass: hunter2",
        "playbook-secret-in-clear",
        "client_pass",
    ),
    (
        "password: {file: secrets/smtp_password.txt}",
        "password: |\n    hunter2\n    hunter3",
        "playbook-secret-in-clear",
        "password",
    ),
    ("{file: secrets/login_id.txt}", "{file: a, env: B}", "playbook-secret-place", "file"),
    ("  user: orca-cutover\n", "", "playbook-mail-login", "password"),
    (
        "https://auth.cmo.orcamo.jp",
        "http://auth.cmo.orcamo.jp",
        "playbook-bad-address",
        "http://auth.cmo.orcamo.jp",
    ),
    (
        "host: smtp.example.jp",
        "host: https://smtp.example.jp",
        "playbook-bad-host",
        "https://smtp.example.jp",
    ),
    (
        "    - clinic@example.jp",
        "    - clinic at example.jp",
        "playbook-bad-mail-address",
        "clinic at example.jp",
    ),
    ("os_user: orca", "os_user: -u", "playbook-bad-name", "-u"),
    ("port: 587", "port: \"587\"", "playbook-wrong-type", "\"587\""),
    ("port: 587", "port: 70000", "playbook-wrong-type", "70000"),
    ("policy: orca\n", "policy: ocra\n", "playbook-unknown-value", "ocra"),
    (
        "name: 見本クリニック\n# 医",
        "name: \"見本\\e[31m\"\n# 医",
        "playbook-bad-text",
        "\"見本\\e[31m\"",
    ),
    ("work_dir: work", "work_dir:", "playbook-missing-key", "work_dir"),
    (
        "work_dir: work",
        "work_dir: work\njournal: {postgres: {database: j, user: r}}",
        "playbook-journal-place",
        "database",
    ),
    (
        "work_dir: work",
        "work_dir: work\njournal: {postgres: {host: a, socket_dir: b, database: j, user: r}}",
        "playbook-journal-place",
        "host",
    ),
    (
        "work_dir: work",
        "work_dir: work\njournal: {postgres: {host: a, database: j, user: r, password: hunter2}}",
        "playbook-secret-in-clear",
        "password",
    ),
    ("work_dir: work", "work_dir: work\njournal: {lease: 3s}", "playbook-journal-lease", "3s"),
    (
        "work_dir: work",
        "work_dir: work\nat_rest: {recipients: [age1mihon]}",
        "playbook-age-recipient",
        "age1mihon",
    ),
    (
        "work_dir: work",
        "work_dir: work\nat_rest:\n  recipients: [AGE-SECRET-KEY-1hunter2]",
        "playbook-secret-in-clear",
        "recipients",
    ),
    (
        "work_dir: work",
        "work_dir: work\nat_rest:\n  recipients:\n    - age18jchnjc995fy762wkrzy7lrzpj2397fgkjf0xxu4yl84w8f3dy0q82eges\n    - age18jchnjc995fy762wkrzy7lrzpj2397fgkjf0xxu4yl84w8f3dy0q82eges",
        "playbook-age-twice",
        "age18jchnjc995fy762wkrzy7lrzpj2397fgkjf0xxu4yl84w8f3dy0q82eges",
    ),
    (
        "characters:\n",
        "characters:\n  a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}}}}}}}}}}}}}}}}}}\n",
        "playbook-too-deep",
        "{",
    ),
];

fn check_case(case: &Case, found: Result<CheckedPlaybook, Findings>) {
    let (_, new, code, place) = *case;
    let findings = found.err().unwrap_or_else(|| panic!("`{new}` was not found"));
    let hit = findings.0.iter().find(|finding| finding.code == code);
    let hit = hit.unwrap_or_else(|| panic!("{code} for `{new}`:\n{}", shown(&findings)));
    let piece = hit.source.text.get(hit.span.clone()).unwrap();
    assert_eq!(piece, place, "{code} for `{new}`");
    let text = shown(&findings);
    assert!(!text.contains("hunter"), "{text}");
}

#[test]
fn every_mistake_in_a_playbook_is_found_in_its_place() {
    for case in PLAYBOOK_CASES {
        check_case(case, load_texts(&edited(PLAYBOOK, case.0, case.1), CLINIC));
    }
}

#[test]
fn every_mistake_in_a_clinic_file_is_found_in_its_place() {
    for case in CLINIC_CASES {
        check_case(case, load_texts(PLAYBOOK, &edited(CLINIC, case.0, case.1)));
    }
}

const BY_DATABASE: &str = include_str!("../../playbooks/cutover-database.yaml");

const DATABASE_CASES: &[Case] = &[
    (
        "database: ${clinic.source.database}_utf8",
        "database: Orca-UTF8",
        "playbook-database-name",
        "${vars.database}",
    ),
    (
        "database: ${clinic.source.database}_utf8",
        "database: ${clinic.source.database}",
        "playbook-database-same",
        "${vars.database}",
    ),
    (
        "archive: test.dump\n          level: ${vars.level}\n          strategy: database",
        "archive: test.dump\n          level: ${vars.level}\n          strategy: stream",
        "playbook-database-unused",
        "${vars.database}",
    ),
    (
        "archive: test.dump\n          level: ${vars.level}\n          strategy: database",
        "archive: test.dump\n          level: ${vars.level}\n          strategy: databse",
        "playbook-unknown-value",
        "databse",
    ),
    (
        "archive: final.dump\n          level: ${vars.level}\n          strategy: database\n          database: ${vars.database}",
        "archive: final.dump\n          level: ${vars.level}",
        "playbook-swap-without-database",
        "final_dump",
    ),
    (
        "with: {dump: final_dump}\n        needs: [close, final_verify]",
        "with: {dump: final_dmp}\n        needs: [close, final_verify]",
        "playbook-swap-without-database",
        "final_dmp",
    ),
    ("needs: [close, final_verify]", "needs: [final_verify]", "playbook-swap-open", "swap"),
    ("needs: [fence]\n", "needs: [cutover_window]\n", "playbook-swap-open", "swap"),
    (
        "      # 院内の作業と並行して、上書き前",
        "      - {id: again, title: {ja: あ, en: a}, kind: swap_database, with: {dump: final_dump}, needs: [swap], timeout: 5m}\n      # 院内の作業と並行して、上書き前",
        "playbook-swap-twice",
        "again",
    ),
    (
        "      # 院内の作業と並行して、上書き前",
        "      - {id: second, title: {ja: あ, en: a}, kind: dump, with: {archive: second.dump, strategy: database}, needs: [fence], timeout: 5m}\n      # 院内の作業と並行して、上書き前",
        "playbook-database-beside",
        "second",
    ),
];

/// The shipped file, with the swap switched on.
fn swapping() -> String {
    edited(BY_DATABASE, "swap: \"no\"", "swap: \"yes\"")
}

#[test]
fn the_shipped_playbook_by_database_loads_and_swaps_only_when_asked_to() {
    for (text, swaps) in [(BY_DATABASE.to_owned(), false), (swapping(), true)] {
        let playbook = load_texts(&text, CLINIC).unwrap_or_else(|f| panic!("{}", shown(&f)));
        assert_eq!(playbook.swaps(&"final_dump".into()), swaps);
        assert!(!playbook.swaps(&"test_dump".into()));
        let made: Vec<_> = playbook
            .steps()
            .filter_map(|step| match &step.action {
                StepAction::Dump { strategy, .. } => strategy.database(&playbook.clinic.source),
                _ => None,
            })
            .collect();
        assert_eq!(made, ["orca_utf8", "orca_utf8"]);
    }
}

#[test]
fn every_mistake_about_databases_is_found_in_its_place() {
    for case in DATABASE_CASES {
        let (old, new, ..) = case;
        check_case(case, load_texts(&edited(&swapping(), old, new), CLINIC));
    }
}

#[test]
fn a_swap_comes_before_the_production_import_and_after_a_look_for_writes() {
    let step = "      - id: swap\n        title: {ja: UTF-8 データベースへの入れ替え, en: Put the UTF-8 database in place}\n        kind: swap_database\n        with: {dump: final_dump}\n        needs: [close, final_verify]\n        when: ${vars.swap} == \"yes\"\n        timeout: 5m\n";
    let without = edited(&swapping(), step, "");
    let late = format!("{without}{}", edited(step, "        needs: [close, final_verify]\n", ""));
    let findings = load_texts(&late, CLINIC).unwrap_err();
    let codes: Vec<_> = findings.0.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["playbook-swap-after-import"], "{}", shown(&findings));
    // The look at the test's dump is none at the final one.
    let stale = edited(
        &swapping(),
        "with: {dump: final_dump}\n        needs: [final_dump]",
        "with: {dump: test_dump}\n        needs: [final_dump]",
    );
    let findings = load_texts(&stale, CLINIC).unwrap_err();
    assert!(shown(&findings).contains("playbook-swap-stale"), "{}", shown(&findings));
}

#[test]
fn all_findings_of_both_files_come_at_once() {
    let playbook = edited(PLAYBOOK, "kind: stale_check", "kind: stale_chek");
    let playbook = edited(&playbook, "needs: [stale]", "needs: [stael]");
    let clinic = edited(CLINIC, "JPN000000000452", "452");
    let clinic = edited(&clinic, "port: 587", "port: no");
    let findings = load_texts(&playbook, &clinic).unwrap_err();
    let codes: Vec<_> = findings.0.iter().map(|finding| finding.code).collect();
    assert_eq!(
        codes,
        [
            "playbook-unknown-value",
            "playbook-need-unknown",
            "playbook-clinic-id",
            "playbook-wrong-type"
        ],
        "{}",
        shown(&findings)
    );
}

#[test]
fn a_finding_is_shown_with_line_place_expectation_and_guess() {
    let playbook = edited(PLAYBOOK, "kind: stale_check", "kind: stale_chek");
    let findings = load_texts(&playbook, CLINIC).unwrap_err();
    let view = serde_json::to_value(findings.0[0].view(Lang::Ja)).unwrap();
    let line = playbook.lines().position(|line| line.contains("stale_chek")).unwrap() + 1;
    assert_eq!(view["line"], line);
    assert_eq!(view["column"], 15);
    assert_eq!(view["message"], "不明な値 `stale_chek` です");
    assert_eq!(view["hint"], "`stale_check` の間違いではありませんか。");
}

#[test]
fn every_code_has_its_texts_in_both_languages() {
    let file = format!("{:?}", codes::FILE);
    let of_files = file.split('"').filter(|piece| piece.starts_with("playbook-"));
    let mut count = 0;
    for code in codes::RULES.iter().copied().chain(of_files) {
        for lang in [Lang::Ja, Lang::En] {
            assert!(i18n::find(lang, code, &[]).is_some(), "{code} in {lang:?}");
            let hint = format!("{code}.hint");
            assert!(i18n::find(lang, &hint, &[]).is_some(), "{hint} in {lang:?}");
        }
        count += 1;
    }
    assert!(count > 50, "{count}");
}

#[test]
fn production_may_not_send_the_tests_dump() {
    let playbook = PLAYBOOK.replace("${steps.final_dump.archive}", "${steps.test_dump.archive}");
    let findings = load_texts(&playbook, CLINIC).unwrap_err();
    let found = findings.0.iter().any(|finding| finding.code == "playbook-import-test-archive");
    assert!(found, "{}", shown(&findings));
}

#[test]
fn a_step_that_is_skipped_writes_no_archive() {
    let playbook = edited(
        PLAYBOOK,
        "kind: dump\n        with:\n          archive: test.dump",
        "kind: dump\n        when: not (1 == 1.0 and \"a\" != 'b')\n        with:\n          archive: test.dump",
    );
    let findings = load_texts(&playbook, CLINIC).unwrap_err();
    let codes: Vec<_> = findings.0.iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&"playbook-archive-unwritten"), "{}", shown(&findings));
}
