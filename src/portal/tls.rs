//! TLS with one pinned root and the clinic's certificate, and transport errors in words.
//!
//! There is no way to skip a check. Sends nothing.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, ClientConfig, SignatureScheme};

use super::PortalError;
use super::pkcs12::ClientCertificate;
use crate::clock::Clock;
use crate::tls;

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
    let roots = tls::of_file(ca).map_err(|reason| PortalError::Ca { path: ca.into(), reason })?;
    let config = ClientConfig::builder_with_details(provider, tls::by_clock(clock))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(resolver));
    Ok((config, asked))
}

/// A transport error in words. `secs` is the limit that a time-out had.
pub(crate) fn explain(host: &str, error: &reqwest::Error, secs: u64) -> PortalError {
    let host = host.to_owned();
    match tls::find(error) {
        Some(rustls::Error::AlertReceived(alert)) if blames_us(*alert) => {
            return PortalError::CertificateRefused { host, alert: format!("{alert:?}") };
        }
        Some(error) => return PortalError::Tls { host, reason: tls::word(error) },
        None => {}
    }
    if error.is_timeout() {
        return PortalError::Timeout { host, secs };
    }
    PortalError::Unreachable { host, reason: tls::innermost(error) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretRef;
    use std::io::{BufRead, BufReader};
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Child, Command, Stdio};

    use rustls::pki_types::{CertificateDer, pem::PemObject};

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
