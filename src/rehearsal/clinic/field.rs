//! What stands in a column: chosen once from its name and type, written for every row.
//!
//! Values go straight into the `COPY` buffer. They hold neither tab, newline nor backslash, so
//! nothing needs escaping; a null is `\N`.

use super::random::{Random, mix};
use super::schema::{Column, ColumnType, Table};
use super::words::{Word, Words};

/// What a row is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The row's number in its table, from 0.
    pub(super) index: u64,
    /// The patient's number, from 1; in tables without patients the row's.
    pub(super) patient: u64,
    /// The number that makes the key unique: within the patient, or within the table, from 1.
    pub(super) serial: u64,
}

/// What the rows of all tables share.
#[derive(Debug)]
pub(super) struct Stock {
    pub(super) words: Words,
    pub(super) clinic_id: String,
    /// The patient with the bad name, and the bytes of the character.
    pub(super) bad_name: Option<(u64, &'static [u8])>,
}

/// The meaning of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Practice,
    Patient,
    Serial(usize),
    Registration(Registration),
    Name { master: bool },
    Kana,
    Sex,
    Date,
    Time,
    Month,
    Digits(u64),
    Number(u32, u32),
    Town,
    HouseNumber,
    Phone,
    Disease,
    Everything(usize),
    Remark(usize),
    Terminal,
    Operator,
    Blob,
    Timestamp,
}

/// Columns of the application's own registry tables, whose values programs look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Registration {
    DatabaseKey,
    SchemaVersion,
    SystemKey,
    SystemKind,
    SystemRecord,
    ClinicId,
}

/// Full-width digits in EUC_JP begin at A3B0.
const FULL_WIDTH_DIGIT: u8 = 0xb0;
/// The packed record of the application is this long, counted in EUC bytes.
const RECORD_BYTES: usize = 400;
/// Smallest blob; PDFs of a clinic are larger, rehearsals need many rather than large ones.
const BLOB_WORDS: u64 = 512;
const HEX: &[u8; 16] = b"0123456789abcdef";

impl Field {
    /// The field of a column.
    pub(super) fn of(table: &Table, column: &Column) -> Self {
        let name = column.name.as_str();
        if let Some(registration) = Registration::of(&table.name, name) {
            return Self::Registration(registration);
        }
        // The key's last own column carries the serial number.
        let serial = table.key.iter().rfind(|key| !matches!(key.as_str(), "hospnum" | "ptid"));
        if serial.is_some_and(|key| key == name) {
            return Self::Serial(match column.kind {
                ColumnType::Char(width) => width,
                ColumnType::Varchar(width) => width.min(12),
                _ => 0,
            });
        }
        Self::by_name(name, column.kind).unwrap_or_else(|| Self::by_type(column.kind))
    }

    fn by_name(name: &str, kind: ColumnType) -> Option<Self> {
        let width = match kind {
            ColumnType::Char(width) | ColumnType::Varchar(width) => width,
            _ => 0,
        };
        Some(match name {
            "hospnum" => Self::Practice,
            "ptid" => Self::Patient,
            "termid" => Self::Terminal,
            "opid" => Self::Operator,
            "name" | "nickname" | "setainame" | "hihknjaname" if width == 50 => {
                Self::Name { master: false }
            }
            "kananame" if width == 50 => Self::Kana,
            "sex" => Self::Sex,
            "home_adrs" | "adrs" | "office_adrs" => Self::Town,
            "home_banti" => Self::HouseNumber,
            "tel" | "fax" | "office_tel" => Self::Phone,
            "byomei" => Self::Disease,
            "comment" | "memo" | "recedata" | "prtdata" | "syoken" | "naiyo" => {
                Self::Everything(width.min(48))
            }
            _ if name.ends_with("ym") => Self::Month,
            _ => return None,
        })
    }

    fn by_type(kind: ColumnType) -> Self {
        match kind {
            ColumnType::Char(8) => Self::Date,
            ColumnType::Char(6) => Self::Time,
            ColumnType::Char(width) => Self::Digits(u64::try_from(width.clamp(1, 12)).unwrap_or(1)),
            ColumnType::Varchar(width) if width >= 24 => Self::Remark(width),
            ColumnType::Varchar(width) => {
                Self::Digits(u64::try_from(width.clamp(1, 10)).unwrap_or(1))
            }
            ColumnType::Numeric(digits, scale) => Self::Number(digits.min(9), scale),
            ColumnType::Integer => Self::Number(4, 0),
            ColumnType::Bytes => Self::Blob,
            ColumnType::Timestamp => Self::Timestamp,
        }
    }

