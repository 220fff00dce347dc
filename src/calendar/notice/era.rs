//! Years: 西暦, 元号, and both at once, which must agree.

use super::scan::Scan;
use super::token::YearLit;

/// Name, the year before its first, and its last year.
const ERAS: [(&str, i32, i32); 6] = [
    ("令和", 2018, 99),
    ("平成", 1988, 31),
    ("昭和", 1925, 64),
    ("R", 2018, 99),
    ("H", 1988, 31),
    ("S", 1925, 64),
];

/// A year, the sign behind it (`年`, `/`, `-` or `.`), and where the month begins.
pub(super) fn year(scan: Scan<'_>, i: usize) -> Option<(YearLit, char, usize)> {
    let (first, end) = single(scan, i)?;
    let at = scan.spaces(end);
    // `2027(令和9)年`
    if scan.is(at, '(') {
        let (second, close) = bracketed(scan, at)?;
        return scan.lit(close, "年").map(|end| (both(first, second), '年', scan.spaces(end)));
    }
    match scan.at(at)? {
        '年' => {}
        ch @ ('/' | '-' | '.') if at == end || ch == '/' => {
            return Some((first, ch, scan.spaces(at + 1)));
        }
        _ => return None,
    }
    let after = scan.spaces(at + 1);
    // `2027年(令和9年)1月`, `2027年/令和9年1月`
    if let Some((second, close)) = bracketed(scan, after) {
        let close = scan.lit(close, "年").unwrap_or(close);
        return Some((both(first, second), '年', scan.spaces(close)));
    }
    if let Some((_, inner)) = scan.one_of(after, &["/", "・"])
        && let Some((second, close)) = single(scan, inner)
        && let Some(close) = scan.lit(close, "年")
    {
        return Some((both(first, second), '年', scan.spaces(close)));
    }
    Some((first, '年', after))
}

fn both(first: YearLit, second: YearLit) -> YearLit {
    if first == second { first } else { YearLit::Contradiction }
}

/// `(令和9年)`, `(2027)`.
fn bracketed(scan: Scan<'_>, i: usize) -> Option<(YearLit, usize)> {
    let (_, inner) = scan.one_of(i, &["(", "["])?;
    let (year, end) = single(scan, scan.spaces(inner))?;
    let end = scan.spaces(scan.lit(end, "年").unwrap_or(end));
    scan.one_of(end, &[")", "]"]).map(|(_, end)| (year, end))
}

fn single(scan: Scan<'_>, i: usize) -> Option<(YearLit, usize)> {
    let i = scan.lit(i, "西暦").unwrap_or(i);
    let bare = !scan.glued(i);
    if let Some(number) = scan.digits(i, 4).filter(|n| n.digits == 4 && bare) {
        let year = i32::try_from(number.value).ok()?;
        return (1990..=2100).contains(&year).then_some((YearLit::Stated(year), number.end));
    }
    if scan.is(i, '\'') {
        let number = scan.digits(i + 1, 2).filter(|number| number.digits == 2)?;
        return Some((YearLit::Stated(2000 + i32::try_from(number.value).ok()?), number.end));
    }
    let (name, before, last) =
        ERAS.iter().find(|(name, _, _)| scan.lit(i, name).is_some() && (name.len() > 1 || bare))?;
    let at = scan.spaces(scan.lit(i, name)?);
    let (count, end) = match scan.lit(at, "元") {
        Some(end) => (1, end),
        None => {
            let number = scan.number(at, 2)?;
            (i32::try_from(number.value).ok()?, number.end)
        }
    };
    // 平成39年 is 2027 by counting on, but nobody knows whether it was meant so.
    let year = if (1..=*last).contains(&count) {
        YearLit::Stated(before + count)
    } else {
        YearLit::Contradiction
    };
    Some((year, end))
}
