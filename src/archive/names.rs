//! Names of the table of contents as text, so that different names stay different.
//!
//! What has no sure text is written as the mark U+FFFD and two hexadecimal digits for each byte,
//! which no name has otherwise: `?` for all of it would make one column of two.

use crate::charset::{Mapping, Policy, SourceEncoding, Tally, Transcoder, sure_text};

/// What stands before the number of a byte.
const MARK: char = '\u{fffd}';

/// A name for reports.
pub(super) fn name(bytes: Option<&[u8]>, encoding: SourceEncoding) -> String {
    let bytes = bytes.unwrap_or_default();
    match encoding {
        _ if bytes.is_ascii() => String::from_utf8_lossy(bytes).into_owned(),
        SourceEncoding::EucJp => euc_jp(bytes),
        SourceEncoding::Utf8 => utf8(bytes),
        SourceEncoding::SqlAscii => unlabelled(bytes),
    }
}

/// The header's name of the database: it came from a command line, so it may be in the
/// terminal's encoding instead of the dump's.
pub(super) fn header_name(bytes: &[u8], encoding: SourceEncoding) -> String {
    let dumped = name(Some(bytes), encoding);
    match std::str::from_utf8(bytes) {
        Ok(utf8) if dumped.contains(MARK) => utf8.to_owned(),
        _ => dumped,
    }
}

/// Codes without a character keep their bytes.
fn euc_jp(bytes: &[u8]) -> String {
    let plain = Transcoder::new(SourceEncoding::EucJp, Policy::Postgres, Mapping::default());
    let (mut out, mut refused) = (Vec::new(), Vec::new());
    plain.transcode_value(bytes, &mut out, &mut Tally::default(), &mut |hit| {
        if hit.reason.blocks() {
            refused.push(hit.code.to_vec());
        }
    });
    let text = String::from_utf8_lossy(&out);
    if text.matches(MARK).count() != refused.len() {
        return numbered(bytes);
    }
    let mut parts = text.split(MARK);
    let mut name = parts.next().unwrap_or_default().to_owned();
    for (part, code) in parts.zip(refused) {
        name.push_str(&numbered(&code));
        name.push_str(part);
    }
    name
}

fn utf8(bytes: &[u8]) -> String {
    let mut name = String::new();
    for chunk in bytes.utf8_chunks() {
        let (own, mark) = (chunk.valid(), numbered("\u{fffd}".as_bytes()));
        name.push_str(&own.replace(MARK, &mark));
        name.push_str(&numbered(chunk.invalid()));
    }
    name
}

/// As a value of such a database: a text only where nothing else is possible.
fn unlabelled(bytes: &[u8]) -> String {
    sure_text(bytes).filter(|text| !text.contains(MARK)).unwrap_or_else(|| numbered(bytes))
}

/// ASCII as it is, every other byte by its number.
fn numbered(bytes: &[u8]) -> String {
    let mut name = String::new();
    for byte in bytes {
        if byte.is_ascii() {
            name.push(char::from(*byte));
        } else {
            name.push_str(&format!("{MARK}{byte:02X}"));
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_name_is_text_where_only_one_encoding_fits() {
        let name = |bytes: &[u8]| name(Some(bytes), SourceEncoding::SqlAscii);
        assert_eq!(name(b"\xb4\xc1\xbb\xfa\xb0\xfe"), "漢字蔭");
        assert_eq!(name(b"\x8a\xbf\x8e\x9a"), "漢字");
        assert_eq!(name("漢字".as_bytes()), "漢字");
        assert_eq!(name(b"tbl_\xa4\xa2"), "tbl_\u{fffd}A4\u{fffd}A2");
        let euc = |bytes: &[u8]| super::name(Some(bytes), SourceEncoding::EucJp);
        assert_eq!(euc(b"\xb4\xc1\xfc\xe2\xbb\xfa"), "漢\u{fffd}FC\u{fffd}E2字");
        assert_eq!(super::name(Some(b"a\xffb"), SourceEncoding::Utf8), "a\u{fffd}FFb");
        assert_eq!(header_name("あ".as_bytes(), SourceEncoding::EucJp), "あ");
    }

    #[test]
    fn different_names_stay_different() {
        // Everything of up to two bytes, and three-byte codes with ASCII behind.
        let two = (0..=u16::MAX).map(|n| n.to_be_bytes().to_vec());
        let three = (0xa1..=0xfe).flat_map(|a| (0xa1..=0xfe).map(move |b| vec![0x8f, a, b, b'A']));
        let all: Vec<Vec<u8>> = two.chain(three).filter(|bytes| !bytes.starts_with(&[0])).collect();
        for encoding in [SourceEncoding::Utf8, SourceEncoding::SqlAscii, SourceEncoding::EucJp] {
            let mut seen = HashMap::<String, &[u8]>::new();
            let mut merged = Vec::new();
            for bytes in &all {
                if let Some(other) = seen.insert(name(Some(bytes), encoding), bytes) {
                    merged.push((hex::encode(other), hex::encode(bytes)));
                }
            }
            match encoding {
                SourceEncoding::Utf8 => assert!(merged.is_empty(), "{merged:?}"),
                // The same character by two sure codes is the same name to PostgreSQL, too.
                _ => assert!(merged.iter().all(|pair| sure(pair, encoding)), "{merged:?}"),
            }
        }
    }

    fn sure((one, other): &(String, String), encoding: SourceEncoding) -> bool {
        let text = |code: &str| name(Some(&hex::decode(code).unwrap()), encoding);
        text(one) == text(other) && !text(one).contains(MARK)
    }
}
