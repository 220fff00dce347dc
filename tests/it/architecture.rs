//! Which room may import which. The table is the one of `docs/architecture.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Rooms that import nothing but one another.
const LEAVES: [&str; 13] = [
    "clock",
    "diag",
    "disk",
    "effect",
    "fault",
    "i18n",
    "ids",
    "pg_version",
    "pipe",
    "progress",
    "secret",
    "tls",
    "yaml",
];

/// What a room may import besides the leaves.
const ALLOWED: [(&str, &[&str]); 16] = [
    ("playbook", &["calendar"]),
    ("calendar", &[]),
    ("charset", &[]),
    ("archive", &["charset"]),
    ("source", &[]),
    ("portal", &[]),
    ("feed", &[]),
    ("mail", &["playbook"]),
    ("journal", &[]),
    ("plan", &["playbook", "calendar"]),
    (
        "action",
        &[
            "source", "archive", "charset", "portal", "feed", "mail", "calendar", "journal",
            "plan", "playbook",
        ],
    ),
    ("run", &["action", "journal", "playbook", "plan"]),
    ("report", &["archive", "calendar", "charset", "journal", "plan", "playbook"]),
    ("schedule", &["run", "report", "plan", "playbook", "journal", "action", "calendar"]),
    ("rehearsal", &["source", "playbook"]),
    (
        "cli",
        &[
            "run",
            "report",
            "plan",
            "playbook",
            "journal",
            "action",
            "archive",
            "charset",
            "rehearsal",
            "schedule",
            "calendar",
        ],
    ),
];

#[test]
fn rooms_import_only_what_the_table_allows() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(room, others)| (*room, others.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for file in rust_files(Path::new("src")) {
        let Some(room) = room_of(&file) else { continue };
        seen.insert(room.clone());
        for (line, import) in imports(&file) {
            let is_leaf = LEAVES.contains(&import.as_str());
            let fine = import == room
                || is_leaf
                || (!LEAVES.contains(&room.as_str())
                    && allowed.get(room.as_str()).is_some_and(|set| set.contains(import.as_str())));
            if !fine {
                wrong.push(format!("{}:{line}: `{room}` imports `{import}`", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "edges that the table does not allow:\n{}", wrong.join("\n"));
    for (room, _) in ALLOWED {
        assert!(seen.contains(room), "room `{room}` has no file: is the test reading the tree?");
    }
}

#[test]
fn the_test_sees_a_forbidden_edge() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.rs");
    std::fs::write(
        &file,
        "use crate::{\n    run::RunEnd,\n    ids,\n};\nfn f() { crate::cli::main(); }\n\
         #[cfg(test)]\nmod tests { use crate::web::X; }\n",
    )
    .unwrap();
    let found: Vec<String> = imports(&file).into_iter().map(|(_, import)| import).collect();
    assert_eq!(found, ["run", "ids", "cli"]);
}

/// The room is the first folder below `src`, or the file itself.
fn room_of(file: &Path) -> Option<String> {
    let below = file.strip_prefix("src").ok()?;
    let first = below.components().next()?.as_os_str().to_str()?;
    let room = first.strip_suffix(".rs").unwrap_or(first);
    (room != "lib" && room != "main").then(|| room.to_owned())
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        // Tests may reach into other rooms: an end-to-end test needs the twin.
        let is_test = name.contains("test") || name.starts_with("on_twin");
        if path.is_dir() {
            if !is_test {
                files.extend(rust_files(&path));
            }
        } else if name.ends_with(".rs") && !is_test {
            files.push(path);
        }
    }
    files
}

/// `crate::room` and the first names of `use crate::{...}`, with their lines, up to the file's
/// own tests.
fn imports(file: &Path) -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut found = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        let line = code[..start].matches('\n').count() + 1;
        let line_text = code.lines().nth(line - 1).unwrap_or_default().trim_start();
        if line_text.starts_with("//") || code[..start].ends_with('$') {
            continue;
        }
        let rest = &code[start + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split('}').next().unwrap_or_default();
            for name in group.split(',') {
                let name: String = name.trim().chars().take_while(is_name).collect();
                if !name.is_empty() && name != "t" {
                    found.push((line, name));
                }
            }
        } else {
            let name: String = rest.chars().take_while(is_name).collect();
            // `crate::t!` is the texts' macro.
            if name != "t" {
                found.push((line, name));
            }
        }
    }
    found
}

fn is_name(c: &char) -> bool {
    c.is_ascii_alphanumeric() || *c == '_'
}

/// What stands in our environment, a password for instance, is for no other program.
#[test]
fn every_program_is_started_with_an_environment_of_its_own() {
    let mut starters = Vec::new();
    for file in rust_files(Path::new("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let starts = ["std::process::Command", "tokio::process::Command", "duct::cmd"];
        if !starts.iter().any(|start| code.contains(start)) {
            continue;
        }
        let starting = ["Command::new(", "cmd(", "cmd!("].map(|call| code.matches(call).count());
        let cleared = code.matches(".full_env(").count() + code.matches(".env_clear()").count();
        assert!(cleared >= starting.iter().sum::<usize>(), "{}", file.display());
        starters.push(file);
    }
    assert!(starters.len() >= 3, "{starters:?}: is the test reading the source?");
}
