//! The transcoder against a plain model that has nothing in common with the fast way, and against
//! arbitrary bytes.

use std::collections::HashSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::proof_tests::{FORMS, TOLD, new, run};
use super::*;

const SOURCES: [SourceEncoding; 3] =
    [SourceEncoding::EucJp, SourceEncoding::Utf8, SourceEncoding::SqlAscii];
const POLICIES: [Policy; 3] = [Policy::Orca, Policy::OrcaVendor, Policy::Postgres];

/// A code of EUC-JP by its own account: one `Err` for each byte that is none.
fn units(bytes: &[u8]) -> Vec<(usize, Result<&[u8], u8>)> {
    let mut units = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let trail = |i: usize| bytes.get(at + i).is_some_and(|b| (0xa1..0xff).contains(b));
        let length = match bytes[at] {
            0..=0x7f => 1,
            0x8e if bytes.get(at + 1).is_some_and(|b| (0xa1..0xe0).contains(b)) => 2,
            0x8f if trail(1) && trail(2) => 3,
            0xa1..=0xfe if trail(1) => 2,
            _ => 0,
        };
        if length == 0 {
            units.push((at, Err(bytes[at])));
            at += 1;
        } else {
            units.push((at, Ok(&bytes[at..at + length])));
            at += length;
        }
    }
    units
}

/// One character by ORCA's rules.
fn model_char(c: char, policy: Policy) -> Result<String, Reason> {
    if policy == Policy::Postgres {
        return Ok(c.to_string());
    }
    if let Some((_, to)) = FORMS.iter().find(|(from, _)| *from == c) {
        return Ok(to.to_string());
    }
    match (policy, c) {
        (Policy::OrcaVendor, '∑') => return Ok("?".into()),
        (Policy::OrcaVendor, '髙') => return Ok("高".into()),
        (Policy::OrcaVendor, '\u{e269}') => return Ok("\u{3000}".into()),
        (_, 'ﾞ') => return Ok("゛".into()),
        (_, 'ﾟ') => return Ok("゜".into()),
        (_, '\u{ff61}'..='\u{ff9d}') => return Ok(c.to_string().nfkc().collect()),
        _ => {}
    }
    static JIS: LazyLock<HashSet<String>> = LazyLock::new(|| TOLD.jis.values().cloned().collect());
    let text = c.to_string();
    if c.is_ascii() || JIS.contains(&text) { Ok(text) } else { Err(Reason::OutsideJisX0213) }
}

/// A kana and a sound mark as one character, by Unicode's own composition.
fn model_joined(first: char, second: char) -> Option<String> {
    let half = |c: char| ('\u{ff61}'..='\u{ff9f}').contains(&c);
    if half(first) && matches!(second, 'ﾞ' | 'ﾟ') {
        let text: String = [first, second].iter().collect::<String>().nfkc().collect();
        return (text.chars().count() == 1).then_some(text);
    }
    None
}

/// Converts code by code, with nothing in common with the fast way.
fn model_euc(bytes: &[u8], policy: Policy) -> (String, Vec<(Reason, usize)>) {
    let (mut text, mut hits) = (String::new(), Vec::new());
    let units = units(bytes);
    let char_at = |at: usize| -> Option<char> {
        let code = units.get(at)?.1.ok()?;
        TOLD.euc_jp.get(code).filter(|t| t.chars().count() == 1)?.chars().next()
    };
    let mut at = 0;
    while at < units.len() {
        let offset = units[at].0;
        let made = match units[at].1 {
            Err(_) => Err(Reason::Invalid),
            Ok(b"\0") => Ok("\0".to_owned()),
            Ok(code) => {
                let sure = policy != Policy::Orca || !matches!(code, [0x8f, 0xf3 | 0xf4, _]);
                match char_at(at).filter(|_| sure) {
                    None => Err(Reason::Ambiguous),
                    Some(c) => {
                        let joined = char_at(at + 1).and_then(|mark| model_joined(c, mark));
                        if let Some(joined) = joined.filter(|_| policy != Policy::Postgres) {
                            hits.push((Reason::Shortened, offset));
                            at += 1;
                            Ok(joined)
                        } else {
                            if policy == Policy::OrcaVendor && matches!(c, '∑' | '髙') {
                                hits.push((Reason::Lossy, offset));
                            }
                            model_char(c, policy)
                        }
                    }
                }
            }
        };
        at += 1;
        text.push_str(made.as_deref().unwrap_or("\u{fffd}"));
        hits.extend(made.err().map(|reason| (reason, offset)));
    }
    (text, hits)
}

/// The same for UTF-8.
fn model_utf8(bytes: &[u8], policy: Policy) -> (String, Vec<(Reason, usize)>) {
    let mut units: Vec<(usize, Option<char>)> = Vec::new();
    let mut offset = 0;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            units.push((offset, Some(c)));
            offset += c.len_utf8();
        }
        for _ in chunk.invalid() {
            units.push((offset, None));
            offset += 1;
        }
    }
    let pairs: HashSet<&String> = TOLD.jis.values().filter(|t| t.chars().count() == 2).collect();
    let (mut text, mut hits) = (String::new(), Vec::new());
    let mut at = 0;
    while at < units.len() {
        let (offset, unit) = units[at];
        let made = match unit {
            None => Err(Reason::Invalid),
            Some(c) => {
                let next = units.get(at + 1).and_then(|unit| unit.1);
                let next = next.filter(|_| policy != Policy::Postgres);
                let both: String = [Some(c), next].into_iter().flatten().collect();
                let composed: String = both.nfc().collect();
                let marked = matches!(next, Some('\u{3099}' | '\u{309a}'));
                if let Some(joined) = next.and_then(|mark| model_joined(c, mark)) {
                    hits.push((Reason::Shortened, offset));
                    at += 1;
                    Ok(joined)
                } else if next.is_some() && pairs.contains(&both) {
                    at += 1;
                    Ok(both)
                } else if marked && composed.chars().count() == 1 {
                    at += 1;
                    Ok(composed)
                } else {
                    if policy == Policy::OrcaVendor && matches!(c, '∑' | '髙' | '\u{e269}') {
                        hits.push((Reason::Lossy, offset));
                    }
                    model_char(c, policy)
                }
            }
        };
        at += 1;
        text.push_str(made.as_deref().unwrap_or("\u{fffd}"));
        hits.extend(made.err().map(|reason| (reason, offset)));
    }
    (text, hits)
}

