//! `journal:`, where the clinic's records lie.

use super::read::{optional, path};
use super::{places, rules};
use crate::playbook::journal_place::{USUAL_PORT, USUAL_SCHEMA};
use crate::playbook::{JournalPlace, PostgresPlace, codes};
use crate::yaml::{Node, Reader};

/// The section. How long a lease runs is set in a rehearsal only: a short one at a clinic would
/// let a second machine in while the first is only slow.
pub(super) fn journal(
    reader: &mut Reader,
    node: &Node,
    in_rehearsal: bool,
) -> Option<JournalPlace> {
    let mut fields = reader.fields(node)?;
    let postgres = optional(reader, fields.optional("postgres"), postgres);
    let lease_node = fields.optional("lease");
    let lease_secs = optional(reader, lease_node, Reader::duration_secs);
    fields.finish(reader);
    if let Some(node) = lease_node.filter(|_| !in_rehearsal || lease_secs == Some(Some(0))) {
        reader.report(codes::JOURNAL_LEASE, node.span.clone(), Vec::new());
        return None;
    }
    Some(JournalPlace { postgres: postgres?, lease_secs: lease_secs? })
}

fn postgres(reader: &mut Reader, node: &Node) -> Option<PostgresPlace> {
    let mut fields = reader.fields(node)?;
    let host = optional(reader, fields.optional("host"), rules::host);
    let socket_dir = optional(reader, fields.optional("socket_dir"), path);
    let port = optional(reader, fields.optional("port"), rules::port);
    let database = fields.required(reader, "database").and_then(|node| rules::name(reader, node));
    let schema = optional(reader, fields.optional("schema"), rules::name);
    let user = fields.required(reader, "user").and_then(|node| rules::name(reader, node));
    let password = optional(reader, fields.optional("password"), places::secret);
    let ca = optional(reader, fields.optional("ca"), path);
    fields.finish(reader);
    let (host, socket_dir) = (host?, socket_dir?);
    if host.is_some() == socket_dir.is_some() {
        reader.report(codes::JOURNAL_PLACE, node.span.clone(), Vec::new());
        return None;
    }
    Some(PostgresPlace {
        host,
        socket_dir,
        port: port?.unwrap_or(USUAL_PORT),
        database: database?,
        schema: schema?.unwrap_or_else(|| USUAL_SCHEMA.to_owned()),
        user: user?,
        password: password?,
        ca: ca?,
    })
}
