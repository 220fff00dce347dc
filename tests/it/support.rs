//! Runs the program as its user does, and looks at what it leaves.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub(crate) use crate::test_server::folder as scratch;

/// What a world that is kept up says, in its scratch folder.
const SAID: &str = "world.log";

/// Longest time one rehearsal may take in a test.
const LIMIT: Duration = Duration::from_secs(240);

/// Enough for every table and character of the sample clinic, and few enough for a quick run.
const PATIENTS: &str = "30";

/// The person of the sample clinic who decides.
pub(crate) const DECIDES: &str = "見本 花子";

/// The person of the sample clinic who runs what is run.
pub(crate) const OPERATOR: &str = "見本 太郎";

/// The program, in English, without colour, run by that person.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orca-cutover"));
    command.env("ORCA_CUTOVER_LANG", "en").env("NO_COLOR", "1").stdin(Stdio::null());
    command.env("ORCA_CUTOVER_OPERATOR", OPERATOR);
    command
}

/// What a rehearsal left.
pub(crate) struct Rehearsed {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) dir: PathBuf,
    _scratch: tempfile::TempDir,
}

impl Rehearsed {
    pub(crate) fn all(&self) -> String {
        format!("status {}\n{}\n{}", self.status, self.stdout, self.stderr)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The mails that were received, parsed by Python's `email`: headers, bodies and
    /// attachments (gunzipped) as one JSON document each.
    pub(crate) fn mails(&self) -> Vec<serde_json::Value> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.file("mail"))
            .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path()).collect())
            .unwrap_or_default();
        files.retain(|file| file.extension().is_some_and(|end| end == "eml"));
        files.sort();
        files.iter().map(|file| parse_mail(file)).collect()
    }
}

/// Runs `rehearse` to its end.
pub(crate) fn rehearse(args: &[&str]) -> Rehearsed {
    let scratch = scratch();
    let dir = scratch.path().join("r");
    let mut command = program();
    command.args(["rehearse", "--patients", PATIENTS, "--dir"]).arg(&dir).args(args);
    let output = within(command, LIMIT);
    Rehearsed {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        dir,
        _scratch: scratch,
    }
}

/// A world that is kept up for runs of one's own.
pub(crate) struct World {
    child: Child,
    pub(crate) dir: PathBuf,
    scratch: tempfile::TempDir,
}

impl World {
    pub(crate) fn up(args: &[&str]) -> Self {
        let scratch = scratch();
        let dir = scratch.path().join("r");
        let said = std::fs::File::create(scratch.path().join(SAID)).unwrap();
        let child = program()
            .args(["rehearse", "--world-only", "--patients", PATIENTS, "--dir"])
            .arg(&dir)
            .args(args)
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .unwrap();
        let mut world = Self { child, dir, scratch };
        let clinic = world.dir.join("clinic.yaml");
        world.wait_for(|_| clinic.exists(), "the clinic file");
        world
    }

    pub(crate) fn wait_for(&mut self, mut done: impl FnMut(&mut Child) -> bool, what: &str) {
        let start = Instant::now();
        while !done(&mut self.child) {
            if self.child.try_wait().unwrap().is_some() {
                let said = std::fs::read(self.scratch.path().join(SAID)).unwrap_or_default();
                panic!("the world ended before {what}: {}", String::from_utf8_lossy(&said));
            }
            assert!(start.elapsed() < LIMIT, "waited too long for {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// `orca-cutover ARGS... --clinic CLINIC`
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command.args(args).arg("--clinic").arg(self.dir.join("clinic.yaml"));
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        within(self.command(args), LIMIT)
    }

    pub(crate) fn playbook(&self) -> String {
        self.dir.join("cutover.yaml").display().to_string()
    }

    /// What a plan asks for before it may be approved: characters scanned, calendar read. Where
    /// the clinic's server is closed already, the first scan still counts.
    pub(crate) fn prepare(&self) {
        self.run(&["scan"]);
        self.run(&["calendar", "read"]);
    }

    /// The digest that `plan --json` gives.
    pub(crate) fn digest(&self) -> String {
        self.prepare();
        let output = self.run(&["plan", &self.playbook(), "--json"]);
        let plan: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        plan["digest"].as_str().unwrap().to_owned()
    }

    pub(crate) fn status(&self) -> serde_json::Value {
        let output = self.run(&["status", "--json"]);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // SIGTERM, so that the world stops its servers.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn within(mut command: Command, limit: Duration) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    let (done, waits) = std::sync::mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if waits.recv_timeout(limit).is_err() {
            let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        }
    });
    let output = child.wait_with_output().unwrap();
    let _ = done.send(());
    let _ = watchdog.join();
    output
}

fn parse_mail(file: &Path) -> serde_json::Value {
    const SCRIPT: &str = "
import email, email.policy, gzip, json, sys
m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
parts = []
for p in m.walk():
    if p.is_multipart(): continue
    data = p.get_payload(decode=True)
    name = p.get_filename()
    if name and name.endswith('.gz'): data = gzip.decompress(data)
    parts.append({'name': name, 'type': p.get_content_type(), 'text': data.decode('utf-8')})
print(json.dumps({'subject': m['subject'], 'to': m['to'], 'id': m['message-id'], 'parts': parts}))
";
    let output = Command::new("python3").args(["-c", SCRIPT]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// `pg_restore`, `psql`, ... of the newest installed PostgreSQL.
pub(crate) fn postgres_program(name: &str) -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .unwrap()
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("bin").join(name))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().unwrap()
}
