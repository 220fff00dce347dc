//! The words of a notice that matter, as the reading knows them.

use super::code::Code;
use super::rule::Rule;

/// A piece of a line: glyphs `start..end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A date, perhaps without year or month.
    Date(DateLit),
    /// `2027年1月`, `1月`: days that follow lie in it.
    Month(Option<YearLit>, u32),
    /// `本日`, `来週土曜`: counted from the day of reading.
    Relative(Relative),
    /// `月末`, `下旬`: a date that nobody can compute.
    Vague,
    /// A time of day.
    Time(TimeLit),
    /// A number that its neighbours may explain: `22～24時`.
    Number(u32),
    /// `約3時間`.
    Length { minutes: i64, rough: bool },
    /// `3日間`.
    Days,
    /// Between the beginning and the end of a range.
    Sep(Sep),
    /// `まで`.
    Until,
    /// `までに`: a deadline.
    UntilBy,
    /// Between the items of a list.
    Comma,
    /// `各日`, `毎日`: each day has a window of its own.
    Each,
    /// `終日`.
    AllDay,
    /// A day of the week without a date.
    Weekday(u8),
    /// `毎週日曜`, `毎月第3水曜`.
    Rule(Rule),
    /// A rule that is not understood: `毎月第3営業日`.
    BadRule,
    /// `未定`, `調整中`, `順次`.
    Undecided,
    /// `同時刻`: the times of the window before.
    SameTime,
    /// `UTC`, `JST`: minutes east of Greenwich; `None` for a zone that is refused.
    Zone(Option<i32>),
    /// `開始` or `終了` on its own.
    Mark(Mark),
    /// The border of a table's cell.
    Cell,
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// Begins text that is struck through.
    Struck,
    /// Anything else.
    Text,
}

/// How a range is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sep {
    /// `～`, `・・・`.
    Wave,
    /// `-`, which may also be a bullet.
    Dash,
    /// `→`, which may also stand between an old and a new window.
    Arrow,
    /// `から`, `より`, `to`.
    Word,
}

/// A year as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum YearLit {
    /// `2027年`, `令和9年`.
    Stated(i32),
    /// `2027年(令和8年)`.
    Contradiction,
}

/// A date as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DateLit {
    pub(super) year: Option<YearLit>,
    pub(super) month: Option<u32>,
    pub(super) day: u32,
    /// 0 is Sunday.
    pub(super) weekday: Option<u8>,
    /// `翌17日`.
    pub(super) next: bool,
    /// `来週の土曜日(16日)`: what says the month of a day that names none.
    pub(super) beside: Option<Relative>,
}

/// A date counted from the day of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relative {
    /// `本日` is 0, `明日` 1.
    Days(i64),
    /// `今週土曜`: weeks on, and the day of the week.
    Week(i64, u8),
    /// `来月3日`: months on, and the day.
    Month(u32, u32),
}

/// A time as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeLit {
    /// Minutes after midnight; may exceed a day, as `25:30` does.
    pub(super) minutes: i64,
    /// Days on: `翌` is 1, `同日` 0.
    pub(super) shift: Option<i64>,
    /// `深夜1時`: belongs to the night that began the day before.
    pub(super) late: bool,
    /// `午前` or `午後` is written: false, true.
    pub(super) afternoon: Option<bool>,
    pub(super) rough: bool,
    /// Written with `時`, which also serves a bare number before it: `22～24時`.
    pub(super) unit: bool,
    pub(super) mark: Option<Mark>,
    /// `以降`.
    pub(super) after: bool,
    /// A day of the week behind the time: `22:00(土)`.
    pub(super) weekday: Option<u8>,
    pub(super) problem: Option<Code>,
}

/// Which end of a window a time is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Start,
    End,
}
