//! Which encoding a value without a label is in.
//!
//! A value is only taken for an encoding where no other one is possible. An encoding is possible
//! where every code of the value is one of its codes, or all but a last one that was cut in half.

use serde::Serialize;

use super::policy::Form;
use super::{reading, table};

/// What a value can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// Nothing but ASCII.
    Ascii,
    /// One encoding, wholly.
    Only(Form),
    /// Several encodings that give the same text.
    Same(Form),
    /// One encoding, with a last character that was cut in half.
    Cut(Form),
    /// Several encodings that give different texts.
    Several,
    /// No encoding.
    None,
}

/// How an encoding fits a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Whole,
    Cut,
    /// It could be, but so could much that is another encoding: it decides nothing, and it
    /// keeps another one from being sure.
    Doubtful,
    No,
}

/// A possible text of a value, for the person who decides. It is patient data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The encoding.
    pub form: Form,
    /// The text by it.
    pub text: String,
}

/// Every encoding that fits `bytes`, with the text that it gives. What has no sure character in
/// it shows as `〓`.
pub fn candidates(bytes: &[u8]) -> Vec<Candidate> {
    let fitting = Form::ALL.into_iter().filter(|form| fit(*form, bytes) != Fit::No);
    fitting.map(|form| Candidate { form, text: text(form, bytes) }).collect()
}

/// The text of `bytes` where no other one is possible and every code has a sure character.
pub fn sure_text(bytes: &[u8]) -> Option<String> {
    match judge(bytes) {
        Judged::Only(form) | Judged::Same(form) => Some(text(form, bytes)),
        Judged::Ascii => Some(String::from_utf8_lossy(bytes).into_owned()),
        Judged::Cut(_) | Judged::Several | Judged::None => None,
    }
    .filter(|text| !text.contains('〓'))
}

/// Judges one value.
pub(super) fn judge(bytes: &[u8]) -> Judged {
    if bytes.is_ascii() {
        return Judged::Ascii;
    }
    let fits = Form::ALL.map(|form| (form, fit(form, bytes)));
    let doubt = fits.iter().any(|(_, fit)| *fit == Fit::Doubtful);
    let mut possible = fits.iter().filter(|(_, fit)| matches!(fit, Fit::Whole | Fit::Cut));
    match (possible.next(), possible.next()) {
        (None, _) if doubt => Judged::Several,
        (None, _) => Judged::None,
        // Text of other encodings is hardly ever UTF-8 by accident; a doubt does not outweigh that.
        (Some((form, _)), _) if doubt && *form != Form::Utf8 => Judged::Several,
        (Some((form, Fit::Cut)), None) => Judged::Cut(*form),
        (Some((form, _)), None) => Judged::Only(*form),
        (Some((form, _)), Some(_)) => {
            let whole = fits.iter().all(|(_, fit)| *fit != Fit::Cut);
            let first = text(*form, bytes);
            let mut others = fits.iter().filter(|(_, fit)| *fit == Fit::Whole);
            if whole && others.all(|(other, _)| text(*other, bytes) == first) {
                Judged::Same(*form)
            } else {
                Judged::Several
            }
        }
    }
}

/// Where the last character begins if it was cut in half, else the value's length.
pub(super) fn cut_at(form: Form, bytes: &[u8]) -> usize {
    let mut at = 0_usize;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        match form.length(rest) {
            Some(length) => at = at.saturating_add(length),
            None if form.is_cut(rest) => return at,
            None => at = at.saturating_add(1),
        }
    }
    bytes.len()
}

