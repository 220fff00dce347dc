//! What can be wrong with a policy's name or a mapping file.

use crate::diag::{Explain, Fact, Kind};

/// Why a policy or a mapping file is refused.
#[derive(Debug, thiserror::Error)]
pub enum CharsetError {
    /// No policy has this name.
    #[error("unknown character policy `{name}`")]
    PolicyUnknown {
        /// What was written.
        name: String,
    },
    /// The mapping file is not the YAML that is expected.
    #[error("mapping file does not parse at line {line}")]
    MappingSyntax {
        /// Line, from 1; 0 where it is not known.
        line: u64,
    },
    /// The mapping file is larger than one can be.
    #[error("mapping file has {bytes} bytes or {rules} rules, too many")]
    MappingTooLarge {
        /// Its size.
        bytes: usize,
        /// Its rules; 0 where they were not counted.
        rules: usize,
    },
    /// A word is none of those that are possible there.
    #[error("`{field}` of the mapping file cannot be `{word}`")]
    MappingWord {
        /// The field.
        field: &'static str,
        /// Line, from 1; 0 where it is not known.
        line: u64,
        /// What was written.
        word: String,
        /// What could have been.
        known: String,
    },
    /// What should name a table or column does not.
    #[error("`{name}` in the mapping file names no table or column")]
    MappingPlace {
        /// Line, from 1; 0 where it is not known.
        line: u64,
        /// What was written.
        name: String,
    },
    /// A rule reads its code by a convention that has nothing there.
    #[error("rule {rule}: `{code}` has no reading by `{reading}`")]
    MappingReading {
        /// Number of the rule, from 1.
        rule: usize,
        /// Its line.
        line: u64,
        /// What was written.
        code: String,
        /// The convention.
        reading: &'static str,
    },
    /// A rule's `code` is no code.
    #[error("rule {rule}: `{code}` is neither hexadecimal EUC bytes nor U+XXXX")]
    MappingCode {
        /// Number of the rule, from 1.
        rule: usize,
        /// Its line.
        line: u64,
        /// What was written.
        code: String,
    },
    /// A rule's `to` cannot be written.
    #[error("rule {rule}: `{to}` is not one character of JIS X 0213")]
    MappingTarget {
        /// Number of the rule, from 1.
        rule: usize,
        /// Its line.
        line: u64,
        /// What was written.
        to: String,
    },
    /// A rule says none, or more than one, of `keep: true`, `to` and `reading`.
    #[error("rule {rule} needs exactly one of `keep: true`, `to` and `reading`")]
    MappingAction {
        /// Number of the rule, from 1.
        rule: usize,
        /// Its line.
        line: u64,
    },
    /// A rule keeps a code that PostgreSQL maps to nothing.
    #[error("rule {rule}: `{code}` has no character that could be kept")]
    MappingKeepsNothing {
        /// Number of the rule, from 1.
        rule: usize,
        /// Its line.
        line: u64,
        /// What was written.
        code: String,
    },
    /// Two entries speak of the same for the same place.
    #[error("line {line} of the mapping file repeats `{code}`")]
    MappingTwice {
        /// Number of the later rule, from 1; 0 for an entry of another list.
        rule: usize,
        /// Its line.
        line: u64,
        /// What was written.
        code: String,
    },
}

impl Explain for CharsetError {
    fn code(&self) -> &'static str {
        match self {
            Self::PolicyUnknown { .. } => "charset-policy-unknown",
            Self::MappingSyntax { .. } => "charset-mapping-syntax",
            Self::MappingTooLarge { .. } => "charset-mapping-too-large",
            Self::MappingWord { .. } => "charset-mapping-word",
            Self::MappingPlace { .. } => "charset-mapping-place",
            Self::MappingReading { .. } => "charset-mapping-reading",
            Self::MappingCode { .. } => "charset-mapping-code",
            Self::MappingTarget { .. } => "charset-mapping-target",
            Self::MappingAction { .. } => "charset-mapping-action",
            Self::MappingKeepsNothing { .. } => "charset-mapping-keeps-nothing",
            Self::MappingTwice { .. } => "charset-mapping-twice",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::PolicyUnknown { name } => vec![Fact::local("name", name)],
            Self::MappingSyntax { line } => vec![Fact::open("line", line)],
            Self::MappingTooLarge { bytes, rules } => {
                vec![Fact::open("bytes", bytes), Fact::open("rules", rules)]
            }
            Self::MappingWord { field, line, word, known } => vec![
                Fact::open("field", field),
                Fact::open("line", line),
                Fact::local("word", word),
                Fact::open("known", known),
            ],
            Self::MappingPlace { line, name } => {
                vec![Fact::open("line", line), Fact::local("name", name)]
            }
            Self::MappingReading { rule, line, code, reading } => vec![
                Fact::open("rule", rule),
                Fact::open("line", line),
                Fact::local("code", code),
                Fact::open("reading", reading),
            ],
            Self::MappingCode { rule, line, code }
            | Self::MappingKeepsNothing { rule, line, code }
            | Self::MappingTwice { rule, line, code } => {
                vec![Fact::open("rule", rule), Fact::open("line", line), Fact::local("code", code)]
            }
            Self::MappingTarget { rule, line, to } => {
                vec![Fact::open("rule", rule), Fact::open("line", line), Fact::local("to", to)]
            }
            Self::MappingAction { rule, line } => {
                vec![Fact::open("rule", rule), Fact::open("line", line)]
            }
        }
    }
}