    /// Writes the row's value.
    pub(super) fn write(self, out: &mut Vec<u8>, row: Row, stock: &Stock, random: &mut Random) {
        let words = &stock.words;
        match self {
            Self::Practice => out.push(b'1'),
            Self::Patient => number(out, row.patient, 1),
            Self::Serial(width) => number(out, row.serial, width.min(8)),
            Self::Registration(registration) => registration.write(out, row, stock),
            Self::Name { master } => name(out, row.patient, stock, master),
            Self::Kana => kana(out, row.patient, words),
            Self::Sex => number(out, 1 + mix(row.patient) % 2, 1),
            Self::Date => date(out, random),
            Self::Time => time(out, random),
            Self::Month => {
                number(out, 2020 + random.below(6), 4);
                number(out, 1 + random.below(12), 2);
            }
            Self::Digits(digits) => {
                for _ in 0..digits {
                    out.push(b'0'.saturating_add((random.below(10)) as u8));
                }
            }
            Self::Number(digits, scale) => decimal(out, digits, scale, random),
            Self::Town => word(out, &words.towns, mix(row.patient)),
            Self::HouseNumber => house_number(out, mix(row.patient)),
            Self::Phone => phone(out, row.patient),
            Self::Disease => word(out, &words.diseases, random.next()),
            Self::Everything(chars) => everything(out, row.index, chars, &words.everything),
            Self::Remark(width) => remark(out, width, words, random),
            Self::Terminal => out.extend_from_slice(b"term01"),
            Self::Operator => out.extend_from_slice(b"mihon"),
            Self::Blob => blob(out, random),
            Self::Timestamp => {
                let day = 1 + random.below(28);
                out.extend_from_slice(b"2026-");
                number(out, 1 + random.below(10), 2);
                out.push(b'-');
                number(out, day, 2);
                out.extend_from_slice(b" 10:20:30+09");
            }
        }
    }
}

impl Registration {
    fn of(table: &str, column: &str) -> Option<Self> {
        Some(match (table, column) {
            ("tbl_dbkanri", "kanricd") => Self::DatabaseKey,
            ("tbl_dbkanri", "version") => Self::SchemaVersion,
            ("tbl_syskanri", "kanricd") => Self::SystemKey,
            ("tbl_syskanri", "kbncd") => Self::SystemKind,
            ("tbl_syskanri", "kanritbl") => Self::SystemRecord,
            ("tbl_sysbase", "hospid") => Self::ClinicId,
            _ => return None,
        })
    }

    fn write(self, out: &mut Vec<u8>, row: Row, stock: &Stock) {
        match self {
            Self::DatabaseKey => {
                out.extend_from_slice(b"ORCADB");
                number(out, row.index, 2);
            }
            Self::SchemaVersion => out.extend_from_slice(b"050200-1"),
            // The first row is the clinic's own, 1001; the others stand for settings.
            Self::SystemKey if row.index == 0 => out.extend_from_slice(b"1001"),
            Self::SystemKey => number(out, 1002 + row.index % 60, 4),
            Self::SystemKind if row.index == 0 => out.push(b'*'),
            Self::SystemKind => number(out, row.serial, 8),
            Self::SystemRecord => record(out, row, stock),
            Self::ClinicId => out.extend_from_slice(stock.clinic_id.as_bytes()),
        }
    }
}

/// A fixed-width record as the application packs it: fields at byte positions, spaces between.
fn record(out: &mut Vec<u8>, row: Row, stock: &Stock) {
    let start = out.len();
    if row.index == 0 {
        out.extend_from_slice(stock.clinic_id.as_bytes());
    } else {
        number(out, row.serial, 15);
    }
    let words = &stock.words;
    for (list, position) in [(&words.towns, 24), (&words.half_width, 124), (&words.surnames, 164)] {
        pad_to(out, start.saturating_add(position));
        word(out, list, row.index);
    }
    pad_to(out, start.saturating_add(240));
    everything(out, row.index, 40, &words.everything);
    pad_to(out, start.saturating_add(RECORD_BYTES - 1));
    // Trailing spaces of a varchar are data; a last digit shows where the record ends.
    out.push(b'1');
}

fn pad_to(out: &mut Vec<u8>, length: usize) {
    if out.len() < length {
        out.resize(length, b' ');
    }
}

/// A decimal number with at least `width` digits.
fn number(out: &mut Vec<u8>, value: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut left = value;
    let mut used = 0_usize;
    for digit in digits.iter_mut().rev() {
        if left == 0 && used >= width.max(1) {
            break;
        }
        *digit = b'0'.saturating_add((left % 10) as u8);
        left /= 10;
        used = used.saturating_add(1);
    }
    out.extend_from_slice(digits.get(digits.len().saturating_sub(used)..).unwrap_or_default());
}

fn decimal(out: &mut Vec<u8>, digits: u32, scale: u32, random: &mut Random) {
    // Half of the numbers are small, as prices and counts are.
    let whole = digits.saturating_sub(scale).clamp(1, 6);
    let whole = if random.below(2) == 0 { whole } else { 1 };
    number(out, random.below(10_u64.saturating_pow(whole)), 1);
    if scale > 0 {
        out.push(b'.');
        let limit = 10_u64.saturating_pow(scale);
        number(out, random.below(limit), usize::try_from(scale).unwrap_or(0));
    }
}

