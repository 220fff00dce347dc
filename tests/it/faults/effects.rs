//! Faults inside of effects that are no deaths: a failure is told, taken back and mended; a panic
//! is contained; what is carried out twice comes to the same; a real run has no faults.

use std::os::unix::process::ExitStatusExt;

use super::chain::Chain;
use super::{Changed, SWAP, judged, targets, up};
use crate::clinic::{assert_open, original};
use crate::figures::{figure, is_full};
use crate::kill::{settle, site_imports};
use crate::support::{World, program};

const PLAIN: Changed = ("cutover.yaml", &[]);
const DATABASE: Changed = ("cutover-database.yaml", SWAP);

/// Points at which it is the journal that fails: the run then stops without an end of its own,
/// since what cannot be written may not be done. The clinic is opened all the same.
const OF_THE_JOURNAL: [&str; 5] =
    ["before-intent", "before-outcome", "after-outcome", "journal-before", "journal-after"];

/// An import is never repeated.
const ONCE: &str = "portal_import";

/// `fail here`: each place fails once, the run is ended in good order, and resumed. A run of the
/// tests leaves the second playbook to the places of `undo`.
#[test]
fn a_failure_at_any_point_is_known_taken_back_and_mended() {
    let worlds: &[Changed] = if is_full() { &[PLAIN, DATABASE] } else { &[PLAIN] };
    worlds.iter().copied().for_each(fails_at_every_point);
}

fn fails_at_every_point(changed: Changed) {
    let world = up(changed);
    super::undo::without_retries(&world);
    let original = original(&world);
    let mut left = targets::all(&steps_that_fail(changed));
    left.retain(|target| is_full() || !OF_THE_JOURNAL.contains(&target.point));
    left.retain(|target| can_follow(target.point, &target.step));
    let only_seen = |target: &targets::Target| target.step == "production_before";
    left.retain(|target| is_full() || !only_seen(target) || target.point == "export-seen");
    let wanted = left.len();
    let mut chain = Chain::new(&world, Vec::new());
    let (mut failed, mut processes, mut without) = (0, 0, 0);
    loop {
        // The first that a step comes by ends it; steps beside one another fail in one process.
        chain.also = left.iter().map(|target| target.rule("error")).collect();
        let output = chain.process("error");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        processes += 1;
        assert!(processes < 400, "does not come to an end: {left:?}\n{said}");
        let come_by = chain.come_by();
        let was_hit = |target: &targets::Target| {
            let line = format!("{} {}", target.step, target.point);
            come_by.iter().filter(|other| **other == line).count() >= target.time
        };
        let hit: Vec<targets::Target> =
            left.iter().filter(|target| was_hit(target)).cloned().collect();
        left.retain(|target| !hit.contains(target));
        failed += hit.len();
        without += usize::from(hit.is_empty());
        assert!(without < 5, "fails by itself: {left:?}\n{said}");
        match output.status.code() {
            Some(0 | 9) if world.status()["outcome"] == "done" => break,
            // An import may have taken place: a person looks.
            Some(7) => {
                settle(&world);
                continue;
            }
            Some(_) => {}
            None => panic!("it died: {said}"),
        }
        // What failed between a proof and its record is asked for again by the next process.
        let has_no_end = |target: &targets::Target| {
            OF_THE_JOURNAL.contains(&target.point) || target.point == "proved"
        };
        let status = world.status();
        let state = status["clinic_state"].as_str().unwrap_or("unchanged");
        if !hit.iter().any(has_no_end) && state != "cloud-overwritten" {
            assert_eq!(status["outcome"], "failed", "{hit:?}\n{said}");
        }
        if !state.starts_with("cloud-") {
            assert_open(&world, &original, &format!("{hit:?}\n{said}"));
        }
    }
    let imports = site_imports(&world);
    assert!((1..=2).contains(&imports.len()), "{imports:?}");
    judged(&world);
    // What comes after an import that is known to have taken place is not come by again.
    let missed: Vec<&targets::Target> =
        left.iter().filter(|target| !target.step.ends_with("_import")).collect();
    assert!(missed.is_empty(), "not come by: {missed:?}");
    figure(
        "R1",
        &format!("failure at named points, {}", changed.0),
        format!("{failed} of {wanted} points, {processes} processes; 0 violations"),
        "cargo nextest run faults::effects",
    );
}

/// An export that failed between asking and noting takes the dump that came: it comes by nothing
/// that has to do with one of its own. So one export has each of those failures, and the others
/// have the rest.
pub(super) fn can_follow(point: &str, step: &str) -> bool {
    match point {
        "export-clicked" => step == "production_after",
        "export-seen" => step == "production_before",
        "export-noted" => !matches!(step, "production_after" | "production_before"),
        _ => true,
    }
}

/// One step of each kind, the last one; the test import, where after a failure there is something
/// left to do. Every step, where everything is asked for.
fn steps_that_fail(changed: Changed) -> Vec<targets::Step> {
    let mut steps = super::steps(changed);
    if is_full() {
        return steps;
    }
    let all = steps.clone();
    let same = |one: &targets::Step, other: &targets::Step| {
        (&one.kind, one.variant) == (&other.kind, other.variant)
    };
    steps.retain(|step| {
        let last = all.iter().rfind(|other| same(other, step)).unwrap();
        let import = step.kind == "portal_import";
        if import {
            step.id == "test_import"
        } else {
            step.id == last.id || step.id == "production_before"
        }
    });
    steps
}

