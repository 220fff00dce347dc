//! The kinds of steps and their parameters.

use std::ops::RangeInclusive;

use super::{DumpStrategy, Factor, FenceMode, Level, Purpose, StepAction, codes};
use crate::diag::Span;
use crate::ids::StepId;
use crate::yaml::{Fields, Node, Reader, Value, closest};

/// Every kind, as it is written.
const KINDS: [&str; 15] = [
    "source_probe",
    "portal_probe",
    "mail_probe",
    "window_check",
    "dump",
    "verify_archive",
    "portal_export",
    "portal_release",
    "portal_import",
    "compare_archives",
    "wait",
    "service_stop",
    "fence",
    "stale_check",
    "swap_database",
];

/// Free space a dump is given where `space_factor` is left out: the dump, its converted copy and
/// half a database of reserve.
const SPACE_FACTOR: f64 = 2.5;
/// Longest name of a database; PostgreSQL keeps 63 bytes (`NAMEDATALEN`).
const MAX_DATABASE_NAME: usize = 63;
/// Dump slots of a tenant (manual of 2019, chapter 6).
const SLOTS: u64 = 5;

const PURPOSES: [(&str, Purpose); 2] =
    [("test", Purpose::Test), ("production", Purpose::Production)];
/// Whether a database is made.
const STRATEGIES: [(&str, bool); 2] = [("stream", false), ("database", true)];
const MODES: [(&str, FenceMode); 2] =
    [("read-only", FenceMode::ReadOnly), ("closed", FenceMode::Closed)];

/// A step's action from its `kind` and its filled-in `with`.
pub(super) fn read(
    reader: &mut Reader,
    (kind, span): &(String, Span),
    with: Option<&Node>,
) -> Option<StepAction> {
    if !KINDS.contains(&kind.as_str()) {
        let args = vec![
            ("value", kind.clone()),
            ("guess", closest(kind, KINDS).unwrap_or("none").to_owned()),
            ("known", KINDS.join(", ")),
        ];
        reader.report(reader.codes().unknown_value, span.clone(), args);
        return None;
    }
    let nothing = Node { span: span.clone(), value: Value::Map(Vec::new()) };
    let mut fields = reader.fields(with.unwrap_or(&nothing))?;
    let action = parameters(reader, kind, &mut fields);
    fields.finish(reader);
    action
}

fn parameters(reader: &mut Reader, kind: &str, fields: &mut Fields<'_>) -> Option<StepAction> {
    Some(match kind {
        "source_probe" => {
            let factor = match fields.optional("space_factor") {
                Some(node) => reader.fraction(node, 1.0, 100.0)?,
                None => SPACE_FACTOR,
            };
            StepAction::SourceProbe { space_factor: Factor(factor) }
        }
        "portal_probe" => StepAction::PortalProbe {
            free_slots: small(reader, fields, "free_slots", 1, 0..=SLOTS)?,
        },
        "mail_probe" => StepAction::MailProbe {},
        "window_check" => StepAction::WindowCheck { purpose: purpose(reader, fields, "purpose")? },
        "dump" => {
            let archive = text(reader, fields, "archive");
            let level = level(reader, fields);
            let strategy = strategy(reader, fields);
            StepAction::Dump { archive: archive?, level: level?, strategy: strategy? }
        }
        "verify_archive" => StepAction::VerifyArchive { archive: text(reader, fields, "archive")? },
        "portal_export" => {
            let archive = text(reader, fields, "archive");
            let release_slot = match fields.optional("release_slot") {
                Some(node) => reader.flag(node),
                None => Some(false),
            };
            StepAction::PortalExport { archive: archive?, release_slot: release_slot? }
        }
        "portal_release" => StepAction::PortalRelease {},
        "portal_import" => {
            let archive = text(reader, fields, "archive");
            let purpose = purpose(reader, fields, "purpose");
            StepAction::PortalImport { archive: archive?, purpose: purpose? }
        }
        "compare_archives" => {
            let expected = text(reader, fields, "expected");
            let actual = text(reader, fields, "actual");
            StepAction::CompareArchives { expected: expected?, actual: actual? }
        }
        "wait" => StepAction::Wait { until: purpose(reader, fields, "until")? },
        "service_stop" => StepAction::ServiceStop {},
        "fence" => {
            let node = fields.required(reader, "mode")?;
            StepAction::Fence { mode: reader.choice(node, &MODES)? }
        }
        "stale_check" => StepAction::StaleCheck { dump: StepId(text(reader, fields, "dump")?) },
        "swap_database" => StepAction::SwapDatabase { dump: StepId(text(reader, fields, "dump")?) },
        _ => return None,
    })
}

/// `auto`, also where it is left out, or a number. Level 0 would leave bit errors unnoticed:
/// zlib's check sum is what finds them.
fn level(reader: &mut Reader, fields: &mut Fields<'_>) -> Option<Level> {
    let Some(node) = fields.optional("level") else { return Some(Level::Auto) };
    match reader.number_or_auto(node, 1, 9)? {
        None => Some(Level::Auto),
        Some(number) => u32::try_from(number).ok().map(Level::Fixed),
    }
}

fn strategy(reader: &mut Reader, fields: &mut Fields<'_>) -> Option<DumpStrategy> {
    let by_database = match fields.optional("strategy") {
        Some(node) => reader.choice(node, &STRATEGIES)?,
        None => false,
    };
    let name = fields.optional("database");
    if !by_database {
        let Some(node) = name else { return Some(DumpStrategy::Stream) };
        reader.report(codes::DATABASE_UNUSED, node.span.clone(), Vec::new());
        return None;
    }
    let database = match name {
        Some(node) => Some(database_name(reader, node)?),
        None => None,
    };
    Some(DumpStrategy::Database { database })
}

/// A name that needs no quotes in any program of PostgreSQL, nor in a shell: people will type it.
fn database_name(reader: &mut Reader, node: &Node) -> Option<String> {
    let name = reader.filled_text(node)?;
    let good = name.len() <= MAX_DATABASE_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if good {
        return Some(name);
    }
    reader.report(codes::DATABASE_NAME, node.span.clone(), vec![("value", name)]);
    None
}

fn text(reader: &mut Reader, fields: &mut Fields<'_>, key: &'static str) -> Option<String> {
    let node = fields.required(reader, key)?;
    reader.filled_text(node)
}

fn purpose(reader: &mut Reader, fields: &mut Fields<'_>, key: &'static str) -> Option<Purpose> {
    let node = fields.required(reader, key)?;
    reader.choice(node, &PURPOSES)
}

fn small(
    reader: &mut Reader,
    fields: &mut Fields<'_>,
    key: &'static str,
    usual: u64,
    bounds: RangeInclusive<u64>,
) -> Option<u32> {
    let number = match fields.optional(key) {
        Some(node) => reader.number(node, *bounds.start(), *bounds.end())?,
        None => usual,
    };
    u32::try_from(number).ok()
}
