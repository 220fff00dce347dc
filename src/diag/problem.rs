//! A problem as every room hands it over.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Kind, Redacted};
use crate::i18n::{self, Lang};

/// A named value in a problem: a table, a line number, a host, a path. Never a row's value,
/// a patient's name or a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The argument's name in the Fluent text.
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: String,
    /// True where the value may leave the machine (in a mail, in evidence). Table names,
    /// SQLSTATE, line numbers, counts may; paths, hosts and user names may not.
    pub may_leave: bool,
}

impl Fact {
    /// A value that may leave the machine.
    pub fn open(name: &'static str, value: impl fmt::Display) -> Self {
        Self { name: name.into(), value: value.to_string(), may_leave: true }
    }

    /// A value that stays on the machine.
    pub fn local(name: &'static str, value: impl fmt::Display) -> Self {
        Self { name: name.into(), value: value.to_string(), may_leave: false }
    }
}

/// What a room's error enum says of itself.
pub trait Explain: std::error::Error {
    /// The stable code, which is also the id of the Fluent text: `source-sudo-refused`.
    fn code(&self) -> &'static str;
    /// The sort of the problem.
    fn kind(&self) -> Kind;
    /// The facts that the text's arguments name.
    fn facts(&self) -> Vec<Fact>;
    /// Output of a program or page that helps to understand it, already redacted.
    fn detail(&self) -> Option<Redacted> {
        None
    }
}

/// An error at a room's border: it can be journalled, mailed and shown in either language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The stable code.
    pub code: Cow<'static, str>,
    /// The sort of the problem.
    pub kind: Kind,
    /// The text's arguments.
    pub facts: Vec<Fact>,
    /// Redacted output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Redacted>,
}

/// Code of the problem of an import that the management site itself called failed.
pub const IMPORT_FAILED: &str = "portal-import-failed";

impl Problem {
    /// A problem without facts.
    pub fn new(code: &'static str, kind: Kind) -> Self {
        Self { code: code.into(), kind, facts: Vec::new(), detail: None }
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, fact: Fact) -> Self {
        self.facts.push(fact);
        self
    }

    /// Adds redacted output.
    #[must_use]
    pub fn with_detail(mut self, detail: Redacted) -> Self {
        self.detail = Some(detail);
        self
    }

    /// True where the management site itself said that an import took place and failed; of every
    /// other failure of an import it is sure that nothing was imported.
    pub fn is_failed_import(&self) -> bool {
        self.code == IMPORT_FAILED
    }

    /// What happened, one lower-case fragment.
    pub fn message(&self, lang: Lang) -> String {
        i18n::text(lang, &self.code, &self.args())
    }

    /// What to do next, a sentence; `None` where there is nothing to add.
    pub fn hint(&self, lang: Lang) -> Option<String> {
        // A code may be one side of a rule, `calendar-stale.block`: the hint is the rule's.
        let rule = self.code.split('.').next().unwrap_or_default();
        let id = format!("{rule}.hint");
        i18n::find(lang, &id, &self.args()).or_else(|| i18n::find(Lang::En, &id, &self.args()))
    }

    /// This problem without what must not leave the machine.
    #[must_use]
    pub fn for_outside(&self) -> Self {
        let mut outside = self.clone();
        for fact in &mut outside.facts {
            if !fact.may_leave {
                "…".clone_into(&mut fact.value);
            }
        }
        outside
    }

    fn args(&self) -> Vec<i18n::Arg<'_>> {
        self.facts.iter().map(|fact| (fact.name.as_ref(), Cow::from(fact.value.as_str()))).collect()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for Problem {}

impl<E: Explain> From<E> for Problem {
    fn from(error: E) -> Self {
        Self {
            code: error.code().into(),
            kind: error.kind(),
            facts: error.facts(),
            detail: error.detail(),
        }
    }
}
