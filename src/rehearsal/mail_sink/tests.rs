//! The sink against an independent client: curl.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use super::{MailFaults, MailSink, MailSinkConfig};

/// A private root, a server certificate for `localhost`, and the root as a PEM file.
pub(crate) fn certificate(dir: &Path, name: &str) -> MailSinkConfig {
    let root_key = rcgen::KeyPair::generate().unwrap();
    let mut root = rcgen::CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    root.distinguished_name.push(rcgen::DnType::CommonName, "rehearsal root");
    let root_pem = root.self_signed(&root_key).unwrap().pem();
    std::fs::write(dir.join("ca.pem"), root_pem).unwrap();
    let issuer = rcgen::Issuer::new(root, root_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    MailSinkConfig::new(dir.join("received"), vec![leaf.der().clone()], key)
}

/// Sends `mail` with curl; true where the server took it over.
fn curl(dir: &Path, port: u16, arguments: &[&str], mail: &[u8]) -> std::process::Output {
    let mut child = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "20", "--cacert"])
        .arg(dir.join("ca.pem"))
        .args(["--url", &format!("smtp://localhost:{port}"), "--mail-from", "a@clinic.example"])
        .args(["--mail-rcpt", "b@vendor.example", "--upload-file", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(mail).unwrap();
    child.wait_with_output().unwrap()
}

async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

const MAIL: &[u8] = b"Subject: dots\r\n\r\n.one\r\n..two\r\n.\r\nend\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn curl_delivers_by_starttls_and_dots_stay_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let sink = MailSink::start(certificate(dir.path(), "localhost")).await.unwrap();
    let (path, port) = (dir.path().to_owned(), sink.port);
    let output = run(move || curl(&path, port, &["--ssl-reqd"], MAIL)).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let received = sink.received();
    assert_eq!(received, [dir.path().join("received/0001.eml")]);
    assert_eq!(std::fs::read(&received[0]).unwrap(), MAIL);
    sink.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_in_the_clear() {
    let dir = tempfile::tempdir().unwrap();
    let sink = MailSink::start(certificate(dir.path(), "localhost")).await.unwrap();
    let (path, port) = (dir.path().to_owned(), sink.port);
    let output = run(move || curl(&path, port, &[], MAIL)).await;
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("530"));
    assert!(sink.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_is_asked_for_where_one_is_set() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = certificate(dir.path(), "localhost");
    config.login = Some(("user".into(), "pass word".into()));
    let sink = MailSink::start(config).await.unwrap();
    for (login, is_right) in [("user:pass word", true), ("user:wrong", false)] {
        let (path, port) = (dir.path().to_owned(), sink.port);
        let output = run(move || curl(&path, port, &["--ssl-reqd", "--user", login], MAIL)).await;
        assert_eq!(output.status.success(), is_right, "{login}");
    }
    assert_eq!(sink.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_counted_down() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = certificate(dir.path(), "localhost");
    config.faults = MailFaults { refuse_5xx: 1, later_4xx: 1, ..MailFaults::default() };
    let sink = MailSink::start(config).await.unwrap();
    for expected in [Some("550"), Some("451"), None] {
        let (path, port) = (dir.path().to_owned(), sink.port);
        let output = run(move || curl(&path, port, &["--ssl-reqd"], MAIL)).await;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.success(), expected.is_none(), "{stderr}");
        assert!(expected.is_none_or(|code| stderr.contains(code)), "{stderr}");
    }
    assert_eq!(sink.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn clear_text_behind_starttls_ends_the_connection() {
    let dir = tempfile::tempdir().unwrap();
    let sink = MailSink::start(certificate(dir.path(), "localhost")).await.unwrap();
    let port = sink.port;
    let answer = run(move || {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
        stream.write_all(b"EHLO x\r\nSTARTTLS\r\nMAIL FROM:<thief@example.org>\r\n").unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await;
    assert!(answer.ends_with("220 2.0.0 go ahead\r\n"), "{answer}");
}
