//! Source, archive and target versions against each other, and what will happen to the archive.
//!
//! Reckons from what the programs say of themselves; the dump itself looks at the header.

use super::checks::{check, ok_if};
use super::facts::{Facts, SourceFacts};
use super::model::{Check, Verdict};
use crate::pg_version::{ArchiveVersion, NEWEST_KNOWN, PgVersion};
use crate::playbook::{CheckedPlaybook, DumpStrategy, Portal, StepAction};

/// Oldest and newest archive version that is written.
const WRITTEN: (ArchiveVersion, ArchiveVersion) = (ArchiveVersion(12), ArchiveVersion(14));

/// The rows about versions.
pub(super) fn rows(playbook: &CheckedPlaybook, facts: &Facts, checks: &mut Vec<Check>) {
    let by_database = playbook.steps().any(|step| {
        let by_database = |strategy: &DumpStrategy| *strategy != DumpStrategy::Stream;
        let action = &step.action;
        step.applies && matches!(action, StepAction::Dump { strategy, .. } if by_database(strategy))
    });
    of(&playbook.clinic.portal, by_database, facts, checks);
}

/// `by_database`: a dump is made by `pg_dump` alone, from a database that `pg_restore` filled.
fn of(portal: &Portal, by_database: bool, facts: &Facts, checks: &mut Vec<Check>) {
    let source = facts.source.as_ref();
    if let Some(source) = source {
        checks.push(dumped(source));
    }
    let offered = facts.portal.as_ref().map(|site| site.import_versions.as_slice());
    checks.push(target(portal, offered));
    checks.push(archive(source, portal.target_server(), by_database));
    let server = source.and_then(|source| PgVersion::said(&source.server_version));
    if let (Some(server), Some(target)) = (server, portal.target_server()) {
        let verdict = ok_if(target.line() >= server.line(), Verdict::Warn);
        checks.push(
            check("plan-target-not-older", verdict, format!("{server} → {target}"))
                .with("server", server)
                .with("target", target),
        );
    }
    if let Some(source) = source.filter(|_| by_database) {
        checks.push(restored(source));
    }
}

/// `pg_restore` comes with `pg_dump` and is of its version. What it is given here was written by
/// this program; the warning is for what people give it beside that.
fn restored(source: &SourceFacts) -> Check {
    let program = PgVersion::said(&source.pg_dump_version);
    let verdict = match program.map(PgVersion::restores_safely) {
        Some(safe) => ok_if(safe, Verdict::Warn),
        None => Verdict::Unknown,
    };
    check("plan-pg-restore-mended", verdict, source.pg_dump_version.clone())
        .with("program", &source.pg_dump_version)
}

/// pg_dump refuses a server that is newer than itself; minors do not matter.
fn dumped(source: &SourceFacts) -> Check {
    let program = PgVersion::said(&source.pg_dump_version);
    let server = PgVersion::said(&source.server_version);
    let verdict = match (program, server) {
        (Some(program), Some(server)) => ok_if(program.line() >= server.line(), Verdict::Block),
        _ => Verdict::Unknown,
    };
    check(
        "plan-pg-dump-version",
        verdict,
        format!("pg_dump {} / PostgreSQL {}", source.pg_dump_version, source.server_version),
    )
    .with("program", &source.pg_dump_version)
    .with("server", &source.server_version)
}

/// Which PostgreSQL imports, and who says so. `offered` is `None` where nobody looked.
fn target(portal: &Portal, offered: Option<&[String]>) -> Check {
    let entry = &portal.import_version;
    let chosen = entry.parse::<PgVersion>().ok();
    let seen = offered.is_some_and(|offered| offered.contains(entry));
    let (verdict, from) = match (portal.tenant.server, chosen) {
        (Some(stated), Some(chosen)) if stated.line() != chosen.line() => {
            (Verdict::Warn, "disagree")
        }
        (Some(_), _) => (Verdict::Ok, "clinic-file"),
        (None, Some(_)) if seen => (Verdict::Ok, "form"),
        (None, Some(_)) => (Verdict::Unknown, "not-seen"),
        (None, None) => (Verdict::Unknown, "nobody"),
    };
    let server = portal.target_server().map(|version| version.to_string()).unwrap_or_default();
    check("plan-target-version", verdict, format!("{server} ({from})"))
        .with("from", from)
        .with("target", server)
        .with("entry", entry)
}

