//! The outline of a playbook: phases and steps with their places, values not yet filled in.

use std::collections::BTreeMap;

use super::{Title, codes};
use crate::diag::Span;
use crate::ids::PhaseId;
use crate::yaml::{Node, Reader, Value};

/// Version of the playbook's form.
const FORMAT: u32 = 1;
/// Most steps of a playbook: a night has some thirty, and the order of steps is worked out in
/// the cube of their number.
const MAX_STEPS: usize = 200;
/// Longest id, in characters; ids stand in tables and file names.
const MAX_ID: usize = 40;

/// A playbook before its references are filled in.
#[derive(Debug)]
pub(super) struct Outline<'n> {
    pub(super) name: Option<String>,
    pub(super) title: Option<Title>,
    pub(super) vars: BTreeMap<&'n str, &'n Node>,
    pub(super) phases: Vec<RawPhase>,
    /// The steps of all phases, in the file's order.
    pub(super) steps: Vec<RawStep<'n>>,
}

/// A phase.
#[derive(Debug)]
pub(super) struct RawPhase {
    pub(super) id: Option<PhaseId>,
    pub(super) title: Option<Title>,
}

/// A step.
#[derive(Debug)]
pub(super) struct RawStep<'n> {
    /// Number of its phase.
    pub(super) phase: usize,
    pub(super) id: Option<String>,
    /// Where to point when the whole step is meant.
    pub(super) span: Span,
    pub(super) title: Option<Title>,
    pub(super) kind: Option<(String, Span)>,
    pub(super) with: Option<&'n Node>,
    pub(super) needs: Vec<(String, Span)>,
    pub(super) timeout: Option<&'n Node>,
    pub(super) retry: Option<&'n Node>,
    pub(super) when: Option<&'n Node>,
}

/// Reads the outline.
pub(super) fn read<'n>(reader: &mut Reader, root: &'n Node) -> Option<Outline<'n>> {
    let mut fields = reader.fields(root)?;
    let format = fields.required(reader, "format");
    format.and_then(|node| reader.format(node, FORMAT));
    let name = fields.required(reader, "name").and_then(|node| id(reader, node));
    let title = fields.required(reader, "title").and_then(|node| title(reader, node));
    let vars = fields.optional("vars");
    let phase_nodes = fields.required(reader, "phases");
    fields.finish(reader);
    let mut outline = Outline {
        name,
        title,
        vars: vars.map(|node| variables(reader, node)).unwrap_or_default(),
        phases: Vec::new(),
        steps: Vec::new(),
    };
    if let Some(node) = phase_nodes {
        for node in filled_list(reader, node) {
            phase(reader, node, &mut outline);
        }
    }
    if let Some(step) = outline.steps.get(MAX_STEPS) {
        let args = vec![("limit", MAX_STEPS.to_string())];
        reader.report(codes::TOO_MANY_STEPS, step.span.clone(), args);
        return None;
    }
    duplicates(reader, &outline);
    Some(outline)
}

fn variables<'n>(reader: &mut Reader, node: &'n Node) -> BTreeMap<&'n str, &'n Node> {
    let mut vars = BTreeMap::new();
    // For the findings about duplicates.
    let _ = reader.fields(node);
    if let Value::Map(entries) = &node.value {
        for entry in entries {
            if entry.value.text().is_none() {
                reader.wrong_type(&entry.value, "text");
            }
            vars.insert(entry.key.as_str(), &entry.value);
        }
    }
    vars
}

fn phase<'n>(reader: &mut Reader, node: &'n Node, outline: &mut Outline<'n>) {
    let Some(mut fields) = reader.fields(node) else { return };
    let phase_id = fields.required(reader, "id").and_then(|node| id(reader, node));
    let title = fields.required(reader, "title").and_then(|node| title(reader, node));
    let steps = fields.required(reader, "steps");
    fields.finish(reader);
    let number = outline.phases.len();
    if let Some(first) = phase_id.as_ref().and_then(|id| {
        outline.phases.iter().position(|phase| phase.id.as_ref().is_some_and(|p| p.0 == *id))
    }) {
        let span = node.get("id").map_or_else(|| node.span.clone(), |id| id.span.clone());
        let args = vec![
            ("id", phase_id.clone().unwrap_or_default()),
            ("what", "phase".to_owned()),
            ("number", first.saturating_add(1).to_string()),
        ];
        reader.report(codes::DUPLICATE_ID, span, args);
    }
    outline.phases.push(RawPhase { id: phase_id.map(PhaseId), title });
    if let Some(node) = steps {
        for node in filled_list(reader, node) {
            if let Some(step) = step(reader, node, number) {
                outline.steps.push(step);
            }
        }
    }
}

fn step<'n>(reader: &mut Reader, node: &'n Node, phase: usize) -> Option<RawStep<'n>> {
    let mut fields = reader.fields(node)?;
    let id_node = fields.required(reader, "id");
    let id = id_node.and_then(|node| id(reader, node));
    let title = fields.required(reader, "title").and_then(|node| title(reader, node));
    let kind = fields
        .required(reader, "kind")
        .and_then(|node| Some((reader.text(node)?, node.span.clone())));
    let with = fields.optional("with");
    let needs = fields.optional("needs").map(|node| needs(reader, node)).unwrap_or_default();
    let timeout = fields.required(reader, "timeout");
    let retry = fields.optional("retry");
    let when = fields.optional("when");
    fields.finish(reader);
    let span = id_node.map_or_else(|| node.span.clone(), |id| id.span.clone());
    Some(RawStep { phase, id, span, title, kind, with, needs, timeout, retry, when })
}

fn needs(reader: &mut Reader, node: &Node) -> Vec<(String, Span)> {
    let items = reader.list(node).unwrap_or_default();
    items.iter().filter_map(|item| Some((reader.text(item)?, item.span.clone()))).collect()
}

fn filled_list<'n>(reader: &mut Reader, node: &'n Node) -> &'n [Node] {
    let items = reader.list(node);
    if items.is_some_and(<[Node]>::is_empty) {
        reader.wrong_type(node, "filled-list");
    }
    items.unwrap_or_default()
}

fn title(reader: &mut Reader, node: &Node) -> Option<Title> {
    let mut fields = reader.fields(node)?;
    let ja = fields.required(reader, "ja").and_then(|node| reader.filled_text(node));
    let en = fields.required(reader, "en").and_then(|node| reader.filled_text(node));
    fields.finish(reader);
    Some(Title { ja: ja?, en: en? })
}

/// Small letters, digits, `-` and `_`, beginning with a letter: safe in file names, addresses
/// and `${steps.ID.archive}`.
fn id(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node)?;
    let good = text.len() <= MAX_ID
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
        });
    if good {
        return Some(text);
    }
    reader.report(codes::BAD_ID, node.span.clone(), vec![("value", text)]);
    None
}

fn duplicates(reader: &mut Reader, outline: &Outline<'_>) {
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    for step in &outline.steps {
        let Some(id) = step.id.as_deref() else { continue };
        match first.get(id) {
            Some(other) => {
                let args = vec![
                    ("id", id.to_owned()),
                    ("what", "step".to_owned()),
                    ("number", reader.line_of(other).to_string()),
                ];
                reader.report(codes::DUPLICATE_ID, step.span.clone(), args);
            }
            None => {
                first.insert(id, step.span.clone());
            }
        }
    }
}
