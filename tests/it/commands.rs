//! Commands as their user meets them: output and exit status.

use crate::support::{program, scratch};

fn check(playbook: &str, clinic: &str, args: &[&str]) -> (i32, String, String) {
    let folder = scratch();
    let (playbook_path, clinic_path) =
        (folder.path().join("cutover.yaml"), folder.path().join("clinic.yaml"));
    std::fs::write(&playbook_path, playbook).unwrap();
    std::fs::write(&clinic_path, clinic).unwrap();
    for name in ["maintenance.yaml", "characters.yaml"] {
        std::fs::copy(format!("examples/{name}"), folder.path().join(name)).unwrap();
    }
    let output = program()
        .arg("check")
        .arg("cutover.yaml")
        .args(["--clinic", "clinic.yaml"])
        .args(args)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn shipped() -> (String, String) {
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    (read("playbooks/cutover.yaml"), read("examples/clinic.yaml"))
}

#[test]
fn the_shipped_files_check_without_a_finding() {
    let (playbook, clinic) = shipped();
    let (status, stdout, stderr) = check(&playbook, &clinic, &[]);
    assert_eq!((status, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.contains("no errors"), "{stdout}");
}

#[test]
fn all_errors_of_both_files_come_at_once_each_in_its_place() {
    let (playbook, clinic) = shipped();
    let playbook = playbook
        .replacen("kind: source_probe", "kind: sourse_probe", 1)
        .replacen("with: {purpose: test}", "with: {porpose: test}", 1)
        .replacen("needs: [test_window]", "needs: [test_windo]", 1);
    let clinic = clinic.replacen("2027-01-21T19:00:00+09:00", "2027-01-21T19:00:00", 1);
    let (status, stdout, _) = check(&playbook, &clinic, &["--json"]);
    assert_eq!(status, 3);
    let first = stdout.lines().next().unwrap();
    let json: serde_json::Value = serde_json::from_str(first).unwrap();
    let findings = json["findings"].as_array().unwrap();
    let place = |wanted: &str, text: &str| {
        text.lines().position(|line| line.contains(wanted)).map(|index| index as u64 + 1).unwrap()
    };
    for (file, line) in [
        ("cutover.yaml", place("sourse_probe", &playbook)),
        ("cutover.yaml", place("porpose", &playbook)),
        ("cutover.yaml", place("[test_windo]", &playbook)),
        ("clinic.yaml", place("2027-01-21T19:00:00", &clinic)),
    ] {
        let found = findings.iter().any(|finding| {
            finding["file"] == file
                && finding["line"] == line
                && finding["column"].as_u64() > Some(1)
                && finding["code"].as_str().unwrap().starts_with("playbook-")
        });
        assert!(found, "{file}:{line} is not among {findings:#?}");
    }
}

#[test]
fn findings_look_like_a_compilers() {
    let (playbook, clinic) = shipped();
    let playbook = playbook.replacen("kind: source_probe", "kind: sourse_probe", 1);
    let (status, stdout, stderr) = check(&playbook, &clinic, &[]);
    assert_eq!((status, stdout.as_str()), (3, ""));
    insta::assert_snapshot!(stderr);
}

#[test]
fn a_plan_that_was_not_approved_is_not_run() {
    let output = program().args(["run", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("--approve") && help.contains("--resume") && help.contains("承認"));
}

#[test]
fn help_names_every_command_and_exit_status() {
    let output = program().arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for word in
        ["check", "plan", "run", "status", "report", "resolve", "rehearse", "scan", "archive"]
    {
        assert!(help.contains(&format!("  {word} ")), "{word} is not in\n{help}");
    }
    let documented = std::fs::read_to_string("docs/exit-codes.md").unwrap();
    for status in ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "70"] {
        assert!(documented.contains(&format!("| {status} |")), "{status} is not documented");
    }
}

#[test]
fn a_result_that_could_not_be_written_is_told_and_a_closed_pipe_is_not() {
    let folder = scratch();
    for from in [
        "playbooks/cutover.yaml",
        "examples/clinic.yaml",
        "examples/maintenance.yaml",
        "examples/characters.yaml",
    ] {
        let name = std::path::Path::new(from).file_name().unwrap();
        std::fs::copy(from, folder.path().join(name)).unwrap();
    }
    for more in [&[][..], &["--json"]] {
        let command = || {
            let mut command = program();
            command.args(["check", "cutover.yaml", "--clinic", "clinic.yaml"]).args(more);
            command.current_dir(folder.path());
            command
        };
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command().stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(5), "{more:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("cli-output-unwritable"));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command().stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{more:?}");
    }
}
