//! The mapping file: what is read, what is refused and where, what is written back.

use super::*;
use crate::charset::text::Text;
use crate::diag::{Explain, Fact};

fn error(text: &str) -> CharsetError {
    text.parse::<Mapping>().unwrap_err()
}

fn code_of(text: &str) -> &'static str {
    error(text).code()
}

#[test]
fn a_file_of_rules_alone_is_read() {
    let text = "rules:\n- {code: 8ff4fb, to: U+9AD8, lossy: true}\n- {code: U+9AD9, keep: true, tables: [tbl_ptinf]}\n";
    let mapping: Mapping = text.parse().unwrap();
    assert_eq!(mapping.len(), 2);
    let [high, keep] = mapping.decisions.as_slice() else { panic!("two") };
    assert_eq!(high.value.name, "map-8FF4FB");
    assert_eq!(high.value.action, Action::To(Text::from('高')));
    assert!(high.value.lossy && !keep.value.lossy);
}

const FULL: &str = "
reading: [{reading: jis-x-0213, columns: [tbl_ptinf.name]}, {reading: eucjp-ms}]
half_width_kana: keep
packed_columns: {tbl_syskanri.kanritbl: apart, public.tbl_x.y: join}
cut_characters: geta
encodings:
- {encoding: euc-jp}
- {encoding: shift-jis, tables: [public.tbl_x]}
- {encoding: mixed, columns: [tbl_x.memo]}
rules:
- {code: FCE2, reading: cp51932, tables: [tbl_ptinf], note: x}
- {code: FCE2, to: U+304B U+309A, columns: [public.tbl_ptinf.name]}
";

#[test]
fn a_file_writes_itself_back() {
    let mapping: Mapping = FULL.parse().unwrap();
    let written = serde_yaml::to_string(&mapping).unwrap();
    let again: Mapping = written.parse().unwrap();
    assert_eq!(serde_yaml::to_string(&again).unwrap(), written);
    assert_eq!(again.decisions.len(), 2);
    let to = again.decisions.last().map(|d| d.value.action);
    assert_eq!(to, Some(Action::To(Text::pair('か', '\u{309a}'))));
    assert_eq!((again.readings.len(), again.encodings.len(), again.packed.len()), (2, 3, 2));
    assert_eq!((mapping.len(), again.len()), (11, 11));
    assert_eq!((again.kana, again.cut), (Some(KanaRule::Keep), Some(CutRule::Geta)));
    let empty = serde_yaml::to_string(&Mapping::default()).unwrap();
    assert!(empty.parse::<Mapping>().unwrap().is_empty(), "{empty}");
    let keep = serde_yaml::to_string(&Mapping::keeping_half_width_kana()).unwrap();
    assert_eq!(keep.parse::<Mapping>().unwrap().kana, Some(KanaRule::Keep));
    let short: Mapping = "reading: jis-x-0213".parse().unwrap();
    assert_eq!((short.readings.len(), short.len()), (1, 1));
    assert!(!short.is_empty() && short.decisions.is_empty());
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (text, code) in [
        ("rules: 7", "syntax"),
        ("unknown: 7", "syntax"),
        ("rules:\n- {code: XX, keep: true}", "code"),
        ("rules:\n- {code: '41', to: U+9AD8}", "code"),
        ("rules:\n- {code: FCE2, to: U+9AD9}", "target"),
        ("rules:\n- {code: FCE2, to: U+005C}", "target"),
        // A quote or a comma would change the structure of an array or a definition.
        ("rules:\n- {code: FCE2, to: U+0022}", "target"),
        ("rules:\n- {code: FCE2, to: U+0027}", "target"),
        ("rules:\n- {code: FCE2, to: U+002C}", "target"),
        ("rules:\n- {code: FCE2, to: U+304B U+3099}", "target"),
        ("rules:\n- {code: FCE2}", "action"),
        ("rules:\n- {code: FCE2, to: U+9AD8, reading: gaiji}", "action"),
        ("rules:\n- {code: FCE2, keep: true}", "keeps-nothing"),
        ("rules:\n- {code: A9A1, reading: cp51932}", "reading"),
        ("rules:\n- {code: U+9AD9, reading: cp51932}", "reading"),
        ("rules:\n- {code: FCE2, reading: nkf}", "word"),
        ("half_width_kana: wide", "word"),
        ("packed_columns: {a.b: together}", "word"),
        ("packed_columns: {b: join}", "place"),
        ("rules:\n- {code: FCE2, to: U+9AD8, columns: [name]}", "place"),
        ("rules:\n- {code: FCE2, to: U+9AD8, tables: [a.b.c]}", "place"),
        ("rules:\n- {code: FCE2, to: U+9AD8}\n- {code: fce2, to: U+9AD8}", "twice"),
        ("reading: [{reading: gaiji}, {reading: cp51932}]", "twice"),
        ("packed_columns: {a.b: join, '\"a\".b': apart}", "twice"),
        ("packed_columns: {'\"a.b': join}", "place"),
    ] {
        assert_eq!(code_of(text), format!("charset-mapping-{code}"), "{text}");
    }
}

#[test]
fn an_error_names_its_line() {
    let text = "half_width_kana: keep\n\nrules:\n- code: FCE2\n  to: U+9AD9\n";
    assert!(error(text).facts().contains(&Fact::open("line", 5)));
    let text = "rules:\n- code: FCE2\n  keep: true\n  tables:\n  - a\n  - b..c\n";
    assert_eq!(code_of(text), "charset-mapping-keeps-nothing");
    let text = text.replace("keep: true", "to: U+9AD8");
    assert!(error(&text).facts().contains(&Fact::open("line", 6)));
}

#[test]
fn a_part_with_a_dot_stands_in_quotes() {
    let text = r#"encodings: [{encoding: shift-jis, columns: ['"a.b".c', '"s.".a."d""e"']}]"#;
    let mapping: Mapping = text.parse().unwrap();
    let places = mapping.places().next().unwrap();
    assert!(places.names_column("public", "a.b", "c") && places.names_column("s.", "a", "d\"e"));
    assert!(!places.names_column("a", "b", "c") && !places.names_column("public", "a", "d\"e"));
}

#[test]
fn a_place_that_does_not_exist_is_named_with_its_line() {
    let (ab, c) = (["a".to_owned(), "b".to_owned()], ["c".to_owned()]);
    let known = |schema, table, columns| KnownTable { schema, table, columns };
    let known = [
        known("public", "t", Some(ab.as_slice())),
        known("x", "t", Some(c.as_slice())),
        known("public", "empty", None),
    ];
    let text = "reading: [{reading: gaiji, tables: [t, x.t, y.t]}]
packed_columns: {t.a: join, t.d: join}
encodings:
- {encoding: euc-jp, columns: [t.c, x.t.c, x.t.a, empty.q]}
rules:
- code: FCE2
  to: U+9AD8
  tables:
  - tbl_ptinf
  columns: [t.b, t.B]
- {code: FCE3, to: U+9AD8, tables: [x.empty]}";
    let absent = text.parse::<Mapping>().unwrap().absent(&known);
    let told: Vec<_> = absent.iter().map(|place| (place.line, place.name.as_str())).collect();
    let expected =
        [(1, "y.t"), (2, "t.d"), (4, "x.t.a"), (9, "tbl_ptinf"), (10, "t.B"), (11, "x.empty")];
    assert_eq!(told, expected);
    assert!("rules: []".parse::<Mapping>().unwrap().absent(&[]).is_empty());
}
