//! The go/no-go list held against what must stop a cutover: one value is moved at a time, and the
//! row that is there for it, and no other, must change.

use chrono::TimeDelta;

use super::fixture::{
    CLINIC, PLAYBOOK, at, blocks, good, of_clinic, of_files, planned, playbook, verdict_of,
};
use super::*;
use crate::clock::Jst;

fn site(change: impl FnOnce(&mut PortalFacts)) -> Vec<String> {
    blocks(&playbook(""), |facts| change(facts.portal.as_mut().unwrap()))
}

fn server(change: impl FnOnce(&mut SourceFacts)) -> Vec<String> {
    blocks(&playbook(""), |facts| change(facts.source.as_mut().unwrap()))
}

#[test]
fn the_sample_cutover_has_nothing_that_blocks() {
    assert!(blocks(&playbook(""), |_| ()).is_empty());
    let checks = planned(&playbook(""), good()).checks;
    assert!(checks.iter().all(|check| check.verdict != Verdict::Unknown), "{checks:#?}");
}

#[test]
fn another_clinics_server_blocks_and_a_silent_one_warns() {
    assert_eq!(server(|s| s.clinic_id = Some("JPN000000000453".to_owned())), ["plan-clinic-id"]);
    let mut facts = good();
    facts.source.as_mut().unwrap().clinic_id = None;
    assert_eq!(verdict_of(facts, "plan-clinic-id"), Verdict::Warn);
}

#[test]
fn a_disk_of_two_and_a_half_times_the_database_is_just_enough() {
    for (free, expected) in [(2_500_000_000, 0), (2_499_999_999, 1), (0, 1)] {
        let found = server(|source| source.free_bytes = free);
        assert_eq!(found.len(), expected, "{free}");
        assert!(found.iter().all(|code| code == "plan-disk-space"));
    }
}

#[test]
fn a_playbook_may_ask_for_more_room() {
    let more = PLAYBOOK.replace("space_factor: 2.5", "space_factor: 4");
    assert_ne!(more, PLAYBOOK);
    let playbook = of_files(&more, CLINIC);
    let with =
        |free: u64| blocks(&playbook, |facts| facts.source.as_mut().unwrap().free_bytes = free);
    assert!(with(4_000_000_000).is_empty());
    assert_eq!(with(3_999_999_999), ["plan-disk-space"]);
}

#[test]
fn only_the_two_encodings_that_are_understood_pass() {
    for (encoding, expected) in [("EUC_JP", 0), ("UTF8", 0), ("SQL_ASCII", 1), ("SJIS", 1)] {
        let found = server(|source| source.encoding = encoding.to_owned());
        assert_eq!(found.len(), expected, "{encoding}");
        assert!(found.iter().all(|code| code == "plan-source-encoding"));
    }
}

#[test]
fn a_database_beside_needs_a_free_name_and_room() {
    let made = |exists, room| DatabaseBeside { database: "orca_utf8".to_owned(), exists, room };
    for (made, expected) in [
        (made(false, Some((10, 10))), None),
        (made(false, Some((9, 10))), Some("plan-database-room")),
        (made(false, None), Some("plan-database-room")),
        (made(true, Some((10, 10))), Some("plan-database-name")),
    ] {
        let found = server(|source| source.beside = vec![made.clone()]);
        assert_eq!(found.first().map(String::as_str), expected, "{made:?}");
    }
}

#[test]
fn the_certificate_outlasts_the_window_by_thirty_days_to_the_second() {
    let end = at(22, 1, 0, 0) + TimeDelta::days(30);
    for (ends, expected) in [
        (end, 0),
        (end - TimeDelta::seconds(1), 1),
        (at(21, 19, 0, 0) + TimeDelta::seconds(1), 1),
        (at(21, 19, 0, 0), 1),
        (at(21, 19, 0, 0) - TimeDelta::seconds(1), 1),
        (at(12, 8, 59, 59), 1),
    ] {
        let found = site(|portal| portal.certificate_ends = ends);
        assert_eq!(found.len(), expected, "{ends}");
        assert!(found.iter().all(|code| code == "plan-certificate-ends"));
    }
    // Far enough for the cutover, near enough to be told: sixty days from now.
    for (ends, expected) in [
        (at(12, 9, 0, 0) + TimeDelta::days(60), Verdict::Ok),
        (at(12, 9, 0, 0) + TimeDelta::days(60) - TimeDelta::seconds(1), Verdict::Warn),
    ] {
        let mut facts = good();
        facts.portal.as_mut().unwrap().certificate_ends = ends;
        assert_eq!(verdict_of(facts, "plan-certificate-ends"), expected, "{ends}");
    }
}

