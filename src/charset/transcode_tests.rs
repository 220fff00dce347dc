//! The transcoder against fixed cases: rules, mapping files, places, encodings.

use super::super::reading::{Standard, readings};
use super::*;

fn run(transcoder: &Transcoder, bytes: &[u8]) -> (String, Vec<(Reason, String)>, Vec<RuleCount>) {
    let mut out = Vec::new();
    let mut tally = Tally::default();
    let mut hits = Vec::new();
    let mut note = |hit: Hit<'_>| hits.push((hit.reason, hex::encode_upper(hit.code)));
    transcoder.transcode_value(bytes, &mut out, &mut tally, &mut note);
    (String::from_utf8(out).unwrap(), hits, transcoder.counts(&tally))
}

fn with(source: SourceEncoding, policy: Policy, mapping: &str) -> Transcoder {
    Transcoder::new(source, policy, mapping.parse().unwrap())
}

fn orca() -> Transcoder {
    with(SourceEncoding::EucJp, Policy::Orca, "")
}

fn counts_of(counts: &[RuleCount]) -> Vec<(&str, u64)> {
    counts.iter().map(|rule| (rule.rule.as_str(), rule.count)).collect()
}

fn hit(reason: Reason, code: &str) -> (Reason, String) {
    (reason, code.to_owned())
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
    assert_eq!(hits, [hit(Reason::Shortened, "8EB68EDE"), hit(Reason::Shortened, "8ECA8EDF")]);
    assert_eq!(counts_of(&counts), [("kana-full-width", 2), ("kana-sound-mark-joined", 2)]);
}

#[test]
fn what_has_several_readings_is_a_finding_until_a_person_decides() {
    let bytes = b"\x8f\xf4\xbd\x8f\xf4\xfb\xfc\xe2\xa9\xa1\xad\xea\xad\xf4\x8f\xba\xf5\xb0";
    let (_, hits, _) = run(&orca(), bytes);
    let expected = [
        hit(Reason::Ambiguous, "8FF4BD"),
        hit(Reason::Ambiguous, "8FF4FB"),
        hit(Reason::Ambiguous, "FCE2"),
        hit(Reason::Ambiguous, "A9A1"),
        hit(Reason::OutsideJisX0213, "ADF4"),
        hit(Reason::OutsideJisX0213, "8FBAF5"),
        hit(Reason::Invalid, "B0"),
    ];
    assert_eq!(hits, expected);
    // 﨑 by PostgreSQL's reading, ㈱ by the only one.
    let postgres = with(SourceEncoding::EucJp, Policy::Postgres, "");
    assert_eq!(run(&postgres, b"\x8f\xf4\xbd\x8f\xf4\xfb\xad\xea").0, "﨑髙㈱");
    assert_eq!(run(&postgres, b"\xfc\xe2").1, [hit(Reason::Ambiguous, "FCE2")]);
    let vendor = with(SourceEncoding::EucJp, Policy::OrcaVendor, "");
    assert_eq!(run(&vendor, b"\x8f\xf4\xbd").0, "﨑");
}

#[test]
fn a_reading_for_the_database_decides_what_is_free() {
    let jis = with(SourceEncoding::EucJp, Policy::Orca, "reading: jis-x-0213");
    let (text, hits, counts) = run(&jis, b"\xfc\xe2\xa4\xf7\xa1\xc1\x8f\xf4\xfb\xb0\xa1");
    assert_eq!(text, "郄か\u{309a}〜翏亜");
    assert!(hits.is_empty());
    assert_eq!(counts_of(&counts), [("jis-wave-dash", 1), ("read-jis-x-0213", 3)]);
    let ibm = with(SourceEncoding::EucJp, Policy::Orca, "reading: eucjp-ms");
    let (text, hits, _) = run(&ibm, b"\x8f\xf4\xbd\x8f\xf4\xfb\xa9\xa1");
    assert_eq!(text, "﨑\u{fffd}\u{fffd}");
    let outside = hit(Reason::OutsideJisX0213, "8FF4FB");
    assert_eq!(hits, [outside, hit(Reason::Ambiguous, "A9A1")]);
}

