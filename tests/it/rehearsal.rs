//! Whole rehearsals: what a newcomer sees, and what each fault leads to.

use crate::support::{Rehearsed, rehearse, scratch};

/// Uploads that reached the site's import, by the site's own record.
fn imports(rehearsed: &Rehearsed) -> usize {
    let text = std::fs::read_to_string(rehearsed.file("site/state.json")).unwrap();
    let state: serde_json::Value = serde_json::from_str(&text).unwrap();
    state["imports"].as_array().map_or(0, Vec::len)
}

/// No run, no dump, no mail: a plan that was refused changed nothing. The journal may hold that
/// characters were scanned and the calendar was read.
fn nothing_was_changed(rehearsed: &Rehearsed) {
    assert!(!rehearsed.file("work/reports/run.json").exists(), "{}", rehearsed.all());
    assert_eq!(imports(rehearsed), 0);
    let archives = rehearsed.file("work/archives");
    let left = std::fs::read_dir(archives).map_or(0, Iterator::count);
    assert_eq!(left, 0);
}

#[test]
fn a_whole_cutover_ends_green_and_leaves_what_it_says() {
    let done = rehearse(&["--json"]);
    assert_eq!(done.status, 0, "{}", done.all());
    let result: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let run = &result["run"];
    assert_eq!(run["outcome"], "done");
    assert_eq!(run["clinic_state"], "in-cloud");
    for path in result["written"].as_array().unwrap() {
        let path = std::path::Path::new(path.as_str().unwrap());
        assert!(std::fs::metadata(path).unwrap().len() > 0, "{}", path.display());
    }
    // Both imports, and no other, by the site's own record.
    assert_eq!(imports(&done), 2);
    let proofs = run["proofs"].as_array().unwrap();
    assert_eq!(proofs.len(), 2, "{run}");
    assert!(
        proofs
            .iter()
            .all(|proof| proof["differences"] == 0 && proof["tables"].as_u64() >= Some(60))
    );
    // Every time for people says that it is a rehearsal's.
    assert!(done.stderr.contains("[rehearsal clock]"), "{}", done.stderr);
    let subjects: Vec<String> =
        done.mails().iter().map(|mail| mail["subject"].as_str().unwrap().to_owned()).collect();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    for name in ["plan.ja.html", "report.ja.html", "plan.en.html", "report.en.html"] {
        let html = std::fs::read_to_string(done.file("work/reports").join(name)).unwrap();
        assert!(html.contains("リハーサル") && html.contains("見本クリニック"), "{name}");
    }
    // Dumps are readable by their owner only.
    use std::os::unix::fs::PermissionsExt;
    for entry in std::fs::read_dir(done.file("work/archives")).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}

#[test]
fn an_import_log_is_fetched_redacted_and_mailed_to_support() {
    let failed = rehearse(&["--fault", "import-log"]);
    assert_eq!(failed.status, 6, "{}", failed.all());
    assert_eq!(imports(&failed), 1);
    let raw = std::fs::read_to_string(failed.file("work/logs/test_import-import.log")).unwrap();
    let value = raw.split("column name: \"").nth(1).unwrap().split('"').next().unwrap();
    assert!(value.chars().count() >= 2, "the log quotes a patient's row: {raw}");
    let mails = failed.mails();
    let mail = mails.last().unwrap();
    assert!(mail["to"].as_str().unwrap().contains("ginbee-support@example.jp"), "{mail}");
    let parts = mail["parts"].as_array().unwrap();
    let part = |wanted: &str| {
        let found = parts
            .iter()
            .find(|part| part["name"].as_str().is_some_and(|name| name.starts_with(wanted)));
        found.unwrap_or_else(|| panic!("no {wanted} in {mail}"))["text"].as_str().unwrap()
    };
    assert!(part("import.log").contains("COPY tbl_ptinf, line 17"), "{mail}");
    assert!(part("error.log").contains("test_import: attempt 1 FAILED"), "{mail}");
    let body = parts.iter().find(|part| part["name"].is_null()).unwrap()["text"].as_str().unwrap();
    assert!(body.contains("見本クリニック") && body.contains("000000452"), "{body}");
    // The row's value leaves neither by mail, nor by screen, nor by journal or report.
    assert!(!mails.iter().any(|mail| mail.to_string().contains(value)));
    assert!(!failed.all().contains(value));
    for name in ["work/journal.sqlite", "work/journal.sqlite-wal", "work/reports/report.ja.html"] {
        let bytes = std::fs::read(failed.file(name)).unwrap_or_default();
        assert!(!bytes.windows(value.len()).any(|part| part == value.as_bytes()), "{name}");
    }
    assert!(failed.stdout.contains("mail/0002.eml"), "{}", failed.stdout);
}

