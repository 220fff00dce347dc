//! Times in YAML and JSON: RFC 3339 with an offset, shown in the clinic's zone.

use chrono::DateTime;
use serde::{Deserialize, Deserializer, Serializer};

use crate::clock::{Jst, rfc3339, to_jst};

/// Writes RFC 3339.
///
/// # Errors
/// As the serializer's.
pub fn serialize<S: Serializer>(at: &Jst, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(at))
}

/// Reads RFC 3339; a time without an offset is an error.
///
/// # Errors
/// Where the text is no such time.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Jst, D::Error> {
    let text = String::deserialize(deserializer)?;
    DateTime::parse_from_rfc3339(&text).map(to_jst).map_err(serde::de::Error::custom)
}
