//! A known message: literals with slots between them. It must not know severities or lines.

use super::slot::Slot;

/// Steps that one comparison may take. Messages need a few dozen; a line made to keep the
/// comparison busy counts as unknown.
const MAX_STEPS: u32 = 2_000;

#[derive(Debug)]
enum Part {
    Literal(&'static str),
    Slot(Slot),
}

/// A message's pattern, such as `relation "{id}" does not exist`.
#[derive(Debug)]
pub(super) struct Template(Vec<Part>);

/// How a message ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With something that is known.
    Complete,
    /// With a value; lines without program and severity that follow may belong to it.
    Value,
    /// With a value in quotes or parentheses, which lasts until they are closed.
    Opened(Opener),
}

/// What a value began with, and so what ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opener {
    /// `"`
    Quote,
    /// `(`
    Parenthesis,
    /// It is not known: the beginning was left out.
    Either,
}

/// What a template found in a text.
pub(super) enum Piece<'a> {
    /// The template's own text.
    Literal(&'static str),
    /// The text in a slot.
    Slot(Slot, &'a str),
}

impl Template {
    /// Takes a pattern apart; braces that name no slot are literals.
    pub(super) fn parse(pattern: &'static str) -> Self {
        let mut parts = Vec::new();
        let mut literal_from = 0;
        for (open, _) in pattern.match_indices('{') {
            let Some(rest) = pattern.get(open.saturating_add(1)..) else { continue };
            let Some((name, after)) = rest.split_once('}') else { continue };
            let Some(slot) = Slot::named(name) else { continue };
            if let Some(literal) = pattern.get(literal_from..open).filter(|text| !text.is_empty()) {
                parts.push(Part::Literal(literal));
            }
            parts.push(Part::Slot(slot));
            literal_from = pattern.len().saturating_sub(after.len());
        }
        if let Some(literal) = pattern.get(literal_from..).filter(|text| !text.is_empty()) {
            parts.push(Part::Literal(literal));
        }
        Self(parts)
    }

    /// Lays the template over the whole of `text`.
    pub(super) fn find<'a>(&'a self, text: &'a str) -> Option<Vec<Piece<'a>>> {
        let mut steps = MAX_STEPS;
        let mut pieces = Vec::with_capacity(self.0.len());
        walk(&self.0, text, &mut pieces, &mut steps).then_some(pieces)
    }

    /// How the pattern ends: a value may go on in the next line.
    pub(super) fn end(&self) -> End {
        match self.0.as_slice() {
            [.., Part::Literal(open), Part::Slot(Slot::Value)] if open.ends_with('"') => {
                End::Opened(Opener::Quote)
            }
            [.., Part::Literal(open), Part::Slot(Slot::Value)] if open.ends_with('(') => {
                End::Opened(Opener::Parenthesis)
            }
            [.., Part::Slot(Slot::Value)] => End::Value,
            _ => End::Complete,
        }
    }

    #[cfg(test)]
    pub(super) fn slots(&self) -> Vec<Slot> {
        self.0
            .iter()
            .filter_map(|part| match part {
                Part::Slot(slot) => Some(*slot),
                Part::Literal(_) => None,
            })
            .collect()
    }

    /// The message with `fill` in its slots.
    #[cfg(test)]
    pub(super) fn fill(&self, mut fill: impl FnMut(Slot) -> String) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => (*text).to_owned(),
                Part::Slot(slot) => fill(*slot),
            })
            .collect()
    }
}

fn walk<'a>(
    parts: &'a [Part],
    text: &'a str,
    pieces: &mut Vec<Piece<'a>>,
    steps: &mut u32,
) -> bool {
    let Some(left) = steps.checked_sub(1) else { return false };
    *steps = left;
    let Some((part, rest)) = parts.split_first() else { return text.is_empty() };
    match part {
        Part::Literal(literal) => {
            let Some(after) = text.strip_prefix(literal) else { return false };
            pieces.push(Piece::Literal(literal));
            walk(rest, after, pieces, steps) || drop_last(pieces)
        }
        Part::Slot(slot) => {
            let Some(Part::Literal(next)) = rest.first() else {
                // The last slot takes all that is left.
                pieces.push(Piece::Slot(*slot, text));
                return (rest.is_empty() && slot.accepts(text)) || drop_last(pieces);
            };
            let mut ends: Vec<usize> = text.match_indices(next).map(|(at, _)| at).collect();
            // A value may hold anything, also the literal that follows it: the longest fits. A
            // name ends where its literal first stands.
            if *slot == Slot::Value {
                ends.reverse();
            }
            for end in ends {
                let Some((inside, after)) = text.split_at_checked(end) else { continue };
                if !slot.accepts(inside) {
                    continue;
                }
                pieces.push(Piece::Slot(*slot, inside));
                if walk(rest, after, pieces, steps) {
                    return true;
                }
                pieces.pop();
            }
            false
        }
    }
}

fn drop_last(pieces: &mut Vec<Piece<'_>>) -> bool {
    pieces.pop();
    false
}