#[test]
fn a_vendors_certificate_blocks_and_a_page_nobody_understood_hides_nothing() {
    assert_eq!(site(|portal| portal.can_import = false), ["plan-certificate-imports"]);
    let unknown = vec!["ImportForm: portal-page-unknown".to_owned()];
    let pages = unknown.clone();
    assert_eq!(site(|portal| portal.pages_not_understood = pages), ["plan-pages-understood"]);
    let mut facts = good();
    let portal = facts.portal.as_mut().unwrap();
    (portal.can_import, portal.pages_not_understood) = (false, unknown);
    assert_eq!(verdict_of(facts, "plan-certificate-imports"), Verdict::Unknown);
}

#[test]
fn a_select_without_our_version_blocks() {
    assert_eq!(
        site(|portal| portal.import_versions = vec!["9.6".to_owned()]),
        ["plan-import-version"]
    );
    assert_eq!(site(|portal| portal.import_versions.clear()), ["plan-import-version"]);
}

/// The playbook's exports hold three places at the worst moment: before the test, before and
/// after production.
#[test]
fn dumps_that_are_there_leave_room_for_the_exports_or_block() {
    for (there, expected) in [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 1)] {
        let found = site(|portal| {
            portal.free_slots = 5 - there;
            portal.dumps = (0..there).map(|day| format!("2026/12/0{day} 10:00:00")).collect();
        });
        assert_eq!(found.len(), expected, "{there} dumps");
        assert!(found.iter().all(|code| code == "plan-free-slots"));
    }
}

#[test]
fn only_deletions_that_are_named_once_and_found_once_free_a_place() {
    let named = CLINIC.replace(
        "  # release_dumps: [\"2026/12/25 10:08:10\"]",
        "  release_dumps: [\"2026/12/25 10:08:10\"]",
    );
    let playbook = of_clinic(&named);
    let with = |dumps: &[&str]| {
        blocks(&playbook, |facts| {
            let portal = facts.portal.as_mut().unwrap();
            portal.dumps = dumps.iter().map(|dump| (*dump).to_owned()).collect();
            portal.free_slots = 5 - u32::try_from(dumps.len()).unwrap();
        })
    };
    let (ours, other) = ("2026/12/25 10:08:10", "2026/12/01 10:00:00");
    assert!(with(&[ours, other, other]).is_empty());
    assert_eq!(with(&[other, other, other]), ["plan-free-slots", "plan-deletions"]);
    // Two of that second cannot be told apart.
    assert_eq!(with(&[ours, ours, other]), ["plan-free-slots", "plan-deletions"]);
    // A playbook that deletes nothing frees nothing, whatever is named.
    let (before, rest) = PLAYBOOK.split_once("      - id: release\n").unwrap();
    let rest = rest.split_once("      - id: test_before\n").unwrap().1;
    let text = format!("{before}      - id: test_before\n{rest}").replace(", release]", "]");
    let none = of_files(&text, &named);
    let found = blocks(&none, |facts| {
        facts.portal.as_mut().unwrap().dumps = vec![ours.to_owned()];
    });
    assert_eq!(found, ["plan-deletions"]);
}

#[test]
fn a_clock_that_is_off_by_more_than_a_minute_blocks() {
    for (skew, expected) in [
        (0, Verdict::Ok),
        (5, Verdict::Ok),
        (-5, Verdict::Ok),
        (6, Verdict::Warn),
        (60, Verdict::Warn),
        (-60, Verdict::Warn),
        (61, Verdict::Block),
        (-61, Verdict::Block),
    ] {
        let mut facts = good();
        facts.portal.as_mut().unwrap().clock_skew_secs = skew;
        assert_eq!(verdict_of(facts, "plan-clock-skew"), expected, "{skew}");
    }
}

#[test]
fn what_nobody_looked_at_is_a_gap_and_no_yes() {
    let mut facts = good();
    (facts.source, facts.portal, facts.mail) = (None, None, None);
    let checks = planned(&playbook(""), facts).checks;
    for code in ["plan-source-known", "plan-portal-known", "plan-mail-proved"] {
        let row = checks.iter().find(|check| check.code == code).unwrap();
        assert_eq!(row.verdict, Verdict::Unknown, "{code}");
    }
}

#[test]
fn characters_are_scanned_by_the_rules_that_count_and_none_is_open() {
    let scan = |change: fn(&mut ScanFacts)| {
        blocks(&playbook(""), |facts| change(facts.scan.as_mut().unwrap()))
    };
    assert_eq!(scan(|scan| scan.undecided = 1), ["plan-characters-scanned"]);
    assert_eq!(scan(|scan| scan.same_rules = false), ["plan-characters-scanned"]);
    assert_eq!(blocks(&playbook(""), |facts| facts.scan = None), ["plan-characters-scanned"]);
}

#[test]
fn a_mail_server_that_does_not_answer_blocks_and_one_that_took_a_mail_is_proved() {
    assert_eq!(
        blocks(&playbook(""), |facts| facts.mail.as_mut().unwrap().reached = false),
        ["plan-mail-proved"]
    );
    assert_eq!(verdict_of(good(), "plan-mail-proved"), Verdict::Later);
    let mut facts = good();
    facts.mail.as_mut().unwrap().taken_at = Some(at(12, 8, 0, 0));
    assert_eq!(verdict_of(facts, "plan-mail-proved"), Verdict::Ok);
}

