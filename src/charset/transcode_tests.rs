//! The transcoder against fixed cases, against arbitrary bytes, and against a live PostgreSQL.

use proptest::prelude::*;

use super::*;
use crate::archive::test_server::Server;

fn run(transcoder: &Transcoder, bytes: &[u8]) -> (String, Vec<(Reason, String)>, Vec<RuleCount>) {
    let mut out = Vec::new();
    let mut tally = Tally::default();
    let mut hits = Vec::new();
    let mut note = |hit: Hit<'_>| hits.push((hit.reason, hex::encode_upper(hit.code)));
    transcoder.transcode_value(bytes, &mut out, &mut tally, &mut note);
    (String::from_utf8(out).unwrap(), hits, transcoder.counts(&tally))
}

fn orca() -> Transcoder {
    Transcoder::new(SourceEncoding::EucJp, Policy::Orca, Mapping::default())
}

#[test]
fn microsoft_forms_and_kana_become_what_orca_stores() {
    let bytes = hex::decode("a1c1a1dda1c2a1f1a1f2a2cca1efa1b1a1bd").unwrap();
    let (text, hits, counts) = run(&orca(), &bytes);
    assert_eq!(text, "\u{301c}\u{2212}\u{2016}\u{a2}\u{a3}\u{ac}\u{a5}\u{203e}\u{2014}");
    assert!(hits.is_empty());
    assert_eq!(counts.len(), 9);
    assert!(counts.iter().all(|rule| rule.count == 1 && !rule.lossy));

    let (text, hits, counts) = run(&orca(), b"A\x8e\xb6\x8e\xde\x8e\xca\x8e\xdf\x8e\xb1\x8e\xdeB");
    assert_eq!(text, "Aガパア゛B");
    let shortened =
        [(Reason::Shortened, "8EB68EDE".to_owned()), (Reason::Shortened, "8ECA8EDF".to_owned())];
    assert_eq!(hits, shortened);
    let joined = counts.iter().find(|rule| rule.rule == "kana-sound-mark-joined").unwrap();
    assert_eq!(joined.count, 2);
}

#[test]
fn names_inside_jis_x_0213_pass_and_names_outside_are_findings() {
    let (text, hits, _) = run(&orca(), b"\x8f\xf4\xbd\xad\xa1\xad\xea\xad\xb5");
    assert_eq!(text, "﨑①㈱Ⅰ");
    assert!(hits.is_empty());
    let (_, hits, _) = run(&orca(), b"\x8f\xf4\xfb\xad\xf4\xfc\xe2\xb0");
    assert_eq!(
        hits,
        [
            (Reason::OutsideJisX0213, "8FF4FB".to_owned()),
            (Reason::OutsideJisX0213, "ADF4".to_owned()),
            (Reason::Ambiguous, "FCE2".to_owned()),
            (Reason::Invalid, "B0".to_owned()),
        ]
    );
}

#[test]
fn mapping_rules_decide_and_lossy_ones_are_listed() {
    let mapping = "rules:\n- {code: 8FF4FB, to: U+9AD8, lossy: true}\n- {code: FCE2, to: U+9AD8, tables: [tbl_ptinf]}\n- {code: U+2211, keep: true}";
    let transcoder = Transcoder::new(SourceEncoding::EucJp, Policy::Orca, mapping.parse().unwrap());
    let (text, hits, counts) = run(&transcoder, b"\x8f\xf4\xfb\xad\xf4");
    assert_eq!(text, "高∑");
    assert_eq!(hits, [(Reason::Lossy, "8FF4FB".to_owned())]);
    assert_eq!(counts.len(), 2);
    assert_eq!(run(&transcoder, b"\xfc\xe2").1, [(Reason::Ambiguous, "FCE2".to_owned())]);
    let narrowed = transcoder.for_table("public", "tbl_ptinf");
    assert_eq!(run(&narrowed, b"\xfc\xe2").0, "高");
}

#[test]
fn the_vendors_lossy_rules_are_never_silent() {
    let vendor = Transcoder::new(SourceEncoding::EucJp, Policy::OrcaVendor, Mapping::default());
    let (text, hits, counts) = run(&vendor, b"\x8f\xf4\xfb\xad\xf4");
    assert_eq!(text, "高?");
    assert!(hits.iter().all(|(reason, _)| *reason == Reason::Lossy) && hits.len() == 2);
    assert!(counts.iter().all(|rule| rule.lossy));
}

