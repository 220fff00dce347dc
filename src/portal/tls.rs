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
            AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity,
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
