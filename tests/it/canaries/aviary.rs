//! A rehearsal's world whose patients and secrets are canaries, and everything that the program is
//! asked for in it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::NAMES;
use super::hunt::{Found, search};
use super::watched::{Seen, watched};
use crate::support::{DECIDES, World, postgres_program, program};
use crate::test_server::{Server, succeed};

/// The variable that the clinic file names for the mail password.
const VARIABLE: &str = "ORCA_TEST_MAIL_CANARY";

/// A world with canaries, and a folder for what the program says and writes.
pub(super) struct Aviary {
    pub(super) world: World,
    pub(super) out: PathBuf,
    /// A step of `run` panics once it has seen the clinic's rows.
    pub(super) panics: bool,
    secrets: Vec<String>,
    /// Where the records lie, if not in the work folder.
    records: Option<Server>,
}

impl Aviary {
    pub(super) fn up(args: &[&str]) -> Self {
        let world = World::up(args);
        let out = world.dir.join("out");
        std::fs::create_dir_all(&out).unwrap();
        let secrets = ["smtp_password", "login_password", "client1423.pass", "client324.pass"]
            .map(|name| std::fs::read_to_string(world.dir.join("secrets").join(name)).unwrap());
        let secrets = secrets.iter().map(|secret| secret.trim().to_owned()).collect();
        let aviary = Self { world, out, panics: false, secrets, records: None };
        assert!(aviary.secrets.iter().all(|secret| secret.len() >= 8));
        aviary.name_patients();
        aviary.move_secrets();
        aviary
    }