#[test]
fn a_utf8_source_follows_the_same_target() {
    let utf8 = Transcoder::new(SourceEncoding::Utf8, Policy::Orca, Mapping::default());
    let (text, hits, _) = run(&utf8, "～か\u{309a}か\u{3099}ｶﾞ\u{a0}﨑".as_bytes());
    assert_eq!(text, "〜か\u{309a}がｶﾞ\u{a0}﨑");
    assert!(hits.is_empty());
    let (_, hits, _) = run(&utf8, "髙𠮷\u{e000}\u{1f600}".as_bytes());
    assert_eq!(hits.len(), 4);
    assert_eq!(run(&utf8, b"\xe9\xab").1.len(), 2);
    let ascii = Transcoder::new(SourceEncoding::SqlAscii, Policy::Orca, Mapping::default());
    assert_eq!(run(&ascii, b"a\x93\xfa").1.len(), 2);
}

fn all_codes() -> Vec<Vec<u8>> {
    let singles = (0_u8..=255).map(|byte| vec![byte]);
    let doubles = (0x80_u8..=255).flat_map(|a| (0x80_u8..=255).map(move |b| vec![a, b]));
    let triples = (0xa1_u8..=0xfe).flat_map(|a| (0xa1_u8..=0xfe).map(move |b| vec![0x8f, a, b]));
    singles.chain(doubles).chain(triples).filter(|code| code != &[0]).collect()
}

#[test]
fn every_code_is_what_a_live_postgresql_says() {
    let server = Server::start();
    let sql = "CREATE FUNCTION pg_temp.t(code bytea, enc name) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN RETURN encode(convert_to(convert_from(code, enc), 'UTF8'), 'hex');
        EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$;
        SELECT encode(c, 'hex'), pg_temp.t(c, 'EUC_JP'), pg_temp.t(c, 'EUC_JIS_2004') FROM (
          SELECT decode(lpad(to_hex(a), 2, '0'), 'hex') FROM generate_series(1, 255) a UNION ALL
          SELECT decode(to_hex(a) || to_hex(b), 'hex')
            FROM generate_series(128, 255) a, generate_series(128, 255) b UNION ALL
          SELECT decode('8f' || to_hex(a) || to_hex(b), 'hex')
            FROM generate_series(161, 254) a, generate_series(161, 254) b) AS codes(c)";
    let lines = server.query("postgres", sql);
    let plain = Transcoder::new(SourceEncoding::EucJp, Policy::Postgres, Mapping::default());
    let mut seen = 0;
    let mut jis = std::collections::HashSet::new();
    let mut ours = Vec::new();
    for line in lines.lines() {
        let fields: Vec<&str> = line.split('|').collect();
        let code = hex::decode(fields[0]).unwrap();
        let (text, hits, _) = run(&plain, &code);
        if fields[1].is_empty() {
            assert!(!hits.is_empty(), "{line}");
        } else {
            assert!(hits.is_empty(), "{line}");
            assert_eq!(hex::encode(&text), fields[1], "{line}");
            ours.push((code, text));
        }
        if !fields[2].is_empty() {
            jis.insert(String::from_utf8(hex::decode(fields[2]).unwrap()).unwrap());
        }
        seen += 1;
    }
    assert_eq!(seen, all_codes().len());
    // Whatever the strict policy lets through is a character of EUC_JIS_2004 as the server has it.
    let replaced = |c: char| JIS_FORMS.iter().find(|rule| rule.from == c).map_or(c, |rule| rule.to);
    for (code, text) in ours {
        let (strict, hits, _) = run(&orca(), &code);
        let c = replaced(text.chars().next().unwrap());
        assert_eq!(hits.is_empty(), jis.contains(&c.to_string()), "{code:x?} {text}");
        assert!(!hits.is_empty() || jis.contains(&strict), "{code:x?} {strict}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_converted_or_reported(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        for source in [SourceEncoding::EucJp, SourceEncoding::Utf8, SourceEncoding::SqlAscii] {
            for policy in [Policy::Orca, Policy::OrcaVendor, Policy::Postgres] {
                let transcoder = Transcoder::new(source, policy, Mapping::default());
                let (text, hits, counts) = run(&transcoder, &bytes);
                // Every non-ASCII byte is accounted for: each character written stands for
                // at most six bytes, and ASCII comes out as it went in.
                let ascii = |b: &u8| b.is_ascii();
                let lossy = counts.iter().any(|rule| rule.lossy);
                let invalid = hits.iter().any(|(reason, _)| *reason == Reason::Invalid);
                if !lossy {
                    let before: Vec<u8> = bytes.iter().copied().filter(ascii).collect();
                    let after: Vec<u8> = text.bytes().filter(ascii).collect();
                    prop_assert_eq!(before, after);
                }
                let broken = source.first_invalid(&bytes).is_some();
                prop_assert_eq!(invalid, broken);
                let blocked = hits.iter().filter(|(reason, _)| reason.blocks()).count();
                if source != SourceEncoding::Utf8 {
                    prop_assert_eq!(text.chars().filter(|c| *c == '\u{fffd}').count(), blocked);
                }
                prop_assert!(text.chars().count() <= bytes.len());
            }
        }
    }
}
