//! H17: a dump into file systems of ten sizes, each too small: a clear stop, no half archive, and
//! the clinic has its server back.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::shim::{Ended, run};
use crate::clinic::sql;
use crate::figures::{figure, size};
use crate::kill::{run_and_signal, site_imports};
use crate::support::{DECIDES, World, postgres_program, program, scratch};

/// The command in a mount namespace of its own, with a file system of `bytes` over `folder` that
/// begins with what lies there. What is left in it is listed at the end.
fn on_small_disk(folder: &Path, bytes: u64, command: &Command) -> (Ended, String) {
    let list = folder.with_extension("left");
    let script = "
        kept=$(mktemp -d) && cp -a \"$1/.\" \"$kept\" &&
        mount -t tmpfs -o size=$2,mode=0700 test \"$1\" && cp -a \"$kept/.\" \"$1\" || exit 90
        shift 2; list=$1; folder=$2; shift 2
        \"$@\"; status=$?
        find \"$folder\" -type f > \"$list\"
        rm -rf \"$kept\"
        exit $status";
    let mut inner = Command::new("unshare");
    inner.args(["-m", "sh", "-c", script, "sh"]);
    inner.arg(folder).arg(bytes.to_string()).arg(&list).arg(folder);
    inner.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        inner.env(name, value.unwrap_or_default());
    }
    let ended = run(&mut inner);
    assert_ne!(ended.status, Some(90), "{ended:?}");
    (ended, std::fs::read_to_string(list).unwrap())
}

fn bytes_below(folder: &Path) -> u64 {
    let du = Command::new("du").args(["-sB4096"]).arg(folder).output().unwrap();
    let text = String::from_utf8(du.stdout).unwrap();
    text.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 4096
}

/// Less than what a dump leaves free beside the journal, or the test would show nothing.
fn database_bytes(world: &World) -> u64 {
    let bytes = sql(world, "postgres", "SELECT pg_database_size('orca')").parse().unwrap();
    assert!((1..28 << 20).contains(&bytes), "{bytes}");
    bytes
}

#[test]
fn a_dump_onto_ten_disks_that_are_too_small_leaves_no_half_archive() {
    let test = "disk::small_disk::a_dump_onto_ten_disks_that_are_too_small_leaves_no_half_archive";
    let world = World::up(&[]);
    let scratch = scratch();
    // pg_dump's own file is the input, so that what the output needs is known beforehand.
    let dumped = Command::new("sudo")
        .args(["-n", "-u", "orca"])
        .arg(postgres_program("pg_dump"))
        .args(["-Fc", "-Z0", "-p", "54329", "-h"])
        .arg(world.dir.join("clinic/s"))
        .arg("orca")
        .output()
        .unwrap();
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    let input = scratch.path().join("input.dump");
    std::fs::write(&input, dumped.stdout).unwrap();
    let convert = |to: &Path| {
        let mut command = program();
        command.args(["archive", "convert"]).arg(&input).arg(to.join("out.dump"));
        command.arg("--mapping").arg(world.dir.join("characters.yaml"));
        command
    };
    let roomy = scratch.path().join("roomy");
    std::fs::create_dir(&roomy).unwrap();
    assert_eq!(run(&mut convert(&roomy)).status, Some(0));
    let needed = std::fs::metadata(roomy.join("out.dump")).unwrap().len();
    let mut stopped = 0;
    for tenth in 1..=10 {
        let folder = scratch.path().join(format!("small-{tenth}"));
        std::fs::create_dir(&folder).unwrap();
        let small = (needed * tenth / 11 / 4096).max(1) * 4096;
        let (ended, left) = on_small_disk(&folder, small, &convert(&folder));
        assert_eq!(ended.status, Some(5), "{small} of {needed}: {ended:?}");
        assert!(ended.stderr.contains("archive-cannot-write"), "{ended:?}");
        assert_eq!(left, "", "{small} of {needed}");
        stopped += 1;
    }
    // The size that is enough is enough.
    let folder = scratch.path().join("enough");
    std::fs::create_dir(&folder).unwrap();
    let (ended, left) = on_small_disk(&folder, needed + (1 << 20), &convert(&folder));
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(left.trim().ends_with("out.dump"), "{left}");
    let what = "H17: conversions onto disks that are too small, each a clear stop without a file";
    figure("R4", what, format!("{stopped} of 10 sizes"), &format!("cargo nextest run {test}"));
}

#[test]
fn a_final_dump_without_room_gives_the_clinic_its_server_back() {
    let test = "disk::small_disk::a_final_dump_without_room_gives_the_clinic_its_server_back";
    // The shipped playbook, but without the waits that give a person time to make room.
    let scratch = scratch();
    let playbook = scratch.path().join("cutover.yaml");
    let shipped = std::fs::read_to_string("playbooks/cutover.yaml").unwrap();
    let hasty = shipped.replacen("attempts: 2, first_wait: 30s", "attempts: 2, first_wait: 1s", 1);
    assert_ne!(shipped, hasty);
    std::fs::write(&playbook, hasty).unwrap();
    let world = World::up(&["--playbook", playbook.to_str().unwrap()]);
    let digest = world.digest();
    let database = database_bytes(&world);
    let args = ["run", &world.playbook(), "--approve", &digest, "--as", DECIDES];
    let title = "Take the final dump";
    assert_eq!(run_and_signal(&world, &args, title, Duration::ZERO, "-9"), None);
    let (work, archives) = (world.dir.join("work"), world.dir.join("work/archives"));
    let mut stopped = 0;
    let sizes = size(2, 10) as u64;
    for number in 0..sizes {
        // Before it begins: a disk for the archives, with less than a dump can need.
        let (folder, free, words) = if number % 2 == 0 {
            (&archives, database * (1 + number) / (sizes + 1), "are free in the working folder")
        } else {
            // While it is written: it lies on the journal's disk, whose last part is not touched.
            (&work, database + ((1 + number) << 18), "no storage space")
        };
        let bytes = bytes_below(folder) + free;
        let (ended, left) = on_small_disk(folder, bytes, &world.command(&["run", "--resume"]));
        assert_eq!(ended.status, Some(5), "{ended:?}");
        assert!(ended.stderr.contains(words), "{words}: {ended:?}");
        assert!(!left.contains("final.dump"), "{left}");
        assert_eq!(site_imports(&world).len(), 1);
        let runs = Command::new(world.dir.join("jma-receipt")).arg("status").status().unwrap();
        assert!(runs.success(), "the clinic has its server back: {ended:?}");
        stopped += 1;
    }
    let what = "H17: final dumps without room, each a clear stop with the way back taken";
    figure("R4", what, format!("{stopped} of {sizes} sizes"), &format!("cargo nextest run {test}"));
}