fn date(out: &mut Vec<u8>, random: &mut Random) {
    match random.below(40) {
        // The application writes an open end as nines, an unknown date as nothing or a null.
        0 => out.extend_from_slice(b"99999999"),
        1 => out.extend_from_slice(b"00000000"),
        _ => {
            number(out, 2005 + random.below(21), 4);
            number(out, 1 + random.below(12), 2);
            number(out, 1 + random.below(28), 2);
        }
    }
}

fn time(out: &mut Vec<u8>, random: &mut Random) {
    number(out, 8 + random.below(11), 2);
    number(out, random.below(60), 2);
    number(out, random.below(60), 2);
}

fn word(out: &mut Vec<u8>, list: &[Word], choice: u64) {
    if let Some(word) = pick(list, choice) {
        out.extend_from_slice(&word.bytes);
    }
}

fn pick<T>(list: &[T], choice: u64) -> Option<&T> {
    let count = u64::try_from(list.len()).unwrap_or(u64::MAX).max(1);
    list.get(usize::try_from(choice % count).unwrap_or(0))
}

fn full_width_number(out: &mut Vec<u8>, value: u64) {
    let start = out.len();
    number(out, value, 1);
    let digits = out.split_off(start);
    for digit in digits {
        out.extend_from_slice(&[0xa3, digit.saturating_sub(b'0').saturating_add(FULL_WIDTH_DIGIT)]);
    }
}

/// `見本　太郎１２３`: the number makes it unique and plainly a sample.
fn name(out: &mut Vec<u8>, patient: u64, stock: &Stock, master: bool) {
    word(out, &stock.words.surnames, mix(patient));
    match stock.bad_name {
        Some((bad, bytes)) if master && bad == patient => out.extend_from_slice(bytes),
        _ => {}
    }
    out.extend_from_slice(&[0xa1, 0xa1]);
    word(out, &stock.words.given, mix(patient) >> 32);
    full_width_number(out, patient);
}

fn kana(out: &mut Vec<u8>, patient: u64, words: &Words) {
    word(out, &words.surname_kana, mix(patient));
    out.extend_from_slice(&[0xa1, 0xa1]);
    word(out, &words.given_kana, mix(patient) >> 32);
}

fn house_number(out: &mut Vec<u8>, choice: u64) {
    full_width_number(out, 1 + choice % 9);
    // The minus that an EUC_JP database holds, A1DD.
    out.extend_from_slice(&[0xa1, 0xdd]);
    full_width_number(out, 1 + (choice >> 8) % 99);
}

/// No Japanese number begins with three zeros.
fn phone(out: &mut Vec<u8>, patient: u64) {
    out.extend_from_slice(b"000-");
    number(out, patient / 10_000 % 10_000, 4);
    out.push(b'-');
    number(out, patient % 10_000, 4);
}

/// The next piece of the character set, so that enough rows hold all of it.
fn everything(out: &mut Vec<u8>, index: u64, chars: usize, all: &[[u8; 2]]) {
    let start = index.wrapping_mul(u64::try_from(chars).unwrap_or(0));
    let count = u64::try_from(all.len()).unwrap_or(u64::MAX).max(1);
    let start = usize::try_from(start % count).unwrap_or(0);
    for code in all.iter().cycle().skip(start).take(chars) {
        out.extend_from_slice(code);
    }
}

/// Short remarks: nulls beside empty texts, half-width kana, Latin, full-width.
fn remark(out: &mut Vec<u8>, width: usize, words: &Words, random: &mut Random) {
    let choice = random.next();
    let list = match choice % 8 {
        0 => return out.extend_from_slice(b"\\N"),
        1 => return,
        2 | 3 => &words.half_width,
        4 => return out.extend_from_slice(b"mihon (sample) 1/2"),
        5 => &words.towns,
        _ => &words.diseases,
    };
    let Some(word) = pick(list, choice >> 8) else { return };
    if word.chars <= width {
        out.extend_from_slice(&word.bytes);
    }
}

/// Bytes as `COPY` reads them: `\\x` and hexadecimal digits.
fn blob(out: &mut Vec<u8>, random: &mut Random) {
    out.extend_from_slice(b"\\\\x255044462d");
    let words = BLOB_WORDS + random.below(BLOB_WORDS * 3);
    for _ in 0..words {
        let mut digits = [0; 16];
        let bytes = random.next().to_le_bytes();
        for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
            if let [high, low] = pair {
                *high = HEX.get(usize::from(byte >> 4)).copied().unwrap_or(b'0');
                *low = HEX.get(usize::from(byte & 15)).copied().unwrap_or(b'0');
            }
        }
        out.extend_from_slice(&digits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_width() {
        for (value, width, expected) in [
            (0, 0, "0"),
            (0, 2, "00"),
            (7, 3, "007"),
            (1234, 2, "1234"),
            (u64::MAX, 1, "18446744073709551615"),
        ] {
            let mut out = Vec::new();
            number(&mut out, value, width);
            assert_eq!(out, expected.as_bytes());
        }
    }
}
