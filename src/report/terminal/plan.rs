//! The plan on a terminal: short enough to be read before it is approved.

use std::fmt::Write as _;

use comfy_table::Cell;

use super::line::printable;
use super::paint::{Paint, indented};
use crate::i18n::Lang;
use crate::plan::{Plan, PlannedStep, Verdict};
use crate::report::words::Words;
use crate::t;

/// The plan, for a terminal of `width` columns.
pub fn plan(plan: &Plan, lang: Lang, colour: bool, width: usize) -> String {
    let (w, paint) = (Words::new(lang, plan.rehearsal), Paint::new(colour, width));
    let mut out = format!("{}: {}\n", w.say("report-plan-heading"), w.title(&plan.title));
    out.push_str(&banner(w));
    out.push_str(&paint.pairs(&cover(plan, w)));
    out.push_str(&paint.heading(&w.say("report-phases")));
    out.push_str(&steps(plan, w, paint));
    out.push_str(&commands(plan, w, paint));
    out.push_str(&paint.heading(&w.say("report-checks")));
    out.push_str(&checks(plan, w, paint));
    out.push_str(&paint.heading(&w.say("report-maintenance")));
    out.push_str(&maintenance(plan, w));
    out.push_str(&paint.heading(&w.say("report-points")));
    out.push_str(&points(plan, w));
    out.push_str(&paint.heading(&w.say("report-approve")));
    // Writing into a String does not fail.
    let _ = writeln!(out, "  {}", approval_command(plan));
    out
}

/// The command that approves exactly this plan.
pub(crate) fn approval_command(plan: &Plan) -> String {
    format!("orca-cutover run PLAYBOOK --clinic CLINIC --approve {}", plan.digest)
}

/// What a rehearsal shows above everything else.
pub(super) fn banner(w: Words) -> String {
    if !w.rehearsal {
        return String::new();
    }
    format!("*** {} *** {}\n", w.say("report-rehearsal"), w.say("report-rehearsal-legend"))
}

fn cover(plan: &Plan, w: Words) -> Vec<(String, String)> {
    let (clinic, tenant) = (&plan.clinic, &plan.clinic.portal.tenant);
    let length = w.duration((plan.ends_at - plan.service_stops_at).num_seconds());
    let downtime = t!(
        w.lang,
        "report-downtime-value",
        from = w.full(&plan.service_stops_at),
        until = w.full(&plan.ends_at),
        length = length
    );
    let window = format!(
        "{} – {}",
        w.minute(&clinic.cutover.production_at),
        w.minute(&clinic.cutover.window_end)
    );
    [
        ("report-clinic", format!("{} ({})", clinic.name, clinic.clinic_id)),
        ("report-tenant", format!("{} {}", tenant.orcamo_id, tenant.name)),
        ("report-test-import", w.minute(&clinic.cutover.test_import_at)),
        ("report-window", window),
        ("report-downtime", downtime),
        ("report-import-start", w.full(&plan.import_starts_at)),
        ("report-expected-end", w.full(&plan.ends_at)),
        ("report-decision", w.full(&plan.latest_rollback_at)),
        ("report-digest", plan.digest.to_string()),
    ]
    .into_iter()
    .map(|(id, value)| (w.say(id), value))
    .collect()
}

fn steps(plan: &Plan, w: Words, paint: Paint) -> String {
    let heads = [
        w.say("report-step"),
        w.head("report-planned"),
        w.say("report-expected"),
        w.say("report-effect"),
    ];
    let mut rows = Vec::new();
    for phase in &plan.phases {
        let Some(day) = phase.steps.first().map(|step| step.starts_at) else { continue };
        rows.push(paint.group(w.title(&phase.title), &[&w.day(&day), "", ""]));
        for step in &phase.steps {
            let (start, length) = if step.applies {
                let seconds = i64::try_from(step.estimate_secs).unwrap_or(i64::MAX);
                (w.on_day(&step.starts_at, &day, "%H:%M"), w.duration(seconds))
            } else {
                (w.say("report-not-applicable"), String::new())
            };
            rows.push(vec![
                Cell::new(indented(&format!("{}{}", w.title(&step.title), archives(step)))),
                Cell::new(start),
                Cell::new(length),
                Cell::new(w.effect(step.effect)),
            ]);
        }
    }
    let basis = w.basis(plan).map(|basis| format!("{basis}\n")).unwrap_or_default();
    format!("{}{basis}", paint.table(&heads, rows, &[1, 2, 3]))
}