#[test]
fn somebody_does_it_decides_stands_in_and_answers() {
    let with = |lines: &str| {
        let (head, rest) = CLINIC.split_once("people:\n").unwrap();
        let rest = rest.split_once("\n\n").unwrap().1;
        let clinic = format!("{head}people:\n{lines}\n{rest}");
        let checks = planned(&of_clinic(&clinic), good()).checks;
        checks.into_iter().find(|check| check.code == "plan-people-named").unwrap().verdict
    };
    let person =
        |role: &str, phone: &str| format!("  - {{name: {role} 太郎, role: {role}{phone}}}\n");
    let all = |phone: &str| {
        ["operator", "decides", "deputy", "clinic"].map(|role| person(role, phone)).concat()
    };
    let phone = ", phone: 000-0000-0001";
    assert_eq!(with(&all(phone)), Verdict::Ok);
    assert_eq!(with(&all("")), Verdict::Warn);
    let two = [person("operator", phone), person("decides", phone)].concat();
    assert_eq!(with(&two), Verdict::Warn);
    assert_eq!(with(&person("operator", phone)), Verdict::Block);
    assert_eq!(with(&person("decides", phone)), Verdict::Block);
}

/// The test import that is planned ends a little after its start; production is moved around the
/// moment seven days later.
#[test]
fn the_proof_of_the_test_import_lies_seven_times_24_hours_before_production() {
    let proved = |at: Jst| blocks(&playbook(""), |facts| facts.proved_test_import_at = Some(at));
    assert!(proved(at(14, 19, 0, 0)).is_empty());
    assert_eq!(proved(at(14, 19, 0, 1)), ["calendar-test-import-too-late"]);
    assert_eq!(proved(at(21, 18, 0, 0)), ["calendar-test-import-too-late"]);
}

#[test]
fn one_person_alone_cannot_do_without_the_test_imports_week() {
    let late = |by: &str| {
        let more = format!(
            "overrides:\n  - {{rule: calendar-test-import-too-late, by: [{by}], reason: 理由}}\n"
        );
        let playbook = playbook(&more);
        let over = playbook.clinic.overrides.clone();
        let found = blocks(&playbook, |facts| {
            facts.proved_test_import_at = Some(at(15, 19, 0, 0));
        });
        (found, is_overridden("calendar-test-import-too-late", &over))
    };
    let (found, may) = late("見本 花子");
    assert!(!may);
    assert_eq!(found, ["calendar-test-import-too-late", "plan-override"]);
    // The same name twice is one person.
    let (found, may) = late("見本 花子, 見本 花子");
    assert!(!may && found.len() == 2, "{found:?}");
    let (found, may) = late("見本 花子, 試験 一郎");
    assert!(may && found.is_empty(), "{found:?}");
}

#[test]
fn another_rule_needs_one_name_and_only_its_own_row_is_let_through() {
    let more = "overrides:\n  - {rule: plan-disk-space, by: [見本 花子], reason: 理由}\n";
    let playbook = playbook(more);
    let over = &playbook.clinic.overrides;
    assert!(is_overridden("plan-disk-space", over));
    assert!(!is_overridden("plan-clinic-id", over));
    let found = blocks(&playbook, |facts| {
        let source = facts.source.as_mut().unwrap();
        (source.free_bytes, source.clinic_id) = (0, Some("JPN000000000453".to_owned()));
    });
    assert_eq!(found, ["plan-clinic-id"]);
    let mut facts = good();
    facts.source.as_mut().unwrap().free_bytes = 0;
    let checks = planned(&playbook, facts).checks;
    let row = checks.iter().find(|check| check.code == "plan-disk-space").unwrap();
    assert_eq!(row.verdict, Verdict::Warn);
    assert_eq!(row.overridden.as_ref().unwrap().by, ["見本 花子"]);
    // A row that holds is not marked, and a name for a rule that is none is told.
    let checks = planned(&playbook, good()).checks;
    let row = checks.iter().find(|check| check.code == "plan-disk-space").unwrap();
    assert_eq!((row.verdict, row.overridden.is_none()), (Verdict::Ok, true));
}

#[test]
fn a_tenant_that_is_in_use_or_of_which_nobody_spoke_blocks() {
    let said = |line: &str| of_clinic(&CLINIC.replace("    holds: nothing\n", line));
    for (line, expected) in [
        ("    holds: nothing\n", 0),
        ("    holds: trial-data\n", 0),
        ("    holds: live-data\n", 1),
        ("", 1),
    ] {
        let found = blocks(&said(line), |_| ());
        assert_eq!(found.len(), expected, "{line}");
        assert!(found.iter().all(|code| code == "plan-tenant-not-live"));
    }
}
