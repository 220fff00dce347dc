//! The clinic's client certificate: PKCS#12 with its password, as it was handed out.
//!
//! Reads only; it never renews or converts: the certificate is a shared credential.

use std::path::Path;

use chrono::DateTime;
use p12_keystore::{Pkcs12Archive, error::Error as P12Error};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use secrecy::ExposeSecret;

use super::PortalError;
use crate::clock::{Jst, to_jst};
use crate::secret::{SecretRef, SecretString};

/// Largest certificate file that is read, in bytes; a chain of ten has 20 kB.
const MAX_P12_BYTES: u64 = 1024 * 1024;

/// How the password had to be read. A pasted blank or newline is the commonest fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PasswordForm {
    /// As it stands in the file.
    Raw,
    /// Without the blanks and newlines at its ends.
    Trimmed,
}

/// A client certificate with its key.
pub(crate) struct ClientCertificate {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
    pub(crate) cn: String,
    pub(crate) not_after: Jst,
    pub(crate) password_form: PasswordForm,
}

impl ClientCertificate {
    /// Reads the file and opens it with the password as it stands, then without its blanks.
    pub(crate) fn read(path: &Path, password: &SecretRef) -> Result<Self, PortalError> {
        let broken = |reason: &str| PortalError::P12 { path: path.into(), reason: reason.into() };
        let size =
            std::fs::metadata(path).map_err(|error| broken(&error.kind().to_string()))?.len();
        if size > MAX_P12_BYTES {
            return Err(broken("too large"));
        }
        let bytes = std::fs::read(path).map_err(|error| broken(&error.kind().to_string()))?;
        let password = password.read().map_err(|source| PortalError::Secret {
            what: "client certificate password",
            source,
        })?;
        let (archive, password_form) = open(path, &bytes, &password)?;
        let key = archive.keys.first().ok_or_else(|| broken("no private key"))?;
        // The leaf carries the key's id; a file without ids holds its only certificate.
        let id = key.local_key_id.as_ref().map(|id| id.0.as_slice());
        let leaf = archive
            .certs
            .iter()
            .find(|bag| id.is_some() && bag.local_key_id.as_deref() == id)
            .or_else(|| archive.certs.first())
            .ok_or_else(|| broken("no certificate"))?;
        let (cn, not_after) =
            read_x509(leaf.cert.as_der()).ok_or_else(|| broken("not an X.509 certificate"))?;
        let mut chain = vec![CertificateDer::from(leaf.cert.as_der().to_vec())];
        // Intermediates go along, roots do not: the server has its own.
        for bag in &archive.certs {
            if bag.cert != leaf.cert && bag.cert.subject() != bag.cert.issuer() {
                chain.push(CertificateDer::from(bag.cert.as_der().to_vec()));
            }
        }
        let key = PrivatePkcs8KeyDer::from(key.key.as_der().to_vec()).into();
        Ok(Self { chain, key, cn, not_after, password_form })
    }
}

fn open(
    path: &Path,
    bytes: &[u8],
    password: &SecretString,
) -> Result<(Pkcs12Archive, PasswordForm), PortalError> {
    let raw = password.expose_secret();
    let mut forms = vec![(raw, PasswordForm::Raw)];
    if raw.trim() != raw {
        forms.push((raw.trim(), PasswordForm::Trimmed));
    }
    for (text, form) in forms {
        match Pkcs12Archive::from_pkcs12(bytes, text) {
            Ok(archive) => return Ok((archive, form)),
            // A wrong password shows as a wrong MAC, or as padding in files without one.
            Err(P12Error::MacError(_) | P12Error::UnpadError | P12Error::Pkcs5Error(_)) => {}
            Err(error) => {
                return Err(PortalError::P12 { path: path.into(), reason: error.to_string() });
            }
        }
    }
    Err(PortalError::P12Password { path: path.into() })
}

fn read_x509(der: &[u8]) -> Option<(String, Jst)> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    let cn = certificate.subject().iter_common_name().next()?.as_str().ok()?.to_owned();
    let end = DateTime::from_timestamp(certificate.validity().not_after.timestamp(), 0)?;
    Some((cn, to_jst(end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A certificate in the kind that home-grown authorities hand out: RC2-40 and 3DES, made by
    /// OpenSSL, which is the oracle here.
    fn legacy_p12(dir: &Path) -> std::path::PathBuf {
        let run = |args: &str| {
            let words: Vec<&str> = args.split(' ').collect();
            duct::cmd("openssl", words).dir(dir).stderr_null().stdout_null().run().unwrap();
        };
        run(
            "req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 30 -subj /CN=client1423",
        );
        std::fs::write(dir.join("p"), "himitsu").unwrap();
        run("pkcs12 -export -legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg sha1 \
             -in c.pem -inkey k.pem -out c.p12 -passout file:p");
        dir.join("c.p12")
    }

    fn secret(dir: &Path, text: &str) -> SecretRef {
        let path = dir.join("client.pass");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        SecretRef::in_file(path)
    }

    #[test]
    fn a_pasted_newline_in_the_password_is_taken_off_and_reported() {
        let dir = tempfile::tempdir().unwrap();
        let path = legacy_p12(dir.path());
        let read = |text: &str| ClientCertificate::read(&path, &secret(dir.path(), text));
        let plain = read("himitsu").unwrap();
        assert_eq!(plain.password_form, PasswordForm::Raw);
        assert_eq!(plain.cn, "client1423");
        let days = (plain.not_after - crate::clock::Clock::System.now()).num_days();
        assert!((29..=30).contains(&days), "{days}");
        assert_eq!(read("himitsu \r\n").unwrap().password_form, PasswordForm::Trimmed);
        assert!(matches!(read("chigau\n"), Err(PortalError::P12Password { .. })));
    }

    #[test]
    fn a_file_that_is_no_certificate_is_said_to_be_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.p12");
        std::fs::write(&path, b"not a keystore").unwrap();
        let error = ClientCertificate::read(&path, &secret(dir.path(), "x")).err().unwrap();
        assert!(matches!(error, PortalError::P12 { .. }), "{error:?}");
    }
}
