//! What becomes of every code, in flat tables that the fast loops look into.
//!
//! An entry of 64 bits holds a code's UTF-8 and how to go on; zero sends the code to the slow
//! way, which knows everything. The tables say nothing that [`View`] does not say.

use std::sync::{Arc, OnceLock};

use super::policy::Form;
use super::table::Jis;
use super::view::{Outcome, View};
use super::{Policy, kana};

/// Nothing else has to be done than to write the bytes.
pub(super) const PLAIN: u64 = 1 << 63;
/// The bytes hold only where no half-width sound mark follows.
pub(super) const UNLESS_MARK: u64 = 1 << 62;
const LENGTH_AT: u32 = 48;
const RULE_AT: u32 = 51;
/// Rule numbers that an entry has room for, less one for "no rule".
const RULES: u64 = (1 << 11) - 1;

/// Longest UTF-8 of an entry; the sequences of JIS X 0213 are rare and go the slow way, so that
/// the room for output can be small.
const MOST: usize = 4;

/// A table by two bytes.
pub(super) type Table = [u64; 1 << 16];

/// The tables of one form; those that the form does not need are empty.
#[derive(Debug)]
pub(super) struct Baked {
    /// By the first two bytes of a code, the first as the low byte; for UTF-8 by code point.
    pub(super) double: Box<Table>,
    /// By the second and third byte of a code that begins with 8F.
    pub(super) triple: Box<Table>,
}

/// The length of an entry's UTF-8.
pub(super) fn length(entry: u64) -> usize {
    (entry >> LENGTH_AT & 7) as usize
}

/// The rule to count.
pub(super) fn rule(entry: u64) -> Option<usize> {
    (entry >> RULE_AT & RULES).checked_sub(1).and_then(|rule| usize::try_from(rule).ok())
}

impl Baked {
    /// The tables of a view.
    pub(super) fn new(form: Form, view: &View) -> Self {
        match form {
            Form::EucJp => Self::euc(view),
            Form::Utf8 => Self::utf8(view),
            // Few databases have it; it goes the slow way.
            Form::ShiftJis => Self { double: empty(), triple: empty() },
        }
    }

    /// The tables of a view without anybody's rules or readings, built once.
    pub(super) fn plain(form: Form, view: &View) -> Arc<Self> {
        static BUILT: [OnceLock<Arc<Baked>>; 18] = [const { OnceLock::new() }; 18];
        let build = || Arc::new(Self::new(form, view));
        let kind = (form as usize).saturating_mul(3).saturating_add(view.policy as usize);
        let at = kind.saturating_mul(2).saturating_add(usize::from(view.widens_kana()));
        BUILT.get(at).map_or_else(build, |built| Arc::clone(built.get_or_init(build)))
    }

    fn euc(view: &View) -> Self {
        let (mut double, mut triple) = (empty(), empty());
        for row in 0xa1..=0xfe_u8 {
            for cell in 0xa1..=0xfe_u8 {
                let at = usize::from(u16::from_le_bytes([row, cell]));
                double[at] = entry(view, view.code(Form::EucJp, &[row, cell]));
                triple[at] = entry(view, view.code(Form::EucJp, &[0x8f, row, cell]));
            }
        }
        for cell in 0xa1..=0xdf_u8 {
            let code = [0x8e, cell];
            let at = usize::from(u16::from_le_bytes(code));
            double[at] = kana_entry(view, entry(view, view.code(Form::EucJp, &code)));
        }
        Self { double, triple }
    }

    fn utf8(view: &View) -> Self {
        let mut double = empty();
        for (c, slot) in (0_u32..).zip(double.iter_mut()) {
            let Some(c) = char::from_u32(c).filter(|c| !c.is_ascii()) else { continue };
            let code = c.encode_utf8(&mut [0; 4]).to_owned();
            let made = entry(view, view.code(Form::Utf8, code.as_bytes()));
            // What may belong to the character before it needs the slow way.
            let joins = Jis::get().is_second(c) || kana::is_combining(c);
            *slot = match c {
                _ if joins && view.policy != Policy::Postgres => 0,
                _ if kana::is_half_width(c) => kana_entry(view, made),
                _ => made,
            };
        }
        Self { double, triple: empty() }
    }
}

fn empty() -> Box<Table> {
    vec![0; 1 << 16].into_boxed_slice().try_into().expect("it has the length of the array")
}

/// A kana that becomes full-width must look whether a sound mark follows.
fn kana_entry(view: &View, entry: u64) -> u64 {
    if entry != 0 && view.widens_kana() { entry & !PLAIN | UNLESS_MARK } else { entry }
}

fn entry(view: &View, outcome: Outcome) -> u64 {
    let (Ok(text), None) = (outcome.written, outcome.read) else { return 0 };
    let mut bytes = Vec::with_capacity(8);
    text.push(&mut bytes);
    let mut word = [0; 8];
    let (Some(room), 1..=MOST) = (word.get_mut(..bytes.len()), bytes.len()) else { return 0 };
    room.copy_from_slice(&bytes);
    let base = u64::from_le_bytes(word) | (bytes.len() as u64) << LENGTH_AT;
    let Some(rule) = outcome.rule else { return base | PLAIN };
    let is_lossy = view.names.get(rule).is_none_or(|(_, lossy)| *lossy);
    // A lossy rule reports each code.
    match (rule as u64).checked_add(1) {
        Some(number) if number <= RULES && !is_lossy => base | number << RULE_AT,
        _ => 0,
    }
}