/// Each effect that may be repeated is carried out twice in a row.
#[test]
fn what_is_carried_out_twice_comes_to_the_same() {
    // A dump by way of a database is two dumps.
    for (changed, dumps) in [(PLAIN, 2), (DATABASE, 4)] {
        let world = up(changed);
        let steps = super::steps(changed);
        let mut chain = Chain::new(&world, Vec::new());
        let twice = || steps.iter().filter(|step| step.kind != ONCE);
        chain.also = twice().map(|step| format!("after-effect/{}=repeat", step.id)).collect();
        let output = chain.process("repeat");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let come_by = chain.come_by();
        let times = |line: &str| come_by.iter().filter(|other| *other == line).count();
        let (dumped, stopped) = (times("final_dump dump-started"), times("stop service-stopped"));
        assert_eq!((dumped, stopped), (dumps, 2), "{}", changed.0);
        for step in twice() {
            assert_eq!(times(&format!("{} after-effect repeat", step.id)), 1, "{}", step.id);
        }
        assert_eq!(site_imports(&world).len(), 2);
        judged(&world);
        figure(
            "R1",
            &format!("carried out twice, {}", changed.0),
            format!("{} of {} steps but imports; 0 violations", twice().count(), twice().count()),
            "cargo nextest run carried_out_twice",
        );
    }
}

/// A proof makes a dump of the tenant, which takes one of five places: the next process takes it up
/// and asks for none.
#[test]
fn a_proof_that_dies_is_taken_up_with_the_dump_that_it_made() {
    let world = up(PLAIN);
    let mut chain = Chain::new(&world, Vec::new());
    for (place, asks) in [
        ("import-sent/test_import", false),
        ("export-noted/test_import", true),
        ("download-half/test_import", false),
        ("after-intent/production_time", false),
    ] {
        chain.also = vec![format!("{place}=crash")];
        let output = chain.process("crash");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), Some(9), "{place}: {said}");
        let asked = chain.come_by().iter().any(|line| line == "test_import export-clicked");
        assert_eq!(asked, asks, "{place}: {said}");
    }
    assert_eq!(site_imports(&world).len(), 1);
}

/// A defect in the middle of an effect is no reason to leave the clinic closed.
#[test]
fn a_panic_is_contained_and_the_clinic_is_opened() {
    let world = up(PLAIN);
    super::undo::without_retries(&world);
    let original = original(&world);
    let mut chain = Chain::new(&world, Vec::new());
    for place in ["dump-midstream/final_dump", "fence-closed/close", "after-effect/last_window"] {
        chain.also = vec![format!("{place}=panic")];
        let output = chain.process("panic");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(70), "{place}: {said}");
        assert_open(&world, &original, place);
    }
    chain.also = Vec::new();
    assert!(chain.process("").status.success());
}

#[test]
fn a_real_run_refuses_faults_and_does_not_ignore_them() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["clinic.yaml", "characters.yaml", "maintenance.yaml"] {
        std::fs::copy(format!("examples/{name}"), folder.path().join(name)).unwrap();
    }
    std::fs::copy("playbooks/cutover.yaml", folder.path().join("cutover.yaml")).unwrap();
    let said = |fault: &str, args: &[&str]| {
        let output = program()
            .args(args)
            .args(["--clinic", "clinic.yaml"])
            .env("ORCA_CUTOVER_FAULT", fault)
            .current_dir(folder.path())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for args in [vec!["run", "cutover.yaml"], vec!["run", "--resume"], vec!["tick"], vec!["status"]]
    {
        let (status, stderr) = said("after-intent=delay:1", &args);
        assert_eq!(status, Some(3), "{args:?}: {stderr}");
        assert!(stderr.contains("fault-real") && stderr.contains("unset"), "{args:?}: {stderr}");
    }
    let (status, stderr) = said("", &["check", "cutover.yaml"]);
    assert_eq!(status, Some(0), "{stderr}");
}

#[test]
fn a_fault_that_cannot_be_read_is_refused() {
    let world = World::up(&[]);
    let mut command = world.command(&["status"]);
    let output = command.env("ORCA_CUTOVER_FAULT", "nowhere=crash").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere=crash"));
}

/// The page and the program name the same points.
#[test]
fn the_page_lists_every_point() {
    let output = program().args(["faults", "--json"]).output().unwrap();
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let listed = listed["points"].as_array().unwrap();
    let page = std::fs::read_to_string("docs/fault-points.md").unwrap();
    assert!(listed.len() > 40);
    for point in listed {
        let row = format!("| `{}` |", point["point"].as_str().unwrap());
        assert_eq!(page.matches(&row).count(), 1, "{row}");
    }
    let rows = page.lines().filter(|line| line.starts_with("| `") && line.contains("` | ")).count();
    assert!(rows >= listed.len());
}
