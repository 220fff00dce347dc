//! The mapping file as it stands in YAML. Its words are checked elsewhere, so that an error can
//! name the line and what would have been possible.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{SeqAccess, Visitor, value::SeqAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};
use serde_yaml::Spanned;

/// A text with its place in the file.
pub(super) type Word = Spanned<String>;

/// A text that stands in no file.
pub(super) fn word(text: &str) -> Word {
    let unknown = serde_yaml::Location::UNKNOWN;
    Word::new(text.to_owned(), unknown, unknown)
}

/// The whole file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_more")]
    pub(super) reading: Vec<ReadingEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) half_width_kana: Option<Word>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) packed_columns: BTreeMap<String, Word>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cut_characters: Option<Word>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) encodings: Vec<EncodingEntry>,
    pub(super) rules: Vec<RuleEntry>,
}

/// A convention, and what it is for; the whole database where no place is named.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadingEntry {
    pub(super) reading: Word,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tables: Vec<Word>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) columns: Vec<Word>,
}

/// The encoding of places in a `SQL_ASCII` database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EncodingEntry {
    pub(super) encoding: Word,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tables: Vec<Word>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) columns: Vec<Word>,
}

/// What is done with one code or one character.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleEntry {
    /// EUC bytes in hexadecimal (`8FF4FB`) or a character (`U+9AD9`).
    pub(super) code: Word,
    /// The character to write, of JIS X 0213.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<Word>,
    /// Write what PostgreSQL maps the code to, although the target does not expect it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) keep: bool,
    /// The convention by which the code is read; the character then goes by the usual rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reading: Option<Word>,
    /// Whether information is lost. A replacement is taken for lossy unless a person says no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lossy: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tables: Vec<Word>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) columns: Vec<Word>,
    /// Why, for the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

/// `reading: jis-x-0213`, or a list of entries.
fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<ReadingEntry>, D::Error> {
    struct OneOrMore;
    impl<'de> Visitor<'de> for OneOrMore {
        type Value = Vec<ReadingEntry>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the name of a reading or a list")
        }

        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Self::Value, E> {
            let reading = self::word(word);
            Ok(vec![ReadingEntry { reading, tables: Vec::new(), columns: Vec::new() }])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(list))
        }
    }
    from.deserialize_any(OneOrMore)
}
