//! Times of day: `22:00`, `22時半`, `午後10時`, `翌朝5時`, `25:30`, `10 PM`.

use super::code::Code;
use super::scan::Scan;
use super::token::{Mark, TimeLit};
use super::weekday;

/// The last minute a notice may name: 29:59 is 05:59 of the next day. Broadcasting and airline
/// tables, from which the custom comes, end there; what is larger is a slip of the pen.
const LAST: i64 = 30 * 60 - 1;

/// Which part of the day a word in front of a time names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Any,
    Morning,
    AfterNoon,
    Dawn,
    Day,
    Evening,
    Night,
    Late,
}

const PARTS: [(&str, Part); 18] = [
    ("午前", Part::Morning),
    ("午後", Part::AfterNoon),
    ("深夜", Part::Late),
    ("真夜中", Part::Late),
    ("未明", Part::Dawn),
    ("早朝", Part::Dawn),
    ("朝方", Part::Dawn),
    ("朝", Part::Dawn),
    ("夕方", Part::Evening),
    ("夕刻", Part::Evening),
    ("夜間", Part::Night),
    ("夜", Part::Night),
    ("晩", Part::Night),
    ("昼", Part::Day),
    ("AM", Part::Morning),
    ("PM", Part::AfterNoon),
    ("A.M.", Part::Morning),
    ("P.M.", Part::AfterNoon),
];

const SHIFTS: [(&str, i64); 12] = [
    ("前日", -1),
    ("前夜", -1),
    ("前々日", -2),
    ("前晩", -1),
    ("翌々日", 2),
    ("翌翌日", 2),
    ("翌日", 1),
    ("翌", 1),
    ("当日", 0),
    ("同日", 0),
    ("同", 0),
    ("next day", 1),
];

/// A time at `i`, and where it ends, words such as `頃` and `(予定)` included.
pub(super) fn time(scan: Scan<'_>, i: usize) -> Option<(TimeLit, usize)> {
    let (shift, part, at) = prefix(scan, i);
    let bare = at == i;
    if bare && scan.glued(i) && !(scan.before(i) == Some('-') || scan.before(i) == Some('T')) {
        return None;
    }
    let mut lit = TimeLit {
        minutes: 0,
        shift,
        late: false,
        afternoon: None,
        rough: false,
        unit: false,
        mark: None,
        after: false,
        weekday: None,
        problem: None,
    };
    let end = match scan.lit(at, "正午") {
        Some(end) => {
            lit.minutes = 12 * 60;
            end
        }
        None => {
            let (hour, minute, english, end) = figures(scan, at, bare)?;
            read(&mut lit, hour, minute, english.map_or((part, false), |part| (part, true)));
            end
        }
    };
    lit.unit = (at..end).any(|i| scan.is(i, '時'));
    Some(suffix(scan, lit, end))
}

fn prefix(scan: Scan<'_>, i: usize) -> (Option<i64>, Part, usize) {
    let (mut shift, mut part, mut at) = (None, Part::Any, i);
    let mut end = i;
    // `翌日の午前` has two words; more are no time.
    for _ in 0..4 {
        let bracket = scan.lit(at, "(");
        let inner = bracket.unwrap_or(at);
        let found = if let Some((index, after)) = scan.one_of(inner, &SHIFTS.map(|(word, _)| word))
        {
            shift = SHIFTS.get(index).map(|(_, days)| *days);
            Some(after)
        } else if let Some((index, after)) = scan.one_of(inner, &PARTS.map(|(word, _)| word)) {
            part = PARTS.get(index).map_or(Part::Any, |(_, part)| *part);
            Some(after)
        } else {
            None
        };
        let Some(after) = found else { break };
        let after = if bracket.is_some() {
            match scan.lit(after, ")") {
                Some(after) => after,
                None => break,
            }
        } else {
            after
        };
        at = scan.spaces(after);
        at = scan.one_of(at, &["の", "、"]).map_or(at, |(_, end)| scan.spaces(end));
        end = at;
    }
    (shift, part, end)
}

/// Hour, minute, the half of the day in English, and where the figures end.
fn figures(scan: Scan<'_>, at: usize, bare: bool) -> Option<(i64, i64, Option<Part>, usize)> {
    let hour = scan.number(at, 2)?;
    let value = i64::from(hour.value);
    let sign = scan.spaces(hour.end);
    if scan.is(sign, ':') && !hour.kanji {
        let minute = scan.digits(scan.spaces(sign + 1), 2).filter(|number| number.digits == 2)?;
        let mut end = minute.end;
        if scan.is(end, ':') {
            end = scan.digits(end + 1, 2).filter(|number| number.digits == 2)?.end;
        }
        let glued = scan.at(end).is_some_and(|ch| matches!(ch, ':' | '%' | '.' | '_'));
        let word = scan.at(end).is_some_and(|ch| ch.is_ascii_alphabetic())
            && scan
                .one_of_loose(end, &["am", "pm", "a.m.", "p.m.", "jst", "utc", "gmt", "z"])
                .is_none();
        if glued || word {
            return None;
        }
        let (part, end) = english(scan, end).unwrap_or((Part::Any, end));
        return Some((value, i64::from(minute.value), (part != Part::Any).then_some(part), end));
    }
    if scan.is(sign, '時') {
        return hours(scan, at, sign + 1, hour.kanji && bare, value);
    }
    if !hour.kanji
        && let Some((part, end)) = english(scan, hour.end)
    {
        return Some((value, 0, Some(part), end));
    }
    // `午前2～5時`: the unit stands behind the second.
    let range = matches!(scan.at(sign), Some('~' | '-'));
    (range && !bare && !hour.kanji).then_some((value, 0, None, hour.end))
}

