//! `${vars.x}`, `${clinic.a.b}` and `${steps.ID.archive}` in values.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::codes;
use super::graph::Order;
use super::outline::RawStep;
use crate::diag::Span;
use crate::yaml::{Entry, Node, Reader, Value, closest};

/// Longest chain of references that refer to references.
const MAX_CHAIN: usize = 8;

/// Longest text after filling in, in bytes: references that each hold several others grow
/// quickly.
const MAX_FILLED: usize = 10_000;

/// Most references that are looked up for one file; the same reason, where they are empty.
const MAX_LOOK_UPS: u32 = 20_000;

/// What of the clinic file a playbook may refer to. Secrets' places are not among it.
const CLINIC: [&str; 32] = [
    "name",
    "clinic_id",
    "source.os_user",
    "source.database",
    "source.socket_dir",
    "source.port",
    "source.program_dir",
    "source.data_dir",
    "source.service.stop",
    "source.service.start",
    "source.service.status",
    "portal.control",
    "portal.auth",
    "portal.management",
    "portal.tenant.orcamo_id",
    "portal.tenant.name",
    "portal.tenant.server",
    "portal.tenant.holds",
    "portal.import_version",
    "portal.upload_rate",
    "portal.release_dumps",
    "portal.profile",
    "mail.host",
    "mail.support",
    "mail.notify",
    "characters.policy",
    "characters.mapping",
    "cutover.test_import_at",
    "cutover.production_at",
    "cutover.window_end",
    "calendar.maintenance",
    "work_dir",
];

/// What references can refer to.
pub(super) struct Scope<'s> {
    pub(super) vars: &'s BTreeMap<&'s str, &'s Node>,
    /// The clinic file's tree; `None` where it could not be read.
    pub(super) clinic: Option<&'s Node>,
    pub(super) steps: &'s [RawStep<'s>],
    pub(super) order: &'s Order,
    /// References looked up so far; begins at 0.
    pub(super) look_ups: Cell<u32>,
}

/// Where a reference stands: the step it belongs to, its scalar, and how far it is nested.
#[derive(Clone)]
pub(super) struct Site {
    step: usize,
    span: Span,
    depth: usize,
}

impl Site {
    /// A reference in a value of a step.
    pub(super) fn new(step: usize, span: Span) -> Self {
        Self { step, span, depth: 0 }
    }
}

