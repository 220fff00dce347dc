//! `when:`, a small language: `==`, `!=`, `and`, `or`, `not`, parentheses, literals, `${...}`.
//!
//! Both sides of `and` and `or` are always worked out, so that a wrong reference is found
//! whichever way the other side turns out.

use super::codes;
use super::vars::{Scope, Site};
use crate::yaml::{Node, Reader};

/// Deepest nesting of parentheses and `not`.
const MAX_DEPTH: usize = 20;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Equal,
    Unequal,
    And,
    Or,
    Not,
    Text(String),
    Number(f64),
    Flag(bool),
    Reference(String),
}

/// A value. What a reference gives is loose: it is a number or flag where the other side is.
#[derive(Clone, Debug)]
enum Val {
    Text(String),
    Number(f64),
    Flag(bool),
    Loose(String),
    /// A reference that was reported.
    Unknown,
}

/// What is wrong with an expression; the name selects the text.
type Wrong = &'static str;

/// Whether the expression holds; `None` where it is wrong, which is reported.
pub(super) fn holds(
    reader: &mut Reader,
    scope: &Scope<'_>,
    node: &Node,
    step: usize,
) -> Option<bool> {
    let text = reader.text(node)?;
    let outcome = tokens(&text).and_then(|tokens| {
        let site = Site::new(step, node.span.clone());
        let mut parser = Parser { tokens: &tokens, at: 0, reader, scope, site };
        let value = parser.either(0)?;
        if parser.at < tokens.len() {
            return Err("operator");
        }
        truth(&value)
    });
    match outcome {
        Ok(holds) => holds,
        Err(wrong) => {
            let args = vec![("wrong", wrong.to_owned())];
            reader.report(codes::WHEN, node.span.clone(), args);
            None
        }
    }
}

/// A value as yes or no; `Ok(None)` where it is not known.
fn truth(value: &Val) -> Result<Option<bool>, Wrong> {
    match value {
        Val::Flag(flag) => Ok(Some(*flag)),
        Val::Loose(text) if text == "true" => Ok(Some(true)),
        Val::Loose(text) if text == "false" => Ok(Some(false)),
        Val::Unknown => Ok(None),
        _ => Err("truth"),
    }
}

fn equal(left: &Val, right: &Val) -> Result<Option<bool>, Wrong> {
    use Val::{Flag, Loose, Number, Text, Unknown};
    Ok(Some(match (left, right) {
        (Unknown, _) | (_, Unknown) => return Ok(None),
        (Text(a) | Loose(a), Text(b) | Loose(b)) => a == b,
        (Number(a), Number(b)) => a == b,
        (Flag(a), Flag(b)) => a == b,
        (Number(a), Loose(b)) | (Loose(b), Number(a)) => b.parse::<f64>().is_ok_and(|b| b == *a),
        (Flag(a), Loose(b)) | (Loose(b), Flag(a)) => *b == a.to_string(),
        _ => return Err("types"),
    }))
}

struct Parser<'p, 's> {
    tokens: &'p [Token],
    at: usize,
    reader: &'p mut Reader,
    scope: &'p Scope<'s>,
    site: Site,
}

impl Parser<'_, '_> {
    fn takes(&mut self, token: &Token) -> bool {
        let found = self.tokens.get(self.at) == Some(token);
        if found {
            self.at = self.at.saturating_add(1);
        }
        found
    }

    fn either(&mut self, depth: usize) -> Result<Val, Wrong> {
        let mut left = self.both(depth)?;
        while self.takes(&Token::Or) {
            let right = self.both(depth)?;
            left = match (truth(&left)?, truth(&right)?) {
                (Some(a), Some(b)) => Val::Flag(a || b),
                _ => Val::Unknown,
            };
        }
        Ok(left)
    }

    fn both(&mut self, depth: usize) -> Result<Val, Wrong> {
        let mut left = self.opposite(depth)?;
        while self.takes(&Token::And) {
            let right = self.opposite(depth)?;
            left = match (truth(&left)?, truth(&right)?) {
                (Some(a), Some(b)) => Val::Flag(a && b),
                _ => Val::Unknown,
            };
        }
        Ok(left)
    }

    fn opposite(&mut self, depth: usize) -> Result<Val, Wrong> {
        if depth > MAX_DEPTH {
            return Err("deep");
        }
        if self.takes(&Token::Not) {
            let value = self.opposite(depth.saturating_add(1))?;
            return Ok(truth(&value)?.map_or(Val::Unknown, |flag| Val::Flag(!flag)));
        }
        let left = self.operand(depth)?;
        let wanted = if self.takes(&Token::Equal) {
            true
        } else if self.takes(&Token::Unequal) {
            false
        } else {
            return Ok(left);
        };
        let right = self.operand(depth)?;
        Ok(equal(&left, &right)?.map_or(Val::Unknown, |same| Val::Flag(same == wanted)))
    }

    fn operand(&mut self, depth: usize) -> Result<Val, Wrong> {
        let token = self.tokens.get(self.at).cloned();
        self.at = self.at.saturating_add(1);
        Ok(match token {
            Some(Token::Text(text)) => Val::Text(text),
            Some(Token::Number(number)) => Val::Number(number),
            Some(Token::Flag(flag)) => Val::Flag(flag),
            Some(Token::Reference(name)) => {
                self.scope.value(self.reader, &name, &self.site).map_or(Val::Unknown, Val::Loose)
            }
            Some(Token::Open) => {
                let value = self.either(depth.saturating_add(1))?;
                if !self.takes(&Token::Close) {
                    return Err("parenthesis");
                }
                value
            }
            _ => return Err("operand"),
        })
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = token(rest, first)?;
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn token(rest: &str, first: char) -> Result<(Token, &str), Wrong> {
    let fixed =
        [("(", Token::Open), (")", Token::Close), ("==", Token::Equal), ("!=", Token::Unequal)];
    for (sign, token) in fixed {
        if let Some(after) = rest.strip_prefix(sign) {
            return Ok((token, after));
        }
    }
    if let Some(after) = rest.strip_prefix("${") {
        let (name, after) = after.split_once('}').ok_or("reference")?;
        return Ok((Token::Reference(name.to_owned()), after));
    }
    if let Some(after) = rest.strip_prefix(['"', '\'']) {
        let (text, after) = after.split_once(first).ok_or("quote")?;
        return Ok((Token::Text(text.to_owned()), after));
    }
    let end = rest
        .find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-')))
        .unwrap_or(rest.len());
    let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let token = match word {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        "true" => Token::Flag(true),
        "false" => Token::Flag(false),
        _ => match word.parse::<f64>() {
            Ok(number) if number.is_finite() => Token::Number(number),
            _ => return Err("word"),
        },
    };
    Ok((token, after))
}