#[test]
fn mapping_rules_decide_and_lossy_ones_are_listed() {
    let rules = "rules:\n- {code: 8FF4FB, to: U+9AD8, lossy: true}\n- {code: FCE2, to: U+9AD8, tables: [tbl_ptinf]}\n- {code: U+2211, keep: true}\n- {code: FCE3, reading: cp51932}\n- {code: F5A1, to: U+304B U+309A, lossy: false}";
    let transcoder = with(SourceEncoding::EucJp, Policy::Orca, rules);
    let (text, hits, counts) = run(&transcoder, b"\x8f\xf4\xfb\xad\xf4\xf5\xa1");
    assert_eq!(text, "高∑か\u{309a}");
    assert_eq!(hits, [hit(Reason::Lossy, "8FF4FB")]);
    assert_eq!(counts.len(), 3);
    assert_eq!(run(&transcoder, b"\xfc\xe2").1, [hit(Reason::Ambiguous, "FCE2")]);
    let narrowed = transcoder.for_table("public", "tbl_ptinf");
    assert_eq!(run(&narrowed, b"\xfc\xe2").0, "高");
    // A rule about the character decides about the code that PostgreSQL reads so.
    let kept = with(SourceEncoding::EucJp, Policy::Orca, "rules:\n- {code: U+9AD9, keep: true}");
    assert_eq!(
        run(&kept, b"\x8f\xf4\xfb"),
        ("髙".to_owned(), vec![], run(&kept, b"\x8f\xf4\xfb").2)
    );
    assert_eq!(run(&kept, b"\xfc\xe2").1, [hit(Reason::Ambiguous, "FCE2")]);
    // Reading a code does not make its character one that the target has.
    let read = "rules:\n- {code: FCE2, reading: cp51932}";
    let read = with(SourceEncoding::EucJp, Policy::Orca, read);
    assert_eq!(run(&read, b"\xfc\xe2").1, [hit(Reason::OutsideJisX0213, "FCE2")]);
    let both = "rules:\n- {code: FCE2, reading: cp51932}\n- {code: U+9AD9, to: U+9AD8}";
    let both = with(SourceEncoding::EucJp, Policy::Orca, both);
    let (text, hits, counts) = run(&both, b"\xfc\xe2");
    assert_eq!((text.as_str(), hits), ("高", vec![hit(Reason::Lossy, "FCE2")]));
    assert_eq!(counts_of(&counts), [("map-FCE2", 1), ("map-U+9AD9", 1)]);
}

#[test]
fn a_column_goes_before_its_table_and_a_table_before_all() {
    let rules = "rules:\n- {code: FCE2, to: U+9AD8, columns: [tbl_ptinf.name]}\n- {code: U+2211, keep: true}\n- {code: FCE2, to: U+3013, tables: [public.tbl_ptinf]}\n- {code: FCE2, to: U+3000}\nreading: [{reading: jis-x-0213, columns: [tbl_x.y]}]";
    let all = with(SourceEncoding::EucJp, Policy::Orca, rules);
    assert_eq!(run(&all, b"\xfc\xe2").0, "\u{3000}");
    let table = all.for_table("public", "tbl_ptinf");
    assert_eq!(run(&table, b"\xfc\xe2\xad\xf4").0, "〓∑");
    assert_eq!(run(&all.for_table("other", "tbl_ptinf"), b"\xfc\xe2").0, "\u{3000}");
    let column = table.for_column("public", "tbl_ptinf", "name").unwrap();
    assert_eq!(run(&column, b"\xfc\xe2\xad\xf4").0, "高∑");
    assert!(table.for_column("public", "tbl_ptinf", "kananame").is_none());
    let column = all.for_table("public", "tbl_x").for_column("public", "tbl_x", "y").unwrap();
    assert_eq!(run(&column, b"\xa9\xa1").1, []);
    assert_eq!(run(&all, b"\xa9\xa1").1, [hit(Reason::Ambiguous, "A9A1")]);
}

