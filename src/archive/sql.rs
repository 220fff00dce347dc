//! The words of SQL that pg_dump wrote, with their places.
//!
//! It knows what is a string, a quoted name, a comment, and which parentheses belong together; it
//! knows no grammar. A definition may be hostile: what is asked often is worked out once.

use std::ops::Range;

use super::limits::MAX_SQL_BYTES;
use super::sql_words::next;

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
    /// Of an opening parenthesis: the word that closes it.
    close: Option<usize>,
    /// Of an opening parenthesis: the commas of its list, without those of lists inside.
    commas: usize,
}

/// A definition, word by word.
pub(super) struct Sql<'a> {
    bytes: &'a [u8],
    tokens: Vec<Token>,
    /// The semicolons outside of parentheses, in order.
    ends: Vec<usize>,
    /// How often a word was looked at: the work that a definition makes.
    #[cfg(test)]
    pub(super) looks: std::cell::Cell<u64>,
}

impl<'a> Sql<'a> {
    /// Takes a definition apart. Where `escapes`, a backslash counts in every string
    /// (`standard_conforming_strings = off`). What is longer than a limit is left alone.
    pub(super) fn new(bytes: &'a [u8], escapes: bool) -> Self {
        let mut sql = Self {
            bytes,
            tokens: Vec::new(),
            ends: Vec::new(),
            #[cfg(test)]
            looks: std::cell::Cell::new(0),
        };
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
        #[cfg(test)]
        self.looks.set(self.looks.get().saturating_add(1));
        let token = self.tokens.get(at);
        token.and_then(|token| self.bytes.get(token.place.clone())).unwrap_or_default()
    }

    /// True where the word at `at` is this keyword or mark. Quoted names are never keywords.
    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        let kind = self.tokens.get(at).map(|token| token.kind);
        matches!(kind, Some(Kind::Word | Kind::Mark))
            && self.word(at).eq_ignore_ascii_case(word.as_bytes())
    }

    /// The name at `at` without its quotes; nothing where no name stands.
    pub(super) fn name(&self, at: usize) -> Option<&'a [u8]> {
        let word = self.word(at);
        match self.kind(at)? {
            Kind::Word => Some(word),
            Kind::Name => word.strip_prefix(b"\"")?.strip_suffix(b"\""),
            Kind::Text | Kind::Mark => None,
        }
    }

    /// True where a dot stands before the word at `at`: it is a name within something.
    pub(super) fn is_qualified(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|before| self.is(before, "."))
    }

    /// True where the word before `at` is one of these.
    pub(super) fn follows(&self, at: usize, words: &[&str]) -> bool {
        at.checked_sub(1).is_some_and(|before| words.iter().any(|word| self.is(before, word)))
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
        self.tokens.get(at)?.close
    }

    /// How many items the list in the parenthesis at `open` has.
    pub(super) fn count(&self, open: usize) -> usize {
        match self.tokens.get(open) {
            Some(Token { close: Some(close), commas, .. }) if *close > open.saturating_add(1) => {
                commas.saturating_add(1)
            }
            _ => 0,
        }
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
        let next = self.ends.partition_point(|end| *end < at);
        let before = next.checked_sub(1).and_then(|index| self.ends.get(index));
        let start = before.map_or(0, |end| end.saturating_add(1));
        let end = self.ends.get(next).map_or(self.len(), |end| end.saturating_add(1));
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
        let mut at = 0;
        // The parentheses that are open.
        let mut open: Vec<usize> = Vec::new();
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let (kind, length) = next(rest, escapes);
            let end = at.saturating_add(length);
            if let Some(kind) = kind {
                let this = self.tokens.len();
                match rest.first() {
                    Some(b')') => {
                        let opened = open.pop().and_then(|open| self.tokens.get_mut(open));
                        if let Some(token) = opened {
                            token.close = Some(this);
                        }
                    }
                    Some(b',') => {
                        let list = open.last().and_then(|open| self.tokens.get_mut(*open));
                        if let Some(token) = list {
                            token.commas = token.commas.saturating_add(1);
                        }
                    }
                    Some(b';') if open.is_empty() => self.ends.push(this),
                    _ => {}
                }
                let depth = u32::try_from(open.len()).unwrap_or(u32::MAX);
                self.tokens.push(Token { kind, place: at..end, depth, close: None, commas: 0 });
                if rest.starts_with(b"(") {
                    open.push(this);
                }
            }
            at = end;
        }
    }
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
        assert_eq!([sql.count(1), sql.count(7), sql.count(0)], [3, 2, 0]);
    }

    /// The parenthesis that closes the one at `at`, found the long way.
    fn closing(sql: &Sql<'_>, at: usize) -> Option<usize> {
        let ends = |end: &usize| sql.is(*end, ")") && sql.depth(*end) == sql.depth(at);
        sql.is(at, "(").then(|| (at..sql.len()).find(ends)).flatten()
    }

    #[test]
    fn names_are_known_with_and_without_quotes() {
        let sql = Sql::new(b"a.\"left\"('x', 1)", false);
        assert_eq!(sql.name(2), Some(&b"left"[..]));
        assert!(sql.is_qualified(2) && !sql.is_qualified(0) && sql.follows(2, &["x", "."]));
        assert_eq!((sql.name(1), sql.name(4), sql.name(99)), (None, None, None));
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
                prop_assert_eq!(sql.close(at), closing(&sql, at));
                prop_assert_eq!(sql.count(at), sql.items(at).len().max(sql.count(at)));
                let statement = sql.statement(at);
                prop_assert!(statement.contains(&at));
                let inside = statement.start..statement.end.saturating_sub(1);
                let ends = |at: &usize| sql.is(*at, ";") && sql.depth(*at) == 0;
                prop_assert!(!inside.into_iter().any(|at| ends(&at)));
            }
            prop_assert!(end <= bytes.len());
        }
    }
}
