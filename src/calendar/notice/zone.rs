//! Zones that a notice states. UTC and offsets are converted; names of other zones are refused,
//! since summer time and double meanings (`CST`) make them a guess.

use super::scan::Scan;
use super::token::Kind;

/// Minutes from Greenwich to Japan.
pub(super) const JAPAN: i32 = 9 * 60;

const REFUSED: [&str; 38] = [
    "EST",
    "EDT",
    "ET",
    "PST",
    "PDT",
    "PT",
    "CST",
    "CDT",
    "MST",
    "MDT",
    "CET",
    "CEST",
    "BST",
    "IST",
    "KST",
    "HKT",
    "SGT",
    "AEST",
    "AEDT",
    "EET",
    "太平洋標準時",
    "太平洋夏時間",
    "太平洋時間",
    "東部標準時",
    "東部夏時間",
    "東部時間",
    "米国時間",
    "アメリカ時間",
    "現地時間",
    "中国時間",
    "北京時間",
    "韓国時間",
    "台湾時間",
    "シンガポール時間",
    "インド時間",
    "中央ヨーロッパ時間",
    "英国時間",
    "ハワイ時間",
];

/// A zone at `i`.
pub(super) fn zone(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
    if let Some((_, end)) = scan
        .one_of_loose(i, &["JST", "日本標準時", "日本時間", "Asia/Tokyo", "東京時間"])
        .map(|end| (0, end))
    {
        let end = scan.spaces(end);
        return Some((Kind::Zone(Some(JAPAN)), end.max(i + 1)));
    }
    if let Some(end) = scan.one_of_loose(
        i,
        &["UTC", "GMT", "協定世界時", "世界標準時", "世界協定時", "グリニッジ標準時"],
    ) {
        if scan.before(i).is_some_and(|ch| ch.is_ascii_alphabetic()) {
            return None;
        }
        return Some(match offset(scan, scan.spaces(end)) {
            Some((minutes, end)) => (Kind::Zone(Some(minutes)), end),
            None => (Kind::Zone(Some(0)), end),
        });
    }
    let after_digit = scan.before(i).is_some_and(|ch| ch.is_ascii_digit());
    if after_digit && scan.one_of_loose(i, &["Z"]).is_some() {
        return Some((Kind::Zone(Some(0)), i + 1));
    }
    if after_digit
        && let Some((minutes, end)) = offset(scan, i)
        && (scan.is(end.saturating_sub(3), ':')
            || scan.at(end).is_none_or(|ch| !ch.is_ascii_digit()))
        && end - i >= 5
    {
        return Some((Kind::Zone(Some(minutes)), end));
    }
    scan.one_of(i, &REFUSED).map(|(_, end)| (Kind::Zone(None), end))
}

/// `+9`, `+09:00`, `-0500`.
fn offset(scan: Scan<'_>, i: usize) -> Option<(i32, usize)> {
    let sign = match scan.at(i)? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let number = scan.digits(i + 1, 4)?;
    let value = i32::try_from(number.value).ok()?;
    let (hours, minutes, end) = if number.digits > 2 {
        (value / 100, value % 100, number.end)
    } else if scan.is(number.end, ':') {
        let minutes = scan.digits(number.end + 1, 2).filter(|minutes| minutes.digits == 2)?;
        (value, i32::try_from(minutes.value).ok()?, minutes.end)
    } else {
        (value, 0, number.end)
    };
    (hours <= 14 && minutes < 60).then_some((sign * (hours * 60 + minutes), end))
}
