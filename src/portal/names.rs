//! How names on a page are compared. Nothing fuzzy: a click may change a clinic's data.

use unicode_normalization::UnicodeNormalization;

/// A name as it is compared: NFKC, without white space and zero-width characters, with the
/// long-vowel mark and every hyphen and minus sign folded into one.
pub(crate) fn fold(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace() && !is_invisible(*c)).map(fold_dash).collect()
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' | '\u{FE0E}' | '\u{FE0F}'
    )
}

fn fold_dash(c: char) -> char {
    match c {
        'ー' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    }
}

/// True where both are the same name.
pub(crate) fn same(left: &str, right: &str) -> bool {
    fold(left) == fold(right)
}

/// True where `text` contains one of `words`.
pub(crate) fn contains_any(text: &str, words: &[String]) -> bool {
    let text = fold(text);
    words.iter().any(|word| !word.is_empty() && text.contains(&fold(word)))
}

/// True where `text`, without its closing full stop, is one of `words`.
pub(crate) fn is_any(text: &str, words: &[String]) -> bool {
    let text = fold(text);
    let text = text.trim_end_matches(['。', '.', '!']);
    words.iter().any(|word| fold(word) == text)
}

/// `heading` or `heading(name)`, the form of the site's headings.
pub(crate) fn heading_is(text: &str, heading: &str) -> bool {
    let (text, heading) = (fold(text), fold(heading));
    match text.strip_prefix(&heading) {
        Some(rest) => rest.is_empty() || (rest.starts_with('(') && rest.ends_with(')')),
        None => false,
    }
}

/// The name in a `heading(name)`, folded.
pub(crate) fn name_in_heading(text: &str) -> Option<String> {
    let text = fold(text);
    let (_, rest) = text.split_once('(')?;
    rest.strip_suffix(')').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_blanks_and_dashes_do_not_matter_but_letters_do() {
        assert!(same("ＤＢダンプ", "DB ダンプ"));
        assert!(same("ﾀﾞｳﾝﾛｰﾄﾞ", "ダウンロード"));
        assert!(same("ダウンロ－ド\u{200B}", " ダウンロード "));
        assert!(!same("DBダンプ", "DBダンブ"));
        assert!(!same("削除", "全て削除"));
    }

    #[test]
    fn a_sentence_is_compared_whole() {
        let words = vec!["インポートが完了しました".to_owned()];
        assert!(is_any("インポートが完了しました。", &words));
        assert!(!is_any("前回のインポートが完了しました。", &words));
        assert!(!is_any("インポートが完了しましたが、エラーがあります。", &words));
    }

    #[test]
    fn headings_carry_the_tenant_in_brackets() {
        assert!(heading_is("DBダンプ（ＯＳＣ用テナント）", "DBダンプ"));
        assert!(!heading_is("DBダンプの説明", "DBダンプ"));
        assert!(heading_is("DBダンプ", "DBダンプ"));
        for open in ["DBダンプ (OSC用", "DBダンプ OSC用)", "DBダンプ (OSC用) の説明"]
        {
            assert!(!heading_is(open, "DBダンプ"), "{open}");
        }
        assert_eq!(name_in_heading("DBダンプ (OSC用 テナント)").as_deref(), Some("OSC用テナント"));
    }
}
