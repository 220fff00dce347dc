//! What a failed handshake is called.

use std::error::Error as StdError;

use rustls::{AlertDescription, CertificateError};

/// The TLS error behind a transport's error.
pub(crate) fn find<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
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

/// `expired`, `not-yet-valid`, `other-name`, `unknown-issuer`, `old-protocol` or `other`: a variant
/// of the texts that speak of TLS.
pub(crate) fn word(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(error) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired",
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "not-yet-valid"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "other-name"
            }
            // A root of the same name with another key leaves a signature that does not fit.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => "unknown-issuer",
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
    }
}

/// The last cause's words; the outer ones would show the address with its query.
pub(crate) fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    if last.is::<reqwest::Error>() { "transport error".to_owned() } else { last.to_string() }
}
