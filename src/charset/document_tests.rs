//! What `docs/characters.md` says of the rules is what the code does.

use super::*;
use crate::i18n::{self, Lang};

/// The table of rules as the document has it, in one language.
fn table(lang: Lang) -> String {
    let (head, always, vendor, mapping, yes, no) = match lang {
        Lang::Ja => (
            "| 規則の名前 | 内容 | orca | orca-vendor | postgres | 情報の欠落 |",
            "する",
            "しない",
            "対応表による",
            "あり",
            "なし",
        ),
        Lang::En => (
            "| rule | what it does | orca | orca-vendor | postgres | loses information |",
            "yes",
            "no",
            "by mapping file",
            "yes",
            "no",
        ),
    };
    let mut text = format!("{head}\n|---|---|---|---|---|---|\n");
    for rule in built_in_rules() {
        let what = match rule.replaces {
            Some((from, to)) => {
                let show = |c: char| {
                    let shown = if c == '\u{e269}' || c == '\u{3000}' {
                        String::new()
                    } else {
                        format!(" {c}")
                    };
                    format!("U+{:04X}{shown}", c as u32)
                };
                format!("{} → {}", show(from), show(to))
            }
            None => {
                let id = format!("charset-rule-{}", rule.name);
                i18n::find(lang, &id, &[]).unwrap_or_else(|| panic!("no text {id}"))
            }
        };
        let sql_ascii = match lang {
            Lang::Ja => "SQL_ASCII のとき",
            Lang::En => "for SQL_ASCII",
        };
        let [orca, orca_vendor, postgres] = match rule.holds {
            Holds::Orca => [always, always, vendor],
            Holds::Vendor => [vendor, always, vendor],
            Holds::SqlAscii => [sql_ascii; 3],
            Holds::Mapping => [mapping; 3],
        };
        let lossy = if rule.lossy { yes } else { no };
        text.push_str(&format!(
            "| `{}` | {what} | {orca} | {orca_vendor} | {postgres} | {lossy} |\n",
            rule.name
        ));
    }
    text
}

#[test]
fn the_document_has_the_table_of_rules() {
    let document =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/characters.md"));
    let document = document.expect("the document is there");
    for lang in [Lang::Ja, Lang::En] {
        let table = table(lang);
        assert!(document.contains(&table), "docs/characters.md must hold this table:\n{table}");
    }
}

#[test]
fn the_examples_of_the_document_are_mapping_files() {
    let document =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/characters.md"));
    let document = document.expect("the document is there");
    let mut seen = 0;
    for block in document.split("```yaml\n").skip(1) {
        let example = block.split("```").next().unwrap_or_default();
        let mapping: Mapping =
            example.parse().unwrap_or_else(|error: CharsetError| panic!("{error}: {example}"));
        assert!(!mapping.is_empty(), "{example}");
        seen += 1;
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn the_sample_file_is_a_mapping_file_with_and_without_its_marks() {
    let sample = include_str!("../../examples/characters.yaml");
    assert!(sample.parse::<Mapping>().unwrap().is_empty());
    let taken: String = sample
        .lines()
        .filter(|line| !line.starts_with("##"))
        .map(|line| format!("{}\n", line.strip_prefix("# ").unwrap_or(line)))
        .collect();
    let mapping: Mapping =
        taken.parse().unwrap_or_else(|error: CharsetError| panic!("{error}\n{taken}"));
    assert!(mapping.len() >= 4);
}