    /// Gives every patient the canary's name; what the fault put into a name stays in it.
    fn name_patients(&self) {
        let clinic = std::fs::read_to_string(self.world.dir.join("clinic.yaml")).unwrap();
        let port = clinic.lines().find_map(|line| line.strip_prefix("  port:")).unwrap().trim();
        let sql = "UPDATE tbl_ptinf SET name = '金糸雀　鳥太郎' || right(name, 20), \
                   kananame = 'カナリア　トリタロウ', nickname = 'ｶﾅﾘｱ ﾄﾘﾀﾛｳ'";
        let output = Command::new("sudo")
            .args(["-n", "-u", "postgres", "env", "PGCLIENTENCODING=UTF8"])
            .arg(postgres_program("psql"))
            .arg("-h")
            .arg(self.world.dir.join("clinic/s"))
            .args(["-X", "-p", port, "-d", "orca", "-v", "ON_ERROR_STOP=1", "-c", sql])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.starts_with("UPDATE ") && said.trim() != "UPDATE 0", "{output:?}");
    }

    /// One secret by each way: a file, a variable, a systemd credential.
    fn move_secrets(&self) {
        let path = self.world.dir.join("clinic.yaml");
        let mut text = std::fs::read_to_string(&path).unwrap();
        let secrets = self.world.dir.join("secrets");
        for (name, place) in [
            ("smtp_password", format!("env: {VARIABLE}")),
            ("login_password", "credential: login_password".to_owned()),
        ] {
            let file = format!("file: {}", secrets.join(name).display());
            assert_eq!(text.matches(&file).count(), 1, "{text}");
            text = text.replace(&file, &place);
        }
        std::fs::write(&path, text).unwrap();
    }

    /// Keeps the records on a PostgreSQL that asks for a password, which is one more canary, and
    /// that writes down every statement.
    pub(super) fn record_on_a_server(&mut self) {
        const PASSWORD: &str = "kiroku-no-himitsu-7c1e9a55";
        let server = Server::start_with("-h ''");
        server.query("postgres", &format!("CREATE ROLE keeper LOGIN PASSWORD '{PASSWORD}'"));
        server.query("postgres", "CREATE DATABASE records OWNER keeper");
        server.query("postgres", "ALTER SYSTEM SET log_statement = 'all'");
        let rules = "local all keeper scram-sha-256\nlocal all postgres trust\n";
        server.write("pg_hba.conf", rules.as_bytes());
        server.query("postgres", "SELECT pg_reload_conf()");
        let secret = self.world.dir.join("secrets/journal_password");
        std::fs::copy(self.world.dir.join("secrets/smtp_password"), &secret).unwrap();
        std::fs::write(&secret, PASSWORD).unwrap();
        let path = self.world.dir.join("clinic.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        let journal = format!(
            "journal:\n  postgres:\n    socket_dir: {}\n    database: records\n    user: keeper\n    \
             password: {{file: {}}}\n",
            server.folder().display(),
            secret.display()
        );
        std::fs::write(&path, format!("{text}\n{journal}")).unwrap();
        self.secrets.push(PASSWORD.to_owned());
        self.records = Some(server);
    }

    /// The records as SQL, and what their server wrote down.
    fn records(&self) -> Vec<PathBuf> {
        let Some(server) = &self.records else { return Vec::new() };
        let dump = self.out.join("records.sql");
        succeed(server.client("pg_dump").args(["-d", "records", "-f"]).arg(&dump));
        let text = std::fs::read_to_string(&dump).unwrap();
        assert!(text.contains("step-started"), "the records are elsewhere");
        vec![dump, server.folder().join("log")]
    }

    /// Has the clinic file name whom files are encrypted for; gives the private key's file.
    pub(super) fn encrypt(&self) -> PathBuf {
        let key = self.world.dir.join("age.key");
        let made = Command::new("age-keygen").arg("-o").arg(&key).output().unwrap();
        let said = String::from_utf8_lossy(&made.stderr).into_owned();
        let recipient = said.trim().rsplit(' ').next().unwrap().to_owned();
        let path = self.world.dir.join("clinic.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}\nat_rest:\n  recipients: [{recipient}]\n")).unwrap();
        key
    }

    /// Runs a command as its user does, with the secrets that its environment gives.
    fn run(&self, args: &[&str], name: &str) -> std::process::ExitStatus {
        self.command(args, name).status().unwrap()
    }

    fn command(&self, args: &[&str], name: &str) -> Command {
        let file = |end: &str| {
            let path = self.out.join(format!("{name}.{end}"));
            Stdio::from(std::fs::File::create(path).unwrap())
        };
        // An archive is no clinic's.
        let mut command = match args {
            ["archive", ..] => {
                let mut command = program();
                command.args(args);
                command
            }
            _ => self.world.command(args),
        };
        if self.panics && args.first() == Some(&"run") {
            command.env(orca_cutover::fault::VARIABLE, "after-effect/test_dump=panic");
        }
        command
            .env(VARIABLE, &self.secrets[0])
            .env("CREDENTIALS_DIRECTORY", self.world.dir.join("secrets"))
            .stdout(file("stdout"))
            .stderr(file("stderr"));
        command
    }

    /// Looks at the world and the plan, writes the plan in every form, and carries it out.
    pub(super) fn cut_over(&self) -> (Option<i32>, Seen) {
        self.run(&["scan"], "scan");
        self.run(&["calendar", "read"], "calendar");
        let playbook = self.world.playbook();
        let forms = ["html", "md", "xlsx", "ics"].map(|form| {
            let file = self.out.join(format!("plan.{form}")).display().to_string();
            [format!("--{form}"), file]
        });
        let mut plan = vec!["plan", playbook.as_str(), "--json", "--save"];
        plan.extend(forms.as_flattened().iter().map(String::as_str));
        self.run(&plan, "plan");
        let text = std::fs::read_to_string(self.out.join("plan.stdout")).unwrap();
        let plan: serde_json::Value =
            serde_json::from_str(text.lines().next().unwrap_or_default()).unwrap_or_default();
        let digest = plan["digest"].as_str().unwrap_or_default().to_owned();
        let args = ["run", &playbook, "--approve", &digest, "--as", DECIDES, "--json"];
        watched(self.command(&args, "run"), &self.out)
    }

    /// What people ask for afterwards.
    pub(super) fn ask(&self) {
        let file = |name: &str| self.out.join(name).display().to_string();
        let playbook = self.world.playbook();
        self.run(&["run", "--rollback"], "rollback");
        if crate::figures::is_full() {
            self.run(&["run", "--resume"], "resume");
        }
        self.run(&["journal", "verify"], "journal-verify");
        self.run(&["purge", "--dry-run"], "purge");
        self.run(&["outbox", "list", "--json"], "outbox");
        let listed = std::fs::read_to_string(self.out.join("outbox.stdout")).unwrap();
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap_or_default();
        for (number, mail) in listed["mails"].as_array().into_iter().flatten().enumerate() {
            let id = mail["message_id"].as_str().unwrap();
            self.run(&["outbox", "show", id], &format!("mail-{number}"));
        }
        self.run(&["status"], "status");
        self.run(&["status", "--json"], "status-json");
        self.run(&["report", "--html", &file("report.html")], "report");
        self.run(&["check", &playbook], "check");
        self.run(&["slots", &playbook], "slots");
        self.run(&["evidence", "export", "--to", &file("evidence.zip")], "evidence");
        let archives = std::fs::read_dir(self.world.dir.join("work/archives"));
        let mut clear = Vec::new();
        for entry in archives.into_iter().flatten() {
            let path = entry.unwrap().path().display().to_string();
            if path.ends_with(".dump") {
                self.run(&["archive", "verify", &path], &format!("verify-{}", clear.len()));
                clear.push(path);
            }
        }
        if let [first, second, ..] = clear.as_slice() {
            self.run(&["archive", "compare", first, second], "compare");
        }
    }

    /// Files that the journal names as holding patient data.
    pub(super) fn registered(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.out.join("status-json.stdout")).unwrap();
        let status: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        status["files"].as_array().cloned().unwrap_or_default()
    }

    /// True where the journal knows of a run.
    pub(super) fn began_a_run(&self) -> bool {
        let text = std::fs::read_to_string(self.out.join("status-json.stdout")).unwrap();
        text.contains("\"phases\"")
    }

    /// Searches every place for every canary.
    pub(super) fn search(&self) -> Found {
        let dir = &self.world.dir;
        let work = |name: &str| vec![dir.join("work").join(name)];
        let out = |end: &str| -> Vec<PathBuf> {
            let entries = std::fs::read_dir(&self.out).unwrap();
            let paths = entries.map(|entry| entry.unwrap().path());
            paths.filter(|path| path.extension().is_some_and(|found| found == end)).collect()
        };
        let skip: Vec<String> = self
            .registered()
            .iter()
            .map(|file| file["path"].as_str().unwrap().to_owned())
            .collect();
        let mut journal =
            ["", "-wal", "-shm"].map(|end| work(&format!("journal.sqlite{end}"))).concat();
        journal.extend(self.records());
        let places = serde_json::json!({
            "journal and ledger": journal,
            "archives": work("archives"),
            "logs": work("logs"),
            "mail spool": work("outbox"),
            "plans": work("plans"),
            "reports": work("reports"),
            "the rest of the work folder": vec![dir.join("work")],
            "mails received": vec![dir.join("mail")],
            "standard output": out("stdout"),
            "standard error and panics": out("stderr"),
            "plan, html": vec![self.out.join("plan.html")],
            "plan, Markdown": vec![self.out.join("plan.md")],
            "plan, workbook": vec![self.out.join("plan.xlsx")],
            "plan, calendar": vec![self.out.join("plan.ics")],
            "report, html": vec![self.out.join("report.html")],
            "evidence": vec![self.out.join("evidence.zip")],
            "arguments of all processes": vec![self.out.join("argv")],
            "environment of children": vec![self.out.join("child-environ")],
        });
        let names = search(&places, &NAMES.map(str::to_owned), &skip);
        // A secret has no place at all, not even in an archive.
        let secrets = search(&places, &self.secrets, &[]);
        let found = names.with(secrets);
        // Its owner gave it there; a name has no business in it either.
        let own = serde_json::json!({"own environment": [self.out.join("own-environ")]});
        found.with(search(&own, &NAMES.map(str::to_owned), &[]))
    }
}