#[test]
fn joined_kana_in_a_record_are_a_finding_until_a_person_decides() {
    let kana = b"1\x8e\xb6\x8e\xde\x8e\xb1 \x8e\xde";
    let of = |mapping: &str| {
        let table =
            with(SourceEncoding::EucJp, Policy::Orca, mapping).for_table("public", "tbl_syskanri");
        assert!(table.for_column("public", "tbl_syskanri", "kanricd").is_none());
        run(&table.for_column("public", "tbl_syskanri", "kanritbl").unwrap(), kana)
    };
    let (_, hits, _) = of("");
    assert_eq!(hits, [hit(Reason::Packed, "8EB68EDE")]);
    assert!(Reason::Packed.blocks());
    let (text, hits, counts) = of("packed_columns: {tbl_syskanri.kanritbl: apart}");
    assert_eq!((text.as_str(), hits.len()), ("1カ゛ア ゛", 0));
    assert_eq!(counts_of(&counts), [("kana-full-width", 4), ("kana-sound-mark-apart", 1)]);
    let (text, hits, _) = of("packed_columns: {tbl_syskanri.kanritbl: join}");
    assert_eq!((text.as_str(), hits), ("1ガア ゛", vec![hit(Reason::Shortened, "8EB68EDE")]));
    let keep = with(SourceEncoding::EucJp, Policy::Orca, "half_width_kana: keep");
    assert_eq!(run(&keep, kana).0, "1ｶﾞｱ ﾞ");
    assert!(orca().for_column("public", "tbl_ptinf", "name").is_none());
    let postgres = with(SourceEncoding::EucJp, Policy::Postgres, "");
    assert!(postgres.for_column("public", "tbl_syskanri", "kanritbl").is_none());
}

#[test]
fn the_vendors_lossy_rules_are_never_silent() {
    let vendor = with(SourceEncoding::EucJp, Policy::OrcaVendor, "");
    let (text, hits, counts) = run(&vendor, b"\x8f\xf4\xfb\xad\xf4");
    assert_eq!(text, "高?");
    assert!(hits.iter().all(|(reason, _)| *reason == Reason::Lossy) && hits.len() == 2);
    assert!(counts.iter().all(|rule| rule.lossy));
}

#[test]
fn a_utf8_source_follows_the_same_rules() {
    let utf8 = with(SourceEncoding::Utf8, Policy::Orca, "");
    let (text, hits, counts) = run(&utf8, "～か\u{309a}か\u{3099}ｶﾞｱ\u{a0}﨑".as_bytes());
    assert_eq!(text, "〜か\u{309a}がガア\u{a0}﨑");
    assert_eq!(hits, [hit(Reason::Shortened, "EFBDB6EFBE9E")]);
    let expected = [
        ("jis-wave-dash", 1),
        ("kana-full-width", 1),
        ("kana-sound-mark-joined", 1),
        ("sound-mark-composed", 1),
    ];
    assert_eq!(counts_of(&counts), expected);
    let keep = with(SourceEncoding::Utf8, Policy::Orca, "half_width_kana: keep");
    assert_eq!(run(&keep, "ｶﾞか\u{3099}".as_bytes()).0, "ｶﾞが");
    let (_, hits, _) = run(&utf8, "髙𠮷\u{e000}\u{1f600}\u{3099}".as_bytes());
    assert!(hits.iter().all(|(reason, _)| *reason == Reason::OutsideJisX0213));
    assert_eq!(hits.len(), 5);
    assert_eq!(run(&utf8, b"\xe9\xab").1.len(), 2);
    let ruled = with(SourceEncoding::Utf8, Policy::Orca, "rules:\n- {code: U+304B, to: U+3042}");
    assert_eq!(run(&ruled, "か\u{309a}".as_bytes()).1.last().unwrap().0, Reason::OutsideJisX0213);
}

