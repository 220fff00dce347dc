//! The commoner form of a character that JIS X 0213 does not have: a proposal for the person who
//! decides, never a rule.

use unicode_normalization::char::decompose_canonical;

/// Forms that names are written with in other registers; they are characters of their own in
/// Unicode, so only people relate them.
const FORMS: [(char, char); 9] = [
    ('髙', '高'),
    ('淸', '清'),
    ('靑', '青'),
    ('閒', '間'),
    ('敎', '教'),
    ('悅', '悦'),
    ('昻', '昂'),
    ('槗', '橋'),
    ('𠮷', '吉'),
];

/// The commoner form, where there is a usual one. Unicode itself names it for its compatibility
/// ideographs.
pub(super) fn variant(c: char) -> Option<char> {
    if let Some((_, to)) = FORMS.iter().find(|(from, _)| *from == c) {
        return Some(*to);
    }
    let mut parts = Vec::new();
    decompose_canonical(c, |part| parts.push(part));
    match parts.as_slice() {
        [to] if *to != c => Some(*to),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_the_form_that_is_in_the_standard() {
        assert_eq!(variant('髙'), Some('高'));
        assert_eq!(variant('\u{fa12}'), Some('晴'));
        assert_eq!(variant('高'), None);
        assert_eq!(variant('が'), None);
    }
}