/// ` → final.dump` where the step makes the archive, ` ← final.dump` where it uses it.
fn archives(step: &PlannedStep) -> String {
    let names = step.archives.join(", ");
    match step.kind.as_str() {
        _ if names.is_empty() => names,
        "dump" | "portal_export" => format!(" → {names}"),
        _ => format!(" ← {names}"),
    }
}

fn maintenance(plan: &Plan, w: Words) -> String {
    let mut out = String::new();
    for window in &plan.maintenance {
        // Writing into a String does not fail.
        let _ = writeln!(out, "  {}", printable(&w.maintenance(window)));
    }
    if out.is_empty() { format!("  {}\n", w.say("report-maintenance-none")) } else { out }
}

fn commands(plan: &Plan, w: Words, paint: Paint) -> String {
    let mut out = String::new();
    for step in plan.steps().filter(|step| step.applies) {
        let lines: Vec<String> = step.command_lines().collect();
        if !lines.is_empty() && out.is_empty() {
            out = paint.heading(&w.say("report-commands"));
        }
        // Writing into a String does not fail.
        match lines.as_slice() {
            [] => {}
            [line] => _ = writeln!(out, "  {}: {line}", w.title(&step.title)),
            lines => {
                let _ = writeln!(out, "  {}:", w.title(&step.title));
                for line in lines {
                    let _ = writeln!(out, "    {line}");
                }
            }
        }
    }
    out
}

fn checks(plan: &Plan, w: Words, paint: Paint) -> String {
    let heads = ["report-verdict", "report-criterion", "report-measured"].map(|id| w.say(id));
    let rows = plan
        .checks
        .iter()
        .map(|check| {
            let mut criterion = check.criterion(w.lang);
            if check.verdict != Verdict::Ok
                && let Some(hint) = check.hint(w.lang)
            {
                // Writing into a String does not fail.
                let _ = write!(criterion, "\n→ {hint}");
            }
            vec![
                paint.verdict(check.verdict, w.verdict(check.verdict)),
                Cell::new(criterion),
                Cell::new(w.measured(check)),
            ]
        })
        .collect();
    format!("{}{}\n", paint.table(&heads, rows, &[0]), w.say(overall(plan.verdict())))
}

/// The id of the whole list's result.
pub(crate) fn overall(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok | Verdict::Later => "report-go",
        Verdict::Unknown => "report-go-unknown",
        Verdict::Warn => "report-go-warn",
        Verdict::Block => "report-no-go",
    }
}

fn points(plan: &Plan, w: Words) -> String {
    let import = t!(w.lang, "report-point-import-when", at = w.full(&plan.import_starts_at));
    let write = t!(w.lang, "report-point-write-when", at = w.full(&plan.ends_at));
    let mut out = String::new();
    for (point, when) in [("import", import), ("write", write)] {
        let say = |part: &str| w.say(&format!("report-point-{point}{part}"));
        // Writing into a String does not fail.
        let _ = writeln!(out, "  {}: {when}", say(""));
        let _ = writeln!(out, "     {}", say("-what"));
        let _ = writeln!(out, "     {}", say("-back"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_plan_reads_well_in_both_languages() {
        insta::assert_snapshot!("plan_en", plan(&sample::plan(), Lang::En, false, 110));
        insta::assert_snapshot!("plan_ja", plan(&sample::rehearsal(), Lang::Ja, false, 110));
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let sample = sample::plan();
        let coloured = plan(&sample, Lang::En, true, 110);
        assert!(coloured.contains('\u{1b}'));
        let mut bare = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            bare.push_str(before);
            rest = after.split_once('m').map_or("", |(_, after)| after);
        }
        bare.push_str(rest);
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeezed(&bare), squeezed(&plan(&sample, Lang::En, false, 110)));
    }
}
