//! The timeline as Mermaid. Waits are left out and long pauses begin a new chart: a week of
//! waiting would squash an evening's work to nothing.

use std::fmt::Write as _;

use chrono::TimeDelta;

use crate::clock::Jst;
use crate::report::content::{Content, StepRow};
use crate::t;

/// A pause longer than this begins a new chart.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(90);

/// A chart shorter than this needs seconds at its axis.
const SHORT: TimeDelta = TimeDelta::minutes(8);

/// The form of a time in the chart; its `dateFormat` says the same.
const TIME: &str = "%Y-%m-%dT%H:%M:%S";

/// A phase's title and its steps within one chart.
type Section<'a> = (String, Vec<StepRow<'a>>);

/// Fenced charts, one for each unbroken stretch of work.
pub(super) fn charts(content: &Content<'_>) -> String {
    let mut charts: Vec<Vec<Section<'_>>> = Vec::new();
    let mut ends: Option<Jst> = None;
    for phase in content.phases() {
        let mut is_new = true;
        let works = |row: &StepRow<'_>| row.step.applies && row.step.kind != "wait";
        for row in phase.steps.into_iter().filter(works) {
            let (start, end) = (row.step.starts_at, row.step.ends_at());
            if ends.is_none_or(|ends| start - ends > LONGEST_PAUSE) {
                charts.push(Vec::new());
                is_new = true;
            }
            ends = Some(ends.map_or(end, |ends| ends.max(end)));
            let Some(chart) = charts.last_mut() else { continue };
            if is_new {
                chart.push((phase.title.clone(), Vec::new()));
                is_new = false;
            }
            if let Some((_, rows)) = chart.last_mut() {
                rows.push(row);
            }
        }
    }
    charts.iter().map(|chart| draw(content, chart)).collect()
}

fn draw(content: &Content<'_>, sections: &[Section<'_>]) -> String {
    let w = content.w;
    let rows = || sections.iter().flat_map(|(_, rows)| rows);
    let (Some(from), Some(until)) =
        (rows().map(|row| row.step.starts_at).min(), rows().map(|row| row.step.ends_at()).max())
    else {
        return String::new();
    };
    let mut out = "```mermaid\ngantt\n".to_owned();
    // Writing into a String does not fail.
    let _ = writeln!(out, "    title {}", harmless(&w.minute(&from)));
    let axis = if until - from < SHORT { "%H:%M:%S" } else { "%H:%M" };
    let _ = writeln!(out, "    dateFormat YYYY-MM-DDTHH:mm:ss\n    axisFormat {axis}");
    for (title, rows) in sections {
        let _ = writeln!(out, "    section {}", harmless(title));
        for row in rows {
            let crit = if row.step.critical { "crit, " } else { "" };
            let (start, end) = (row.step.starts_at, row.step.ends_at());
            // A task without length is not drawn.
            let end = end.max(start.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(end));
            let title = harmless(&format!("{} {}", row.number, row.title));
            let _ =
                writeln!(out, "    {title} :{crit}{}, {}", start.format(TIME), end.format(TIME));
        }
    }
    marks(content, from, until, &mut out);
    out.push_str("```\n\n");
    out
}

/// Announced maintenance, and the times that matter.
fn marks(content: &Content<'_>, from: Jst, until: Jst, out: &mut String) {
    let (w, plan) = (content.w, content.plan);
    let mut lines = Vec::new();
    for window in &plan.maintenance {
        if window.from < until && from < window.to {
            let words = t!(w.lang, "report-line-maintenance", text = window.title);
            // What lies beyond the work would squash it.
            let (start, end) = (window.from.max(from), window.to.min(until));
            lines.push(format!(
                "    {} :active, {}, {}",
                harmless(&format!("* {words}")),
                start.format(TIME),
                end.format(TIME)
            ));
        }
    }
    let evening = from.date_naive().and_hms_opt(19, 0, 0);
    let evening = evening.and_then(|at| at.and_local_timezone(from.timezone()).single());
    let milestones = [
        (evening, w.say("report-line-1900")),
        (Some(plan.import_starts_at), w.say("report-point-import")),
    ];
    for (at, words) in milestones {
        let Some(at) = at.filter(|at| (from..=until).contains(at)) else { continue };
        let words = harmless(&format!("* {words}"));
        lines.push(format!("    {words} :milestone, {}, 0s", at.format(TIME)));
    }
    if !lines.is_empty() {
        let _ = writeln!(
            out,
            "    section {}\n{}",
            harmless(&w.say("report-times-of-day")),
            lines.join("\n")
        );
    }
}

/// A text that Mermaid takes for nothing but text: `:` ends a title, `;` a statement, `#` begins
/// an entity, and `%%` a comment; a back quote could end the fence.
fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            ':' => '：',
            ';' => '；',
            '#' => '＃',
            '%' => '％',
            '`' => '＇',
            '<' => '＜',
            '>' => '＞',
            '{' => '｛',
            '}' => '｝',
            '"' => '”',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::report::sample;

    #[test]
    fn titles_cannot_end_a_statement_a_chart_or_a_fence() {
        let mut plan = sample::plan();
        let evil = "x: y; #quot; %% \n```\nclick z";
        evil.clone_into(&mut plan.phases[0].title.ja);
        evil.clone_into(&mut plan.phases[0].steps[0].title.ja);
        let charts = charts(&Content::new(&plan, None, Lang::Ja));
        assert_eq!(charts.matches("```").count(), 6, "{charts}");
        for line in charts.lines() {
            let is_task = line.contains(":crit, 20") || line.contains(" :20");
            assert!(is_task || line.matches(':').count() <= 5, "{line}");
            assert!(!line.contains(['#', ';']), "{line}");
        }
        assert!(charts.contains("1-1 x： y； ＃quot； ％％  ＇＇＇ click z :crit, "), "{charts}");
    }
}
