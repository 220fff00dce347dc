//! The files that `plan` writes beside what it shows.

use std::os::unix::fs::PermissionsExt;

use crate::support::{program, scratch};

#[test]
fn a_plan_is_written_in_every_form_readable_by_its_owner_only() {
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
    let forms = [
        ("--html", "plan.html", &b"<!doctype html>"[..]),
        ("--md", "plan.md", "# 移行計画書".as_bytes()),
        ("--xlsx", "plan.xlsx", b"PK"),
        ("--ics", "plan.ics", b"BEGIN:VCALENDAR\r\n"),
    ];
    let mut command = program();
    command.args(["plan", "cutover.yaml", "--offline", "--lang", "ja"]);
    command.args(forms.iter().flat_map(|(option, file, _)| [*option, *file]));
    let output = command.current_dir(folder.path()).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    // The example's dates may be past: a plan that must not be carried out is still written.
    assert!(matches!(output.status.code(), Some(0 | 4)), "{told}");
    for (_, file, start) in forms {
        assert!(told.contains(file), "{told}");
        let path = folder.path().join(file);
        assert!(std::fs::read(&path).unwrap().starts_with(start), "{file}");
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
    }
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(
        shown.contains("実施判断（ゲート）")
            && shown.contains("plan PLAYBOOK --clinic CLINIC --save")
    );
}
