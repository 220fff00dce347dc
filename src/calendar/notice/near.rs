//! What stands near a token: weak words to pass over, the date before, the zone.

use super::reader::Sentence;
use super::token::{Kind, Mark, TimeLit};

impl Sentence<'_> {
    /// Passes over what may stand inside a range: brackets, spaces, `の`, a zone.
    pub(super) fn skip_weak(&self, mut i: usize) -> usize {
        while let Some(kind) = self.kind(i) {
            let weak = match kind {
                Kind::Open | Kind::Close | Kind::Zone(_) | Kind::Weekday(_) => true,
                Kind::Mark(_) => true,
                Kind::Text => {
                    let text = self.token_text(i);
                    let text = text.trim();
                    text.is_empty()
                        // `日曜21:00～翌月曜7:00`
                        || (matches!(text, "翌" | "翌日の" | "翌日") && matches!(self.kind(i + 1), Some(Kind::Weekday(_))))
                        || matches!(
                            text,
                            "の" | ":"
                                | "の間"
                                | "間"
                                | "、約"
                                | "約"
                                | "所要"
                                | "に"
                                | "から約"
                                | "最大"
                                | "※"
                                | "予定"
                                | "(約"
                                | "時刻:"
                                | "時刻"
                                | "日時:"
                                | "日時"
                                | "予定:"
                                | "予定時刻:"
                                | "予定日時:"
                                | "所要時間:"
                                | "所要時間"
                                | "作業時間"
                                | "予定時間"
                                | "for"
                                | "at"
                                | "頃"
                                | "所要時間約"
                                | "所要時間:約"
                                | "間、約"
                                | "from"
                                | "延べ"
                                | "およそ"
                                | "作業"
                                | "作業:"
                                | "は"
                                | "期間"
                                | "duration"
                                | "、所要時間"
                                | "、所要時間約"
                                | "T"
                                | "JST:"
                                | "、最大"
                                | "●"
                                | "、"
                                | "合計"
                                | "の約"
                                | "間は約"
                                | "夜"
                                | "の夜"
                        )
                }
                _ => false,
            };
            if !weak {
                break;
            }
            i += 1;
        }
        i
    }

    pub(super) fn is_start(&self, lit: TimeLit) -> bool {
        lit.mark != Some(Mark::End)
    }

    /// The last date token before `i`.
    pub(super) fn date_before(&self, i: usize) -> Option<usize> {
        let before = self.tokens.get(..i)?;
        before.iter().rposition(|token| {
            matches!(token.kind, Kind::Date(_) | Kind::Relative(_) | Kind::Rule(_))
        })
    }

    /// The zone that is stated for tokens `from..=to`: between or behind them, or the only one.
    pub(super) fn zone_near(&self, from: usize, to: usize) -> Option<Option<i32>> {
        let zone = |i: usize| match self.kind(i) {
            Some(Kind::Zone(zone)) => Some(*zone),
            _ => None,
        };
        if let Some(found) = (from..=to).find_map(zone) {
            return Some(found);
        }
        let mut i = to + 1;
        while matches!(self.kind(i), Some(Kind::Open | Kind::Close | Kind::Weekday(_))) {
            i += 1;
        }
        if let Some(found) = zone(i) {
            return Some(found);
        }
        let mut all = self.tokens.iter().filter_map(|token| match token.kind {
            Kind::Zone(zone) => Some(zone),
            _ => None,
        });
        let first = all.next()?;
        if all.all(|other| other == first) {
            return Some(first);
        }
        (0..from).rev().find_map(zone)
    }
}
