//! Half-width kana and sound marks.

use unicode_normalization::char::compose;

/// Full-width forms of U+FF61 to U+FF9F, in order. A sound mark that stands alone becomes the
/// spacing mark.
const FULL: [char; 63] = [
    '。', '「', '」', '、', '・', 'ヲ', 'ァ', 'ィ', 'ゥ', 'ェ', 'ォ', 'ャ', 'ュ', 'ョ', 'ッ', 'ー',
    'ア', 'イ', 'ウ', 'エ', 'オ', 'カ', 'キ', 'ク', 'ケ', 'コ', 'サ', 'シ', 'ス', 'セ', 'ソ', 'タ',
    'チ', 'ツ', 'テ', 'ト', 'ナ', 'ニ', 'ヌ', 'ネ', 'ノ', 'ハ', 'ヒ', 'フ', 'ヘ', 'ホ', 'マ', 'ミ',
    'ム', 'メ', 'モ', 'ヤ', 'ユ', 'ヨ', 'ラ', 'リ', 'ル', 'レ', 'ロ', 'ワ', 'ン', '゛', '゜',
];

/// True for half-width kana and their punctuation.
pub(super) fn is_half_width(c: char) -> bool {
    ('\u{ff61}'..='\u{ff9f}').contains(&c)
}

/// The full-width form of a half-width kana.
pub(super) fn full_width(c: char) -> Option<char> {
    let position = (c as u32).checked_sub(0xff61)?;
    FULL.get(usize::try_from(position).ok()?).copied()
}

/// The full-width kana that a half-width kana and a half-width sound mark are together.
pub(super) fn joined(kana: char, mark: char) -> Option<char> {
    let mark = match mark {
        '\u{ff9e}' => '\u{3099}',
        '\u{ff9f}' => '\u{309a}',
        _ => return None,
    };
    compose(full_width(kana)?, mark)
}

/// True for the combining sound marks.
pub(super) fn is_combining(c: char) -> bool {
    matches!(c, '\u{3099}' | '\u{309a}')
}

/// The sound mark that stands for itself, for a combining one.
pub(super) fn spacing(mark: char) -> char {
    match mark {
        '\u{3099}' => '゛',
        '\u{309a}' => '゜',
        other => other,
    }
}

/// The kana that a full-width kana and a combining sound mark are together.
pub(super) fn composed(kana: char, mark: char) -> Option<char> {
    if is_combining(mark) { compose(kana, mark) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn every_half_width_form_has_the_full_width_form_that_unicode_names() {
        for c in '\u{ff61}'..='\u{ff9d}' {
            let expected: String = c.to_string().nfkc().collect();
            assert_eq!(full_width(c).unwrap().to_string(), expected);
        }
        assert_eq!(full_width('\u{ff9e}'), Some('゛'));
        assert_eq!(full_width('\u{ff9f}'), Some('゜'));
    }

    #[test]
    fn sound_marks_join_only_where_such_a_kana_exists() {
        assert_eq!(joined('ｶ', 'ﾞ'), Some('ガ'));
        assert_eq!(joined('ﾊ', 'ﾟ'), Some('パ'));
        assert_eq!(joined('ｳ', 'ﾞ'), Some('ヴ'));
        assert_eq!(joined('ｱ', 'ﾞ'), None);
        assert_eq!(joined('ｶ', 'ﾟ'), None);
        assert_eq!(composed('か', '\u{3099}'), Some('が'));
    }
}
