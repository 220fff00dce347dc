//! Whatever stands in the files: no panic, no endless work, and no refusal without a reason.

use proptest::prelude::*;

use super::load_clinic;
use super::tests::{CLINIC, PLAYBOOK, edited, load_texts, source};
use crate::i18n::Lang;

#[test]
fn references_that_multiply_end_soon() {
    let mut vars = String::from("vars:\n  level: 6\n  a0: \"\"\n");
    for depth in 1..8 {
        let inner = format!("${{vars.a{}}}", depth - 1).repeat(60);
        vars.push_str(&format!("  a{depth}: \"{inner}\"\n"));
    }
    let playbook = edited(PLAYBOOK, "vars:\n", &vars).replace("\n  level: auto\n  #", "\n  #");
    let playbook = playbook.replace("level: ${vars.level}", "level: ${vars.a7}");
    let begun = std::time::Instant::now();
    let findings = load_texts(&playbook, CLINIC).unwrap_err();
    assert!(begun.elapsed().as_secs() < 20);
    assert!(!findings.is_empty());
}

/// A small change of a text: cut, doubled or overwritten pieces, and signs that YAML knows.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(""),
        Just("${"),
        Just("}"),
        Just("{"),
        Just("["),
        Just("- "),
        Just(": "),
        Just("&a "),
        Just("*a"),
        Just("\""),
        Just("|\n"),
        Just("\t"),
        Just("\u{0}"),
        Just("\u{feff}"),
        Just("\n---\n"),
        Just("99999999999999999999"),
        Just("? "),
        Just("!x "),
        Just("%"),
        Just("見"),
        Just("password: x\n"),
        Just("<<: "),
        Just("~"),
        Just("(("),
        Just(" and not "),
    ];
    let change = (any::<prop::sample::Index>(), 0_usize..40, piece);
    prop::collection::vec(change, 1..6).prop_map(move |changes| {
        let mut letters: Vec<char> = text.chars().collect();
        for (at, cut, piece) in changes {
            let at = at.index(letters.len().max(1)).min(letters.len());
            let end = at.saturating_add(cut).min(letters.len());
            letters.splice(at..end, piece.chars());
        }
        letters.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_mutation_of_the_shipped_files_makes_it_panic(
        playbook in mutated(PLAYBOOK),
        clinic in mutated(CLINIC),
    ) {
        if let Err(findings) = load_texts(&playbook, &clinic) {
            prop_assert!(!findings.is_empty(), "refused without a finding");
            for finding in &findings.0 {
                prop_assert!(finding.source.text.get(finding.span.clone()).is_some());
                prop_assert!(!finding.render(Lang::Ja, false).is_empty());
            }
        }
        if let Ok(clinic) = load_clinic(&source("clinic.yaml", &clinic)) {
            let again = load_clinic(&source("again.yaml", &clinic.to_yaml()));
            prop_assert_eq!(again.ok(), Some(clinic));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        let _ = load_texts(&text, &text);
    }
}
