//! Times that are drawn as lines: 19:00, the latest start of a roll-back, the window's end.

use chrono::Days;

use crate::clock::Jst;
use crate::plan::Plan;
use crate::report::words::Words;
use crate::t;

/// Most evenings in a drawing; a longer one is no plan of a cutover.
const MOST_EVENINGS: u64 = 14;

/// A time with its line and its words.
pub(super) struct Mark {
    pub(super) at: Jst,
    pub(super) words: String,
    pub(super) stroke: &'static str,
    /// SVG's `stroke-dasharray`: told apart without colour.
    pub(super) dash: &'static str,
}

/// What is marked in a drawing from `from` to `until`. Of the cutover's night, also what lies
/// behind it.
pub(super) fn marks(w: Words, plan: &Plan, from: Jst, until: Jst) -> Vec<Mark> {
    let mut marks: Vec<Mark> = evenings(from, until)
        .map(|at| Mark { at, words: w.say("report-line-1900"), stroke: "#1d4e6f", dash: "4 2" })
        .collect();
    if until > plan.service_stops_at {
        let (latest, end) = (plan.latest_rollback_at, plan.clinic.cutover.window_end);
        let rollback = t!(w.lang, "report-line-rollback", at = w.minute(&latest));
        let window_end = t!(w.lang, "report-line-window-end", at = w.minute(&end));
        let coming = [
            Mark { at: latest, words: rollback, stroke: "#a61b1b", dash: "6 2" },
            Mark { at: end, words: window_end, stroke: "#44505c", dash: "1 2" },
        ];
        marks.extend(coming.into_iter().filter(|mark| mark.at > from));
    }
    marks
}

/// 19:00 of each day, before which a clinic must not be touched.
fn evenings(from: Jst, until: Jst) -> impl Iterator<Item = Jst> {
    let days = (0..MOST_EVENINGS).map_while(move |days| {
        let day = from.date_naive().checked_add_days(Days::new(days))?;
        (day <= until.date_naive()).then_some(day)
    });
    days.filter_map(move |day| {
        let evening = day.and_hms_opt(19, 0, 0)?;
        evening.and_local_timezone(from.timezone()).single()
    })
    .filter(move |at| (from..=until).contains(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::report::sample::{self, at};

    #[test]
    fn each_evening_of_a_drawing_is_marked_and_the_night_has_its_limits() {
        let (plan, w) = (sample::plan(), Words::new(Lang::En, false));
        let times = |from, until| -> Vec<Jst> {
            marks(w, &plan, from, until).into_iter().map(|mark| mark.at).collect()
        };
        assert_eq!(times(at(12, 13, 0, 0), at(12, 14, 0, 0)), Vec::<Jst>::new());
        assert_eq!(times(at(12, 18, 0, 0), at(14, 18, 0, 0)), [at(12, 19, 0, 0), at(13, 19, 0, 0)]);
        let night = [at(21, 19, 0, 0), at(22, 6, 30, 0), at(22, 7, 0, 0)];
        assert_eq!(times(at(21, 19, 0, 0), at(21, 20, 0, 0)), night);
        assert_eq!(times(at(21, 19, 0, 1), at(21, 20, 0, 0)), night[1..]);
    }
}
