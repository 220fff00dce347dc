//! Root certificates: one file's, or the system's.

use std::fs;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject};

/// Largest root file that is read, in bytes.
const MAX_CA_BYTES: u64 = 1024 * 1024;

/// The certificates of a PEM or DER file.
///
/// # Errors
/// A word on why the file cannot be used.
pub(crate) fn of_file(path: &Path) -> Result<RootCertStore, String> {
    let size = fs::metadata(path).map_err(|error| error.kind().to_string())?.len();
    if size > MAX_CA_BYTES {
        return Err("too large".to_owned());
    }
    let bytes = fs::read(path).map_err(|error| error.kind().to_string())?;
    let mut found: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
    if found.is_empty() {
        // Windows hands such files out as DER.
        found.push(CertificateDer::from(bytes));
    }
    let mut store = RootCertStore::empty();
    for certificate in found {
        store.add(certificate).map_err(|_| "not a certificate".to_owned())?;
    }
    Ok(store)
}

/// The certificates that the operating system believes.
///
/// # Errors
/// A word on why there are none.
pub(crate) fn of_system() -> Result<RootCertStore, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut store = RootCertStore::empty();
    // A system's folder may hold certificates that this library does not take; the others count.
    store.add_parsable_certificates(found.certs);
    if store.is_empty() {
        let reason = found.errors.first().map(ToString::to_string);
        return Err(reason.unwrap_or_else(|| "no certificates found".to_owned()));
    }
    Ok(store)
}