#[test]
fn a_production_import_that_fails_gives_the_clinic_its_server_back() {
    let failed = rehearse(&["--fault", "import-log-production", "--json"]);
    assert_eq!(failed.status, 6, "{}", failed.all());
    assert_eq!(imports(&failed), 2);
    let result: serde_json::Value = serde_json::from_str(&failed.stdout).unwrap();
    let steps: Vec<&serde_json::Value> = result["run"]["phases"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|phase| phase["steps"].as_array().unwrap())
        .collect();
    for id in ["stop", "fence", "close"] {
        let step = steps.iter().find(|step| step["id"] == id).unwrap();
        assert!(step["state"].to_string().contains("undone"), "{step}");
    }
    assert!(failed.stderr.contains("rolled back"), "{}", failed.stderr);
}

#[test]
fn a_name_that_cannot_be_converted_stops_before_anything_is_sent() {
    let failed = rehearse(&["--fault", "bad-character"]);
    assert_eq!(failed.status, 4, "{}", failed.all());
    assert_eq!(imports(&failed), 0);
    assert!(!failed.file("work/archives/test.dump").exists());
    assert!(!failed.file("work/archives/test.dump.part").exists());
    let text =
        std::fs::read_to_string(failed.file("work/reports/test_dump-characters.json")).unwrap();
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["findings"][0]["code"], "8FF4FB");
    assert_eq!(found["findings"][0]["table"], "tbl_ptinf");
    assert_eq!(found["findings"][0]["column"], "name");
    assert!(!text.contains('髙') || found["findings"][0]["key"].as_str().unwrap().contains('*'));
}

#[test]
fn a_disk_that_fills_up_in_mid_dump_leaves_no_half_archive() {
    // The shipped playbook, but without the minute that it gives a person to make room.
    let scratch = scratch();
    let playbook = scratch.path().join("cutover.yaml");
    let shipped = std::fs::read_to_string("playbooks/cutover.yaml").unwrap();
    let hasty = shipped.replacen("attempts: 2, first_wait: 1m", "attempts: 2, first_wait: 1s", 1);
    assert_ne!(shipped, hasty);
    std::fs::write(&playbook, hasty).unwrap();
    let failed = rehearse(&["--fault", "disk-full", "--playbook", playbook.to_str().unwrap()]);
    assert_eq!(failed.status, 5, "{}", failed.all());
    // The second try does not even begin: what the first gave back, somebody else has taken.
    let attempts = failed.stderr.matches("no storage space").count()
        + failed.stderr.matches("are free in the working folder").count();
    assert!(attempts >= 2, "{}", failed.all());
    assert_eq!(imports(&failed), 0);
    let left: Vec<_> = std::fs::read_dir(failed.file("work/archives"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["before-test.dump"]);
    assert_eq!(failed.mails().len(), 2, "the failure is told by mail all the same");
}

#[test]
fn maintenance_over_the_cutover_blocks_the_plan() {
    let refused = rehearse(&["--fault", "maintenance"]);
    assert_eq!(refused.status, 4, "{}", refused.all());
    assert!(refused.stderr.contains("緊急メンテナンス"), "{}", refused.stderr);
    nothing_was_changed(&refused);
}

#[test]
fn a_test_import_one_second_too_late_blocks_the_plan() {
    let refused = rehearse(&["--fault", "late-test-import"]);
    assert_eq!(refused.status, 4, "{}", refused.all());
    assert!(refused.stderr.contains("7 x 24"), "{}", refused.stderr);
    nothing_was_changed(&refused);
}

#[test]
fn a_vendors_certificate_blocks_the_plan() {
    let refused = rehearse(&["--fault", "vendor-certificate"]);
    assert_eq!(refused.status, 4, "{}", refused.all());
    assert!(refused.stderr.contains("client324"), "{}", refused.stderr);
    nothing_was_changed(&refused);
}

#[test]
fn a_lost_row_is_found_by_the_proof() {
    let failed = rehearse(&["--fault", "rows-lost"]);
    assert_eq!(failed.status, 1, "{}", failed.all());
    assert!(failed.stderr.contains("public.tbl_ptinf"), "{}", failed.stderr);
}

#[test]
fn a_mail_server_that_is_away_is_seen_before_the_night() {
    let failed = rehearse(&["--fault", "mail-down"]);
    assert_eq!(failed.status, 9, "{}", failed.all());
    assert_eq!(imports(&failed), 0);
}
