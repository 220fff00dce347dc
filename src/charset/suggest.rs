//! A mapping file to begin with, from what a scan found. It decides nothing: every line is a
//! comment until a person takes the mark away.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::reading::{self, Standard};
use super::table::Jis;
use super::text::Text;
use super::written::quoted;
use super::{Form, Reason, Verdict};

/// Places named with one code.
const MAX_PLACES: usize = 8;

/// A code that was found, everywhere it was found.
#[derive(Clone, Debug)]
pub struct CodeFound {
    /// Why it was reported.
    pub reason: Reason,
    /// Its bytes in the source.
    pub code: Vec<u8>,
    /// The character that PostgreSQL reads there, or that the source has.
    pub character: Option<char>,
    /// How often.
    pub count: u64,
    /// Columns it was found in, as a mapping file names them (`tbl_ptinf.name`).
    pub columns: Vec<String>,
}

const HEAD: &str = "\
## 検査で見つかった文字から作った対応表のひな形です。医療機関と相談し、採る行の先頭の # を1つ消してください。
## A mapping file to begin with, made from what the scan found. Agree on each line with the clinic,
## then take the single # at its beginning away. Lines with ## are for reading only.
";

/// The text of a mapping file that proposes something for every code and every unlabelled column.
pub fn suggest(codes: &[CodeFound], unlabelled: &[(String, Verdict)]) -> String {
    let mut text = HEAD.to_owned();
    let of = |reason: Reason| codes.iter().filter(move |found| found.reason == reason);
    let packed: BTreeSet<&String> = of(Reason::Packed).flat_map(|found| &found.columns).collect();
    if !packed.is_empty() {
        text.push_str("##\n## 半角カナの濁点 / sound marks of half-width kana: apart, join\n");
        text.push_str("# packed_columns:\n");
        for column in packed {
            line(&mut text, &format!("#   {}: apart", quoted(column)));
        }
    }
    if of(Reason::Cut).next().is_some() {
        text.push_str("##\n## 末尾で途中までの文字 / characters cut in half: geta (〓), drop\n");
        text.push_str("# cut_characters: geta\n");
    }
    encodings(&mut text, unlabelled);
    let mut ruled = codes
        .iter()
        .filter(|found| matches!(found.reason, Reason::Ambiguous | Reason::OutsideJisX0213));
    if let Some(first) = ruled.next() {
        text.push_str("##\n# rules:\n");
        for found in std::iter::once(first).chain(ruled) {
            rule(&mut text, found);
        }
    }
    text
}

fn encodings(text: &mut String, unlabelled: &[(String, Verdict)]) {
    let undecided = unlabelled.iter().filter(|(_, verdict)| *verdict != Verdict::Ascii);
    let lines: Vec<String> = undecided
        .map(|(column, verdict)| {
            let (mark, word) = match verdict {
                Verdict::Is(form) => ("# ", form.word()),
                Verdict::Mixed => ("# ", "mixed"),
                // Nothing tells; a person must put one of the words in.
                Verdict::Ascii | Verdict::Unknown => ("## ", "?"),
            };
            format!("{mark}- {{encoding: {word}, columns: [{}]}}", quoted(column))
        })
        .collect();
    if !lines.is_empty() {
        let words = Form::ALL.map(Form::word).join(", ");
        line(text, &format!("##\n## 列の文字コード / encoding of a column: {words}, mixed"));
        text.push_str("# encodings:\n");
        lines.iter().for_each(|each| line(text, each));
    }
}

fn rule(text: &mut String, found: &CodeFound) {
    let code = hex::encode_upper(&found.code);
    let places = found.columns.iter().take(MAX_PLACES).cloned().collect::<Vec<_>>().join(", ");
    let more = if found.columns.len() > MAX_PLACES { ", ..." } else { "" };
    line(text, &format!("## {code}: {} x {places}{more}", found.count));
    if found.reason == Reason::OutsideJisX0213 {
        let Some(c) = found.character else { return };
        let point = Text::from(c).points();
        line(text, &format!("##   {c} {point}: JIS X 0213 にない文字 / not in JIS X 0213"));
        line(text, &format!("# - {{code: \"{point}\", keep: true}}"));
        line(text, &format!("##   - {{code: \"{point}\", to: \"U+....\", lossy: true}}"));
        return;
    }
    let readings = Standard::ALL
        .into_iter()
        .filter_map(|standard| Some((standard, reading::read(&found.code, standard)?)));
    for (at, (standard, read)) in readings.enumerate() {
        let inside = read.single().is_none_or(|c| Jis::get().has(c));
        let outside = if inside { "" } else { " (JIS X 0213 にない文字 / not in JIS X 0213)" };
        line(text, &format!("##   {standard}: {read} {}{outside}", read.points()));
        let mark = if at == 0 { "# " } else { "##   " };
        line(text, &format!("{mark}- {{code: \"{code}\", reading: {}}}", standard.word()));
    }
}

fn line(text: &mut String, line: &str) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charset::Mapping;

    fn found(reason: Reason, code: &[u8], character: Option<char>) -> CodeFound {
        let columns = vec!["tbl_ptinf.name".to_owned()];
        CodeFound { reason, code: code.to_vec(), character, count: 3, columns }
    }

    #[test]
    fn the_file_decides_nothing_until_the_marks_are_taken_away() {
        let codes = [
            found(Reason::Ambiguous, b"\xfc\xe2", None),
            found(Reason::Ambiguous, b"\x8f\xf4\xfb", Some('髙')),
            found(Reason::OutsideJisX0213, b"\xad\xf4", Some('∑')),
            found(Reason::Packed, b"\x8e\xb6\x8e\xde", Some('ガ')),
            found(Reason::Cut, b"\xb0", None),
        ];
        let columns = [
            ("t.a".to_owned(), Verdict::Is(Form::ShiftJis)),
            ("t.\"\"\"b\"".to_owned(), Verdict::Unknown),
            ("t.c".to_owned(), Verdict::Mixed),
        ];
        let text = suggest(&codes, &columns);
        assert!(text.parse::<Mapping>().unwrap().is_empty(), "{text}");
        assert!(text.contains("CP51932: 髙 U+9AD9 (JIS X 0213"), "{text}");
        let taken: String = text
            .lines()
            .filter(|line| !line.starts_with("##"))
            .map(|line| format!("{}\n", line.strip_prefix("# ").unwrap()))
            .collect();
        let mapping: Mapping = taken.parse().unwrap_or_else(|error| panic!("{error}\n{taken}"));
        assert_eq!((mapping.len(), mapping.decisions.len()), (7, 3));
        assert_eq!((mapping.encodings.len(), mapping.packed.len()), (2, 1));
        assert!(mapping.cut.is_some());
        assert!(suggest(&[], &[]).parse::<Mapping>().unwrap().is_empty());
    }
}