#[test]
fn an_unlabelled_value_is_read_only_where_one_encoding_fits() {
    let plain = with(SourceEncoding::SqlAscii, Policy::Orca, "");
    let (text, _, counts) = run(&plain, b"a\x93\xfa\x96{\x81`\xb6");
    assert_eq!(text, "a日本〜カ");
    assert_eq!(counts.last().unwrap().rule, "value-shift-jis");
    assert_eq!(run(&plain, b"\xb4\xc1\xbb\xfa\xb0\xfe").0, "漢字蔭");
    // Two kana of one byte are a kanji of EUC-JP; such a value may hold both encodings.
    assert_eq!(run(&plain, b"a\x93\xfa\xb6\xde").1, [hit(Reason::Undecided, "93FA")]);
    assert_eq!(run(&plain, "漢～".as_bytes()).0, "漢〜");
    assert_eq!(run(&plain, b"x\xa4\xa2\xa4\xa4").1, [hit(Reason::Undecided, "A4A2")]);
    assert_eq!(run(&plain, b"x\xff").1, [hit(Reason::NotAscii, "FF")]);
    assert_eq!(run(&plain, b"\x8a\xbf\x8e").1, [hit(Reason::Cut, "8E")]);
    // A code that no table decides stays a finding, whatever the value's encoding.
    assert_eq!(run(&plain, b"\xb4\xc1\xfc\xe2\xb0\xfe").1.first().unwrap().1, "FCE2");

    let decided = "encodings:\n- {encoding: euc-jp}\n- {encoding: shift-jis, columns: [t.s]}\n- {encoding: mixed, tables: [u]}\ncut_characters: geta";
    let decided = with(SourceEncoding::SqlAscii, Policy::Orca, decided);
    assert_eq!(run(&decided, b"x\xa4\xa2\xa4\xa4").0, "xあい");
    let (text, hits, counts) = run(&decided, b"\xb4\xc1\xbb");
    assert_eq!((text.as_str(), hits), ("漢〓", vec![hit(Reason::Lossy, "BB")]));
    assert!(counts[0].lossy && counts[0].rule == "cut-to-geta");
    let column = decided.for_table("public", "t").for_column("public", "t", "s").unwrap();
    assert_eq!(run(&column, b"\xb1\x95\x5c").0, "ア表");
    let (text, hits, _) = run(&column, b"\x93\xfa\xb6\xde");
    assert_eq!((text.as_str(), hits), ("日ガ", vec![hit(Reason::Shortened, "B6DE")]));
    let mixed = decided.for_table("public", "u");
    assert_eq!(run(&mixed, b"\xa4\xa2").1, [hit(Reason::Undecided, "A4A2")]);
}

#[test]
fn a_block_of_rows_is_converted_like_its_values() {
    let values = [&b"\xb4\xc1\xbb\xfa"[..], b"\\N", b"\x8e\xb6", b"\x8e\xde", b"\x8f\xf4\xfb", b""];
    let block = values.join(&b'\t');
    let each: Vec<String> = values.iter().map(|value| run(&orca(), value).0).collect();
    assert_eq!(run(&orca(), &block).0, each.join("\t"));
}

#[test]
fn the_narrower_of_two_rules_decides_however_they_name_a_code() {
    let file = "rules:\n- {code: 8FF4FB, to: U+9AD8}\n- {code: U+9AD9, keep: true, columns: [t.v]}\n\
                - {code: FCE2, to: U+9AD8, columns: [s.t.w]}\n- {code: FCE2, to: U+9ED2, columns: [t.w]}\n\
                - {code: 8FF4BD, reading: jis-x-0213}";
    let given = format!("{file}\nreading: [{{reading: eucjp-ms, columns: [t.r]}}]");
    let all = with(SourceEncoding::EucJp, Policy::Orca, &given);
    let at = |schema, column| all.for_table(schema, "t").for_column(schema, "t", column).unwrap();
    // By its bytes everywhere, by its character in one column.
    assert_eq!(run(&all, b"\x8f\xf4\xfb").0, "高");
    assert_eq!(run(&at("public", "v"), b"\x8f\xf4\xfb").0, "髙");
    // The table of one schema is meant more narrowly than all of that name, whatever comes first.
    assert_eq!(run(&at("s", "w"), b"\xfc\xe2").0, "高");
    assert_eq!(run(&at("public", "w"), b"\xfc\xe2").0, "黒");
    // How a column reads its codes goes before what is said of one code everywhere.
    let everywhere = run(&all, b"\x8f\xf4\xbd");
    let there = run(&at("public", "r"), b"\x8f\xf4\xbd");
    assert_ne!(everywhere.0, there.0);
    let of = |standard| {
        readings(b"\x8f\xf4\xbd").into_iter().find(|r| r.standard == standard).unwrap().text
    };
    assert_eq!((everywhere.0, there.0), (of(Standard::JisX0213), of(Standard::EucjpMs)));
}