/// What becomes of the archive on its way, and whether the target can read it.
fn archive(source: Option<&SourceFacts>, target: Option<PgVersion>, as_it_is: bool) -> Check {
    let reads = target.map(PgVersion::reads);
    let program = source.and_then(|source| PgVersion::said(&source.pg_dump_version));
    let writes = program.and_then(PgVersion::writes);
    let newer = program.is_some_and(PgVersion::is_newer_than_known);
    // Without a known dump the newest that is written stands for it.
    let written = match writes {
        Some(writes) if as_it_is => writes,
        _ => written(writes.unwrap_or(WRITTEN.1), reads.flatten()),
    };
    let (verdict, case) = match (reads, writes) {
        // A target before 8.0 is in no table.
        (Some(None), _) => (Verdict::Block, "too-old"),
        (Some(Some(reads)), _) if reads < WRITTEN.0 => (Verdict::Block, "too-old"),
        _ if newer => (Verdict::Block, "newer"),
        (_, None) if source.is_none() => (Verdict::Unknown, "not-looked"),
        (_, None) => (Verdict::Unknown, "source-unknown"),
        (None, Some(_)) => (Verdict::Unknown, "target-unknown"),
        (Some(Some(reads)), Some(_)) if reads < written => (Verdict::Block, "as-it-is"),
        (Some(_), Some(writes)) if writes == written => (Verdict::Ok, "kept"),
        (Some(_), Some(_)) => (Verdict::Ok, "rewritten"),
    };
    let show = |version: Option<ArchiveVersion>| {
        version.map_or_else(|| "?".to_owned(), |version| version.to_string())
    };
    let measured =
        format!("{} → {written}, PostgreSQL {}", show(writes), target.map_or("?".into(), shown));
    check("plan-archive-version", verdict, measured)
        .with("case", case)
        .with("program", source.map_or("?", |source| &source.pg_dump_version))
        .with("writes", show(writes))
        .with("written", written)
        .with("oldest", WRITTEN.0)
        .with("readers", written.oldest_readers())
        .with("target", target.map_or("?".into(), shown))
        .with("reads", show(reads.flatten()))
        .with("newest", NEWEST_KNOWN)
}

fn shown(version: PgVersion) -> String {
    version.to_string()
}

