//! What can go wrong with the management site.
//!
//! Labels of controls may stand here, text of pages may not: it could name patients. Query
//! strings of the log-in round, passwords and cookies never get this far.

use std::io::ErrorKind;
use std::path::PathBuf;

use crate::diag::{Explain, Fact, IMPORT_FAILED, Kind, Redacted};
use crate::disk::PartError;
use crate::fault::Injected;
use crate::secret::SecretError;

/// A problem with the management site or on the way to it.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// A secret cannot be read.
    #[error("cannot read the {what}: {source}")]
    Secret {
        /// Which.
        what: &'static str,
        /// Why.
        source: SecretError,
    },
    /// The pinned root certificate cannot be used.
    #[error("root certificate `{path}`: {reason}")]
    Ca {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The client certificate file cannot be used.
    #[error("client certificate `{path}`: {reason}")]
    P12 {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The client certificate's password is wrong, with its blanks and without.
    #[error("the password does not open client certificate `{path}`")]
    P12Password {
        /// The file.
        path: PathBuf,
    },
    /// The client certificate has ended.
    #[error("client certificate `{cn}` ended on {not_after}")]
    CertificateEnded {
        /// Its common name.
        cn: String,
        /// Its end.
        not_after: String,
    },
    /// The portal profile cannot be used.
    #[error("portal profile: {reason}")]
    Profile {
        /// Why.
        reason: String,
    },
    /// An address of the clinic file is not `https://host`.
    #[error("`{address}` is not an https address")]
    Address {
        /// The address, without its query.
        address: String,
    },
    /// A file on this machine cannot be read or written.
    #[error("file `{path}`: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A host cannot be reached.
    #[error("`{host}` cannot be reached: {reason}")]
    Unreachable {
        /// The host.
        host: String,
        /// Why, in the transport's words.
        reason: String,
    },
    /// A host did not answer in time, or a transfer stood still.
    #[error("`{host}` was silent for {secs} s")]
    Timeout {
        /// The host.
        host: String,
        /// The limit.
        secs: u64,
    },
    /// The server's certificate or protocol is not acceptable.
    #[error("TLS with `{host}`: {reason}")]
    Tls {
        /// The host.
        host: String,
        /// `expired`, `not-yet-valid`, `other-name`, `unknown-issuer`, `old-protocol`, `other`.
        reason: &'static str,
    },
    /// The server refused the client certificate during the handshake.
    #[error("`{host}` refused the client certificate: {alert}")]
    CertificateRefused {
        /// The host.
        host: String,
        /// The TLS alert.
        alert: String,
    },
    /// A redirect left the three hosts of the clinic file.
    #[error("redirect to foreign host `{host}` at {step}")]
    RedirectForeign {
        /// Where.
        step: &'static str,
        /// The foreign host.
        host: String,
    },
    /// Redirects did not end, or asked for the same change again.
    #[error("redirects do not end at {step}")]
    RedirectLoop {
        /// Where.
        step: &'static str,
    },
    /// Log-in id or password is wrong.
    #[error("log-in refused after {attempts} attempt(s)")]
    LoginRefused {
        /// How many were made.
        attempts: u32,
    },
    /// The log-in form stood where another page was expected.
    #[error("session lost at {step}")]
    SessionLost {
        /// Where.
        step: &'static str,
    },
    /// The site is under maintenance.
    #[error("maintenance at {step}")]
    Maintenance {
        /// Where.
        step: &'static str,
    },
    /// An HTTP status that is no page.
    #[error("HTTP {status} at {step}")]
    Status {
        /// Where.
        step: &'static str,
        /// The status.
        status: u16,
    },
    /// 403 outside the import.
    #[error("forbidden at {step}: {marker}")]
    Forbidden {
        /// Where.
        step: &'static str,
        /// `certificate`, `user`, `on-premises`, `other`.
        marker: &'static str,
    },
    /// The certificate may not import: it is the vendor's, not the clinic's.
    #[error("this certificate may not import")]
    CannotImport,
    /// A page is larger than a page can be.
    #[error("page too large at {step}")]
    PageTooLarge {
        /// Where.
        step: &'static str,
    },
    /// A page lacks what its contract asks for.
    #[error("page not understood at {step}: no {expected}; seen: {seen}")]
    PageUnknown {
        /// Where.
        step: &'static str,
        /// The label that is missing.
        expected: String,
        /// The labels that are there.
        seen: String,
    },
    /// A label is there more than once, with different targets.
    #[error("`{label}` is there {count} times at {step}")]
    LabelNotUnique {
        /// Where.
        step: &'static str,
        /// The label.
        label: String,
        /// How often.
        count: usize,
    },
    /// The page needs a browser: controls made or sent by scripts.
    #[error("a browser is needed at {step}")]
    NeedsBrowser {
        /// Where.
        step: &'static str,
    },
    /// The page belongs to another tenant.
    #[error("tenant proof `{proof}` failed")]
    OtherTenant {
        /// `address`, `orcamo-id`, `name`.
        proof: &'static str,
        /// What the plan says.
        expected: String,
        /// What the page says.
        seen: String,
    },
    /// A click's confirmation is not the step's.
    #[error("confirmation at {step} is not the step's: `{seen}`")]
    Confirm {
        /// Where.
        step: &'static str,
        /// A word that was expected.
        expected: String,
        /// The confirmation.
        seen: String,
    },
    /// The import form does not offer our version.
    #[error("version {version} is not offered: {offered}")]
    VersionMissing {
        /// Ours.
        version: String,
        /// Theirs.
        offered: String,
    },
    /// All dump slots are taken.
    #[error("all dump slots are taken ({used})")]
    SlotsFull {
        /// Dumps on the page.
        used: usize,
    },
    /// After the click there was not exactly one new dump.
    #[error("{count} new dumps after the click")]
    DumpNotOne {
        /// New rows.
        count: usize,
    },
    /// The site says that the dump failed.
    #[error("the dump failed: `{state}`")]
    DumpFailed {
        /// 状態 as it stands there.
        state: String,
    },
    /// The dump did not reach a state that is known.
    #[error("dump state `{state}` after {secs} s")]
    DumpStateUnknown {
        /// 状態 as it stands there.
        state: String,
        /// The deadline.
        secs: u64,
    },
    /// Our dump is no longer in the list, or not only once.
    #[error("our dump is in the list {count} times")]
    DumpGone {
        /// How often.
        count: usize,
    },
    /// After a deletion our dump is still there, or another is missing.
    #[error("after the deletion: ours still there: {ours}, others missing: {others}")]
    DeleteSurprise {
        /// Ours.
        ours: usize,
        /// Others.
        others: usize,
    },
    /// The download ended early or late.
    #[error("download has {got} of {expected} bytes")]
    DownloadShort {
        /// Content-Length.
        expected: u64,
        /// What came.
        got: u64,
    },
    /// What came is no custom-format archive.
    #[error("the download does not begin with PGDMP")]
    NotArchive,
    /// A host's clock and ours differ too much.
    #[error("the clock of `{host}` differs by {secs} s")]
    ClockSkew {
        /// The host.
        host: String,
        /// Theirs minus ours.
        secs: i64,
    },
    /// The site refused the upload before an import began.
    #[error("the upload was refused with HTTP {status}")]
    ImportRefused {
        /// The status.
        status: u16,
    },
    /// The site says that the import failed.
    #[error("the import failed")]
    ImportFailed {
        /// The import log, redacted.
        log: Redacted,
        /// How many lines the log has.
        lines: usize,
    },
    /// It is not known whether the import took place.
    #[error("the import is in doubt: {cause}")]
    ImportInDoubt {
        /// The code of what happened, or `unclear` or `other-tenant` or `contradiction`.
        cause: &'static str,
        /// Labels on the last page, where there was one.
        seen: String,
    },
}

impl From<Injected> for PortalError {
    fn from(injected: Injected) -> Self {
        Self::Unreachable { host: "-".to_owned(), reason: injected.to_string() }
    }
}

impl From<PartError> for PortalError {
    fn from(error: PartError) -> Self {
        let (path, kind) = match error {
            PartError::Busy { path } => (path, ErrorKind::ResourceBusy),
            PartError::NotAFile { path } => (path, ErrorKind::AlreadyExists),
            PartError::Disk { path, error } => (path, error.kind()),
        };
        Self::File { path, reason: kind.to_string() }
    }
}

impl Explain for PortalError {
    fn code(&self) -> &'static str {
        match self {
            Self::Secret { .. } => "portal-secret",
            Self::Ca { .. } => "portal-ca",
            Self::P12 { .. } => "portal-p12",
            Self::P12Password { .. } => "portal-p12-password",
            Self::CertificateEnded { .. } => "portal-certificate-ended",
            Self::Profile { .. } => "portal-profile",
            Self::Address { .. } => "portal-address",
            Self::File { .. } => "portal-file",
            Self::Unreachable { .. } => "portal-unreachable",
            Self::Timeout { .. } => "portal-timeout",
            Self::Tls { .. } => "portal-tls",
            Self::CertificateRefused { .. } => "portal-certificate-refused",
            Self::RedirectForeign { .. } => "portal-redirect-foreign",
            Self::RedirectLoop { .. } => "portal-redirect-loop",
            Self::LoginRefused { .. } => "portal-login-refused",
            Self::SessionLost { .. } => "portal-session-lost",
            Self::Maintenance { .. } => "portal-maintenance",
            Self::Status { .. } => "portal-status",
            Self::Forbidden { .. } => "portal-forbidden",
            Self::CannotImport => "portal-certificate-cannot-import",
            Self::PageTooLarge { .. } => "portal-page-too-large",
            Self::PageUnknown { .. } => "portal-page-unknown",
            Self::LabelNotUnique { .. } => "portal-label-not-unique",
            Self::NeedsBrowser { .. } => "portal-needs-browser",
            Self::OtherTenant { .. } => "portal-other-tenant",
            Self::Confirm { .. } => "portal-confirm",
            Self::VersionMissing { .. } => "portal-version-missing",
            Self::SlotsFull { .. } => "portal-slots-full",
            Self::DumpNotOne { .. } => "portal-dump-not-one",
            Self::DumpFailed { .. } => "portal-dump-failed",
            Self::DumpStateUnknown { .. } => "portal-dump-state-unknown",
            Self::DumpGone { .. } => "portal-dump-gone",
            Self::DeleteSurprise { .. } => "portal-delete-surprise",
            Self::DownloadShort { .. } => "portal-download-short",
            Self::NotArchive => "portal-not-archive",
            Self::ClockSkew { .. } => "portal-clock-skew",
            Self::ImportRefused { .. } => "portal-import-refused",
            Self::ImportFailed { .. } => IMPORT_FAILED,
            Self::ImportInDoubt { .. } => "portal-import-in-doubt",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Profile { .. } | Self::Address { .. } => Kind::Input,
            Self::CertificateEnded { .. }
            | Self::CannotImport
            | Self::OtherTenant { .. }
            | Self::VersionMissing { .. }
            | Self::SlotsFull { .. }
            | Self::ClockSkew { .. } => Kind::Blocked,
            Self::Secret { .. }
            | Self::Ca { .. }
            | Self::P12 { .. }
            | Self::P12Password { .. }
            | Self::File { .. }
            | Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Tls { .. }
            | Self::CertificateRefused { .. }
            | Self::RedirectForeign { .. }
            | Self::LoginRefused { .. }
            | Self::SessionLost { .. }
            | Self::Maintenance { .. }
            | Self::Status { .. }
            | Self::Forbidden { .. } => Kind::Environment,
            Self::RedirectLoop { .. }
            | Self::PageTooLarge { .. }
            | Self::PageUnknown { .. }
            | Self::LabelNotUnique { .. }
            | Self::NeedsBrowser { .. }
            | Self::Confirm { .. }
            | Self::DumpStateUnknown { .. } => Kind::NotUnderstood,
            Self::DumpNotOne { .. }
            | Self::DumpFailed { .. }
            | Self::DumpGone { .. }
            | Self::DeleteSurprise { .. }
            | Self::ImportRefused { .. }
            | Self::ImportFailed { .. } => Kind::StepFailed,
            Self::DownloadShort { .. } | Self::NotArchive => Kind::Data,
            Self::ImportInDoubt { .. } => Kind::InDoubt,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::Secret { what, source } => {
                vec![Fact::open("what", what), Fact::local("reason", source)]
            }
            Self::Ca { path, reason }
            | Self::P12 { path, reason }
            | Self::File { path, reason } => {
                vec![Fact::local("path", path.display()), Fact::local("reason", reason)]
            }
            Self::P12Password { path } => vec![Fact::local("path", path.display())],
            Self::CertificateEnded { cn, not_after } => {
                vec![Fact::local("cn", cn), Fact::open("not_after", not_after)]
            }
            Self::Profile { reason } => vec![Fact::local("reason", reason)],
            Self::Address { address } => vec![Fact::local("address", address)],
            Self::Unreachable { host, reason } => {
                vec![Fact::local("host", host), Fact::local("reason", reason)]
            }
            Self::Timeout { host, secs } => {
                vec![Fact::local("host", host), Fact::open("secs", secs)]
            }
            Self::Tls { host, reason } => {
                vec![Fact::local("host", host), Fact::open("reason", reason)]
            }
            Self::CertificateRefused { host, alert } => {
                vec![Fact::local("host", host), Fact::open("alert", alert)]
            }
            Self::RedirectForeign { step, host } => {
                vec![Fact::open("step", step), Fact::local("host", host)]
            }
            Self::RedirectLoop { step }
            | Self::SessionLost { step }
            | Self::Maintenance { step }
            | Self::PageTooLarge { step }
            | Self::NeedsBrowser { step } => vec![Fact::open("step", step)],
            Self::LoginRefused { attempts } => vec![Fact::open("attempts", attempts)],
            Self::Status { step, status } => {
                vec![Fact::open("step", step), Fact::open("status", status)]
            }
            Self::Forbidden { step, marker } => {
                vec![Fact::open("step", step), Fact::open("marker", marker)]
            }
            Self::PageUnknown { step, expected, seen } => vec![
                Fact::open("step", step),
                Fact::open("expected", expected),
                Fact::local("seen", seen),
            ],
            Self::LabelNotUnique { step, label, count } => vec![
                Fact::open("step", step),
                Fact::open("label", label),
                Fact::open("count", count),
            ],
            Self::OtherTenant { proof, expected, seen } => vec![
                Fact::open("proof", proof),
                Fact::local("expected", expected),
                Fact::local("seen", seen),
            ],
            Self::Confirm { step, expected, seen } => vec![
                Fact::open("step", step),
                Fact::open("expected", expected),
                Fact::local("seen", seen),
            ],
            Self::VersionMissing { version, offered } => {
                vec![Fact::open("version", version), Fact::open("offered", offered)]
            }
            Self::SlotsFull { used } => vec![Fact::open("used", used)],
            Self::DumpNotOne { count } | Self::DumpGone { count } => {
                vec![Fact::open("count", count)]
            }
            Self::DumpFailed { state } => vec![Fact::local("state", state)],
            Self::DumpStateUnknown { state, secs } => {
                vec![Fact::local("state", state), Fact::open("secs", secs)]
            }
            Self::DeleteSurprise { ours, others } => {
                vec![Fact::open("ours", ours), Fact::open("others", others)]
            }
            Self::DownloadShort { expected, got } => {
                vec![Fact::open("expected", expected), Fact::open("got", got)]
            }
            Self::ClockSkew { host, secs } => {
                vec![Fact::local("host", host), Fact::open("secs", secs)]
            }
            Self::ImportRefused { status } => vec![Fact::open("status", status)],
            Self::ImportFailed { lines, .. } => vec![Fact::open("lines", lines)],
            Self::ImportInDoubt { cause, seen } => {
                vec![Fact::open("cause", cause), Fact::local("seen", seen)]
            }
            Self::CannotImport | Self::NotArchive => Vec::new(),
        }
    }

    fn detail(&self) -> Option<Redacted> {
        match self {
            Self::ImportFailed { log, .. } => Some(log.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Problem;
    use crate::i18n::{self, Lang};

    /// One error of every code; `code()` is exhaustive, so a new variant shows here by count.
    fn one_of_each() -> Vec<PortalError> {
        let (path, text) = (PathBuf::from("/x"), || "x".to_owned());
        let step = "export";
        vec![
            PortalError::Secret { what: "log-in id", source: SecretError::NoPlace },
            PortalError::Ca { path: path.clone(), reason: text() },
            PortalError::P12 { path: path.clone(), reason: text() },
            PortalError::P12Password { path: path.clone() },
            PortalError::CertificateEnded { cn: text(), not_after: text() },
            PortalError::Profile { reason: text() },
            PortalError::Address { address: text() },
            PortalError::File { path, reason: text() },
            PortalError::Unreachable { host: text(), reason: text() },
            PortalError::Timeout { host: text(), secs: 1 },
            PortalError::Tls { host: text(), reason: "expired" },
            PortalError::CertificateRefused { host: text(), alert: text() },
            PortalError::RedirectForeign { step, host: text() },
            PortalError::RedirectLoop { step },
            PortalError::LoginRefused { attempts: 1 },
            PortalError::SessionLost { step },
            PortalError::Maintenance { step },
            PortalError::Status { step, status: 500 },
            PortalError::Forbidden { step, marker: "user" },
            PortalError::CannotImport,
            PortalError::PageTooLarge { step },
            PortalError::PageUnknown { step, expected: text(), seen: text() },
            PortalError::LabelNotUnique { step, label: text(), count: 2 },
            PortalError::NeedsBrowser { step },
            PortalError::OtherTenant { proof: "name", expected: text(), seen: text() },
            PortalError::Confirm { step, expected: text(), seen: text() },
            PortalError::VersionMissing { version: text(), offered: text() },
            PortalError::SlotsFull { used: 5 },
            PortalError::DumpNotOne { count: 2 },
            PortalError::DumpFailed { state: text() },
            PortalError::DumpStateUnknown { state: text(), secs: 1 },
            PortalError::DumpGone { count: 0 },
            PortalError::DeleteSurprise { ours: 0, others: 1 },
            PortalError::DownloadShort { expected: 2, got: 1 },
            PortalError::NotArchive,
            PortalError::ClockSkew { host: text(), secs: 61 },
            PortalError::ImportRefused { status: 413 },
            PortalError::ImportFailed { log: Redacted::default(), lines: 3 },
            PortalError::ImportInDoubt { cause: "unclear", seen: text() },
        ]
    }

    #[test]
    fn every_code_has_its_texts_in_both_languages_with_every_argument() {
        let files = [
            (Lang::En, include_str!("../../i18n/en/portal.ftl")),
            (Lang::Ja, include_str!("../../i18n/ja/portal.ftl")),
        ];
        for (lang, file) in files {
            let ids = file.lines().filter(|line| line.starts_with("portal-")).count();
            assert_eq!(ids, one_of_each().len(), "{lang:?}: texts without a code");
            for error in one_of_each() {
                let code = error.code();
                let problem = Problem::from(error);
                assert!(i18n::find(lang, code, &[]).is_some(), "{lang:?}: no text for {code}");
                let hint = i18n::find(lang, &format!("{code}.hint"), &[]);
                assert!(hint.is_some(), "{lang:?}: no hint for {code}");
                let shown = [problem.message(lang), problem.hint(lang).unwrap_or_default()];
                for text in shown {
                    assert!(!text.contains("{$") && !text.contains("{ $"), "{code}: {text}");
                    assert!(!text.is_empty() && text != code, "{code}");
                }
            }
        }
    }
}
