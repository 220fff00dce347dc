//! The people of a cutover.

use super::read::optional;
use crate::playbook::Person;
use crate::yaml::{Node, Reader};

/// What a person can be in a cutover.
const ROLES: [(&str, &str); 4] =
    [("operator", "operator"), ("decides", "decides"), ("clinic", "clinic"), ("deputy", "deputy")];

/// The people, at least one: somebody must answer for the night.
pub(super) fn people(reader: &mut Reader, node: &Node) -> Option<Vec<Person>> {
    let items = reader.list(node)?;
    if items.is_empty() {
        reader.wrong_type(node, "filled-list");
        return None;
    }
    let people: Vec<_> = items.iter().map(|item| person(reader, item)).collect();
    people.into_iter().collect()
}

fn person(reader: &mut Reader, node: &Node) -> Option<Person> {
    let mut fields = reader.fields(node)?;
    let name = fields.required(reader, "name").and_then(|node| reader.filled_text(node));
    let role = fields.required(reader, "role").and_then(|node| reader.choice(node, &ROLES));
    let phone = optional(reader, fields.optional("phone"), Reader::filled_text);
    fields.finish(reader);
    Some(Person { name: name?, role: role?.to_owned(), phone: phone? })
}
