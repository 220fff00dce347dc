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
    /// A rule's `code` is no code.
    #[error("rule {rule}: `{code}` is neither hexadecimal EUC bytes nor U+XXXX")]
    MappingCode {
        /// Number of the rule, from 1.
        rule: usize,
        /// What was written.
        code: String,
    },
    /// A rule's `to` cannot be written.
    #[error("rule {rule}: `{to}` is not one character of JIS X 0213")]
    MappingTarget {
        /// Number of the rule, from 1.
        rule: usize,
        /// What was written.
        to: String,
    },
    /// A rule says neither `keep: true` nor `to`, or both.
    #[error("rule {rule} needs exactly one of `keep: true` and `to`")]
    MappingAction {
        /// Number of the rule, from 1.
        rule: usize,
    },
    /// A rule keeps a code that PostgreSQL maps to nothing.
    #[error("rule {rule}: `{code}` has no character that could be kept")]
    MappingKeepsNothing {
        /// Number of the rule, from 1.
        rule: usize,
        /// What was written.
        code: String,
    },
    /// Two rules speak of the same code for the same table.
    #[error("rule {rule} repeats code `{code}`")]
    MappingTwice {
        /// Number of the later rule, from 1.
        rule: usize,
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
            Self::MappingCode { rule, code }
            | Self::MappingKeepsNothing { rule, code }
            | Self::MappingTwice { rule, code } => {
                vec![Fact::open("rule", rule), Fact::local("code", code)]
            }
            Self::MappingTarget { rule, to } => {
                vec![Fact::open("rule", rule), Fact::local("to", to)]
            }
            Self::MappingAction { rule } => vec![Fact::open("rule", rule)],
        }
    }
}
