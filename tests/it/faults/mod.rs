//! Every step of every shipped playbook fails, runs twice and dies at every point; the run is
//! judged from outside.

mod borders;
mod chain;
mod effects;
mod in_use;
mod random;
mod targets;
mod undo;

use std::time::Duration;

use chain::Chain;
use targets::{Step, TOOK_PLACE, Target};

use crate::clinic::work_on;
use crate::figures::{figure, is_full};
use crate::kill::{journal, judge, site_imports};
use crate::support::{DECIDES, World, scratch};

/// A world of the matrix: its playbook, and what is changed in its text.
type Changed = (&'static str, &'static [(&'static str, &'static str)]);

const SWAP: &[(&str, &str)] = &[("swap: \"no\"", "swap: \"yes\"")];

/// Every shipped playbook is among them; more worlds only give more imports.
const WORLDS: [Changed; 3] =
    [("cutover.yaml", &[]), ("cutover-database.yaml", SWAP), ("cutover.yaml", &[])];

fn text((name, changes): Changed) -> String {
    let mut text = std::fs::read_to_string(format!("playbooks/{name}")).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{name}: {from}");
        text = text.replacen(from, to, 1);
    }
    text
}

/// The steps that the world's playbook carries out.
fn steps(changed: Changed) -> Vec<Step> {
    let mut steps = targets::steps(&text(changed));
    steps.retain(|step| step.kind != "swap_database" || changed.1 == SWAP);
    steps
}

fn up(changed: Changed) -> World {
    let folder = scratch();
    let path = folder.path().join("playbook.yaml");
    std::fs::write(&path, text(changed)).unwrap();
    // A dump that is to go, so that there is something to release.
    World::up(&["--playbook", path.to_str().unwrap(), "--dumps", "1"])
}

#[test]
fn every_shipped_playbook_and_every_kind_of_step_is_in_the_matrix() {
    let mut shipped: Vec<String> = std::fs::read_dir("playbooks")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| text((name.clone().leak(), &[])).contains("\nphases:"))
        .collect();
    shipped.sort();
    let mut here: Vec<&str> = WORLDS.iter().map(|(name, _)| *name).collect();
    here.sort_unstable();
    here.dedup();
    assert_eq!(shipped, here);
    // Whatever the playbooks have, each kind's points are dealt out once, to steps that differ
    // where an import's points can be come by only once.
    let parts = targets::dealt(&WORLDS.map(steps));
    for (number, part) in parts.iter().enumerate() {
        for step in steps(WORLDS[number]).iter().filter(|step| step.kind == "portal_import") {
            let only =
                |target: &&Target| target.step == step.id && TOOK_PLACE.contains(&target.point);
            assert!(part.iter().filter(only).count() <= 1, "{number}: {}", step.id);
        }
    }
}

/// What no test sets off would be a promise of the table alone.
#[test]
fn every_point_is_set_off_by_a_test() {
    let mut sources = String::new();
    let mut folders = vec![std::path::PathBuf::from("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().is_some_and(|end| end == "rs") {
                true => sources.push_str(&std::fs::read_to_string(&path).unwrap()),
                false if path.is_dir() => folders.push(path),
                false => {}
            }
        }
    }
    let is_set_off =
        |name: &str| ["\"", "/", "="].iter().any(|end| sources.contains(&format!("\"{name}{end}")));
    let left: Vec<&str> =
        orca_cutover::fault::Point::ALL.iter().map(|point| point.name()).collect();
    let left: Vec<&str> = left.into_iter().filter(|name| !is_set_off(name)).collect();
    assert_eq!(left, Vec::<&str>::new());
}

/// Holds a world's record against what must never happen.
fn judged(world: &World) {
    judge(&journal(world), 1..=1);
    let found = crate::judge::judge(&crate::judge::of_world(world));
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// One world of the matrix.
fn matrix(number: usize) {
    let worlds: Vec<Vec<Step>> = WORLDS.iter().map(|changed| steps(*changed)).collect();
    let mut targets = match is_full() {
        true => {
            let mut all = targets::all(&worlds[number]);
            all.retain(|target| effects::can_follow(target.point, &target.step));
            all
        }
        false => targets::dealt(&worlds).swap_remove(number),
    };
    let at_work = Target { step: "production_time".into(), point: "after-intent", time: 1 };
    if !targets.contains(&at_work) {
        targets.push(at_work.clone());
    }
    if WORLDS[number].0 == "cutover-database.yaml" {
        // The final dump's database is kept for the swap; the test's is dropped.
        let (step, point) = ("test_dump".to_owned(), "database-dropped");
        targets.push(Target { step, point, time: 1 });
    }
    let world = up(WORLDS[number]);
    let wanted = targets.len();
    let digest = world.digest();
    let mut chain = Chain::new(&world, targets);
    chain.between = Box::new(move |world, target| {
        eprintln!("{}", target.rule("crash"));
        // A second run beside one that was left is refused, wherever it was left.
        if target.point != "before-intent" {
            let again = ["run", &world.playbook(), "--approve", &digest, "--as", DECIDES];
            let output = world.run(&again);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(4), "{}: {said}", target.rule("crash"));
        }
        if *target == at_work {
            work_on(world);
        }
    });
    chain.die_everywhere();
    let (hit, left) = (chain.hit.len(), std::mem::take(&mut chain.remaining));
    let mut decided = std::mem::take(&mut chain.decided);
    eprintln!("ends that were not deaths:\n{}", chain.ends.join("\n"));
    // An import that took place is not done again: its other points are another world's.
    let is_import = |target: &&Target| target.step.ends_with("_import");
    let only_here = |target: &&Target| !is_full() || !is_import(target);
    let missed: Vec<&Target> = left.iter().filter(only_here).collect();
    assert!(missed.is_empty(), "{hit} of {wanted}; not come by: {missed:?}");
    let imports = site_imports(&world);
    assert_eq!(imports.len(), 2, "{imports:?}");
    judged(&world);
    decided.sort_unstable();
    let seconds = |at: usize| decided.get(at).map_or(0.0, Duration::as_secs_f64);
    let (middle, longest) = (seconds(decided.len() / 2), seconds(decided.len().saturating_sub(1)));
    let command = "cargo nextest run faults::";
    let name = WORLDS[number].0;
    figure(
        "R1",
        &format!("kill -9 at named points, {name} ({number})"),
        format!("{hit} of {wanted} points, each run again and resumed; 0 violations"),
        command,
    );
    figure(
        "R14",
        &format!("from `run --resume` to the decision, {name} ({number})"),
        format!("median {middle:.2} s, longest {longest:.2} s of {}", decided.len()),
        command,
    );
}

#[test]
fn dies_at_every_point_one() {
    matrix(0);
}

#[test]
fn dies_at_every_point_two() {
    matrix(1);
}

#[test]
fn dies_at_every_point_three() {
    matrix(2);
}
