//! Values and keys in clear, for a person at the clinic's own machine who asked for them.
//!
//! What is made here is patient data; nobody else may be given it.

use super::escape::unescaped;
use super::finding::TextFinding;
use crate::charset::{Mapping, Policy, SourceEncoding, Tally, Transcoder, candidates};

/// Bytes of a value that are shown before a code, and after it.
const AROUND: usize = 120;

/// Longest value that is shown; what is longer is a document, and every finding in it would
/// decode it anew.
const LONGEST: usize = 16 << 10;

/// Reads bytes as PostgreSQL does, by no rule of ours.
pub(super) struct Excerpts(Transcoder);

impl Excerpts {
    pub(super) fn new(encoding: SourceEncoding) -> Self {
        Self(Transcoder::new(encoding, Policy::Postgres, Mapping::default()))
    }

    /// A key's value, as COPY writes it.
    pub(super) fn key(&self, value: &[u8]) -> String {
        let value = unescaped(value);
        if self.0.source() == SourceEncoding::SqlAscii {
            possible(&value)
        } else {
            self.text(&value)
        }
    }

    /// A value around the finding's code; none where it is too long. A code without a character stands as `[FCE2]`.
    pub(super) fn value(&self, finding: &TextFinding, value: &[u8]) -> Option<String> {
        if value.is_empty() || value.len() > LONGEST {
            return None;
        }
        let value = unescaped(value);
        if self.0.source() == SourceEncoding::SqlAscii {
            return Some(possible(&value));
        }
        let at = usize::try_from(finding.offset).unwrap_or(usize::MAX).min(value.len());
        let (before, rest) = value.split_at(at);
        let length = (finding.code.len() / 2).min(rest.len());
        let (code, after) = rest.split_at(length);
        let shown = self.text(code);
        let shown = if shown.contains('\u{fffd}') { format!("[{}]", finding.code) } else { shown };
        let after = after.get(..AROUND).map_or_else(
            || self.text(after),
            |cut| format!("{}…", self.text(cut).trim_end_matches('\u{fffd}')),
        );
        Some(format!("{}{shown}{after}", self.tail(before)))
    }

    /// The end of what stands before a code. It is decoded from the value's beginning, since a
    /// character's border cannot be found from behind.
    fn tail(&self, before: &[u8]) -> String {
        let text = self.text(before);
        let count = text.chars().count();
        let shown = AROUND / 2;
        if count <= shown {
            return text;
        }
        let tail: String = text.chars().skip(count.saturating_sub(shown)).collect();
        format!("…{tail}")
    }

    fn text(&self, bytes: &[u8]) -> String {
        let mut out = Vec::with_capacity(bytes.len());
        self.0.transcode_value(bytes, &mut out, &mut Tally::default(), &mut |_| {});
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// A value without a label: every text that it can be, or its bytes where it can be none.
fn possible(value: &[u8]) -> String {
    if value.is_ascii() {
        return String::from_utf8_lossy(value).into_owned();
    }
    let shown = value.get(..AROUND).unwrap_or(value);
    let texts = candidates(shown).into_iter().map(|c| format!("{} ({})", c.text, c.form.word()));
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() { format!("[{}]", hex::encode_upper(shown)) } else { texts.join(" / ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charset::Reason;

    fn finding(code: &str, offset: u64) -> TextFinding {
        TextFinding {
            reason: Reason::Ambiguous,
            code: code.into(),
            character: None,
            reading: None,
            rule: None,
            schema: String::new(),
            table: String::new(),
            column: String::new(),
            row: 1,
            offset,
            key: String::new(),
        }
    }

    #[test]
    fn a_code_is_shown_in_its_place() {
        let shown = Excerpts::new(SourceEncoding::EucJp);
        let value = shown.value(&finding("FCE2", 5), b"a\\n\\\\\xa4\xa2\xfc\xe2\xa4\xa4");
        assert_eq!(value.unwrap(), "a\n\\あ[FCE2]い");
        let value = shown.value(&finding("8FF4FB", 0), b"\x8f\xf4\xfb\xb6\xb6");
        assert_eq!(value.unwrap(), "髙橋");
        assert_eq!(shown.value(&finding("FCE2", 5), b""), None);
        let long = [&b"\xa4\xa2".repeat(500)[..], b"\xfc\xe2", &b"\xa4\xa4".repeat(500)].concat();
        let value = shown.value(&finding("FCE2", 1000), &long).unwrap();
        assert_eq!(value, format!("…{}[FCE2]{}…", "あ".repeat(60), "い".repeat(60)));
    }
}
