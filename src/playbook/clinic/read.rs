//! Reads the clinic file's tree into a [`Clinic`]. Rules between values are in `rules`.

use std::path::PathBuf;

use super::{journal, people, places, rest, rules, schedules};
use crate::playbook::{Characters, Clinic, Cutover, Service, Source};
use crate::yaml::{Node, Reader};

/// Version of the clinic file's form.
const FORMAT: u32 = 1;

/// The clinic, or `None` where something that it needs is missing or wrong.
pub(in crate::playbook) fn read(reader: &mut Reader, root: &Node) -> Option<Clinic> {
    let mut fields = reader.fields(root)?;
    let format = fields.required(reader, "format").and_then(|node| reader.format(node, FORMAT));
    let name = fields.required(reader, "name").and_then(|node| reader.filled_text(node));
    let clinic_id = fields.required(reader, "clinic_id").and_then(|n| rules::clinic_id(reader, n));
    let people = fields.required(reader, "people").and_then(|node| people::people(reader, node));
    let source = fields.required(reader, "source").and_then(|node| source(reader, node));
    let portal = fields.required(reader, "portal").and_then(|node| places::portal(reader, node));
    let mail = fields.required(reader, "mail").and_then(|node| places::mail(reader, node));
    let characters =
        fields.required(reader, "characters").and_then(|node| characters(reader, node));
    let cutover = fields.required(reader, "cutover").and_then(|node| cutover(reader, node));
    let calendar =
        fields.required(reader, "calendar").and_then(|node| rest::calendar(reader, node));
    let hours = optional(reader, fields.optional("hours"), rest::hours);
    let overrides = optional(reader, fields.optional("overrides"), |reader, node| {
        rest::overrides(reader, node, people.as_deref())
    });
    let schedules = optional(reader, fields.optional("schedules"), schedules::schedules);
    let retention = optional(reader, fields.optional("retention"), rest::retention);
    let at_rest = optional(reader, fields.optional("at_rest"), rest::at_rest);
    let rehearsals = optional(reader, fields.optional("rehearsals"), paths);
    let work_dir = fields.required(reader, "work_dir").and_then(|node| path(reader, node));
    let rehearsal_clock = optional(reader, fields.optional("rehearsal_clock"), path);
    let journal = optional(reader, fields.optional("journal"), |reader, node| {
        journal::journal(reader, node, matches!(rehearsal_clock, Some(Some(_))))
    });
    fields.finish(reader);
    Some(Clinic {
        format: format?,
        name: name?,
        clinic_id: clinic_id?,
        people: people?,
        source: source?,
        portal: portal?,
        mail: mail?,
        characters: characters?,
        cutover: cutover?,
        calendar: calendar?,
        hours: hours?,
        overrides: overrides?.unwrap_or_default(),
        schedules: schedules?.unwrap_or_default(),
        retention: retention?.unwrap_or_default(),
        at_rest: at_rest?,
        rehearsals: rehearsals?.unwrap_or_default(),
        work_dir: work_dir?,
        journal: journal?,
        rehearsal_clock: rehearsal_clock?,
    })
}

/// `Some(None)` where the key is left out, `None` where its value is wrong.
pub(super) fn optional<T>(
    reader: &mut Reader,
    node: Option<&Node>,
    read: impl FnOnce(&mut Reader, &Node) -> Option<T>,
) -> Option<Option<T>> {
    match node {
        None => Some(None),
        Some(node) => read(reader, node).map(Some),
    }
}

/// A path; relative ones are relative to the clinic file's folder.
pub(super) fn path(reader: &mut Reader, node: &Node) -> Option<PathBuf> {
    reader.filled_text(node).map(PathBuf::from)
}

fn paths(reader: &mut Reader, node: &Node) -> Option<Vec<PathBuf>> {
    let items = reader.list(node)?;
    let paths: Vec<_> = items.iter().map(|item| path(reader, item)).collect();
    paths.into_iter().collect()
}

fn source(reader: &mut Reader, node: &Node) -> Option<Source> {
    let mut fields = reader.fields(node)?;
    let os_user = fields.required(reader, "os_user").and_then(|node| rules::name(reader, node));
    let database = fields.required(reader, "database").and_then(|node| rules::name(reader, node));
    let socket_dir = optional(reader, fields.optional("socket_dir"), path);
    let port = optional(reader, fields.optional("port"), rules::port);
    let program_dir = optional(reader, fields.optional("program_dir"), path);
    let data_dir = optional(reader, fields.optional("data_dir"), path);
    let service = fields.required(reader, "service").and_then(|node| service(reader, node));
    fields.finish(reader);
    Some(Source {
        os_user: os_user?,
        database: database?,
        socket_dir: socket_dir?,
        port: port?,
        program_dir: program_dir?,
        data_dir: data_dir?,
        service: service?,
    })
}

fn service(reader: &mut Reader, node: &Node) -> Option<Service> {
    let mut fields = reader.fields(node)?;
    let stop = fields.required(reader, "stop").and_then(|node| rules::command(reader, node));
    let start = fields.required(reader, "start").and_then(|node| rules::command(reader, node));
    let status = fields.required(reader, "status").and_then(|node| rules::command(reader, node));
    fields.finish(reader);
    Some(Service { stop: stop?, start: start?, status: status? })
}

fn characters(reader: &mut Reader, node: &Node) -> Option<Characters> {
    let mut fields = reader.fields(node)?;
    let policy = fields.required(reader, "policy").and_then(|node| {
        const POLICIES: [(&str, &str); 3] =
            [("orca", "orca"), ("orca-vendor", "orca-vendor"), ("postgres", "postgres")];
        reader.choice(node, &POLICIES)
    });
    let mapping = optional(reader, fields.optional("mapping"), path);
    fields.finish(reader);
    Some(Characters { policy: policy?.to_owned(), mapping: mapping? })
}

fn cutover(reader: &mut Reader, node: &Node) -> Option<Cutover> {
    let mut fields = reader.fields(node)?;
    let test = fields.required(reader, "test_import_at");
    let production = fields.required(reader, "production_at");
    let end = fields.required(reader, "window_end");
    fields.finish(reader);
    let test_import_at = test.and_then(|node| reader.time(node));
    let production_at = production.and_then(|node| reader.time(node));
    let window_end = end.and_then(|node| reader.time(node));
    // Each pair is checked as soon as both its times are known.
    if let (Some(before), Some(after), Some(node)) = (&test_import_at, &production_at, production) {
        rules::order(reader, node, ("test_import_at", before), ("production_at", after));
    }
    if let (Some(before), Some(after), Some(node)) = (&production_at, &window_end, end) {
        rules::order(reader, node, ("production_at", before), ("window_end", after));
    }
    Some(Cutover {
        test_import_at: test_import_at?,
        production_at: production_at?,
        window_end: window_end?,
    })
}
