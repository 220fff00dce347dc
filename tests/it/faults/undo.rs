//! The roll-back: what closes the clinic fails at each step, and dies within each way back. What
//! counts is what the server itself says afterwards.

use std::os::unix::process::ExitStatusExt;

use super::chain::Chain;
use super::targets::Target;
use super::{SWAP, judged, up};
use crate::clinic::{assert_closed, assert_open, original};
use crate::figures::{figure, is_full};
use crate::kill::site_imports;
use crate::support::World;

/// Everything closes, names are exchanged, and then it fails: the longest way back there is.
const FAILS_LATE: &str = "after-intent/last_window=error@*";

/// The points of the way back in the order in which they come.
fn way_back() -> Vec<Target> {
    const FRAME: [&str; 4] =
        ["undo-before-intent", "undo-after-intent", "undo-after-effect", "undo-after-outcome"];
    let inside = |step: &str| match step {
        "swap" => vec![
            "fence-closed",
            "swap-back-closed",
            "swap-back-renamed",
            "fence-half-lifted",
            "fence-lifted",
        ],
        "stop" => vec!["service-started"],
        _ => vec!["fence-half-lifted", "fence-lifted"],
    };
    let of = |step: &'static str| {
        let points = [FRAME[..2].to_vec(), inside(step), FRAME[2..].to_vec()].concat();
        points.into_iter().map(|point| Target { step: step.to_owned(), point, time: 1 })
    };
    ["swap", "close", "fence", "stop"].into_iter().flat_map(of).collect()
}

/// A retry would only wait: whether it helps is not what is asked here.
pub(super) fn without_retries(world: &World) {
    let text = std::fs::read_to_string(world.playbook()).unwrap();
    let kept: Vec<&str> =
        text.lines().filter(|line| !line.trim_start().starts_with("retry:")).collect();
    std::fs::write(world.playbook(), kept.join("\n") + "\n").unwrap();
}

/// Dies at every point of the way back, and is taken up in these ways by turns.
fn dies_within_the_way_back(resumptions: &[&'static [&'static str]]) {
    let world = up(("cutover-database.yaml", SWAP));
    without_retries(&world);
    let original = original(&world);
    let mut targets = way_back();
    for target in &mut targets {
        if (target.step.as_str(), target.point) == ("swap", "fence-closed") {
            // The step itself comes by twice before: it closes both databases.
            target.time = 3;
        }
    }
    let wanted = targets.len();
    let mut chain = Chain::new(&world, targets);
    chain.also = vec![FAILS_LATE.to_owned()];
    let mut turn = resumptions.iter().copied().cycle();
    let mut last = chain.process("crash");
    while chain.died(&last) {
        chain.resumption = turn.next().unwrap();
        // The steps were carried out by the first process: only the way back is come by now.
        chain.remaining.iter_mut().for_each(|target| target.time = 1);
        last = chain.process("crash");
    }
    let hit = chain.hit.len();
    assert!(chain.remaining.is_empty(), "{:?}", chain.remaining);
    assert_open(&world, &original, "after the way back");
    assert!(site_imports(&world).len() == 1, "only the test import took place");
    figure(
        "R1",
        &format!("kill -9 within the roll-back, `run {}`", resumptions.concat().join(" ")),
        format!("{hit} of {wanted} points; the clinic open in the end"),
        "cargo nextest run faults::undo",
    );
    // What failed can still be carried out.
    let last = world.run(&["run", "--resume"]);
    assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stderr));
    assert_eq!(site_imports(&world).len(), 2);
    judged(&world);
}

#[test]
fn a_roll_back_that_dies_is_finished_by_the_next_one_and_by_a_resumption() {
    let [next, resumed]: [&[&str]; 2] = [&["--rollback"], &["--resume"]];
    match is_full() {
        true => [next, resumed].iter().for_each(|way| dies_within_the_way_back(&[*way])),
        false => dies_within_the_way_back(&[next, resumed]),
    }
}

