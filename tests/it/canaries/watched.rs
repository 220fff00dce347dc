//! Runs a program while every process that it starts is looked at.

use std::path::Path;
use std::process::{Command, Stdio};

/// What was seen of the processes.
pub(super) struct Seen(serde_json::Value);

impl Seen {
    /// No process may write a core file; and of a long run enough was seen to say something.
    pub(super) fn judge(&self, long: bool) {
        let list = |name: &str| -> Vec<String> {
            let list = self.0[name].as_array().unwrap();
            list.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
        };
        let programs = list("programs");
        for program in ["orca-cutover", "sudo", "pg_dump", "psql"] {
            let seen = programs.iter().any(|seen| seen == program);
            assert!(seen || !long, "{program} was not seen: {}", self.0);
        }
        assert!(!long || self.0["looks"].as_u64().unwrap() > 50, "{}", self.0);
        let cores = list("cores");
        // The program was started with cores allowed: it is the one that forbids them.
        assert!(cores.contains(&"0 own".to_owned()), "{cores:?}");
        assert!(cores.iter().all(|seen| seen.ends_with("own") || seen == "0 child"), "{cores:?}");
    }
}

/// Runs it with core files allowed; the lists that `watch.py` writes lie in `out` afterwards.
pub(super) fn watched(program: Command, out: &Path) -> (Option<i32>, Seen) {
    let mut allowed = Command::new("sh");
    allowed.args(["-c", "ulimit -S -c $(ulimit -H -c); exec \"$@\"", "sh"]);
    allowed.arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        allowed.env(name, value.unwrap_or_default());
    }
    let file =
        |end: &str| Stdio::from(std::fs::File::create(out.join(format!("run.{end}"))).unwrap());
    allowed.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
    let mut child = allowed.spawn().unwrap();
    let mut watch = Command::new("sudo")
        .args(["-n", "python3", "-B", "tests/it/canaries/watch.py", &child.id().to_string()])
        .arg(out)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let status = child.wait().unwrap();
    drop(watch.stdin.take());
    let output = watch.wait_with_output().unwrap();
    assert!(output.status.success());
    (status.code(), Seen(serde_json::from_slice(&output.stdout).unwrap()))
}
