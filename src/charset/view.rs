//! Everything that decides about a code in one place of the database: policy, and of the mapping
//! file what holds there. [`View::code`] and [`View::character`] are the whole truth about a
//! single code; the baked tables only repeat it.

use std::collections::HashMap;

use super::kana;
use super::mapping::{Action, Code, Level, Scoped};
use super::policy::{CutRule, Encoding, Form, KanaRule, Packed};
use super::reading::{self, Standard};
use super::rules::{self, JIS_FORMS, VENDOR_FORMS};
use super::table::{self, Jis};
use super::text::Text;
use super::{Mapping, Policy, Reason};

/// The column whose records the application takes apart by position.
const PACKED_BY_NATURE: (&str, &str) = ("tbl_syskanri", "kanritbl");

/// A rule of the mapping file, and how narrowly it is meant here.
#[derive(Clone, Copy, Debug)]
struct Ruled {
    level: Level,
    rule: usize,
    action: Action,
}

/// What holds in one place.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) policy: Policy,
    /// Name and lossiness of every rule by number.
    pub(super) names: Vec<(String, bool)>,
    pub(super) encoding: Option<Encoding>,
    pub(super) packed: Option<Packed>,
    pub(super) cut: Option<CutRule>,
    kana: KanaRule,
    reading: Option<(Level, Standard)>,
    by_bytes: HashMap<(Form, Vec<u8>), Ruled>,
    by_char: HashMap<char, Ruled>,
}

/// What becomes of one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// What is written, or why nothing can be.
    pub(super) written: Result<Text, Reason>,
    /// The rule by which the code was read.
    pub(super) read: Option<usize>,
    /// The rule by which its character was replaced or kept.
    pub(super) rule: Option<usize>,
    /// The character that stands there.
    pub(super) character: Option<char>,
}

impl View {
    /// What holds in a table, in a column of it, or without either everywhere.
    pub(super) fn new(
        policy: Policy,
        mapping: &Mapping,
        table: Option<(&str, &str)>,
        column: Option<&str>,
    ) -> Self {
        let mut names = rules::built_in();
        names.extend(mapping.decisions.iter().map(|d| (d.value.name.clone(), d.value.lossy)));
        let mut view = Self {
            policy,
            names,
            encoding: value(narrowest(&mapping.encodings, table, column)),
            packed: value(narrowest(&mapping.packed, table, column))
                .or_else(|| is_packed(table, column).then_some(Packed::Undecided)),
            cut: mapping.cut,
            kana: mapping.kana.unwrap_or_default(),
            reading: narrowest(&mapping.readings, table, column),
            by_bytes: HashMap::new(),
            by_char: HashMap::new(),
        };
        for (at, decision) in mapping.decisions.iter().enumerate() {
            let Some(level) = decision.places.level(table, column) else { continue };
            let rule = rules::MAPPING_AT.saturating_add(at);
            let ruled = Ruled { level, rule, action: decision.value.action };
            match &decision.value.code {
                Code::Bytes(form, bytes) => {
                    keep_narrowest(&mut view.by_bytes, (*form, bytes.clone()), ruled);
                }
                Code::Char(c) => keep_narrowest(&mut view.by_char, *c, ruled),
            }
        }
        view
    }

    /// True where half-width kana become full-width.
    pub(super) fn widens_kana(&self) -> bool {
        self.policy != Policy::Postgres && self.kana == KanaRule::FullWidth
    }

    /// True where a person's rule speaks of the code or the character in it.
    pub(super) fn is_ruled(&self, form: Form, code: &[u8], c: char) -> bool {
        self.by_bytes_of(form, code).is_some() || self.by_char.contains_key(&c)
    }

    /// The rule for these bytes; the same bytes in another form are something else.
    fn by_bytes_of(&self, form: Form, code: &[u8]) -> Option<Ruled> {
        // Most mapping files have none, and no copy is made then.
        if self.by_bytes.is_empty() || form == Form::Utf8 {
            return None;
        }
        self.by_bytes.get(&(form, code.to_vec())).copied()
    }

    /// What becomes of a code whose structure is sound.
    pub(super) fn code(&self, form: Form, code: &[u8]) -> Outcome {
        let by_bytes = self.by_bytes_of(form, code);
        let refused = |character| Outcome {
            written: Err(Reason::Ambiguous),
            read: None,
            rule: None,
            character,
        };
        let (text, read) = match form {
            Form::Utf8 | Form::ShiftJis => (postgres(form, code).map(Text::from), None),
            Form::EucJp => self.read(code, by_bytes),
        };
        match (text, by_bytes) {
            (Some(text), _) => {
                let outcome = self.character(text, by_bytes);
                let rule = outcome.rule.map(|rule| merging(rule, form, code));
                Outcome { read, rule, ..outcome }
            }
            // Nothing decides about the reading. A person who rules about the character that
            // PostgreSQL reads here means this code, and so does one who rules about its bytes.
            (None, by_bytes) => {
                let character = postgres(form, code);
                match (character, by_bytes.map(|ruled| (ruled.action, ruled.rule))) {
                    (Some(c), _) if self.by_char.contains_key(&c) => {
                        self.character(c.into(), by_bytes)
                    }
                    (_, Some((Action::To(to), rule))) => written(to, rule, character),
                    (Some(c), Some((Action::Keep, rule))) => written(c.into(), rule, character),
                    _ => refused(character),
                }
            }
        }
    }

