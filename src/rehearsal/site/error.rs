//! Why a site could not be started or do its work.

use std::path::{Path, PathBuf};

use crate::diag::{Explain, Fact, Kind, Redacted};

/// Trouble of the rehearsal's own making; what the site shows to its visitors are pages instead.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A file or folder of the rehearsal cannot be read or written.
    #[error("cannot use `{path}`: {kind}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        kind: std::io::ErrorKind,
    },
    /// A certificate or key cannot be made or used.
    #[error("certificate for `{what}`: {why}")]
    Certificate {
        /// Whose certificate.
        what: String,
        /// The library's reason.
        why: String,
    },
    /// `openssl` did not write the PKCS#12 file.
    #[error("openssl pkcs12: {why}")]
    Openssl {
        /// Its status, or why it could not be started.
        why: String,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes")]
    NoRandomness,
    /// No listener for a host.
    #[error("cannot listen for `{host}`: {kind}")]
    Listen {
        /// The host's name.
        host: &'static str,
        /// What the operating system said.
        kind: std::io::ErrorKind,
    },
    /// The state that an earlier rehearsal left behind is damaged.
    #[error("state file `{path}`: {why}")]
    State {
        /// The file.
        path: PathBuf,
        /// The reader's reason.
        why: String,
    },
    /// A program of PostgreSQL could not be started.
    #[error("cannot start `{program}`: {kind}")]
    NoProgram {
        /// Its path.
        program: PathBuf,
        /// What the operating system said.
        kind: std::io::ErrorKind,
    },
    /// A program of PostgreSQL did not end in time and was stopped.
    #[error("`{program}` was stopped after {secs} s")]
    Slow {
        /// Its name.
        program: &'static str,
        /// The limit in seconds.
        secs: u64,
    },
    /// A program of PostgreSQL failed.
    #[error("`{program}` failed")]
    Program {
        /// Its name.
        program: &'static str,
        /// What it said, redacted.
        said: Redacted,
    },
}

impl SiteError {
    /// Turns an I/O error on `path` into a [`SiteError::File`].
    pub(in crate::rehearsal) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        |error| Self::File { path: path.to_owned(), kind: error.kind() }
    }
}

impl Explain for SiteError {
    fn code(&self) -> &'static str {
        match self {
            Self::File { .. } => "rehearsal-site-file",
            Self::Certificate { .. } => "rehearsal-site-certificate",
            Self::Openssl { .. } => "rehearsal-site-openssl",
            Self::NoRandomness => "rehearsal-site-no-randomness",
            Self::Listen { .. } => "rehearsal-site-listen",
            Self::State { .. } => "rehearsal-site-state",
            Self::NoProgram { .. } => "rehearsal-site-no-program",
            Self::Slow { .. } => "rehearsal-site-slow",
            Self::Program { .. } => "rehearsal-site-program",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::File { .. }
            | Self::Openssl { .. }
            | Self::NoRandomness
            | Self::Listen { .. }
            | Self::NoProgram { .. }
            | Self::Slow { .. }
            | Self::Program { .. } => Kind::Environment,
            Self::State { .. } => Kind::Data,
            Self::Certificate { .. } => Kind::Internal,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::File { path, kind } => {
                vec![Fact::local("path", path.display()), Fact::open("kind", kind)]
            }
            Self::Certificate { what, why } => {
                vec![Fact::local("what", what), Fact::local("why", why)]
            }
            Self::Openssl { why } => vec![Fact::open("why", why)],
            Self::NoRandomness => Vec::new(),
            Self::Listen { host, kind } => {
                vec![Fact::local("host", host), Fact::open("kind", kind)]
            }
            Self::State { path, why } => {
                vec![Fact::local("path", path.display()), Fact::local("why", why)]
            }
            Self::NoProgram { program, kind } => {
                vec![Fact::local("program", program.display()), Fact::open("kind", kind)]
            }
            Self::Slow { program, secs } => {
                vec![Fact::open("program", program), Fact::open("secs", secs)]
            }
            Self::Program { program, .. } => vec![Fact::open("program", program)],
        }
    }

    fn detail(&self) -> Option<Redacted> {
        match self {
            Self::Program { said, .. } => Some(said.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Problem;
    use crate::i18n::Lang;

    #[test]
    fn every_error_has_a_text_and_a_hint_in_both_languages() {
        let path = PathBuf::from("/tmp/x");
        let kind = std::io::ErrorKind::NotFound;
        let all = [
            SiteError::File { path: path.clone(), kind },
            SiteError::Certificate { what: "a".into(), why: "b".into() },
            SiteError::Openssl { why: "exit status: 1".into() },
            SiteError::NoRandomness,
            SiteError::Listen { host: "auth", kind },
            SiteError::State { path: path.clone(), why: "b".into() },
            SiteError::NoProgram { program: path, kind },
            SiteError::Slow { program: "psql", secs: 60 },
            SiteError::Program { program: "psql", said: Redacted::default() },
        ];
        for error in all {
            let problem = Problem::from(error);
            for lang in [Lang::Ja, Lang::En] {
                let message = problem.message(lang);
                assert_ne!(message, problem.code);
                assert!(!message.contains("{ $") && !message.contains("{$"), "{message}");
                for fact in &problem.facts {
                    assert!(message.contains(&fact.value), "{message} lacks {}", fact.name);
                }
            }
            // Looked up per language: `hint` alone would fall back to English.
            let id = format!("{}.hint", problem.code);
            assert!(crate::i18n::find(Lang::Ja, &id, &[]).is_some(), "{id}");
            assert!(crate::i18n::find(Lang::En, &id, &[]).is_some(), "{id}");
        }
    }
}
