//! A clinic file with mail settings of its own, letters in its outbox, and certificates by openssl.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use orca_cutover::clock::Clock;
use orca_cutover::mail::{Attachment, Letter, MessageId, Outbox, SmtpConfig};
use orca_cutover::playbook::MailSecurity;
use orca_cutover::rehearsal::mail_sink::{MailFaults, MailSink, MailSinkConfig};
use orca_cutover::secret::SecretRef;

use crate::support::{program, scratch};

/// What the clinic file says of its mail server.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) port: u16,
    pub(crate) security: &'static str,
    pub(crate) ca: PathBuf,
}

/// A clinic's desk: its file, its working folder, its clock.
pub(crate) struct Desk {
    pub(crate) dir: tempfile::TempDir,
}

pub(crate) const FROM: &str = "移行ツール <cutover@clinic.example>";
pub(crate) const USER: &str = "cutover";
pub(crate) const PASSWORD: &str = "correct horse";

impl Desk {
    pub(crate) fn new() -> Self {
        let dir = scratch();
        let password = dir.path().join("password");
        std::fs::write(&password, format!("{PASSWORD}\n")).unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&password, private).unwrap();
        std::fs::write(dir.path().join("clock"), "0").unwrap();
        Self { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn clock(&self) -> Clock {
        Clock::Rehearsal(self.path("clock"))
    }

    pub(crate) fn outbox(&self) -> Outbox {
        std::fs::create_dir_all(self.path("work")).unwrap();
        Outbox::open(&self.path("work/outbox")).unwrap()
    }

    /// Writes the clinic file anew.
    pub(crate) fn settle(&self, settings: &Settings) {
        let sample = std::fs::read_to_string("examples/clinic.yaml").unwrap();
        let (before, rest) = sample.split_once("\nmail:\n").unwrap();
        let (_, after) = rest.split_once("\ncharacters:\n").unwrap();
        let mail = format!(
            "host: localhost, port: {}, security: {}, ca: {}, user: {USER}, \
             password: {{file: {}}}, from: \"{FROM}\", support: support@vendor.example, \
             notify: [clinic@clinic.example]",
            settings.port,
            settings.security,
            settings.ca.display(),
            self.path("password").display(),
        );
        let work = format!(
            "work_dir: {}\nrehearsal_clock: {}",
            self.path("work").display(),
            self.path("clock").display()
        );
        let text = format!("{before}\nmail: {{{mail}}}\ncharacters:\n{after}");
        std::fs::write(self.path("clinic.yaml"), text.replace("work_dir: work", &work)).unwrap();
    }

    /// The same settings for the library.
    pub(crate) fn smtp(&self, settings: &Settings, timeout: std::time::Duration) -> SmtpConfig {
        SmtpConfig {
            host: "localhost".into(),
            port: settings.port,
            connect_to: None,
            security: match settings.security {
                "tls" => MailSecurity::Tls,
                _ => MailSecurity::Starttls,
            },
            ca: Some(settings.ca.clone()),
            user: Some(USER.into()),
            password: Some(SecretRef::in_file(self.path("password"))),
            timeout,
            content_timeout: timeout,
        }
    }

    /// `orca-cutover ARGS... --clinic CLINIC`
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command.args(args).arg("--clinic").arg(self.path("clinic.yaml"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Status and result of a command with `--json`.
    pub(crate) fn json(&self, args: &[&str]) -> (i32, serde_json::Value) {
        let output = self.command(&[args, &["--json"]].concat()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        (output.status.code().unwrap(), value)
    }

    /// Puts a letter into the outbox; gives its id.
    pub(crate) fn spool(&self, letter: &Letter) -> MessageId {
        self.outbox().enqueue(letter, FROM, &self.clock().now()).unwrap()
    }

    /// Where each mail lies, by Message-ID.
    pub(crate) fn places(&self) -> std::collections::BTreeMap<String, String> {
        let (_, list) = self.json(&["outbox", "list"]);
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let mails = list["mails"].as_array().unwrap().iter();
        mails.map(|mail| (text(&mail["message_id"]), text(&mail["place"]))).collect()
    }
}

/// The rehearsal's mail server for a desk, in TLS with the desk's own root and log-in.
pub(crate) async fn sink(desk: &Desk, faults: MailFaults) -> (MailSink, Settings) {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    certificate(desk.dir.path(), "sink", false);
    let chain = CertificateDer::from_pem_file(desk.path("sink.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(desk.path("sink.key")).unwrap();
    let mut config = MailSinkConfig::new(desk.path("mail"), vec![chain], key);
    config.login = Some((USER.to_owned(), PASSWORD.to_owned()));
    config.faults = faults;
    let sink = MailSink::start(config).await.unwrap();
    let settings = Settings { port: sink.port, security: "starttls", ca: desk.path("sink-ca.pem") };
    (sink, settings)
}

/// A letter as the product writes them: Japanese subject, text and names of attachments.
pub(crate) fn letter(to: &[&str]) -> Letter {
    Letter {
        to: to.iter().map(|address| (*address).to_owned()).collect(),
        subject: "【日レセクラウド移行】失敗 架空クリニック 工程 import / cutover failed".into(),
        body: "一行目\n.\n..二行目の点\nFrom here on\n終わり\n".into(),
        attachments: vec![
            Attachment::text("エラー.log", "ERROR: 見本\n"),
            Attachment::text("インポート.log", &"行\n".repeat(60_000)),
        ],
    }
}

/// A root certificate and one for `localhost`, by openssl: `NAME-ca.pem`, `NAME.pem`, `NAME.key`.
/// `days` may be negative: the certificate has expired.
pub(crate) fn certificate(dir: &Path, name: &str, expired: bool) {
    let script = r#"
set -e
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -subj "/CN=$1 root" -keyout "$1-ca.key" -out "$1-ca.pem"
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
    -keyout "$1.key" -out "$1.csr"
printf 'subjectAltName=DNS:localhost\n' > "$1.ext"
: > "$1.index"; echo 01 > "$1.serial"
openssl ca -batch -config /dev/stdin -in "$1.csr" -out "$1.pem" -notext \
    -startdate "$2" -enddate "$3" -extfile "$1.ext" <<CA
[ca]
default_ca = own
[own]
database = $1.index
serial = $1.serial
new_certs_dir = .
certificate = $1-ca.pem
private_key = $1-ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
CA
"#;
    let (from, to) = match expired {
        true => ("20200101000000Z", "20200201000000Z"),
        false => ("20200101000000Z", "20400101000000Z"),
    };
    let output = Command::new("sh")
        .args(["-c", script, "sh", name, from, to])
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What Python's `email` finds in each of these files: id, subject, recipients, text, attachments
/// (gunzipped), number of defects.
pub(crate) fn parsed(files: &[PathBuf]) -> Vec<serde_json::Value> {
    const PROGRAM: &str = r#"
import email, email.policy, gzip, json, sys
all = []
for name in sys.argv[1:]:
    m = email.message_from_binary_file(open(name, 'rb'), policy=email.policy.default)
    files = {}
    for part in m.iter_attachments():
        data = part.get_payload(decode=True)
        if part.get_content_type() == 'application/gzip': data = gzip.decompress(data)
        files[part.get_filename()] = data.decode()
    all.append({'id': m['message-id'], 'subject': m['subject'], 'defects': len(m.defects),
        'to': [a.addr_spec for a in m['to'].addresses], 'from': m['from'].addresses[0].display_name,
        'text': m.get_body(('plain',)).get_content().replace('\r\n', '\n'), 'files': files})
print(json.dumps(all))
"#;
    let output = Command::new("python3").args(["-c", PROGRAM]).args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