/// What stands behind `22時`.
fn hours(
    scan: Scan<'_>,
    from: usize,
    at: usize,
    kanji_alone: bool,
    value: i64,
) -> Option<(i64, i64, Option<Part>, usize)> {
    if scan.is(at, '間') || scan.is(at, '期') || scan.is(at, '点') || scan.is(at, '代') {
        return None;
    }
    if scan.before(from).is_some_and(|ch| ch.is_ascii_digit()) {
        return None;
    }
    let next = scan.spaces(at);
    if let Some(end) = scan.lit(next, "半") {
        return Some((value, 30, None, end));
    }
    if let Some(minute) = scan.number(next, 2)
        && let Some(end) = scan.lit(scan.spaces(minute.end), "分")
    {
        return Some((value, i64::from(minute.value), None, end));
    }
    // `一時停止` is a pause, not one o'clock.
    let joined = matches!(scan.at(next), Some('~' | '-' | 'か' | 'よ' | 'ま' | '頃' | 'ご'));
    (!kanji_alone || joined || value > 1).then_some((value, 0, None, at))
}

fn english(scan: Scan<'_>, end: usize) -> Option<(Part, usize)> {
    let at = scan.spaces(end);
    let (index, end) = [("a.m.", 0), ("p.m.", 1), ("am", 0), ("pm", 1)]
        .iter()
        .find_map(|(word, index)| scan.lit(at, word).map(|end| (*index, end)))?;
    let alone = !scan.at(end).is_some_and(|ch| ch.is_ascii_alphabetic());
    alone.then_some((if index == 0 { Part::Morning } else { Part::AfterNoon }, end))
}

/// Sets the minutes by hour, minute and part of the day.
fn read(lit: &mut TimeLit, hour: i64, minute: i64, (part, english): (Part, bool)) {
    lit.minutes = hour * 60 + minute;
    if minute > 59 || lit.minutes > LAST {
        lit.problem = Some(Code::ImpossibleTime);
        return;
    }
    if lit.shift.is_some_and(|days| days > 0) && hour >= 24 {
        lit.problem = Some(Code::AmbiguousTime);
        return;
    }
    let half = matches!(part, Part::Morning | Part::AfterNoon);
    if half {
        lit.afternoon = Some(part == Part::AfterNoon);
    }
    match (part, hour) {
        // Noon or midnight: dictionaries and people differ. English has a rule.
        (Part::Morning | Part::AfterNoon, 12) if !english => {
            lit.problem = Some(Code::AmbiguousTime);
        }
        (Part::Morning, 12) => lit.minutes = minute,
        (Part::Morning, 13..) | (Part::AfterNoon, 24..) => {
            lit.problem = Some(Code::ImpossibleTime);
        }
        (Part::Dawn, 13..) => lit.problem = Some(Code::AmbiguousTime),
        (Part::AfterNoon, 0..=11) | (Part::Evening, 1..=11) => lit.minutes += 12 * 60,
        (Part::Day, 1..=5) | (Part::Night | Part::Late, 6..=11) => lit.minutes += 12 * 60,
        (Part::Night | Part::Late, 12) => lit.minutes += 12 * 60,
        (Part::Night | Part::Late, 0..=5) if lit.shift.is_none() => lit.late = true,
        _ => {}
    }
}

fn suffix(scan: Scan<'_>, mut lit: TimeLit, end: usize) -> (TimeLit, usize) {
    const ROUGH: [&str; 13] = [
        "頃",
        "ごろ",
        "前後",
        "過ぎ",
        "すぎ",
        "目途",
        "目処",
        "めど",
        "目安",
        "(予定)",
        "見込み",
        "程度",
        "(見込み)",
    ];
    const START: [&str; 6] =
        ["開始", "スタート", "着手", "作業開始", "メンテナンス開始", "工事開始"];
    const END: [&str; 8] =
        ["終了", "完了", "復旧", "再開", "ゴール", "作業終了", "メンテナンス終了", "(終了)"];
    let mut end = end;
    loop {
        let at = scan.spaces(end);
        if let Some((_, after)) = scan.one_of(at, &ROUGH) {
            lit.rough = true;
            end = after;
        } else if let Some((_, after)) = scan.one_of(at, &START) {
            lit.mark = Some(Mark::Start);
            end = scan.lit(after, "予定").unwrap_or(after);
        } else if let Some((_, after)) = scan.one_of(at, &["に開始", "(開始)", "開始予定"])
        {
            lit.mark = Some(Mark::Start);
            end = after;
        } else if let Some((_, after)) =
            scan.one_of(at, &END).filter(|(_, after)| !scan.is(*after, '後'))
        {
            lit.mark = Some(Mark::End);
            end = after;
        } else if let Some(after) = scan.lit(at, "予定") {
            lit.rough = true;
            end = after;
        } else if let Some((_, after)) = scan.one_of(at, &["以降", "以後", "onwards"]) {
            lit.after = true;
            end = after;
        } else if let Some((_, after)) = scan.one_of(at, &["(翌日)", "(翌)", "(翌朝)"]) {
            lit.shift = lit.shift.or(Some(1));
            end = after;
        } else if let Some(after) = footnote(scan, at) {
            end = after;
        } else if scan.is(at, '(')
            && lit.weekday.is_none()
            && let Some((Some(day), after)) = weekday::behind(scan, at)
        {
            lit.weekday = Some(day);
            end = after;
        } else {
            return (lit, end);
        }
    }
}

/// `※1` behind a time.
fn footnote(scan: Scan<'_>, at: usize) -> Option<usize> {
    let (_, end) = scan.one_of(at, &["※", "*"])?;
    let digits = scan.digits(end, 1).map_or(end, |number| number.end);
    let more = matches!(scan.at(digits), None | Some(' ' | '~' | '-' | ')' | '→' | '●'));
    more.then_some(digits)
}