/// The version that is written from a dump of version `from` for a server that reads `reads`;
/// where that is not known, the newest that is written.
fn written(from: ArchiveVersion, reads: Option<ArchiveVersion>) -> ArchiveVersion {
    from.min(reads.unwrap_or(WRITTEN.1)).clamp(WRITTEN.0, WRITTEN.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::plan::PortalFacts;
    use serde_json::json;

    fn portal(server: Option<&str>, entry: &str) -> Portal {
        serde_json::from_value(json!({
            "control": "https://c.test", "auth": "https://a.test", "management": "https://m.test",
            "ca": "ca", "client_p12": "p12", "client_pass": {"env": "A"}, "login_id": {"env": "B"},
            "login_password": {"env": "C"}, "import_version": entry,
            "tenant": {"orcamo_id": "000000000", "name": "試験", "server": server}}))
        .unwrap()
    }

    fn facts(source: Option<(&str, &str)>, offered: Option<&[&str]>) -> Facts {
        let at = "2027-01-12T13:00:00+09:00";
        let source = source.map(|(server, program)| {
            json!({"server_version": server, "pg_dump_version": program, "encoding": "EUC_JP",
                "database_bytes": 1, "free_bytes": 1, "clinic_id": null, "schema_version": null,
                "tables": 1, "sessions": 0, "service_running": true, "dump_command": []})
        });
        let site = offered.map(|versions| {
            json!({"certificate": "c", "certificate_ends": at, "can_import": true,
                "free_slots": 5, "import_versions": versions, "clock_skew_secs": 0})
        });
        let site: Option<PortalFacts> = serde_json::from_value(json!(site)).unwrap();
        let source: Option<SourceFacts> = serde_json::from_value(json!(source)).unwrap();
        let mut facts: Facts =
            serde_json::from_value(json!({"at": at, "source": null, "portal": null,
                "problems": []}))
            .unwrap();
        (facts.source, facts.portal) = (source, site);
        facts
    }

    fn row(code: &str, portal: &Portal, facts: &Facts) -> Option<(Verdict, String)> {
        row_of(code, portal, false, facts)
    }

    fn row_of(
        code: &str,
        portal: &Portal,
        by_database: bool,
        facts: &Facts,
    ) -> Option<(Verdict, String)> {
        let mut checks = Vec::new();
        of(portal, by_database, facts, &mut checks);
        for check in &checks {
            for lang in [Lang::En, Lang::Ja] {
                let told = check.measured(lang);
                // The bare value is what is shown where a text lacks an argument.
                assert!(told != check.measured, "{}: no words for {told}", check.code);
                assert!(check.hint(lang).is_some_and(|hint| !hint.contains("{$")));
            }
        }
        let check = checks.iter().find(|check| check.code == code)?;
        Some((check.verdict, check.measured(Lang::En)))
    }

    #[test]
    fn what_happens_to_the_archive_is_told_for_every_pair_of_versions() {
        // pg_dump, target, verdict, what the words must hold
        for (program, target, verdict, words) in [
            (
                "15.18",
                "9.6",
                Verdict::Ok,
                "pg_dump 15.18 writes 1.14; rewritten to 1.12, which the target's 9.6 reads",
            ),
            ("15.18", "9.6.24", Verdict::Ok, "rewritten to 1.13"),
            ("15.18", "9.6.7", Verdict::Ok, "rewritten to 1.12"),
            ("15.18", "10", Verdict::Ok, "rewritten to 1.12"),
            ("15.18", "11", Verdict::Ok, "rewritten to 1.13"),
            ("15.18", "15", Verdict::Ok, "writes 1.14, which the target's 15 reads (up to 1.14)"),
            ("17.2", "17", Verdict::Ok, "writes 1.16; rewritten to 1.14"),
            ("16.1", "18", Verdict::Ok, "writes 1.15; rewritten to 1.14"),
            ("9.5.11", "15", Verdict::Ok, "writes 1.12, which"),
            ("9.5.12", "9.6.7", Verdict::Ok, "writes 1.13; rewritten to 1.12"),
            ("8.4.22", "9.0", Verdict::Ok, "writes 1.11; rewritten to 1.12"),
            ("12.1", "19", Verdict::Ok, "writes 1.14, which the target's 19 reads (up to 1.16)"),
            ("15.18", "8.4", Verdict::Block, "reads archives up to 1.11; the oldest"),
            ("15.18", "7.4", Verdict::Block, "reads archives up to ?"),
            ("19.0", "15", Verdict::Block, "pg_dump 19.0 is newer than 18"),
            ("19.0", "8.4", Verdict::Block, "the oldest that is written is 1.12"),
            ("9.6devel", "15", Verdict::Unknown, "what pg_dump 9.6devel writes is not known"),
            ("15.18", "既定", Verdict::Unknown, "1.14 is sent, which PostgreSQL 12 and newer"),
            ("10.2", "既定", Verdict::Unknown, "1.12 is sent, which PostgreSQL 9.0 and newer"),
        ] {
            let facts = facts(Some((program, program)), Some(&[target]));
            let found = row("plan-archive-version", &portal(None, target), &facts).unwrap();
            assert_eq!(found.0, verdict, "{program} to {target}: {}", found.1);
            assert!(found.1.contains(words), "{program} to {target}: {}", found.1);
        }
        let unseen = row("plan-archive-version", &portal(Some("9.6"), "x"), &facts(None, None));
        let told = "the clinic's server was not looked at; at most 1.12 is sent".to_owned();
        assert_eq!(unseen, Some((Verdict::Unknown, told)));
    }

    #[test]
    fn what_pg_dump_alone_writes_is_never_rewritten() {
        for (program, target, verdict, words) in [
            ("15.18", "15", Verdict::Ok, "pg_dump 15.18 writes 1.14, which the target's 15 reads"),
            ("16.2", "17", Verdict::Ok, "writes 1.15, which the target's 17 reads (up to 1.16)"),
            ("16.2", "15", Verdict::Block, "writes 1.15, and the target's 15 reads up to 1.14"),
            ("15.18", "9.6", Verdict::Block, "writes 1.14, and the target's 9.6 reads up to 1.12"),
            ("16.2", "既定", Verdict::Unknown, "1.15 is sent, which PostgreSQL 16 and newer read"),
        ] {
            let (portal, facts) = (portal(None, target), facts(Some((program, program)), None));
            let (found, told) = row_of("plan-archive-version", &portal, true, &facts).unwrap();
            assert_eq!(found, verdict, "{program} to {target}: {told}");
            assert!(told.contains(words), "{program} to {target}: {told}");
        }
    }

    #[test]
    fn an_old_pg_restore_is_a_warning_where_it_is_used() {
        for (program, verdict) in [
            ("15.19", Verdict::Warn),
            ("15.20", Verdict::Ok),
            ("9.6.24", Verdict::Warn),
            ("?", Verdict::Unknown),
        ] {
            let (portal, facts) = (portal(None, "15"), facts(Some(("15.18", program)), None));
            let found = row_of("plan-pg-restore-mended", &portal, true, &facts);
            assert_eq!(found.map(|(verdict, _)| verdict), Some(verdict), "{program}");
            assert_eq!(row("plan-pg-restore-mended", &portal, &facts), None);
        }
    }

    #[test]
    fn the_target_is_said_and_never_guessed() {
        let offered: Option<&[&str]> = Some(&["9.6", "15", "既定"]);
        for (server, entry, offered, verdict, words) in [
            (Some("9.6"), "15", offered, Verdict::Warn, "9.6 by the clinic file, yet `15`"),
            (Some("9.6.24"), "9.6", offered, Verdict::Ok, "9.6.24, by the clinic file"),
            (Some("9.6"), "既定", None, Verdict::Ok, "9.6, by the clinic file"),
            (None, "15", offered, Verdict::Ok, "15, the entry chosen in the import form"),
            (None, "14", offered, Verdict::Unknown, "was not looked at"),
            (None, "15", None, Verdict::Unknown, "the site's form was not looked at"),
            (None, "既定", offered, Verdict::Unknown, "not known: the import form's entry `既定`"),
        ] {
            let facts = facts(None, offered);
            let found = row("plan-target-version", &portal(server, entry), &facts).unwrap();
            assert_eq!(found.0, verdict, "{server:?} {entry}: {}", found.1);
            assert!(found.1.contains(words), "{server:?} {entry}: {}", found.1);
        }
    }

    #[test]
    fn pg_dump_must_not_be_of_an_older_line_than_the_server() {
        for (server, program, verdict) in [
            ("15.18 (Debian 15.18-0+deb12u1)", "15.1", Verdict::Ok),
            ("9.3.25", "15.18", Verdict::Ok),
            ("9.6.24", "9.5.25", Verdict::Block),
            ("15.18", "14.20", Verdict::Block),
            ("18beta1", "18.0", Verdict::Ok),
            ("unheard of", "15.18", Verdict::Unknown),
        ] {
            let facts = facts(Some((server, program)), None);
            let found = row("plan-pg-dump-version", &portal(None, "15"), &facts).unwrap();
            assert_eq!(found.0, verdict, "{server} {program}");
        }
    }

    #[test]
    fn an_older_target_is_a_warning_and_needs_both_versions() {
        for (server, target, verdict) in [
            ("15.18", "9.6", Some(Verdict::Warn)),
            ("9.6.24", "9.6", Some(Verdict::Ok)),
            ("10.23", "15", Some(Verdict::Ok)),
            ("15.18", "既定", None),
            ("?", "15", None),
        ] {
            let facts = facts(Some((server, "15.18")), None);
            let found = row("plan-target-not-older", &portal(None, target), &facts);
            assert_eq!(found.map(|(verdict, _)| verdict), verdict, "{server} {target}");
        }
    }
}