/// Pieces that meet the special cases often, in EUC-JP.
fn euc_piece() -> impl Strategy<Value = Vec<u8>> {
    let code = |bytes: &'static [u8]| Just(bytes.to_vec());
    prop_oneof![
        4 => (0xa1_u8..=0xfe, 0xa1_u8..=0xfe).prop_map(|(a, b)| vec![a, b]),
        2 => (0xb0_u8..=0xcf, 0xa1_u8..=0xfe).prop_map(|(a, b)| vec![a, b]),
        1 => (0xa1_u8..=0xfe, 0xa1_u8..=0xfe).prop_map(|(a, b)| vec![0x8f, a, b]),
        2 => (0xa1_u8..=0xdf).prop_map(|a| vec![0x8e, a]),
        1 => prop_oneof![code(b"\x8e\xde"), code(b"\x8e\xdf"), code(b"\xa1\xc1")],
        2 => "[ -~\t\n]{0,12}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ]
}

fn utf8_piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => any::<char>().prop_map(|c| c.to_string().into_bytes()),
        3 => prop::char::range('\u{3041}', '\u{30ff}').prop_map(|c| c.to_string().into_bytes()),
        2 => prop::char::range('\u{4e00}', '\u{9fff}').prop_map(|c| c.to_string().into_bytes()),
        2 => prop::char::range('\u{ff01}', '\u{ffe5}').prop_map(|c| c.to_string().into_bytes()),
        2 => prop::sample::select(vec!["\u{3099}", "\u{309a}", "ﾞ", "ﾟ", "\u{300}", "\u{2e5}", "\u{2e9}", "～"])
            .prop_map(|c| c.as_bytes().to_vec()),
        2 => "[ -~\t\n]{0,12}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ]
}

fn joined(piece: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

fn same(
    source: SourceEncoding,
    policy: Policy,
    bytes: &[u8],
    model: (String, Vec<(Reason, usize)>),
) {
    let (text, hits) = run(&new(source, policy), bytes);
    let hits: Vec<_> = hits.into_iter().map(|(reason, offset, _)| (reason, offset)).collect();
    assert_eq!((text, hits), model, "{source:?} {policy} {bytes:x?}");
}

/// What stands in no hit must come out again: without findings nothing may be missing.
fn nothing_is_lost(source: SourceEncoding, policy: Policy, bytes: &[u8]) {
    let (text, hits) = run(&new(source, policy), bytes);
    let blocked = hits.iter().filter(|(reason, ..)| reason.blocks()).count();
    let replaced = text.chars().filter(|c| *c == '\u{fffd}').count();
    // U+FFFD may also stand in the source; the strict policies refuse it.
    if source != SourceEncoding::Utf8 || policy != Policy::Postgres {
        assert_eq!(replaced, blocked, "{source:?} {policy} {bytes:x?}");
    }
    if source != SourceEncoding::SqlAscii {
        let invalid = hits.iter().any(|(reason, ..)| *reason == Reason::Invalid);
        assert_eq!(invalid, source.first_invalid(bytes).is_some());
    }
    assert!(hits.iter().all(|(_, offset, length)| offset + length <= bytes.len() && *length > 0));
    assert!(text.chars().count() <= bytes.len());
}

proptest! {
    #[test]
    fn the_fast_way_is_the_plain_model_in_euc_jp(bytes in joined(euc_piece())) {
        for policy in POLICIES {
            same(SourceEncoding::EucJp, policy, &bytes, model_euc(&bytes, policy));
        }
    }

    #[test]
    fn the_fast_way_is_the_plain_model_in_utf_8(bytes in joined(utf8_piece())) {
        for policy in POLICIES {
            same(SourceEncoding::Utf8, policy, &bytes, model_utf8(&bytes, policy));
        }
    }

    #[test]
    fn arbitrary_bytes_are_converted_or_reported(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        codes in joined(euc_piece()),
    ) {
        for source in SOURCES {
            for policy in POLICIES {
                nothing_is_lost(source, policy, &bytes);
                nothing_is_lost(source, policy, &codes);
            }
        }
    }

    #[test]
    fn a_block_cut_at_any_row_gives_the_same(
        rows in prop::collection::vec(joined(euc_piece()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let clean = |row: &Vec<u8>| row.iter().copied().filter(|b| *b != b'\n').collect::<Vec<_>>();
        let rows: Vec<Vec<u8>> = rows.iter().map(clean).map(|row| [&row[..], b"\n"].concat()).collect();
        let at = cut.index(rows.len());
        for policy in POLICIES {
            let transcoder = new(SourceEncoding::EucJp, policy);
            let whole = run(&transcoder, &rows.concat());
            let (head, tail) = (rows[..at].concat(), rows[at..].concat());
            let (first, mut hits) = run(&transcoder, &head);
            let (second, more) = run(&transcoder, &tail);
            hits.extend(more.into_iter().map(|(r, offset, length)| (r, offset + head.len(), length)));
            prop_assert_eq!(whole, (first + &second, hits));
        }
    }
}