impl Scope<'_> {
    /// `node` with every reference filled in; what could not be is [`Value::Broken`].
    pub(super) fn fill(&self, reader: &mut Reader, node: &Node, step: usize) -> Node {
        let value = match &node.value {
            Value::Scalar { text, plain } if !text.contains("${") => {
                Value::Scalar { text: text.clone(), plain: *plain }
            }
            Value::Scalar { text, .. } => {
                match self.filled(reader, text, &Site::new(step, node.span.clone())) {
                    // What was filled in counts as a number where it looks like one.
                    Some(text) => {
                        let plain =
                            text.parse::<f64>().is_ok() || text == "true" || text == "false";
                        Value::Scalar { text, plain }
                    }
                    None => Value::Broken,
                }
            }
            Value::List(items) => {
                Value::List(items.iter().map(|item| self.fill(reader, item, step)).collect())
            }
            Value::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|entry| Entry {
                        key: entry.key.clone(),
                        key_span: entry.key_span.clone(),
                        value: self.fill(reader, &entry.value, step),
                    })
                    .collect(),
            ),
            Value::Broken => Value::Broken,
        };
        Node { span: node.span.clone(), value }
    }

    /// A text with its references filled in. `$${` stands for `${` itself.
    fn filled(&self, reader: &mut Reader, text: &str, site: &Site) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        let mut whole = true;
        while let Some((before, after)) = rest.split_once("${") {
            if let Some(before) = before.strip_suffix('$') {
                out.push_str(before);
                out.push_str("${");
                rest = after;
                continue;
            }
            out.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                reader.report(codes::OPEN_REFERENCE, site.span.clone(), Vec::new());
                return None;
            };
            match self.value(reader, name, site) {
                Some(value) => out.push_str(&value),
                // One finding is enough for what a reference itself refers to.
                None if site.depth > 0 => return None,
                None => whole = false,
            }
            if out.len() > MAX_FILLED {
                let args = vec![("name", name.to_owned())];
                reader.report(codes::REFERENCE_LOOP, site.span.clone(), args);
                return None;
            }
            rest = after;
        }
        out.push_str(rest);
        whole.then_some(out)
    }

    /// The value of the reference `name`, as in `vars.level`.
    pub(super) fn value(&self, reader: &mut Reader, name: &str, site: &Site) -> Option<String> {
        let name = name.trim();
        self.look_ups.set(self.look_ups.get().saturating_add(1));
        if site.depth >= MAX_CHAIN || self.look_ups.get() > MAX_LOOK_UPS {
            let args = vec![("name", name.to_owned())];
            reader.report(codes::REFERENCE_LOOP, site.span.clone(), args);
            return None;
        }
        let deeper = Site { depth: site.depth.saturating_add(1), ..site.clone() };
        match name.split_once('.') {
            Some(("vars", var)) => match self.vars.get(var) {
                Some(node) => return self.filled(reader, node.text()?, &deeper),
                None => self.unknown(reader, name, site),
            },
            Some(("clinic", path)) if CLINIC.contains(&path) => {
                return self.clinic.map(|root| of_clinic(root, path));
            }
            Some(("steps", rest)) => match rest.rsplit_once('.') {
                Some((id, "archive")) => return self.archive(reader, name, id, site, &deeper),
                _ => self.unknown(reader, name, site),
            },
            _ => self.unknown(reader, name, site),
        }
        None
    }

    fn archive(
        &self,
        reader: &mut Reader,
        name: &str,
        id: &str,
        site: &Site,
        deeper: &Site,
    ) -> Option<String> {
        let found = self.steps.iter().position(|step| step.id.as_deref() == Some(id));
        let archive = found
            .and_then(|index| self.steps.get(index))
            .and_then(|step| step.with)
            .and_then(|with| with.get("archive"));
        let (Some(index), Some(archive)) = (found, archive) else {
            self.unknown(reader, name, site);
            return None;
        };
        if !self.order.ended_before(site.step, index) {
            // Where `needs` is wrong the order is not known, and that is reported already.
            if !self.order.is_broken {
                let args = vec![("name", name.to_owned()), ("id", id.to_owned())];
                let span = within(reader, &site.span, name);
                reader.report(codes::FORWARD_REFERENCE, span, args);
            }
            return None;
        }
        self.filled(reader, archive.text()?, deeper)
    }

    fn unknown(&self, reader: &mut Reader, name: &str, site: &Site) {
        let mut known: Vec<String> = self.vars.keys().map(|var| format!("vars.{var}")).collect();
        known.extend(CLINIC.iter().map(|path| format!("clinic.{path}")));
        for step in self.steps {
            if let (Some(id), true) =
                (&step.id, step.with.is_some_and(|with| with.get("archive").is_some()))
            {
                known.push(format!("steps.{id}.archive"));
            }
        }
        let guess = closest(name, known.iter().map(String::as_str)).unwrap_or("none").to_owned();
        let args = vec![("name", name.to_owned()), ("guess", guess)];
        let span = within(reader, &site.span, name);
        reader.report(codes::UNKNOWN_REFERENCE, span, args);
    }
}

/// A value of the clinic file; lists are joined with blanks, and what is left out is empty.
fn of_clinic(root: &Node, path: &str) -> String {
    let mut node = Some(root);
    for key in path.split('.') {
        node = node.and_then(|node| node.get(key));
    }
    match node.map(|node| (node.is_null(), &node.value)) {
        Some((false, Value::Scalar { text, .. })) => text.clone(),
        Some((_, Value::List(items))) => {
            items.iter().filter_map(Node::text).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

/// The place of `name` inside a scalar's place.
fn within(reader: &Reader, span: &Span, name: &str) -> Span {
    let piece = reader.source().text.get(span.clone()).unwrap_or_default();
    match piece.find(name) {
        Some(at) if !name.is_empty() => {
            let start = span.start.saturating_add(at);
            start..start.saturating_add(name.len())
        }
        _ => span.clone(),
    }
}
