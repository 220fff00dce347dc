//! `scan` as its user meets it: on a live database, and on dumps.

use std::os::unix::fs::PermissionsExt;

use crate::support::{World, program, scratch};

#[test]
fn a_live_database_is_scanned_before_a_date_is_planned() {
    let world = World::up(&["--fault", "bad-character"]);
    let out = scratch();
    let csv = out.path().join("characters.csv");
    let html = out.path().join("characters.html");
    let scan = |more: &[&str]| {
        let (csv, html) = (csv.display().to_string(), html.display().to_string());
        let args = [&["scan", "--json", "--csv", &csv, "--html", &html], more].concat();
        let output = world.run(&args);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        (output.status.code().unwrap(), json)
    };
    let (status, json) = scan(&[]);
    assert_eq!(status, 1, "{json}");
    assert_eq!(json["summary"]["open"], 1);
    let finding = &json["findings"][0];
    assert_eq!((&finding["code"], &finding["table"]), (&"8FF4FB".into(), &"tbl_ptinf".into()));
    assert!(finding["key"].as_str().unwrap().contains('*') && finding["value"].is_null());
    assert_eq!(json["summary"]["scanned"]["live"], true);
    for file in [&csv, &html] {
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    let (_, shown) = scan(&["--show-values"]);
    assert!(shown["findings"][0]["value"].as_str().unwrap().contains('髙'));
    // What was decided is not left to decide.
    let mapping = out.path().join("mapping.yaml");
    let decided = "reading: eucjp-ms
packed_columns: {tbl_syskanri.kanritbl: apart}
rules: [{code: 8FF4FB, to: U+9AD8, lossy: true}]";
    std::fs::write(&mapping, decided).unwrap();
    // A file's name may stand alone, without its folder.
    let clean = ["scan", "--mapping", "mapping.yaml", "--html", "alone.html"];
    let alone = world.command(&clean).current_dir(out.path()).output().unwrap();
    assert_eq!(alone.status.code(), Some(0), "{}", String::from_utf8_lossy(&alone.stderr));
    assert!(out.path().join("alone.html").exists());
    let (status, json) = scan(&["--mapping", &mapping.display().to_string()]);
    assert_eq!((status, &json["summary"]["open"]), (0, &0.into()), "{json}");
    assert!(json["summary"]["decided"].as_u64() > Some(0));
}

#[test]
fn trouble_has_a_status_of_its_own() {
    let folder = scratch();
    let cut = folder.path().join("cut.dump");
    std::fs::write(&cut, b"PGDMP\x01\x0e\x00\x04\x08\x01").unwrap();
    let status = |args: &[&str]| program().arg("scan").args(args).output().unwrap().status.code();
    assert_eq!(status(&["--dump", &cut.display().to_string()]), Some(2));
    assert_eq!(status(&["--dump", "/nowhere/x.dump"]), Some(5));
    assert_eq!(status(&[]), Some(2));
    let text = folder.path().join("x.sql");
    std::fs::write(&text, "--\n-- PostgreSQL database dump\n--\n").unwrap();
    assert_eq!(status(&["--dump", &text.display().to_string()]), Some(3));
}
