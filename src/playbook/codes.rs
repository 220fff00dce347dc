//! The codes of a playbook's and a clinic file's findings.

use crate::yaml::{Codes, file_codes};

/// Findings that any file can have.
pub(super) static FILE: Codes = file_codes!("playbook");

macro_rules! codes {
    ($($name:ident = $code:literal;)*) => {
        $(pub(super) const $name: &str = $code;)*

        /// Every code of this room, for the test that each has its texts.
        #[cfg(test)]
        pub(super) const RULES: &[&str] = &[$($code),*];
    };
}

codes! {
    CLINIC_ID = "playbook-clinic-id";
    ORCAMO_ID = "playbook-orcamo-id";
    BAD_NAME = "playbook-bad-name";
    BAD_HOST = "playbook-bad-host";
    BAD_PG_VERSION = "playbook-bad-pg-version";
    BAD_UPLOAD_RATE = "playbook-bad-upload-rate";
    BAD_ADDRESS = "playbook-bad-address";
    BAD_MAIL_ADDRESS = "playbook-bad-mail-address";
    MAIL_LOGIN = "playbook-mail-login";
    SECRET_PLACE = "playbook-secret-place";
    WINDOW_BACKWARDS = "playbook-window-backwards";
    BAD_ID = "playbook-bad-id";
    DUPLICATE_ID = "playbook-duplicate-id";
    TOO_MANY_STEPS = "playbook-too-many-steps";
    RETRY_WAITS = "playbook-retry-waits";
    NEED_UNKNOWN = "playbook-need-unknown";
    NEED_LATER_PHASE = "playbook-need-later-phase";
    NEED_CYCLE = "playbook-need-cycle";
    OPEN_REFERENCE = "playbook-open-reference";
    UNKNOWN_REFERENCE = "playbook-unknown-reference";
    FORWARD_REFERENCE = "playbook-forward-reference";
    REFERENCE_LOOP = "playbook-reference-loop";
    WHEN = "playbook-when";
    ARCHIVE_NAME = "playbook-archive-name";
    ARCHIVE_TWICE = "playbook-archive-twice";
    ARCHIVE_UNWRITTEN = "playbook-archive-unwritten";
    COMPARE_SAME = "playbook-compare-same";
    IMPORT_UNVERIFIED = "playbook-import-unverified";
    IMPORT_WITHOUT_EXPORT = "playbook-import-without-export";
    IMPORT_WITHOUT_WINDOW = "playbook-import-without-window";
    IMPORT_NOT_ALONE = "playbook-import-not-alone";
    IMPORT_TWICE = "playbook-import-twice";
    IMPORT_RETRIED = "playbook-import-retried";
    IMPORT_TEST_ARCHIVE = "playbook-import-test-archive";
    IMPORT_UNPROVED = "playbook-import-unproved";
    DUMP_UNFENCED = "playbook-dump-unfenced";
    IMPORT_STALE = "playbook-import-stale";
    CLOSED_TOO_EARLY = "playbook-closed-too-early";
    STALE_CHECK_DUMP = "playbook-stale-check-dump";
    DATABASE_NAME = "playbook-database-name";
    DATABASE_UNUSED = "playbook-database-unused";
    DATABASE_SAME = "playbook-database-same";
    DATABASE_BESIDE = "playbook-database-beside";
    SWAP_WITHOUT_DATABASE = "playbook-swap-without-database";
    SWAP_OPEN = "playbook-swap-open";
    SWAP_STALE = "playbook-swap-stale";
    SWAP_AFTER_IMPORT = "playbook-swap-after-import";
    SWAP_TWICE = "playbook-swap-twice";
    BAD_CRON = "playbook-bad-cron";
    BAD_ZONE = "playbook-bad-zone";
    SCHEDULE_TWICE = "playbook-schedule-twice";
    SCHEDULE_TIME = "playbook-schedule-time";
    BAD_HOURS = "playbook-bad-hours";
    OVERRIDE_NOBODY = "playbook-override-nobody";
    NO_CALENDAR = "playbook-no-calendar";
    BAD_FEED = "playbook-bad-feed";
    JOURNAL_PLACE = "playbook-journal-place";
    JOURNAL_LEASE = "playbook-journal-lease";
    AGE_RECIPIENT = "playbook-age-recipient";
    AGE_TWICE = "playbook-age-twice";
}
