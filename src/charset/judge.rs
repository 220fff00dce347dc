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

/// Judges one value.
pub(super) fn judge(bytes: &[u8]) -> Judged {
    if bytes.is_ascii() {
        return Judged::Ascii;
    }
    let fits = Form::ALL.map(|form| (form, fit(form, bytes)));
    let mut possible = fits.iter().filter(|(_, fit)| *fit != Fit::No);
    match (possible.next(), possible.next()) {
        (None, _) => Judged::None,
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

/// How `form` fits. A cut is only believed where nothing before it is a half-width kana of one
/// byte: in Shift_JIS every byte of most EUC-JP text is such a kana or begins a code.
fn fit(form: Form, bytes: &[u8]) -> Fit {
    let mut at = 0_usize;
    let mut single = false;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(length) = form.length(rest) else {
            return if form.is_cut(rest) && !single { Fit::Cut } else { Fit::No };
        };
        let code = rest.get(..length).unwrap_or_default();
        if !is_code(form, code) {
            return Fit::No;
        }
        single |= length == 1 && !code.is_ascii();
        at = at.saturating_add(length);
    }
    Fit::Whole
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
        // 漢字 in EUC-JP ends in a lead byte of Shift_JIS behind half-width kana.
        assert_eq!(judge(b"\xb4\xc1\xbb\xfa"), Judged::Only(Form::EucJp));
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
