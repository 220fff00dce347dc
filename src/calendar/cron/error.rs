//! Why an expression was not understood.

use crate::diag::{Explain, Fact, Kind};

/// Why an expression was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Neither five nor six fields and no known `@name`.
    #[error("`{expression}` has neither five nor six fields")]
    Fields {
        /// The expression, shortened.
        expression: String,
    },
    /// A field is wrong.
    #[error("`{part}` is no {field}")]
    Part {
        /// Which field: `second`, `minute`, `hour`, `day`, `month`, `weekday`.
        field: &'static str,
        /// The part of the field that is wrong.
        part: String,
    },
}

impl Explain for CronError {
    fn code(&self) -> &'static str {
        match self {
            Self::Fields { .. } => "calendar-cron-fields",
            Self::Part { .. } => "calendar-cron-part",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::Fields { expression } => vec![Fact::open("expression", expression)],
            Self::Part { field, part } => {
                vec![Fact::open("field", field), Fact::open("part", part)]
            }
        }
    }
}
