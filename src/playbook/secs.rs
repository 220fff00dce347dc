//! Seconds: in serde as files write them, `5400s`, and as a length of time.

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// A length of time; one that is too long to be reckoned with is the longest there is.
pub fn time_delta(secs: u64) -> TimeDelta {
    i64::try_from(secs).ok().and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX)
}

pub(super) fn serialize<S: Serializer>(secs: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{secs}s"))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom("no seconds"))
}

fn parse(text: &str) -> Option<u64> {
    text.strip_suffix('s')?.parse().ok()
}

/// One that may be left out.
pub(super) mod optional {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in crate::playbook) fn serialize<S: Serializer>(
        secs: &Option<u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match secs {
            Some(secs) => super::serialize(secs, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::playbook) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u64>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| super::parse(&text).ok_or_else(|| D::Error::custom("no seconds")))
            .transpose()
    }
}

/// A list of them.
pub(super) mod list {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in crate::playbook) fn serialize<S: Serializer>(
        all: &[u64],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(all.iter().map(|secs| format!("{secs}s")))
    }

    pub(in crate::playbook) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u64>, D::Error> {
        let all = Vec::<String>::deserialize(deserializer)?;
        all.iter()
            .map(|text| super::parse(text).ok_or_else(|| D::Error::custom("no seconds")))
            .collect()
    }
}
