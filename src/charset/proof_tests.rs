//! The transcoder against a live PostgreSQL: every code, every reading, dictionaries in bulk.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::archive::test_server::{Server, succeed};

/// The Microsoft forms and what ORCA stores, as published.
pub(super) const FORMS: [(char, char); 9] = [
    ('～', '\u{301c}'),
    ('－', '\u{2212}'),
    ('∥', '\u{2016}'),
    ('￠', '\u{a2}'),
    ('￡', '\u{a3}'),
    ('￢', '\u{ac}'),
    ('￥', '\u{a5}'),
    ('￣', '\u{203e}'),
    ('―', '\u{2014}'),
];

pub(super) fn run(transcoder: &Transcoder, bytes: &[u8]) -> (String, Vec<(Reason, usize, usize)>) {
    let mut out = Vec::new();
    let mut hits = Vec::new();
    let mut note = |hit: Hit<'_>| hits.push((hit.reason, hit.offset, hit.code.len()));
    transcoder.transcode_value(bytes, &mut out, &mut Tally::default(), &mut note);
    (String::from_utf8(out).unwrap(), hits)
}

pub(super) fn new(source: SourceEncoding, policy: Policy) -> Transcoder {
    Transcoder::new(source, policy, Mapping::default())
}

/// What a live server makes of every code by every encoding.
pub(super) struct Told {
    pub(super) euc_jp: HashMap<Vec<u8>, String>,
    pub(super) jis: HashMap<Vec<u8>, String>,
    pub(super) sjis: HashMap<Vec<u8>, String>,
    pub(super) codes: Vec<Vec<u8>>,
}

pub(super) static TOLD: LazyLock<Told> = LazyLock::new(|| {
    let server = Server::start();
    let sql = "CREATE FUNCTION pg_temp.t(code bytea, enc name) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN RETURN encode(convert_to(convert_from(code, enc), 'UTF8'), 'hex');
        EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$;
        SELECT encode(c, 'hex'), pg_temp.t(c, 'EUC_JP'), pg_temp.t(c, 'EUC_JIS_2004'),
          CASE WHEN length(c) < 3 THEN pg_temp.t(c, 'SJIS') END FROM (
          SELECT decode(lpad(to_hex(a), 2, '0'), 'hex') FROM generate_series(1, 255) a UNION ALL
          SELECT decode(to_hex(a) || to_hex(b), 'hex')
            FROM generate_series(128, 255) a, generate_series(64, 255) b UNION ALL
          SELECT decode('8f' || to_hex(a) || to_hex(b), 'hex')
            FROM generate_series(161, 254) a, generate_series(161, 254) b) AS codes(c)";
    let mut told =
        Told { euc_jp: HashMap::new(), jis: HashMap::new(), sjis: HashMap::new(), codes: vec![] };
    for line in server.query("postgres", sql).lines() {
        let fields: Vec<&str> = line.split('|').collect();
        let code = hex::decode(fields[0]).unwrap();
        let maps = [&mut told.euc_jp, &mut told.jis, &mut told.sjis];
        for (map, text) in maps.into_iter().zip(&fields[1..]) {
            let text = String::from_utf8(hex::decode(text).unwrap()).unwrap();
            // Two codes of one byte each are no code of two.
            let one = text.chars().count() == 1 || code.len() > 1 && !text.is_ascii();
            let double = |text: &str| text.chars().all(|c| ('\u{ff61}'..='\u{ff9f}').contains(&c));
            if !text.is_empty() && one && !(text.chars().count() == 2 && double(&text)) {
                map.insert(code.clone(), text);
            }
        }
        told.codes.push(code);
    }
    told
});

#[test]
fn every_code_is_what_a_live_postgresql_says() {
    let told = &*TOLD;
    assert_eq!(told.codes.len(), 255 + 128 * 192 + 94 * 94);
    let plain = new(SourceEncoding::EucJp, Policy::Postgres);
    let mut seen = 0;
    for code in told.codes.iter().filter(|code| code.len() != 2 || code[1] >= 0x80) {
        let (text, hits) = run(&plain, code);
        match told.euc_jp.get(code) {
            Some(expected) => assert_eq!((&text, hits.len()), (expected, 0), "{code:x?}"),
            None => assert!(!hits.is_empty(), "{code:x?}"),
        }
        seen += 1;
    }
    assert_eq!(seen, 255 + 128 * 128 + 94 * 94);
}

#[test]
fn every_shift_jis_code_is_what_a_live_postgresql_says() {
    let mapping = "encodings: [{encoding: shift-jis}]".parse().unwrap();
    let plain = Transcoder::new(SourceEncoding::SqlAscii, Policy::Postgres, mapping);
    let (mut mapped, mut codes) = (0, 0);
    for code in TOLD.codes.iter().filter(|code| code.len() < 3) {
        // Two bytes may also be two codes of one; only whole codes are compared.
        let lead = matches!(code[0], 0x81..=0x9f | 0xe0..=0xfc);
        if code.len() == 2 && !lead {
            continue;
        }
        let (text, hits) = run(&plain, code);
        match TOLD.sjis.get(code) {
            Some(expected) => {
                assert_eq!((&text, hits.len()), (expected, 0), "{code:x?}");
                mapped += 1;
            }
            None => assert!(!hits.is_empty(), "{code:x?}"),
        }
        codes += 1;
    }
    assert_eq!(codes, 255 + 60 * 192);
    assert!(mapped > 7_000, "{mapped}");
}

