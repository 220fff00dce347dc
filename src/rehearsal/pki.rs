//! The rehearsal's certificates: an own CA, the clinic's and the vendor's client certificates,
//! and server certificates.
//!
//! The files look like those that a clinic is handed: PKCS#12 of the old kind (RC2-40 and 3DES,
//! which plain OpenSSL 3 refuses) and a `.pass` file that ends in a newline. Nothing here is ever
//! trusted outside a rehearsal: the CA's key never leaves the rehearsal's folder.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{Datelike, TimeDelta};
use duct::cmd;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::site::SiteError;
use super::site::random::token;
use crate::clock::{Clock, Jst};

/// Common name of the clinic's client certificate, as in the vendor's manual.
pub const CLINIC: &str = "client1423";
/// Common name of the vendor's client certificate, which may not import.
pub const VENDOR: &str = "client324";

/// How long `openssl` may take to write one PKCS#12 file: it takes milliseconds.
const MAX_OPENSSL: Duration = Duration::from_secs(30);
/// Server certificates are refused by browsers when they are valid for longer.
const SERVER_DAYS: i64 = 825;
/// Client certificates are valid for three years, as the real ones are.
const CLIENT_DAYS: i64 = 3 * 365;

/// The rehearsal's certificate authority.
pub struct Pki {
    dir: PathBuf,
    issuer: Issuer<'static, KeyPair>,
    authority: CertificateDer<'static>,
}

/// A certificate with its chain, and its key.
pub struct Issued {
    /// The certificate, then its issuer.
    pub chain: Vec<CertificateDer<'static>>,
    /// The private key, PKCS#8.
    pub key: PrivateKeyDer<'static>,
}

impl Clone for Issued {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}

impl Pki {
    /// Makes a fresh CA in `dir` and writes `ca.crt`, and for the clinic (`client1423`) and the
    /// vendor (`client324`) a `.p12`, a `.pass`, a `.crt` and a `.key` file.
    ///
    /// # Errors
    /// When a file cannot be written, or `openssl` is missing or fails.
    pub fn create(dir: &Path) -> Result<Self, SiteError> {
        let key = KeyPair::generate().map_err(|error| failed("ca", &error))?;
        let certificate = ca_params()?.self_signed(&key).map_err(|error| failed("ca", &error))?;
        write_new(&dir.join("ca.key"), key.serialize_pem().as_bytes(), 0o600)?;
        write_new(&dir.join("ca.crt"), certificate.pem().as_bytes(), 0o644)?;
        let authority = certificate.der().clone();
        let pki = Self { dir: dir.to_owned(), issuer: Issuer::new(ca_params()?, key), authority };
        pki.write_client(CLINIC)?;
        pki.write_client(VENDOR)?;
        Ok(pki)
    }

    /// The CA that [`Pki::create`] made in `dir` before: a rehearsal that is taken up again keeps
    /// its certificates, because an approved plan names their hashes.
    ///
    /// # Errors
    /// When the files are missing or damaged.
    pub fn open(dir: &Path) -> Result<Self, SiteError> {
        let path = dir.join("ca.key");
        let pem = std::fs::read_to_string(&path).map_err(SiteError::file(&path))?;
        let key = KeyPair::from_pem(&pem).map_err(|error| failed("ca", &error))?;
        let authority = CertificateDer::from_pem_file(dir.join("ca.crt")).map_err(|error| {
            SiteError::Certificate { what: "ca".into(), why: error.to_string() }
        })?;
        Ok(Self { dir: dir.to_owned(), issuer: Issuer::new(ca_params()?, key), authority })
    }

