//! Names that must not be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

text_id! {
    /// A step's `id` in a playbook.
    StepId
}
text_id! {
    /// A phase's `id` in a playbook.
    PhaseId
}
text_id! {
    /// A run's id: a UUID version 7, so ids sort by time.
    RunId
}
text_id! {
    /// SHA-256, 64 lower-case hexadecimal digits, of everything a plan rests on.
    PlanDigest
}
text_id! {
    /// SHA-256 of a file's bytes, 64 lower-case hexadecimal digits.
    Sha256
}

impl RunId {
    /// A fresh id.
    pub fn fresh() -> Self {
        Self(uuid::Uuid::now_v7().to_string())
    }
}

/// `1.5 MB`: a number of bytes for people, in powers of 1000.
pub fn show_bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit < UNITS.len() - 1 {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}