#[test]
fn in_a_record_of_fixed_width_nothing_moves_without_a_decision() {
    let record = |source, mapping: &str| {
        let all = with(source, Policy::Orca, mapping);
        all.for_table("public", "tbl_syskanri").for_column("public", "tbl_syskanri", "kanritbl")
    };
    let utf8 = record(SourceEncoding::Utf8, "").unwrap();
    let (_, hits, _) = run(&utf8, "か\u{3099}AB".as_bytes());
    assert_eq!(hits, [hit(Reason::Packed, "E38299")]);
    let kept = record(SourceEncoding::Utf8, "half_width_kana: keep").unwrap();
    assert_eq!(run(&kept, "か\u{3099}AB".as_bytes()).1[0].0, Reason::Packed);
    let apart = "packed_columns: {tbl_syskanri.kanritbl: apart}";
    let utf8 = record(SourceEncoding::Utf8, apart).unwrap();
    let (text, hits, _) = run(&utf8, "か\u{3099}は\u{309a}AB".as_bytes());
    assert_eq!((text.as_str(), hits.len()), ("か゛は゜AB", 0));
    let join = "packed_columns: {tbl_syskanri.kanritbl: join}";
    let utf8 = record(SourceEncoding::Utf8, join).unwrap();
    assert_eq!(run(&utf8, "か\u{3099}AB".as_bytes()).0, "がAB");
    // One code that becomes two characters.
    for (decision, blocks) in [("undecided", true), ("apart", true), ("join", false)] {
        let mapping =
            format!("reading: jis-x-0213\npacked_columns: {{tbl_syskanri.kanritbl: {decision}}}");
        let euc = record(SourceEncoding::EucJp, &mapping).unwrap();
        let (text, hits, _) = run(&euc, b"\xa4\xf7AB");
        assert_eq!(hits.iter().any(|(reason, _)| *reason == Reason::Packed), blocks, "{decision}");
        assert!(blocks || text == "か\u{309a}AB");
    }
}

#[test]
fn two_characters_of_jis_x_0213_never_become_one_in_silence() {
    let jis = with(SourceEncoding::EucJp, Policy::Orca, "reading: jis-x-0213");
    for (own, other, text) in [
        (b"\xa2\xb1", b"\xa1\xdd", "−"),
        (b"\xa2\xb2", b"\xa1\xc1", "〜"),
        (b"\xa2\xd4", b"\xa1\xc2", "‖"),
    ] {
        let (written, hits, counts) = run(&jis, own);
        assert_eq!((written.as_str(), hits.len()), (text, 1));
        assert_eq!(hits[0].0, Reason::Lossy);
        assert!(counts.iter().any(|rule| rule.rule == "jis-x-0213-form-merged" && rule.lossy));
        let (written, hits, _) = run(&jis, other);
        assert_eq!((written.as_str(), hits.len()), (text, 0));
    }
}

#[test]
fn a_rule_for_shift_jis_names_its_encoding() {
    let file = "encodings: [{encoding: shift-jis}]\n\
                rules:\n- {code: 'SJIS:F040', to: U+5409}\n- {code: F0A1, to: U+9AD8}";
    let sjis = with(SourceEncoding::SqlAscii, Policy::Orca, file);
    assert_eq!(run(&sjis, b"\xf0\x40").0, "吉");
    // The same digits without the name are a code of EUC-JP.
    let mut told = Vec::new();
    let mut note = |hit: Hit<'_>| told.push(hit.written_code());
    sjis.transcode_value(b"\xf0\xa1", &mut Vec::new(), &mut Tally::default(), &mut note);
    assert_eq!(told, ["SJIS:F0A1"]);
    let euc = with(
        SourceEncoding::EucJp,
        Policy::Orca,
        &file.replace("encodings: [{encoding: shift-jis}]\n", ""),
    );
    assert_eq!(run(&euc, b"\xf0\xa1").0, "高");
    for wrong in ["SJIS:41", "SJIS:F0", "SJIS:F07F", "SJIS:B1", "sjis:F040"] {
        let file = format!("rules: [{{code: '{wrong}', to: U+5409}}]");
        assert!(file.parse::<Mapping>().is_err(), "{wrong}");
    }
}
