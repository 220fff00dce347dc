//! References to secrets, and the secrets themselves once they are read.
//!
//! A YAML file holds where a secret lies, never the secret. What is read is wiped on drop and
//! prints as `[REDACTED]`.

use std::path::{Path, PathBuf};

pub use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// Largest secret file that is read, in bytes: passwords and log-ins are short, and a wrong path
/// must not pull a dump into memory.
const MAX_SECRET_BYTES: u64 = 64 * 1024;

/// Where a secret lies. Exactly one of the three is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretRef {
    /// A file that only its owner can read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The name of an environment variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// The name of a systemd credential (`LoadCredential=`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// Why a secret could not be read. Never holds any part of the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("cannot read secret file `{path}`: {kind}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        kind: std::io::ErrorKind,
    },
    /// Other users can read the file.
    #[error("secret file `{path}` can be read by others (mode {mode:o})")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is larger than a secret can be, or not text.
    #[error("secret file `{path}` is not a short text")]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// The environment variable is not set.
    #[error("environment variable `{name}` is not set")]
    NoVariable {
        /// Its name.
        name: String,
    },
    /// No place, or more than one, is named.
    #[error("a secret names exactly one of `file`, `env`, `credential`")]
    NoPlace,
}

impl SecretRef {
    /// A secret in a file.
    pub fn in_file(path: impl Into<PathBuf>) -> Self {
        Self { file: Some(path.into()), ..Self::default() }
    }

    /// Reads the secret as it stands, blanks and newlines included.
    ///
    /// # Errors
    /// When it is missing, readable by others, too large, or not UTF-8.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        match (&self.file, &self.env, &self.credential) {
            (Some(path), None, None) => read_short(path, 0o077),
            (None, Some(name), None) => std::env::var(name)
                .map(SecretString::from)
                .map_err(|_| SecretError::NoVariable { name: name.clone() }),
            (None, None, Some(name)) => {
                let folder = std::env::var_os("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                    SecretError::NoVariable { name: "CREDENTIALS_DIRECTORY".to_owned() }
                })?;
                // systemd grants the file by an access list, which shows as group bits; it is the
                // folder that keeps others out.
                read_short(&Path::new(&folder).join(name), 0o007)
            }
            _ => Err(SecretError::NoPlace),
        }
    }
}

/// Reads a secret from a file none of whose `forbidden` mode bits is set.
fn read_short(path: &Path, forbidden: u32) -> Result<SecretString, SecretError> {
    use std::io::Read;
    use std::os::unix::fs::MetadataExt;

    let unreadable = |error: std::io::Error| SecretError::Unreadable {
        path: path.to_owned(),
        kind: error.kind(),
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    if meta.mode() & forbidden != 0 {
        return Err(SecretError::Exposed { path: path.to_owned(), mode: meta.mode() & 0o777 });
    }
    if meta.len() > MAX_SECRET_BYTES {
        return Err(SecretError::NotText { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    file.take(MAX_SECRET_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(SecretString::from(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            Err(SecretError::NotText { path: path.to_owned() })
        }
    }
}