    /// The character of an EUC-JP code, where it is sure, and the rule that made it so.
    fn read(&self, code: &[u8], by_bytes: Option<Ruled>) -> (Option<Text>, Option<usize>) {
        // How a place reads its codes goes before what is said more widely of one of them.
        let narrower = |level: Level| self.reading.is_none_or(|(place, _)| level >= place);
        if let Some(Ruled { action: Action::Read(text), rule, level }) = by_bytes
            && narrower(level)
        {
            return (Some(text), Some(rule));
        }
        let postgres = table::euc_jp(code);
        let collides = reading::collides(code);
        if let Some(c) = postgres.filter(|_| !collides) {
            return (Some(c.into()), None);
        }
        if let Some((_, standard)) = self.reading
            && let Some(text) = reading::read(code, standard)
        {
            return (Some(text), Some(rules::read_by(standard)));
        }
        if let Some(Ruled { action: Action::Read(text), rule, .. }) = by_bytes {
            return (Some(text), Some(rule));
        }
        // PostgreSQL's reading is what `postgres` asks for. The vendor's own rule for 髙, which in
        // an EUC_JP database is in a colliding row, shows that the vendor reads as PostgreSQL does.
        (postgres.filter(|_| self.policy != Policy::Orca).map(Text::from), None)
    }

    /// What becomes of a character that is sure.
    fn character(&self, text: Text, by_bytes: Option<Ruled>) -> Outcome {
        let by_bytes = by_bytes.filter(|ruled| !matches!(ruled.action, Action::Read(_)));
        let Some(c) = text.single() else {
            // A sequence is a character of JIS X 0213 by itself.
            let to = by_bytes.and_then(|ruled| match ruled.action {
                Action::To(to) => Some((to, ruled.rule)),
                _ => None,
            });
            let (text, rule) = to.map_or((text, None), |(to, rule)| (to, Some(rule)));
            return Outcome { written: Ok(text), read: None, rule, character: None };
        };
        let by_char = self.by_char.get(&c).copied();
        let ruled = match (by_bytes, by_char) {
            (Some(bytes), Some(by_char)) if by_char.level > bytes.level => Some(by_char),
            (bytes, by_char) => bytes.or(by_char),
        };
        match ruled.map(|ruled| (ruled.action, ruled.rule)) {
            Some((Action::To(to), rule)) => return written(to, rule, Some(c)),
            Some((_, rule)) => return written(c.into(), rule, Some(c)),
            None if self.policy == Policy::Postgres => {}
            None => return self.orca(c),
        }
        Outcome { written: Ok(text), read: None, rule: None, character: Some(c) }
    }

    /// ORCA's rules for one character.
    fn orca(&self, c: char) -> Outcome {
        if let Some(at) = JIS_FORMS.iter().position(|rule| rule.from == c) {
            return written(JIS_FORMS.get(at).map_or(c, |rule| rule.to).into(), at, Some(c));
        }
        if self.policy == Policy::OrcaVendor
            && let Some(at) = VENDOR_FORMS.iter().position(|rule| rule.from == c)
        {
            let to = VENDOR_FORMS.get(at).map_or(c, |rule| rule.to);
            return written(to.into(), rules::VENDOR_AT.saturating_add(at), Some(c));
        }
        if self.kana == KanaRule::FullWidth
            && let Some(full) = kana::full_width(c)
        {
            return written(full.into(), rules::KANA_FULL_WIDTH, Some(c));
        }
        let known = Jis::get().has(c);
        let written = if known { Ok(c.into()) } else { Err(Reason::OutsideJisX0213) };
        Outcome { written, read: None, rule: None, character: Some(c) }
    }
}

fn written(text: Text, rule: usize, character: Option<char>) -> Outcome {
    Outcome { written: Ok(text), read: None, rule: Some(rule), character }
}

fn is_packed(table: Option<(&str, &str)>, column: Option<&str>) -> bool {
    table.is_some_and(|(_, table)| table == PACKED_BY_NATURE.0)
        && column == Some(PACKED_BY_NATURE.1)
}

/// True where a column's own nature or the mapping file makes it different from its table.
pub(super) fn is_special(mapping: &Mapping, schema: &str, table: &str, column: &str) -> bool {
    is_packed(Some((schema, table)), Some(column))
        || mapping.places().any(|places| places.names_column(schema, table, column))
}

/// The character that PostgreSQL reads in a code.
pub(super) fn postgres(form: Form, code: &[u8]) -> Option<char> {
    match form {
        Form::EucJp => table::euc_jp(code),
        Form::ShiftJis => table::sjis(code),
        Form::Utf8 => super::policy::first_char(code),
    }
}

/// The rule under which a Microsoft form is replaced. In EUC-JIS-2004 three of them are
/// characters of their own beside those that they become: there two characters turn into one.
fn merging(rule: usize, form: Form, code: &[u8]) -> usize {
    let replaced = rule < JIS_FORMS.len();
    let own = form == Form::EucJp && table::euc_jp(code).is_none();
    if replaced && own { rules::FORM_MERGED } else { rule }
}

fn value<T>(said: Option<(Level, T)>) -> Option<T> {
    said.map(|(_, value)| value)
}

/// Of what is said of a place, what is said most narrowly.
fn narrowest<T: Copy>(
    items: &[Scoped<T>],
    table: Option<(&str, &str)>,
    column: Option<&str>,
) -> Option<(Level, T)> {
    let fitting = items.iter().filter_map(|item| {
        let level = item.places.level(table, column)?;
        Some((level, item.value))
    });
    fitting.max_by_key(|(level, _)| *level)
}

fn keep_narrowest<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Ruled>, key: K, ruled: Ruled) {
    let known = map.get(&key).map(|known| known.level);
    if known.is_none_or(|level| ruled.level >= level) {
        map.insert(key, ruled);
    }
}
