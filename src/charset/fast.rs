//! The fast way: runs of codes that the baked tables know, eight bytes at a time.
//!
//! It converts what needs nothing but a look into a table, and stops at the first code that needs
//! more. It decides nothing.

use super::Tally;
use super::baked::{self, Baked, Table};
use super::policy::Form;

/// The highest bit of every byte: set where it is not ASCII.
const HIGH: u64 = 0x8080_8080_8080_8080;
/// Bytes of input handled between two looks at the room for output: first few, since a special
/// code may be near, then more.
const FIRST_PIECE: usize = 128;
const LARGEST_PIECE: usize = 2048;
/// Most bytes of output for one of input: two bytes can become four. Longer sequences have no
/// entry.
const GROWTH: usize = 2;
/// What is written at once, whatever of it counts; and what may be read behind a piece's end.
const WORD: usize = 8;

/// Appends codes of `bytes` to `out` up to the first special one; gives how many bytes it took.
pub(super) fn run(
    form: Form,
    tables: &Baked,
    bytes: &[u8],
    out: &mut Vec<u8>,
    tally: &mut Tally,
) -> usize {
    let mut at = 0_usize;
    let mut piece = FIRST_PIECE;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let end = rest.len().min(piece);
        let head = rest.get(..end).unwrap_or_default();
        if head.is_ascii() {
            out.extend_from_slice(head);
            at = at.saturating_add(end);
        } else {
            let start = out.len();
            let room = end.saturating_add(2 * WORD).saturating_mul(GROWTH);
            out.resize(start.saturating_add(room), 0);
            let mut step = Step {
                src: rest,
                end,
                at: 0,
                dst: out.get_mut(start..).unwrap_or_default(),
                len: 0,
                tally,
            };
            let stopped = match form {
                Form::EucJp => step.euc(tables),
                Form::Utf8 => step.utf8(&tables.double),
                Form::ShiftJis => true,
            };
            let (used, written) = (step.at, step.len);
            out.truncate(start.saturating_add(written));
            at = at.saturating_add(used);
            if stopped {
                return at;
            }
        }
        piece = piece.saturating_mul(2).min(LARGEST_PIECE);
    }
    at
}

/// One piece of the input, and the room for its output.
struct Step<'a> {
    src: &'a [u8],
    end: usize,
    at: usize,
    dst: &'a mut [u8],
    len: usize,
    tally: &'a mut Tally,
}

impl Step<'_> {
    /// The next eight bytes; zeros behind the input's end, which no code contains.
    #[inline(always)]
    fn word(&self) -> u64 {
        let rest = self.src.get(self.at..).unwrap_or_default();
        match rest.first_chunk::<WORD>() {
            Some(word) => u64::from_le_bytes(*word),
            None => last_word(rest),
        }
    }

    /// Writes eight bytes of which `length` count. Where there were no room, nothing would be
    /// lost silently: the lengths would not fit and the caller's tests would show it.
    #[inline(always)]
    fn put(&mut self, word: u64, length: usize) {
        let room = self.dst.get_mut(self.len..).and_then(|rest| rest.first_chunk_mut::<WORD>());
        if let Some(room) = room {
            *room = word.to_le_bytes();
            self.len += length;
        }
    }

    /// The ASCII bytes at the start of the word.
    #[inline(always)]
    fn ascii(&mut self, word: u64) {
        let run = ((word & HIGH).trailing_zeros() / 8) as usize;
        let run = run.min(self.src.len() - self.at);
        self.put(word, run);
        self.at += run;
    }

    /// Writes an entry for a code of `length` bytes; false where it needs the slow way.
    #[inline(always)]
    fn entry(&mut self, entry: u64, length: usize, mark: bool) -> bool {
        if entry & baked::PLAIN == 0 {
            if entry == 0 || (entry & baked::UNLESS_MARK != 0 && mark) {
                return false;
            }
            if let Some(rule) = baked::rule(entry) {
                self.tally.count(rule);
            }
        }
        self.put(entry, baked::length(entry));
        self.at += length;
        true
    }

    /// EUC-JP; true where it stopped at a special code.
    fn euc(&mut self, tables: &Baked) -> bool {
        let of = |pair: u64| tables.double[(pair & 0xffff) as usize];
        while self.at < self.end {
            let word = self.word();
            if word & 0x80 == 0 {
                self.ascii(word);
                continue;
            }
            // Two or four codes of two bytes each, in the common case. What is no such code has
            // no plain entry, so nothing else has to be asked of the bytes.
            let (one, two) = (of(word), of(word >> 16));
            if one & two & baked::PLAIN != 0 {
                self.put(one, baked::length(one));
                self.put(two, baked::length(two));
                let (three, four) = (of(word >> 32), of(word >> 48));
                if three & four & baked::PLAIN == 0 {
                    self.at += WORD / 2;
                    continue;
                }
                self.put(three, baked::length(three));
                self.put(four, baked::length(four));
                self.at += WORD;
                continue;
            }
            let done = if word & 0xff == 0x8f {
                self.entry(tables.triple[(word >> 8 & 0xffff) as usize], 3, false)
            } else {
                let mark = matches!(word >> 16 & 0xffff, 0xde8e | 0xdf8e);
                self.entry(of(word), 2, mark)
            };
            if !done {
                return true;
            }
        }
        false
    }

    /// UTF-8; true where it stopped at a special code or at something broken.
    fn utf8(&mut self, table: &Table) -> bool {
        while self.at < self.end {
            let word = self.word();
            if word & 0x80 == 0 {
                self.ascii(word);
                continue;
            }
            // 1110xxxx 10xxxxxx 10xxxxxx, then 110xxxxx 10xxxxxx; the first byte is the low one.
            let done = if word & 0x00c0_c0f0 == 0x0080_80e0 {
                let point = (word & 0xf) << 12 | (word >> 8 & 0x3f) << 6 | (word >> 16 & 0x3f);
                let mark = matches!(word >> 24 & 0x00ff_ffff, 0x009e_beef | 0x009f_beef);
                // Three bytes for what has two, and halves of surrogates, are broken; the
                // latter have no entry.
                point >= 0x800 && self.entry(table[(point & 0xffff) as usize], 3, mark)
            } else if word & 0xc0e0 == 0x80c0 {
                let point = (word & 0x1f) << 6 | (word >> 8 & 0x3f);
                point >= 0x80 && self.entry(table[(point & 0xffff) as usize], 2, false)
            } else {
                false
            };
            if !done {
                return true;
            }
        }
        false
    }
}

#[cold]
fn last_word(rest: &[u8]) -> u64 {
    let mut word = [0; WORD];
    word.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    u64::from_le_bytes(word)
}