#[test]
fn every_reading_is_what_a_live_postgresql_says() {
    let mut both = 0;
    for code in TOLD.codes.iter().filter(|code| code.len() > 1 && code[0] != 0x8e) {
        let of =
            |standard| readings(code).into_iter().find(|r| r.standard == standard).map(|r| r.text);
        assert_eq!(of(Standard::EucjpMs), TOLD.euc_jp.get(code).cloned(), "{code:x?}");
        assert_eq!(of(Standard::JisX0213), TOLD.jis.get(code).cloned(), "{code:x?}");
        both += usize::from(readings(code).len() > 1);
    }
    assert!(both > 8_000, "{both}");
    // NEC's selection repeats IBM's extension, so each character stands in Shift_JIS twice.
    let ibm: HashSet<&String> = TOLD
        .sjis
        .iter()
        .filter(|(code, _)| matches!(code[..], [0xfa..=0xfc, _]))
        .map(|(_, text)| text)
        .collect();
    let mut nec = 0;
    for row in 0xf9..=0xfc_u8 {
        for cell in 0xa1..=0xfe_u8 {
            let read = readings(&[row, cell]);
            if let Some(read) = read.iter().find(|r| r.standard == Standard::Cp51932) {
                assert!(ibm.contains(&read.text) || read.text == "￢", "{}", read.text);
                nec += 1;
            }
        }
    }
    assert_eq!(nec, 374);
}

#[test]
fn what_the_strict_policy_lets_through_is_in_jis_x_0213_and_sure() {
    let jis: HashSet<&String> = TOLD.jis.values().collect();
    assert_eq!(TOLD.jis.len() - 63 - 127, 11_233);
    let strict = new(SourceEncoding::EucJp, Policy::Orca);
    for (code, text) in &TOLD.euc_jp {
        let c = text.chars().next().unwrap();
        let c = FORMS.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
        let colliding = matches!(code[..], [0x8f, 0xf3 | 0xf4, _]);
        let (text, hits) = run(&strict, code);
        assert_eq!(hits.is_empty(), jis.contains(&c.to_string()) && !colliding, "{code:x?}");
        assert!(!hits.is_empty() || jis.contains(&text), "{code:x?} {text}");
    }
    // Whatever is in JIS X 0213 is legal in a UTF-8 database and stays as it is.
    let utf8 = new(SourceEncoding::Utf8, Policy::Orca);
    for text in TOLD.jis.values() {
        let half_width = text.chars().all(|c| ('\u{ff61}'..='\u{ff9f}').contains(&c));
        // Three of the Microsoft forms have a code of their own there, and are replaced all the
        // same: that is what the published substitutions do to every UTF-8 database.
        let form = FORMS.iter().find(|(from, _)| text.chars().eq([*from]));
        let expected = if half_width && !matches!(text.as_str(), "ﾞ" | "ﾟ") {
            text.nfkc().collect()
        } else {
            form.map_or(text.replace('ﾞ', "゛").replace('ﾟ', "゜"), |(_, to)| to.to_string())
        };
        assert_eq!(run(&utf8, text.as_bytes()), (expected, vec![]), "{text}");
    }
}

/// Real EUC-JP text in bulk, through a real EUC_JP database.
#[test]
fn dictionaries_come_out_as_postgresql_says_or_by_named_rules() {
    let server = Server::start();
    server.create("dictionaries", "EUC_JP");
    server.query("dictionaries", "CREATE TABLE line (number serial, text text)");
    let mut copied = 0;
    for name in ["kanjidic", "edict", "enamdict"] {
        let bytes = std::fs::read(format!("/usr/share/edict/{name}"))
            .expect("Debian's dictionaries are installed: scripts/lib.sh does it");
        // As COPY's text format wants it: no backslash; two megabytes are enough of each.
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        let mut part = Vec::new();
        for line in lines.filter(|line| !line.contains(&b'\\') && !line.contains(&b'\t')) {
            if part.len() > 2_000_000 {
                break;
            }
            part.extend_from_slice(line);
        }
        copied += part.len();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &part).unwrap();
        let copy = format!("\\copy line(text) FROM '{}' ENCODING 'EUC_JP'", file.path().display());
        succeed(server.client("psql").args(["-Xq", "-d", "dictionaries", "-c", &copy]));
    }
    assert!(copied > 5_000_000, "{copied}");
    let out = |encoding: &str| {
        let mut psql = server.client("psql");
        psql.args([
            "-XqAt",
            "-d",
            "dictionaries",
            "-c",
            "COPY (SELECT text FROM line ORDER BY number) TO STDOUT",
        ]);
        psql.env("PGCLIENTENCODING", encoding);
        succeed(&mut psql).stdout
    };
    let (source, expected) = (out("EUC_JP"), String::from_utf8(out("UTF8")).unwrap());
    assert_eq!(
        run(&new(SourceEncoding::EucJp, Policy::Postgres), &source),
        (expected.clone(), vec![])
    );
    // With ORCA's rules the nine forms differ, and what is outside or unsure is a finding.
    let strict = Transcoder::new(
        SourceEncoding::EucJp,
        Policy::Orca,
        "half_width_kana: keep".parse().unwrap(),
    );
    let (text, hits) = run(&strict, &source);
    let formed: String = expected
        .chars()
        .map(|c| FORMS.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to))
        .collect();
    let mut differing = 0;
    assert_eq!(text.chars().count(), formed.chars().count());
    for (ours, theirs) in text.chars().zip(formed.chars()) {
        if ours != theirs {
            assert_eq!(ours, '\u{fffd}');
            differing += 1;
        }
    }
    assert_eq!(differing, hits.len());
    assert!(formed != expected && text.len() > 5_000_000);
}
