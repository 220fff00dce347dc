//! TLS with one pinned root and the clinic's certificate, and transport errors in words.
//!
//! There is no way to skip a check. Sends nothing.

use std::error::Error as StdError;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, UnixTime, pem::PemObject};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore, SignatureScheme};

use super::PortalError;
use super::pkcs12::ClientCertificate;
use crate::clock::Clock;

/// Largest root file that is read, in bytes.
const MAX_CA_BYTES: u64 = 1024 * 1024;

/// Hands out the clinic's certificate and remembers whether a server asked for it. The usual
/// resolver of rustls refuses X.509 version 1, which home-grown authorities often issue.
#[derive(Debug)]
struct ClinicCertificate {
    key: Arc<CertifiedKey>,
    asked: Arc<AtomicBool>,
}

impl ResolvesClientCert for ClinicCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        Some(Arc::clone(&self.key))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Server certificates are judged by the run's clock, so that a rehearsal of a later day is one.
#[derive(Debug)]
struct RunClock(Clock);

impl TimeProvider for RunClock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().timestamp()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// The client's TLS configuration, and the flag that tells whether a certificate was asked for.
pub(crate) fn configure(
    ca: &Path,
    certificate: &ClientCertificate,
    clock: &Clock,
) -> Result<(ClientConfig, Arc<AtomicBool>), PortalError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let unusable = |reason: String| PortalError::P12 { path: "client certificate".into(), reason };
    let signing = provider
        .key_provider
        .load_private_key(certificate.key.clone_key())
        .map_err(|error| unusable(error.to_string()))?;
    let asked = Arc::new(AtomicBool::new(false));
    let resolver = ClinicCertificate {
        key: Arc::new(CertifiedKey::new(certificate.chain.clone(), signing)),
        asked: Arc::clone(&asked),
    };
    let config = ClientConfig::builder_with_details(provider, Arc::new(RunClock(clock.clone())))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?
        .with_root_certificates(roots(ca)?)
        .with_client_cert_resolver(Arc::new(resolver));
    Ok((config, asked))
}

fn roots(path: &Path) -> Result<RootCertStore, PortalError> {
    let broken = |reason: &str| PortalError::Ca { path: path.into(), reason: reason.into() };
    let size = fs::metadata(path).map_err(|error| broken(&error.kind().to_string()))?.len();
    if size > MAX_CA_BYTES {
        return Err(broken("too large"));
    }
    let bytes = fs::read(path).map_err(|error| broken(&error.kind().to_string()))?;
    let mut found: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
    if found.is_empty() {
        // Windows hands such files out as DER.
        found.push(CertificateDer::from(bytes));
    }
    let mut store = RootCertStore::empty();
    for certificate in found {
        store.add(certificate).map_err(|_| broken("not a certificate"))?;
    }
    Ok(store)
}

/// A transport error in words. `secs` is the limit that a time-out had.
pub(crate) fn explain(host: &str, error: &reqwest::Error, secs: u64) -> PortalError {
    let host = host.to_owned();
    if let Some(tls) = find_rustls(error) {
        return explain_tls(host, tls);
    }
    if error.is_timeout() {
        return PortalError::Timeout { host, secs };
    }
    PortalError::Unreachable { host, reason: innermost(error) }
}

fn find_rustls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Some(found);
        }
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn explain_tls(host: String, error: &rustls::Error) -> PortalError {
    let reason = match error {
        rustls::Error::AlertReceived(alert) if blames_us(*alert) => {
            return PortalError::CertificateRefused { host, alert: format!("{alert:?}") };
        }
        rustls::Error::InvalidCertificate(error) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired",
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "not-yet-valid"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "other-name"
            }
            CertificateError::UnknownIssuer => "unknown-issuer",
            _ => "other",
        },
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(
            // No cipher or key exchange in common: RSA key exchange or CBC only.
            AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity,
        ) => "old-protocol",
        _ => "other",
    };
    PortalError::Tls { host, reason }
}

fn blames_us(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError
    )
}

