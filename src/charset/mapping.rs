//! The clinic's mapping file: what a person decided for codes that no table decides.
//!
//! ```yaml
//! rules:
//!   - {code: "8FF4FB", to: "U+9AD8", lossy: true}
//!   - {code: "FCE2", to: "U+9AD8", lossy: true, tables: [tbl_ptinf]}
//!   - {code: "U+9AD9", keep: true}
//! ```

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::CharsetError;
use super::table::{self, Jis};

/// Largest mapping file: a clinic's decisions are some dozens of lines.
const MAX_MAPPING_BYTES: usize = 1 << 20;
/// Most rules: every code that exists could be named, no more.
const MAX_MAPPING_RULES: usize = 20_000;

/// What a rule speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Code {
    /// Bytes of the source.
    Bytes(Vec<u8>),
    /// A character, by whatever bytes it came.
    Char(char),
}

/// A rule as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingRule {
    /// EUC bytes in hexadecimal (`8FF4FB`) or a character (`U+9AD9`).
    pub code: String,
    /// The character to write, `U+XXXX`, of JIS X 0213.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Write what PostgreSQL maps the code to, although the target does not expect it.
    #[serde(default)]
    pub keep: bool,
    /// Whether information is lost. A replacement is taken for lossy unless a person says no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lossy: Option<bool>,
    /// Tables (`tbl_ptinf` or `public.tbl_ptinf`) the rule is for; none means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
    /// Why, for the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingFile {
    #[serde(default)]
    rules: Vec<MappingRule>,
}

/// A rule that has been checked.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    pub(super) name: String,
    pub(super) code: Code,
    /// `None`: keep what PostgreSQL gives.
    pub(super) to: Option<char>,
    pub(super) lossy: bool,
    pub(super) tables: Vec<String>,
}

/// A mapping file that has been read and checked. The default one has no rules.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    pub(super) decisions: Vec<Decision>,
}

impl Mapping {
    /// How many rules it has.
    pub fn len(&self) -> usize {
        self.decisions.len()
    }

    /// True without rules.
    pub fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }
}

impl FromStr for Mapping {
    type Err = CharsetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let too_large = |rules| CharsetError::MappingTooLarge { bytes: text.len(), rules };
        if text.len() > MAX_MAPPING_BYTES {
            return Err(too_large(0));
        }
        let file: MappingFile = serde_yaml::from_str(text).map_err(|error| {
            let line = error.location().map_or(0, |place| place.line());
            CharsetError::MappingSyntax { line }
        })?;
        if file.rules.len() > MAX_MAPPING_RULES {
            return Err(too_large(file.rules.len()));
        }
        let mut seen = std::collections::HashSet::new();
        let mut decisions = Vec::with_capacity(file.rules.len());
        for (at, rule) in file.rules.iter().enumerate() {
            let number = at.saturating_add(1);
            let decision = decide(number, rule)?;
            let places: Vec<&str> = if rule.tables.is_empty() {
                vec![""]
            } else {
                rule.tables.iter().map(String::as_str).collect()
            };
            for place in places {
                if !seen.insert((decision.code.clone(), place.to_owned())) {
                    return Err(CharsetError::MappingTwice {
                        rule: number,
                        code: rule.code.clone(),
                    });
                }
            }
            decisions.push(decision);
        }
        Ok(Self { decisions })
    }
}

fn decide(number: usize, rule: &MappingRule) -> Result<Decision, CharsetError> {
    let bad_code = || CharsetError::MappingCode { rule: number, code: short(&rule.code) };
    let code = match character(&rule.code) {
        Some(c) => Code::Char(c),
        None => Code::Bytes(bytes(&rule.code).ok_or_else(bad_code)?),
    };
    let to = match (&rule.to, rule.keep) {
        (Some(to), false) => Some(target(number, to)?),
        (None, true) => None,
        _ => return Err(CharsetError::MappingAction { rule: number }),
    };
    if let (None, Code::Bytes(bytes)) = (to, &code)
        && table::euc_jp(bytes).is_none()
    {
        return Err(CharsetError::MappingKeepsNothing { rule: number, code: short(&rule.code) });
    }
    Ok(Decision {
        name: format!("map-{}", rule.code.to_uppercase()),
        code,
        to,
        lossy: rule.lossy.unwrap_or(to.is_some()),
        tables: rule.tables.clone(),
    })
}

/// One character for one code: a value can then never outgrow its `char(n)` or `varchar(n)`.
fn target(number: usize, to: &str) -> Result<char, CharsetError> {
    character(to)
        // A backslash or a control character would change the structure of a COPY row.
        .filter(|c| Jis::get().has(*c) && !c.is_control() && *c != '\\')
        .ok_or_else(|| CharsetError::MappingTarget { rule: number, to: short(to) })
}

fn short(text: &str) -> String {
    text.chars().take(32).collect()
}

fn character(text: &str) -> Option<char> {
    let digits = text.strip_prefix("U+").or_else(|| text.strip_prefix("u+"))?;
    if !(4..=6).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
        .filter(|c| !c.is_ascii())
        .or_else(|| ascii(digits))
}

fn ascii(digits: &str) -> Option<char> {
    let point = u32::from_str_radix(digits, 16).ok()?;
    char::from_u32(point).filter(|c| c.is_ascii_graphic() || *c == ' ')
}

/// Bytes of a two- or three-byte code. ASCII has no rules: it is the structure of the archive.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = hex::decode(text).ok()?;
    (matches!(bytes.len(), 2 | 3) && bytes.iter().all(|byte| !byte.is_ascii())).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Explain;

    fn code_of(text: &str) -> &'static str {
        text.parse::<Mapping>().unwrap_err().code()
    }

    #[test]
    fn a_mapping_file_is_read() {
        let text = "rules:\n- {code: 8ff4fb, to: U+9AD8, lossy: true}\n- {code: U+9AD9, keep: true, tables: [tbl_ptinf]}\n";
        let mapping: Mapping = text.parse().unwrap();
        assert_eq!(mapping.len(), 2);
        assert_eq!(mapping.decisions[0].name, "map-8FF4FB");
        assert_eq!(mapping.decisions[0].to, Some('高'));
        assert!(mapping.decisions[0].lossy && !mapping.decisions[1].lossy);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert_eq!(code_of("rules: 7"), "charset-mapping-syntax");
        assert_eq!(code_of("rules:\n- {code: XX, keep: true}"), "charset-mapping-code");
        assert_eq!(code_of("rules:\n- {code: '41', to: U+9AD8}"), "charset-mapping-code");
        assert_eq!(code_of("rules:\n- {code: FCE2, to: U+9AD9}"), "charset-mapping-target");
        assert_eq!(code_of("rules:\n- {code: FCE2, to: U+005C}"), "charset-mapping-target");
        assert_eq!(code_of("rules:\n- {code: FCE2}"), "charset-mapping-action");
        assert_eq!(code_of("rules:\n- {code: FCE2, keep: true}"), "charset-mapping-keeps-nothing");
        let twice = "rules:\n- {code: FCE2, to: U+9AD8}\n- {code: fce2, to: U+9AD8}";
        assert_eq!(code_of(twice), "charset-mapping-twice");
    }
}
