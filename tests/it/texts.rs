//! Every text in both languages, with the same arguments; every code has its text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Texts = BTreeMap<String, BTreeSet<String>>;

#[test]
fn both_languages_have_the_same_texts_with_the_same_arguments() {
    let (ja, en) = (texts("ja"), texts("en"));
    let missing = |a: &Texts, b: &Texts| -> Vec<String> {
        a.keys().filter(|id| !b.contains_key(*id)).cloned().collect()
    };
    assert_eq!(missing(&en, &ja), Vec::<String>::new(), "not in Japanese");
    assert_eq!(missing(&ja, &en), Vec::<String>::new(), "not in English");
    for (id, arguments) in &en {
        // A language may leave an argument out, but never name one that is not given.
        let other = &ja[id];
        let main = id.split('.').next().unwrap_or(id);
        let given: BTreeSet<_> = en[main].union(&ja[main]).chain(arguments).cloned().collect();
        assert!(other.is_subset(&given), "{id}: Japanese names {other:?}, English {given:?}");
    }
}

#[test]
fn every_code_in_the_source_has_a_text() {
    let known = texts("en");
    let rooms: BTreeSet<&str> = known.keys().filter_map(|id| id.split('-').next()).collect();
    let mut unknown = BTreeSet::new();
    let mut found = 0;
    for file in files(Path::new("src"), "rs") {
        if file.contains("test") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for id in codes(code) {
            if rooms.contains(id.split('-').next().unwrap_or_default()) {
                found += 1;
                let exact = known.contains_key(&id);
                // A code may be built from a stem: `calendar-stale` with `.warn`.
                let stem = known.keys().any(|known| known.starts_with(&format!("{id}.")));
                if !exact && !stem {
                    unknown.insert(format!("{file}: {id}"));
                }
            }
        }
    }
    assert!(found > 100, "only {found} codes found: is the test reading the source?");
    assert!(unknown.is_empty(), "no text for:\n{unknown:#?}");
}

/// String literals that are made like a code where a code stands: after `=>`, in `new(`, in `t!`.
fn codes(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for before in ["=> \"", "Problem::new(\"", "lang, \"", "check(\"", "blocked(\"", "code: \""] {
        for (at, _) in code.match_indices(before) {
            let literal: String =
                code[at + before.len()..].chars().take_while(|c| *c != '"').collect();
            let made_like_a_code = literal.contains('-')
                && literal
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                && !literal.starts_with('-')
                && !literal.ends_with('-');
            if made_like_a_code {
                found.push(literal);
            }
        }
    }
    found
}

fn texts(lang: &str) -> Texts {
    let mut texts = Texts::new();
    for file in files(&Path::new("i18n").join(lang), "ftl") {
        let source = std::fs::read_to_string(&file).unwrap();
        let resource = fluent_bundle::FluentResource::try_new(source)
            .unwrap_or_else(|(_, errors)| panic!("{file}: {errors:?}"));
        let mut main = String::new();
        for line in resource.source().lines() {
            let trimmed = line.trim_start();
            if let Some((name, value)) = line.split_once(" =").filter(|_| is_id(line)) {
                main = name.to_owned();
                let fresh = texts.insert(main.clone(), arguments(value)).is_none();
                assert!(fresh, "{file}: `{main}` stands twice");
            } else if let Some((name, value)) =
                trimmed.strip_prefix('.').and_then(|rest| rest.split_once(" ="))
            {
                texts.insert(format!("{main}.{name}"), arguments(value));
            } else if !trimmed.is_empty() && !trimmed.starts_with('#') {
                texts.entry(main.clone()).or_default().extend(arguments(line));
            }
        }
    }
    assert!(texts.len() > 100, "{lang}: only {} texts", texts.len());
    texts
}

fn is_id(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_lowercase())
}

fn arguments(text: &str) -> BTreeSet<String> {
    text.match_indices("$")
        .map(|(at, _)| {
            text[at + 1..]
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect::<String>()
        })
        .collect()
}

fn files(folder: &Path, end: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.extension().is_some_and(|e| e == end) {
            found.push(path.display().to_string());
        }
    }
    found
}