    /// The CA's own certificate.
    pub fn authority(&self) -> &CertificateDer<'static> {
        &self.authority
    }

    /// The folder of `ca.crt` and the client files.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A fresh server certificate for these DNS names.
    ///
    /// # Errors
    /// When a name is not a DNS name.
    pub fn server(&self, names: &[&str]) -> Result<Issued, SiteError> {
        self.issue_server(names, SERVER_DAYS).map(|(issued, _)| issued)
    }

    /// A server certificate that ended yesterday, which no client may accept.
    ///
    /// # Errors
    /// When a name is not a DNS name.
    pub fn ended_server(&self, names: &[&str]) -> Result<Issued, SiteError> {
        self.issue_server(names, -1).map(|(issued, _)| issued)
    }

    /// A fresh server certificate for these DNS names, written as `<stem>.crt` (with its chain)
    /// and `<stem>.key` into the CA's folder: what a server of another room is started with.
    ///
    /// # Errors
    /// When a name is not a DNS name or a file cannot be written.
    pub fn write_server(
        &self,
        stem: &str,
        names: &[&str],
    ) -> Result<(PathBuf, PathBuf), SiteError> {
        let (_, pem) = self.issue_server(names, SERVER_DAYS)?;
        let certificate = self.dir.join(format!("{stem}.crt"));
        let key = self.dir.join(format!("{stem}.key"));
        write_new(&certificate, pem.certificates.as_bytes(), 0o644)?;
        write_new(&key, pem.key.as_bytes(), 0o600)?;
        Ok((certificate, key))
    }

    fn issue_server(&self, names: &[&str], days: i64) -> Result<(Issued, Pem), SiteError> {
        let what = names.first().copied().unwrap_or_default();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).map_err(|error| failed(what, &error))?;
        params.distinguished_name.push(DnType::CommonName, what);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        valid_for(&mut params, days);
        self.issue(what, params)
    }

    fn issue(&self, what: &str, mut params: CertificateParams) -> Result<(Issued, Pem), SiteError> {
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().map_err(|error| failed(what, &error))?;
        let leaf = params.signed_by(&key, &self.issuer).map_err(|error| failed(what, &error))?;
        let path = self.dir.join("ca.crt");
        let authority = std::fs::read_to_string(&path).map_err(SiteError::file(&path))?;
        let pem = Pem { certificates: leaf.pem() + &authority, key: key.serialize_pem() };
        let issued = Issued {
            chain: vec![leaf.der().clone(), self.authority.clone()],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        };
        Ok((issued, pem))
    }

    fn write_client(&self, name: &str) -> Result<(), SiteError> {
        let mut params =
            CertificateParams::new(Vec::new()).map_err(|error| failed(name, &error))?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        valid_for(&mut params, CLIENT_DAYS);
        let (_, pem) = self.issue(name, params)?;
        write_new(&self.dir.join(format!("{name}.crt")), pem.certificates.as_bytes(), 0o644)?;
        write_new(&self.dir.join(format!("{name}.key")), pem.key.as_bytes(), 0o600)?;
        // The real files end in a newline, the manual's best known pitfall.
        let pass = self.dir.join(format!("{name}.pass"));
        write_new(&pass, format!("{}\n", token(8)?).as_bytes(), 0o600)?;
        let bytes = old_pkcs12(name, &pem, &pass)?;
        write_new(&self.dir.join(format!("{name}.p12")), &bytes, 0o600)
    }
}

/// A certificate with its chain, and its key, as PEM.
struct Pem {
    certificates: String,
    key: String,
}

/// PKCS#12 as the real files are: no Rust crate writes RC2-40 beside 3DES, so OpenSSL does. The
/// key goes in by stdin and the password by a file, because others can read argv.
fn old_pkcs12(name: &str, pem: &Pem, pass: &Path) -> Result<Vec<u8>, SiteError> {
    let mut passout = std::ffi::OsString::from("file:");
    passout.push(pass);
    let legacy = ["pkcs12", "-export", "-legacy", "-certpbe", "PBE-SHA1-RC2-40"];
    let rest = ["-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-name", name, "-passout"];
    let args = legacy.iter().chain(&rest).map(std::ffi::OsString::from).chain([passout]);
    // A bare environment: what the operator's holds is none of its business.
    let running = cmd("openssl", args)
        .full_env([("PATH", crate::source::process::PATH), ("LC_ALL", "C")])
        .stdin_bytes(format!("{}{}", pem.key, pem.certificates))
        .stdout_capture()
        .stderr_null()
        .unchecked()
        .start()
        .map_err(|error| SiteError::Openssl { why: error.kind().to_string() })?;
    let output = running
        .wait_timeout(MAX_OPENSSL)
        .map_err(|error| SiteError::Openssl { why: error.kind().to_string() })?;
    match output {
        Some(output) if output.status.success() => Ok(output.stdout.clone()),
        Some(output) => Err(SiteError::Openssl { why: output.status.to_string() }),
        None => {
            // Nothing more can be done about a program that does not even die.
            let _ = running.kill();
            Err(SiteError::Openssl { why: "timed out".into() })
        }
    }
}

