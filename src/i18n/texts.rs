//! The Fluent files of every room, part of the program.

pub(super) const JA: &[(&str, &str)] = &[
    ("archive", include_str!("../../i18n/ja/archive.ftl")),
    ("calendar", include_str!("../../i18n/ja/calendar.ftl")),
    ("charset", include_str!("../../i18n/ja/charset.ftl")),
    ("cli", include_str!("../../i18n/ja/cli.ftl")),
    ("diag", include_str!("../../i18n/ja/diag.ftl")),
    ("feed", include_str!("../../i18n/ja/feed.ftl")),
    ("journal", include_str!("../../i18n/ja/journal.ftl")),
    ("mail", include_str!("../../i18n/ja/mail.ftl")),
    ("plan", include_str!("../../i18n/ja/plan.ftl")),
    ("playbook", include_str!("../../i18n/ja/playbook.ftl")),
    ("portal", include_str!("../../i18n/ja/portal.ftl")),
    ("rehearsal", include_str!("../../i18n/ja/rehearsal.ftl")),
    ("report", include_str!("../../i18n/ja/report.ftl")),
    ("run", include_str!("../../i18n/ja/run.ftl")),
    ("scan", include_str!("../../i18n/ja/scan.ftl")),
    ("source", include_str!("../../i18n/ja/source.ftl")),
];

pub(super) const EN: &[(&str, &str)] = &[
    ("archive", include_str!("../../i18n/en/archive.ftl")),
    ("calendar", include_str!("../../i18n/en/calendar.ftl")),
    ("charset", include_str!("../../i18n/en/charset.ftl")),
    ("cli", include_str!("../../i18n/en/cli.ftl")),
    ("diag", include_str!("../../i18n/en/diag.ftl")),
    ("feed", include_str!("../../i18n/en/feed.ftl")),
    ("journal", include_str!("../../i18n/en/journal.ftl")),
    ("mail", include_str!("../../i18n/en/mail.ftl")),
    ("plan", include_str!("../../i18n/en/plan.ftl")),
    ("playbook", include_str!("../../i18n/en/playbook.ftl")),
    ("portal", include_str!("../../i18n/en/portal.ftl")),
    ("rehearsal", include_str!("../../i18n/en/rehearsal.ftl")),
    ("report", include_str!("../../i18n/en/report.ftl")),
    ("run", include_str!("../../i18n/en/run.ftl")),
    ("scan", include_str!("../../i18n/en/scan.ftl")),
    ("source", include_str!("../../i18n/en/source.ftl")),
];
