//! Announcements from a pasted text to a plan that they block, through the command line.

use std::process::Output;

use crate::support::World;

const NOTICE: &str =
    "メンテナンスのお知らせ\n\n日時：２０２７年１月２１日（木）２３：００～翌２：００\n";

fn said(output: &Output) -> String {
    format!(
        "{:?} {}{}",
        output.status.code(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn an_announcement_counts_once_a_person_has_confirmed_what_was_understood() {
    let world = World::up(&[]);
    let file = world.dir.join("notice.txt");
    let path = file.to_str().unwrap().to_owned();
    std::fs::write(&file, NOTICE).unwrap();
    let import = |more: &[&str]| {
        let mut args = vec!["calendar", "import", &path, "--as", "見本 太郎"];
        args.extend(more);
        world.run(&args)
    };
    let shown = import(&["--json"]);
    assert_eq!(shown.status.code(), Some(10), "{}", said(&shown));
    let line = String::from_utf8_lossy(&shown.stdout).lines().next().unwrap().to_owned();
    let shown: serde_json::Value = serde_json::from_str(&line).unwrap();
    let code = shown["confirm"].as_str().unwrap();
    assert_eq!(shown["windows"][0]["from"], "2027-01-21T23:00:00.000+09:00");
    assert_eq!(shown["windows"][0]["to"], "2027-01-22T02:00:00.000+09:00");
    let listed = |world: &World| {
        let list = world.run(&["calendar", "list", "--json"]);
        let list: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
        let sources = list["sources"].as_array().unwrap().clone();
        sources.into_iter().filter(|source| source["source"] == "notice.txt").collect::<Vec<_>>()
    };
    assert!(listed(&world).is_empty(), "nothing counts before");
    // What was confirmed is what was shown, and nothing else.
    let other = import(&["--confirm", "00000000"]);
    assert_eq!(other.status.code(), Some(10), "{}", said(&other));
    for _ in 0..2 {
        let kept = import(&["--confirm", code]);
        assert_eq!(kept.status.code(), Some(0), "{}", said(&kept));
    }
    let sources = listed(&world);
    assert_eq!(sources.len(), 1, "the same announcement twice is one: {sources:?}");
    assert_eq!(sources[0]["read_by"], "見本 太郎");
    let words = sources[0]["windows"][0]["words"].as_str().unwrap();
    assert!(words.contains("２３：００～翌２：００"), "{words}");
    // It meets the night's window, so the plan is blocked, with the source named.
    world.prepare();
    let plan = world.run(&["plan", &world.playbook()]);
    assert_eq!(plan.status.code(), Some(4), "{}", said(&plan));
    let number = sources[0]["number"].to_string();
    let withdrawn =
        world.run(&["calendar", "withdraw", &number, "--as", "見本 太郎", "--reason", "誤り"]);
    assert_eq!(withdrawn.status.code(), Some(0), "{}", said(&withdrawn));
    let plan = world.run(&["plan", &world.playbook()]);
    assert_eq!(plan.status.code(), Some(0), "{}", said(&plan));
}

#[test]
fn what_contradicts_itself_holds_nothing_or_comes_from_nobody_is_not_kept() {
    let world = World::up(&[]);
    let file = world.dir.join("notice.txt");
    let path = file.to_str().unwrap().to_owned();
    for (text, person, wanted) in [
        ("日時：2027年1月21日（金）23:00〜24:00\n", "見本 太郎", "calendar-import-errors"),
        ("本日は晴天なり\n", "見本 太郎", "calendar-import-nothing"),
        (NOTICE, "通りすがり", "run-nobody"),
    ] {
        std::fs::write(&file, text).unwrap();
        let refused = world.run(&["calendar", "import", &path, "--as", person]);
        assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
        assert!(said(&refused).contains(wanted), "{}", said(&refused));
    }
    // Read, and nothing new: that is written down by name.
    let read = world.run(&["calendar", "check", "--read-by", "見本 太郎"]);
    assert!(said(&read).contains("OK"), "{}", said(&read));
    let nobody = world.run(&["calendar", "check", "--read-by", "通りすがり"]);
    assert_eq!(nobody.status.code(), Some(3), "{}", said(&nobody));
}
