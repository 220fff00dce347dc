//! The words of SQL that pg_dump wrote, with their places.
//!
//! It knows what is a string, a quoted name, a comment; it knows no grammar. All of it works on
//! bytes: in EUC-JP and UTF-8 alike no byte of a Japanese character is below 0x80.

use std::ops::Range;

use super::limits::MAX_SQL_BYTES;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a name without quotes.
    Word,
    /// A name in double quotes.
    Name,
    /// A string: `'...'`, `E'...'`, `$$...$$`.
    Text,
    /// Anything else: a digit run or one character.
    Mark,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    place: Range<usize>,
    /// How many parentheses are open around it.
    depth: u32,
}

/// A definition, word by word.
pub(super) struct Sql<'a> {
    bytes: &'a [u8],
    tokens: Vec<Token>,
}

impl<'a> Sql<'a> {
    /// Takes a definition apart. Where `escapes`, a backslash counts in every string
    /// (`standard_conforming_strings = off`). What is longer than a limit is left alone.
    pub(super) fn new(bytes: &'a [u8], escapes: bool) -> Self {
        let mut sql = Self { bytes, tokens: Vec::new() };
        if bytes.len() <= MAX_SQL_BYTES {
            sql.scan(escapes);
        }
        sql
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The bytes of the word at `at`, empty past the end.
    pub(super) fn word(&self, at: usize) -> &'a [u8] {
        let token = self.tokens.get(at);
        token.and_then(|token| self.bytes.get(token.place.clone())).unwrap_or_default()
    }

    /// True where the word at `at` is this keyword or mark. Quoted names are never keywords.
    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        let kind = self.tokens.get(at).map(|token| token.kind);
        matches!(kind, Some(Kind::Word | Kind::Mark))
            && self.word(at).eq_ignore_ascii_case(word.as_bytes())
    }

    /// True where the words from `at` on are these; `*` stands for any single one.
    pub(super) fn are(&self, at: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(step, word)| {
            let at = at.saturating_add(step);
            if *word == "*" { at < self.len() } else { self.is(at, word) }
        })
    }

    /// Every place where these words stand.
    pub(super) fn all(&self, words: &[&str]) -> impl Iterator<Item = usize> {
        (0..self.len()).filter(move |at| self.are(*at, words))
    }

    /// The first place where these words stand.
    pub(super) fn find(&self, words: &[&str]) -> Option<usize> {
        self.all(words).next()
    }

    /// What the word at `at` is.
    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// How many parentheses are open around the word at `at`.
    pub(super) fn depth(&self, at: usize) -> u32 {
        self.tokens.get(at).map_or(0, |token| token.depth)
    }

    /// The word that closes the parenthesis at `at`.
    pub(super) fn close(&self, at: usize) -> Option<usize> {
        let depth = self.depth(at);
        let rest = at.saturating_add(1)..self.len();
        rest.into_iter().find(|at| self.is(*at, ")") && self.depth(*at) == depth)
    }

    /// The bytes of these words.
    pub(super) fn place(&self, words: Range<usize>) -> Range<usize> {
        let start = self.tokens.get(words.start).map_or(self.bytes.len(), |t| t.place.start);
        let last = self.tokens.get(words.end.saturating_sub(1)).map_or(start, |t| t.place.end);
        start..last.max(start)
    }

    /// The bytes of these words with the white space before them: what is to be cut out.
    pub(super) fn cut(&self, words: Range<usize>) -> Range<usize> {
        let before = words.start.checked_sub(1).and_then(|at| self.tokens.get(at));
        let place = self.place(words);
        before.map_or(place.start, |token| token.place.end)..place.end
    }

    /// The words of the statement around `at`, with its semicolon.
    pub(super) fn statement(&self, at: usize) -> Range<usize> {
        let ends = |at: &usize| self.is(*at, ";") && self.depth(*at) == 0;
        let start = (0..at).rev().find(ends).map_or(0, |end| end.saturating_add(1));
        let end = (at..self.len()).find(ends).map_or(self.len(), |end| end.saturating_add(1));
        start..end
    }

    /// The items of the list in the parenthesis at `open`, without their commas.
    pub(super) fn items(&self, open: usize) -> Vec<Range<usize>> {
        let Some(close) = self.close(open) else { return Vec::new() };
        let inner = self.depth(open).saturating_add(1);
        let ends = |at: &usize| *at == close || (self.is(*at, ",") && self.depth(*at) == inner);
        let mut items = Vec::new();
        let mut start = open.saturating_add(1);
        for end in (open..=close).skip(1).filter(ends) {
            if end > start {
                items.push(start..end);
            }
            start = end.saturating_add(1);
        }
        items
    }

    fn scan(&mut self, escapes: bool) {
        let (mut at, mut depth) = (0, 0_u32);
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let (kind, length) = next(rest, escapes);
            let end = at.saturating_add(length);
            if let Some(kind) = kind {
                if rest.starts_with(b")") {
                    depth = depth.saturating_sub(1);
                }
                self.tokens.push(Token { kind, place: at..end, depth });
                if rest.starts_with(b"(") {
                    depth = depth.saturating_add(1);
                }
            }
            at = end;
        }
    }
}