/// How `form` fits. A cut behind half-width kana of one byte is doubtful: in Shift_JIS every byte
/// of most EUC-JP text is such a kana or begins a code. Kana of one byte that would be codes of
/// EUC-JP are doubtful where the rest cannot be EUC-JP: such a value may hold both.
fn fit(form: Form, bytes: &[u8]) -> Fit {
    let mut at = 0_usize;
    let (mut single, mut double, mut pairs) = (0_usize, false, false);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(length) = form.length(rest) else {
            return match form.is_cut(rest) {
                true if single > 0 => Fit::Doubtful,
                true => Fit::Cut,
                false => Fit::No,
            };
        };
        let code = rest.get(..length).unwrap_or_default();
        if !is_code(form, code) {
            return Fit::No;
        }
        let kana = length == 1 && !code.is_ascii();
        single = if kana { single.saturating_add(1) } else { single };
        double |= length > 1;
        let behind = rest.get(1..).unwrap_or_default();
        let two = kana && behind.first().is_some_and(|next| (0xa1..=0xdf).contains(next));
        pairs |= two && is_code(Form::EucJp, rest.get(..2).unwrap_or_default());
        at = at.saturating_add(length);
    }
    if pairs && double { Fit::Doubtful } else { Fit::Whole }
}

/// True for a code that the encoding or one of its extensions has.
fn is_code(form: Form, code: &[u8]) -> bool {
    match form {
        Form::Utf8 => true,
        Form::EucJp => {
            table::euc_jp(code).is_some()
                || reading::Standard::ALL.iter().any(|s| reading::read(code, *s).is_some())
        }
        // F0 to F9 are the user-defined characters.
        Form::ShiftJis => table::sjis(code).is_some() || matches!(code, [0xf0..=0xf9, _]),
    }
}

fn text(form: Form, bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut at = 0_usize;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = form.length(rest).unwrap_or(rest.len());
        let code = rest.get(..length).unwrap_or_default();
        let c = match form {
            Form::EucJp => table::euc_jp(code),
            Form::ShiftJis => table::sjis(code),
            Form::Utf8 => super::policy::first_char(code),
        };
        text.push(c.unwrap_or('〓'));
        at = at.saturating_add(length);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_decided_only_where_one_encoding_fits() {
        // 漢字 in EUC-JP ends in a lead byte of Shift_JIS behind half-width kana: it could be ｴﾁｻ with
        // half a character. 蔭 has a second byte that Shift_JIS does not know.
        assert_eq!(judge(b"\xb4\xc1\xbb\xfa"), Judged::Several);
        assert_eq!(judge(b"\xb4\xc1\xbb\xfa\xb0\xfe"), Judged::Only(Form::EucJp));
        // Half-width kana before 漢 in Shift_JIS, or hiragana in EUC-JP with something else behind
        // it; ｶﾅｱ and half a character, or 凝園.
        assert_eq!(judge(b"\xa4\xa2\xa4\xa4\x8a\xbf"), Judged::Several);
        assert_eq!(judge(b"\xb6\xc5\xb1\xe0"), Judged::Several);
        assert_eq!(judge(b"\x8a\xbf\x8e\x9a"), Judged::Only(Form::ShiftJis));
        assert_eq!(judge("漢字".as_bytes()), Judged::Only(Form::Utf8));
        // あい in EUC-JP is four half-width marks in Shift_JIS.
        assert_eq!(judge(b"\xa4\xa2\xa4\xa4"), Judged::Several);
        assert_eq!(judge(b"\xff"), Judged::None);
        assert_eq!(judge(b"A"), Judged::Ascii);
    }

    #[test]
    fn a_cut_is_one_only_where_the_value_could_be_nothing_else() {
        assert_eq!(judge(b"\x8a\xbf\x8e"), Judged::Cut(Form::ShiftJis));
        assert_eq!(judge(b"\xb4\xc1\xfe"), Judged::Cut(Form::EucJp));
        // 山田太 cut in EUC-JP reads as half-width kana in Shift_JIS.
        assert_eq!(judge(b"\xbb\xb3\xc5\xc4\xc2"), Judged::Several);
        assert_eq!(cut_at(Form::EucJp, b"\xb4\xc1\xfe"), 2);
        assert_eq!(cut_at(Form::Utf8, "漢字".as_bytes()), 6);
    }

    #[test]
    fn candidates_show_every_possible_text() {
        let shown: Vec<_> = candidates(b"\xa4\xa2").into_iter().map(|c| c.text).collect();
        assert_eq!(shown, ["あ", "､｢"]);
    }
}
