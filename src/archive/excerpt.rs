//! Values and keys in clear, for a person at the clinic's own machine who asked for them.
//!
//! What is made here is patient data; nobody else may be given it.

use super::escape::unescaped;
use super::finding::TextFinding;
use crate::charset::{Mapping, Policy, SourceEncoding, Tally, Transcoder, candidates, read_code};

/// Bytes of a value that are shown before a code, and after it; characters of a text that is
/// shown without one.
const AROUND: usize = 120;

/// Longest value that is decoded; what is longer is a document, and every finding in it would
/// decode it anew.
const LONGEST: usize = 16 << 10;

/// Bytes of a key's value that are looked at: no encoding needs more for the characters that are
/// shown, with one more to tell that it goes on.
pub(super) const KEY_BYTES: usize = 512;

/// Reads bytes as PostgreSQL does, by no rule of ours.
pub(super) struct Excerpts(Transcoder);

impl Excerpts {
    pub(super) fn new(encoding: SourceEncoding) -> Self {
        Self(Transcoder::new(encoding, Policy::Postgres, Mapping::default()))
    }

    /// A key's value, as COPY writes it; of a longer one as much as is shown of any.
    pub(super) fn key(&self, value: &[u8]) -> String {
        let held = value.get(..KEY_BYTES);
        let unescaped = unescaped(held.unwrap_or(value));
        if self.0.source() == SourceEncoding::SqlAscii {
            possible(&unescaped, held.is_some())
        } else {
            shortened(&self.text(&unescaped))
        }
    }

    /// A value around the finding's code. A code without a character stands as `[FCE2]`. A value
    /// that is too long, or was too long to be held and is empty, shows as the code alone.
    pub(super) fn value(&self, finding: &TextFinding, value: &[u8]) -> Option<String> {
        if value.is_empty() || value.len() > LONGEST {
            let code = Some(read_code(&finding.code).1).filter(|code| !code.is_empty())?;
            let shown = if self.0.source() == SourceEncoding::SqlAscii {
                possible(&code, false)
            } else {
                self.code(&code, finding)
            };
            return Some(format!("…{shown}…"));
        }
        let value = unescaped(value);
        if self.0.source() == SourceEncoding::SqlAscii {
            return Some(possible(&value, false));
        }
        let at = usize::try_from(finding.offset).unwrap_or(usize::MAX).min(value.len());
        let (before, rest) = value.split_at(at);
        let length = (finding.code.len() / 2).min(rest.len());
        let (code, after) = rest.split_at(length);
        let shown = self.code(code, finding);
        let after = after.get(..AROUND).map_or_else(
            || self.text(after),
            |cut| format!("{}…", self.text(cut).trim_end_matches('\u{fffd}')),
        );
        Some(format!("{}{shown}{after}", self.tail(before)))
    }

    fn code(&self, code: &[u8], finding: &TextFinding) -> String {
        let shown = self.text(code);
        if shown.contains('\u{fffd}') { format!("[{}]", finding.code) } else { shown }
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

/// A value without a label: every text that it can be, or its bytes where it can be none. One
/// that is `cut` may end inside a character.
fn possible(value: &[u8], cut: bool) -> String {
    if value.is_ascii() {
        return shortened(&String::from_utf8_lossy(value));
    }
    let mut found = candidates(value);
    for less in (1..=3).take_while(|_| cut) {
        let whole = value.get(..value.len().saturating_sub(less)).unwrap_or_default();
        for more in candidates(whole) {
            if found.iter().all(|known| known.form != more.form) {
                found.push(more);
            }
        }
    }
    let texts = found.iter().map(|c| format!("{} ({})", shortened(&c.text), c.form.word()));
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() {
        return format!("[{}]", shortened(&hex::encode_upper(value)));
    }
    texts.join(" / ")
}

/// As many characters as are shown of a text, and whether there are more.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(AROUND) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
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
        assert_eq!(shown.value(&finding("FCE2", 5), b"").unwrap(), "…[FCE2]…");
        let document = b"\xb6\xb6".repeat(9000);
        assert_eq!(shown.value(&finding("8FF4FB", 0), &document).unwrap(), "…髙…");
        let long = [&b"\xa4\xa2".repeat(500)[..], b"\xfc\xe2", &b"\xa4\xa4".repeat(500)].concat();
        let value = shown.value(&finding("FCE2", 1000), &long).unwrap();
        assert_eq!(value, format!("…{}[FCE2]{}…", "あ".repeat(60), "い".repeat(60)));
    }

    #[test]
    fn what_is_cut_says_so() {
        let (labelled, unlabelled) =
            (Excerpts::new(SourceEncoding::EucJp), Excerpts::new(SourceEncoding::SqlAscii));
        let long = b"\xb4\xc1\xbb\xfa".repeat(400);
        let text = "漢字".repeat(60);
        assert_eq!(labelled.key(&long), format!("{text}…"));
        assert_eq!(labelled.key(b"\xb4\xc1"), "漢");
        for end in [KEY_BYTES - 1, KEY_BYTES, KEY_BYTES + 1, 1600] {
            let shown = unlabelled.key(&long[..end]);
            assert!(shown.contains(&format!("{text}… (euc-jp)")), "{end} {shown}");
        }
        let value = unlabelled.value(&finding("FF", 0), &[b"\xff".as_slice(), &long].concat());
        let value = value.unwrap();
        assert!(value.starts_with("[FFB4C1") && value.ends_with("…]"), "{value}");
    }
}