/// What cannot be written may not be done, but for the way back; and people learn of it.
#[test]
fn a_journal_that_fails_in_the_night_leaves_the_clinic_open_and_is_told() {
    let world = up(("cutover.yaml", &[]));
    without_retries(&world);
    let original = original(&world);
    let mut chain = Chain::new(&world, Vec::new());
    let mails = || std::fs::read_dir(world.dir.join("mail")).map_or(0, Iterator::count);
    let mut told = 0;
    // The intent of a dump; the same, and the records of the way back; how the stop came out.
    for rules in [
        &["journal-before/final_dump=error"][..],
        &["journal-before/final_dump=error", "undo-before-intent/fence=error@*"],
        &["journal-before/final_dump=error", "journal-before/stop=error@3"],
        &["before-outcome/stop=error"],
        &["before-outcome/close=error", "undo-before-intent/stop=error@*"],
        // Records that are durable, and of which the run does not learn it.
        &["journal-after/final_dump=error@2"],
        &["journal-after/stop=error@2"],
        &["journal-after/close=error@2"],
        // Intents on which nobody acted: nothing was closed by the one, nothing sent by the other.
        &["journal-after/close=error"],
        &["journal-after/production_import=error"],
    ] {
        chain.also = rules.iter().map(|rule| (*rule).to_owned()).collect();
        let output = chain.process("error");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code().is_some_and(|status| status != 0), "{rules:?} {said}");
        assert_open(&world, &original, &format!("{rules:?} {said}"));
        assert_eq!(site_imports(&world).len(), 1, "{rules:?}");
        assert!(mails() > told, "{rules:?}: nobody was told: {said}");
        told = mails();
    }
    // A process died behind the closed door, and the next one can write nothing from the start on.
    for way in [&["run", "--rollback"], &["run", "--resume"]] {
        chain.also = vec!["after-outcome/close=crash".to_owned()];
        let died = chain.process("crash");
        assert_eq!(died.status.signal(), Some(9), "{}", String::from_utf8_lossy(&died.stderr));
        assert_closed(&world, "after the death");
        let mut next = world.command(way);
        let output = next.env("ORCA_CUTOVER_FAULT", "journal-before=error@*").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code().is_some_and(|status| status != 0), "{way:?} {said}");
        assert_open(&world, &original, &format!("{way:?} {said}"));
        assert!(mails() > told, "{way:?}: nobody was told: {said}");
        told = mails();
    }
    // Once the import took place, nothing is opened by itself.
    chain.also = vec!["before-outcome/production_import=error".to_owned()];
    let output = chain.process("error");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(site_imports(&world).len(), 2, "{said}");
    assert_closed(&world, &said);
    assert!(mails() > told, "nobody was told: {said}");
    // Nobody is at work, and that is what a person sees who looks.
    let status = world.status();
    assert_eq!(status["interrupted"], true, "{status}");
    assert_eq!(status["clinic_state"], "cloud-in-doubt", "{status}");
    assert_eq!(status["next_action"]["do"], "resume", "{status}");
    chain.also = Vec::new();
    let output = chain.process("error");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert_eq!(world.status()["interrupted"], serde_json::Value::Null);
    assert_eq!(site_imports(&world).len(), 2);
    judged(&world);
}

#[test]
fn a_failure_at_any_step_of_the_night_leaves_the_clinic_open() {
    let world = up(("cutover-database.yaml", SWAP));
    without_retries(&world);
    let original = original(&world);
    let mut chain = Chain::new(&world, Vec::new());
    // Before each step acts, and once what closes the clinic took effect without anybody knowing.
    let rules = [
        "after-intent/cutover_portal",
        "after-intent/stop",
        "service-stopped/stop",
        "after-effect/stop",
        "fence-read-only/fence",
        "after-effect/fence",
        "after-intent/final_dump",
        "database-half-filled/final_dump",
        "after-intent/stale",
        "fence-closed/close",
        "after-effect/close",
        "after-effect/final_verify",
        "swap-closed/swap",
        "swap-renamed/swap",
        "after-effect/swap",
        "after-intent/last_window",
        "after-intent/production_import",
        "import-ready/production_import",
    ];
    for rule in rules {
        chain.also = vec![format!("{rule}=error@*")];
        if rule == "after-intent/last_window" {
            // The way back fails as well, once: it is tried again.
            chain.also.push("undo-after-intent/fence=error".to_owned());
        }
        let output = chain.process("error");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let status = output.status.code();
        assert!(
            status.is_some_and(|status| status != 0 && status != 7),
            "{rule} {status:?} {said}"
        );
        assert_eq!(world.status()["outcome"], "failed", "{rule}: {said}");
        assert_open(&world, &original, rule);
        assert_eq!(site_imports(&world).len(), 1, "{rule}");
    }
    chain.also = Vec::new();
    let last = chain.process("error");
    assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stderr));
    judged(&world);
    let failed = format!("{} of {} places; the clinic open each time", rules.len(), rules.len());
    figure("R1", "failure in the night, rolled back", failed, "cargo nextest run faults::undo");
}

/// H29: from the production import on, the way back is a person's decision.
#[test]
fn after_the_production_import_nothing_is_taken_back_by_itself() {
    let world = up(("cutover.yaml", &[]));
    without_retries(&world);
    let original = original(&world);
    let mut chain = Chain::new(&world, Vec::new());
    chain.also = vec!["after-effect/production_import=panic".to_owned()];
    // Nobody knows whether it took place: nothing is opened, by nobody.
    let output = chain.process("");
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    assert_closed(&world, "in doubt");
    refused_without_force(&world, "in doubt");
    // It did, and what comes after it fails.
    chain.also = vec!["after-intent/production_after=error@*".to_owned()];
    let output = chain.process("");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert_eq!(world.status()["clinic_state"], "cloud-overwritten", "{said}");
    assert_closed(&world, "after a failure behind the import");
    refused_without_force(&world, "behind the import");
    assert_closed(&world, "after what was refused");
    // By name and on purpose it can be.
    let forced = world.run(&["run", "--rollback", "--force"]);
    assert!(forced.status.success(), "{}", String::from_utf8_lossy(&forced.stderr));
    assert_open(&world, &original, "after the forced way back");
    assert_eq!(site_imports(&world).len(), 2);
}

/// The refusal says what to do instead, in both languages.
fn refused_without_force(world: &World, when: &str) {
    for (lang, hint) in [("en", "--force"), ("ja", "--force")] {
        let output = world.run(&["--lang", lang, "run", "--rollback"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(10), "{when}: {said}");
        assert!(said.contains(hint), "{when}: {said}");
    }
}