/// The last cause's words; the outer ones would show the address with its query.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    if last.is::<reqwest::Error>() { "transport error".to_owned() } else { last.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretRef;
    use std::io::{BufRead, BufReader};
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Child, Command, Stdio};

    /// An authority, a server certificate for `sms.example`, and a client certificate of X.509
    /// version 1, all made by OpenSSL.
    fn make(dir: &Path) {
        let run = |args: &str| {
            let words: Vec<&str> = args.split_whitespace().collect();
            duct::cmd("openssl", words).dir(dir).stderr_null().stdout_null().run().unwrap();
        };
        run("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=ca");
        std::fs::write(dir.join("san"), "subjectAltName=DNS:sms.example").unwrap();
        for (name, subject) in [("server", "/CN=sms.example"), ("client", "/CN=client1423")] {
            run(&format!(
                "req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj {subject}"
            ));
        }
        let sign = "-CA ca.crt -CAkey ca.key -CAcreateserial -days 30";
        run(&format!("x509 -req -in server.csr -out server.crt {sign} -extfile san"));
        run(&format!("x509 -req -in client.csr -out client.crt {sign}"));
        std::fs::write(dir.join("pass"), "himitsu").unwrap();
        std::fs::set_permissions(dir.join("pass"), PermissionsExt::from_mode(0o600)).unwrap();
        run("pkcs12 -export -in client.crt -inkey client.key -out client.p12 -passout file:pass");
    }

    struct Server(Child, u16);

    impl Server {
        fn start(dir: &Path, options: &str) -> Self {
            let mut child = Command::new("openssl")
                .args("s_server -accept 0 -www -cert server.crt -key server.key".split(' '))
                .args(options.split_whitespace())
                .current_dir(dir)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let line = lines.find(|line| line.as_ref().unwrap().starts_with("ACCEPT")).unwrap();
            let port = line.unwrap().rsplit(':').next().unwrap().trim().parse().unwrap();
            // The pipe must stay open for as long as the server writes into it.
            std::thread::spawn(move || lines.for_each(drop));
            Self(child, port)
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// What the server's page says, and whether it asked for the certificate.
    async fn visit(dir: &Path, server: &Server) -> (Result<String, PortalError>, bool) {
        let pass = SecretRef::in_file(dir.join("pass"));
        let certificate = ClientCertificate::read(&dir.join("client.p12"), &pass).unwrap();
        let (config, asked) = configure(&dir.join("ca.crt"), &certificate, &Clock::System).unwrap();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .no_proxy()
            .resolve("sms.example", ([127, 0, 0, 1], 0).into())
            .build()
            .unwrap();
        let url = format!("https://sms.example:{}/", server.1);
        let page = match client.get(url).send().await {
            Ok(response) => response.text().await,
            Err(error) => Err(error),
        };
        let page = page.map_err(|error| explain("sms.example", &error, 1));
        (page, asked.load(Ordering::Relaxed))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_version_1_certificate_is_shown_where_it_is_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path());
        let der = CertificateDer::from_pem_file(dir.path().join("client.crt")).unwrap();
        let (_, parsed) = x509_parser::parse_x509_certificate(&der).unwrap();
        assert_eq!(parsed.version().0, 0, "not a version 1 certificate");
        for protocol in ["-tls1_2", "-tls1_3"] {
            let server = Server::start(dir.path(), &format!("-Verify 1 -CAfile ca.crt {protocol}"));
            let (page, asked) = visit(dir.path(), &server).await;
            assert!(page.unwrap().contains("client1423") && asked, "{protocol}");
        }
        let server = Server::start(dir.path(), "");
        let (page, asked) = visit(dir.path(), &server).await;
        assert!(page.is_ok() && !asked);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn outdated_ciphers_are_named_as_such() {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path());
        let server = Server::start(dir.path(), "-tls1_2 -cipher AES128-SHA");
        let (page, _) = visit(dir.path(), &server).await;
        let error = page.unwrap_err();
        assert!(matches!(error, PortalError::Tls { reason: "old-protocol", .. }), "{error:?}");
    }
}
