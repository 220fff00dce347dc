//! Where a Gantt chart's axis is broken and how each piece is divided. Numbers only, no drawing.
//!
//! A week of waiting would squash an evening's work to nothing, so waits are told in words and
//! the axis is broken wherever nothing happens for long.

use chrono::{DurationRound, TimeDelta};

use crate::clock::Jst;

/// A pause longer than this breaks the axis.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(90);

/// No panel is shorter than this: a step of a second needs some room around it.
const SHORTEST_PANEL: TimeDelta = TimeDelta::minutes(1);

/// Most ticks on an axis, so that their labels do not touch.
const MOST_TICKS: i32 = 9;

/// Distances between ticks, in seconds.
const TICKS: [i64; 12] = [5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 3 * 3_600, 6 * 3_600, 86_400];

/// A bar from a moment to a moment; `row` is the caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bar<T> {
    pub(super) from: Jst,
    pub(super) until: Jst,
    pub(super) row: T,
}

/// A piece of the axis with its bars.
#[derive(Clone, Debug)]
pub(super) struct Panel<T> {
    pub(super) from: Jst,
    pub(super) until: Jst,
    pub(super) bars: Vec<Bar<T>>,
}

/// Breaks the axis wherever nothing happens for long.
pub(super) fn panels<T>(mut bars: Vec<Bar<T>>) -> Vec<Panel<T>> {
    bars.sort_by_key(|bar| bar.from);
    let mut panels: Vec<Panel<T>> = Vec::new();
    for bar in bars {
        match panels.last_mut() {
            Some(panel) if bar.from - panel.until <= LONGEST_PAUSE => {
                panel.until = panel.until.max(bar.until);
                panel.bars.push(bar);
            }
            _ => panels.push(Panel { from: bar.from, until: bar.until, bars: vec![bar] }),
        }
    }
    for panel in &mut panels {
        let shortest = panel.from.checked_add_signed(SHORTEST_PANEL).unwrap_or(panel.from);
        panel.until = panel.until.max(shortest);
    }
    panels
}

impl<T> Panel<T> {
    /// Where `at` lies, from 0 to 1; outside values are left outside.
    pub(super) fn share(&self, at: &Jst) -> f64 {
        let length = (self.until - self.from).num_milliseconds().max(1);
        (*at - self.from).num_milliseconds() as f64 / length as f64
    }

    /// Round moments to write at the axis, and whether seconds matter.
    pub(super) fn ticks(&self) -> (Vec<Jst>, bool) {
        let length = self.until - self.from;
        let fits = |seconds: &&i64| {
            TimeDelta::seconds(**seconds).checked_mul(MOST_TICKS).is_some_and(|all| all >= length)
        };
        let seconds = TICKS.iter().find(fits).copied().unwrap_or(86_400);
        let step = TimeDelta::seconds(seconds);
        let mut ticks = Vec::new();
        let mut at = self.from.duration_trunc(step).unwrap_or(self.from);
        // Bounded: even a panel of years has no more ticks than this.
        while at <= self.until && ticks.len() < 64 {
            if at >= self.from {
                ticks.push(at);
            }
            let Some(next) = at.checked_add_signed(step) else { break };
            at = next;
        }
        (ticks, seconds < 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::at;

    fn bar(day: u32, hour: u32, minutes: i64) -> Bar<()> {
        let from = at(day, hour, 0, 0);
        Bar { from, until: from + TimeDelta::minutes(minutes), row: () }
    }

    #[test]
    fn a_long_pause_breaks_the_axis() {
        let panels = panels(vec![bar(21, 19, 60), bar(12, 13, 10), bar(21, 21, 5), bar(12, 14, 5)]);
        let counts: Vec<usize> = panels.iter().map(|panel| panel.bars.len()).collect();
        assert_eq!(counts, [2, 2]);
        assert_eq!(panels[1].until, at(21, 21, 5, 0));
        assert!((panels[1].share(&at(21, 20, 2, 30)) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn ticks_are_round_and_few() {
        for minutes in [1, 7, 13, 125, 1_000, 20_000, 3_000_000] {
            let panels = panels(vec![bar(12, 13, minutes)]);
            let (ticks, _) = panels[0].ticks();
            assert!(!ticks.is_empty() && ticks.len() <= 64, "{minutes}: {}", ticks.len());
            if minutes < 10_000 {
                assert!(ticks.len() <= 10, "{minutes}: {}", ticks.len());
            }
        }
    }
}