fn ca_params() -> Result<CertificateParams, SiteError> {
    let mut params = CertificateParams::new(Vec::new()).map_err(|error| failed("ca", &error))?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "ca");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2016, 10, 21);
    params.not_after = date_time_ymd(2037, 12, 31);
    Ok(params)
}

/// Validity is judged by TLS with the machine's clock, so the rehearsal's clock does not count.
fn valid_for(params: &mut CertificateParams, days: i64) {
    let now = Clock::System.now();
    let midnight = |day: &Jst| {
        let month = u8::try_from(day.month()).unwrap_or(1);
        let of_month = u8::try_from(day.day()).unwrap_or(1);
        date_time_ymd(day.year(), month, of_month)
    };
    params.not_before = midnight(&(now - TimeDelta::days(2)));
    params.not_after = midnight(&(now + TimeDelta::days(days)));
}

fn failed(what: &str, error: &rcgen::Error) -> SiteError {
    SiteError::Certificate { what: what.to_owned(), why: error.to_string() }
}

/// Writes a file that must not exist under another's permissions: the old one is removed first.
fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), SiteError> {
    let _ = std::fs::remove_file(path);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(SiteError::file(path))?;
    file.write_all(bytes).map_err(SiteError::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    /// What OpenSSL says of the file; the password comes from the `.pass` file.
    fn openssl_info(dir: &Path, name: &str) -> (bool, String) {
        let output = cmd!(
            "openssl",
            "pkcs12",
            "-info",
            "-legacy",
            "-nodes",
            "-in",
            dir.join(format!("{name}.p12")),
            "-passin",
            format!("file:{}", dir.join(format!("{name}.pass")).display())
        )
        .stderr_to_stdout()
        .stdout_capture()
        .unchecked()
        .run()
        .unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    #[test]
    fn client_files_are_of_the_old_kind_private_and_end_in_a_newline() {
        let dir = tempfile::tempdir().unwrap();
        Pki::create(dir.path()).unwrap();
        for name in [CLINIC, VENDOR] {
            let (ok, info) = openssl_info(dir.path(), name);
            assert!(ok, "{info}");
            assert!(info.contains("pbeWithSHA1And40BitRC2-CBC"), "{info}");
            assert!(info.contains("pbeWithSHA1And3-KeyTripleDES-CBC"), "{info}");
            assert!(info.contains(&format!("subject=CN = {name}")), "{info}");
            assert!(info.contains("MAC: sha1"), "{info}");
            let pass = std::fs::read(dir.path().join(format!("{name}.pass"))).unwrap();
            assert_eq!(pass.last(), Some(&b'\n'));
            for ending in ["p12", "pass", "key"] {
                let file = dir.path().join(format!("{name}.{ending}"));
                assert_eq!(std::fs::metadata(file).unwrap().mode() & 0o777, 0o600);
            }
        }
    }

    #[test]
    fn openssl_verifies_a_server_certificate_of_a_ca_that_was_opened_again() {
        let dir = tempfile::tempdir().unwrap();
        Pki::create(dir.path()).unwrap();
        let pki = Pki::open(dir.path()).unwrap();
        let (certificate, _) = pki.write_server("mail", &["smtp.example.jp"]).unwrap();
        let ca = dir.path().join("ca.crt");
        let verify = |name: &str| {
            cmd!("openssl", "verify", "-CAfile", &ca, "-verify_hostname", name, &certificate)
                .stderr_to_stdout()
                .stdout_capture()
                .unchecked()
                .run()
                .unwrap()
                .status
                .success()
        };
        assert!(verify("smtp.example.jp"));
        assert!(!verify("elsewhere.example.jp"));
        let dates =
            cmd!("openssl", "x509", "-in", &ca, "-noout", "-dates", "-subject").read().unwrap();
        assert!(dates.contains("2016 GMT") && dates.contains("2037 GMT"), "{dates}");
        assert!(dates.contains("CN = ca"), "{dates}");
    }
}