/// The kind and length of what `rest` begins with; no kind for white space and comments.
fn next(rest: &[u8], escapes: bool) -> (Option<Kind>, usize) {
    let while_is = |is: fn(&u8) -> bool| rest.iter().position(|b| !is(b)).unwrap_or(rest.len());
    match rest {
        [b' ' | b'\t' | b'\n' | b'\r', ..] => (None, while_is(u8::is_ascii_whitespace).max(1)),
        [b'-', b'-', ..] => (None, while_is(|byte| *byte != b'\n')),
        [b'/', b'*', ..] => (None, comment(rest)),
        [b'\'', ..] => (Some(Kind::Text), quoted(rest, b'\'', escapes)),
        [b'E' | b'e', b'\'', text @ ..] => {
            (Some(Kind::Text), quoted_after(text, b'\'', true).saturating_add(2))
        }
        [b'"', ..] => (Some(Kind::Name), quoted(rest, b'"', false)),
        [b'$', ..] => match dollar(rest) {
            Some(length) => (Some(Kind::Text), length),
            None => (Some(Kind::Mark), 1),
        },
        [first, ..] if first.is_ascii_alphabetic() || *first == b'_' || *first >= 0x80 => {
            let in_word =
                |b: &u8| b.is_ascii_alphanumeric() || matches!(*b, b'_' | b'$') || *b >= 0x80;
            (Some(Kind::Word), while_is(in_word))
        }
        [b'0'..=b'9', ..] => (Some(Kind::Mark), while_is(u8::is_ascii_digit)),
        _ => (Some(Kind::Mark), 1),
    }
}

fn quoted(rest: &[u8], quote: u8, escapes: bool) -> usize {
    quoted_after(rest.get(1..).unwrap_or_default(), quote, escapes).saturating_add(1)
}

/// The length up to and with the closing quote; a doubled quote is none.
fn quoted_after(text: &[u8], quote: u8, escapes: bool) -> usize {
    let mut at = 0_usize;
    while let Some(byte) = text.get(at) {
        let next = text.get(at.saturating_add(1));
        at = at.saturating_add(1);
        if *byte == quote {
            if next != Some(&quote) {
                return at;
            }
            at = at.saturating_add(1);
        } else if *byte == b'\\' && escapes {
            at = at.saturating_add(1);
        }
    }
    text.len()
}

/// Comments of this kind can be nested.
fn comment(rest: &[u8]) -> usize {
    let (mut at, mut open) = (0_usize, 0_usize);
    while at < rest.len() {
        match rest.get(at..at.saturating_add(2)) {
            Some(b"/*") => open = open.saturating_add(1),
            Some(b"*/") => open = open.saturating_sub(1),
            _ => {
                at = at.saturating_add(1);
                continue;
            }
        }
        at = at.saturating_add(2);
        if open == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length of `$tag$ ... $tag$`; `None` where no such string begins.
fn dollar(rest: &[u8]) -> Option<usize> {
    let tag = rest.get(1..)?.iter().position(|byte| *byte == b'$')?.saturating_add(2);
    let mark = rest.get(..tag)?;
    let name = mark.get(1..tag.saturating_sub(1))?;
    let named = name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80);
    if !named || name.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let body = rest.get(tag..)?;
    let end = body.windows(tag).position(|window| window == mark);
    Some(end.map_or(rest.len(), |end| end.saturating_add(tag).saturating_add(tag)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(sql: &str) -> Vec<String> {
        let sql = Sql::new(sql.as_bytes(), false);
        (0..sql.len()).map(|at| String::from_utf8_lossy(sql.word(at)).into_owned()).collect()
    }

    #[test]
    fn strings_names_and_comments_are_one_word_or_none() {
        let sql = "SELECT 'it''s; (', E'a\\'b', \"x \"\" y\" /* no /* not */ */ -- nor this\n\
                   , $$ body; $$, $a$ $$ $a$, 患者.a_1 + 12;";
        let expected = [
            "SELECT",
            "'it''s; ('",
            ",",
            "E'a\\'b'",
            ",",
            "\"x \"\" y\"",
            ",",
            "$$ body; $$",
            ",",
            "$a$ $$ $a$",
            ",",
            "患者",
            ".",
            "a_1",
            "+",
            "12",
            ";",
        ];
        assert_eq!(words(sql), expected);
        assert_eq!(words("'a\\' 'b'"), ["'a\\'", "'b'"]);
        assert_eq!(Sql::new(b"'a\\' 'b'", true).word(0), b"'a\\' '");
    }

    #[test]
    fn lists_and_statements_are_found() {
        let text = b"A (x int, y numeric(2,1), z text); B ON c;\nC;";
        let sql = Sql::new(text, false);
        let items: Vec<_> = sql.items(1).into_iter().map(|item| &text[sql.place(item)]).collect();
        assert_eq!(items, [&b"x int"[..], b"y numeric(2,1)", b"z text"]);
        let at = sql.find(&["on", "*"]).unwrap();
        assert_eq!(&text[sql.place(sql.statement(at))], b"B ON c;");
        assert_eq!(&text[sql.cut(at..at + 1)], b" ON");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_none_are_lost(
            bytes in prop::collection::vec(
                prop::sample::select(b"a('$\"/*-;, \\E1\n)\xa4".to_vec()), 0..60),
            escapes in any::<bool>(),
        ) {
            let sql = Sql::new(&bytes, escapes);
            let mut end = 0;
            for at in 0..sql.len() {
                let place = sql.place(at..at + 1);
                prop_assert!(place.start >= end && place.end > place.start);
                end = place.end;
                let _ = (sql.items(at), sql.close(at), sql.statement(at));
            }
            prop_assert!(end <= bytes.len());
        }
    }
}
