//! What must hold when a run or a step starts.

use serde_json::Value;

use super::attempts::Mark;
use super::history::{Is, Now, Run};
use super::outline::Step;
use super::{Rule, Violation};

/// Seven times 24 hours.
const TEST_BEFORE_MILLIS: i64 = 7 * 24 * 60 * 60 * 1000;

pub(super) fn run(run: &Run<'_>, earlier: &[Run<'_>], mark: Mark, found: &mut Vec<Violation>) {
    for other in earlier {
        if other.past_no_return() {
            run.tell(found, Rule::SecondRun, mark.seq, other.name);
        } else if other.unsettled() {
            run.tell(found, Rule::UnsettledRun, mark.seq, other.name);
        }
    }
}

pub(super) fn step(
    run: &Run<'_>,
    earlier: &[Run<'_>],
    mark: Mark,
    event: &Value,
    found: &mut Vec<Violation>,
) {
    let id = event["step"].as_str().unwrap_or_default();
    let mut tell =
        |rule: Rule, what: &str| run.tell(found, rule, mark.seq, &format!("{id}: {what}"));
    let Some(step) = run.outline.step(id) else {
        return tell(Rule::OtherStep, "not in the playbook");
    };
    let is = run.is(id);
    if event["attempt"].as_u64() != Some(run.steps.get(id).map_or(0, |now| now.attempt) + 1) {
        tell(Rule::Attempt, "its number does not follow");
    }
    if !matches!(is, None | Some(Is::Failed | Is::Undone)) {
        tell(Rule::Transition, &format!("starts while {is:?}"));
    }
    if (event["effect"] == "at-most-once") != step.imports() || event["role"] != role(step) {
        tell(Rule::OtherStep, "has another effect or role than its kind");
    }
    let open = |other: &&Step| other.phase < step.phase && !run.satisfied(&other.id);
    if let Some(other) = run.outline.steps.iter().find(open) {
        tell(Rule::Phases, &format!("{} is open", other.id));
    }
    if let Some(need) = step.needs.iter().find(|need| !run.satisfied(need)) {
        tell(Rule::Needs, need);
    }
    let beside = |other: &&Step| {
        other.id != id
            && run.is(&other.id) == Some(Is::Running)
            && (other.imports() || step.imports())
    };
    if let Some(other) = run.outline.steps.iter().find(beside) {
        tell(Rule::BesideImport, &other.id);
    }
    if step.imports() {
        import(run, earlier, step, mark, &mut tell);
    }
    let first_to_close = step.closes() && !run.holds_closed();
    if first_to_close {
        fresh(run, "production", &mut tell);
    }
}

/// The role that a kind of step has.
fn role(step: &Step) -> &'static str {
    match (step.imports(), step.for_production(), step.closes()) {
        (true, true, _) => "production-import",
        (true, false, _) => "test-import",
        (_, _, true) => "closes-source",
        _ => "plain",
    }
}

fn import(
    run: &Run<'_>,
    earlier: &[Run<'_>],
    step: &Step,
    mark: Mark,
    tell: &mut impl FnMut(Rule, &str),
) {
    let unknown = |run: &Run<'_>| {
        let open =
            |s: &&Step| s.imports() && matches!(run.is(&s.id), Some(Is::Running | Is::InDoubt));
        run.outline.steps.iter().any(|step| open(&step))
    };
    if earlier.iter().chain([run]).any(unknown) {
        tell(Rule::ImportUnsettled, "another import's outcome is not known");
    }
    if run.is(&step.id) == Some(Is::Done) {
        tell(Rule::ImportRepeated, "it is done already");
    }
    let has_export = run.outline.steps.iter().any(|other| {
        other.kind == "portal_export"
            && run.done(&other.id).is_some_and(|now| exported_after(run, step, now))
    });
    if !has_export {
        tell(Rule::NoExport, "no verified export since the last import");
    }
    if verified(run, step).is_none() {
        tell(Rule::NotVerified, &step.archive);
    }
    let checked = run.outline.steps.iter().any(|other| {
        other.kind == "window_check"
            && other.purpose == step.purpose
            && run.done(&other.id).is_some_and(|now| now.ended.seq > run.process)
    });
    if !checked {
        tell(Rule::WindowUnchecked, "no window check in this process");
    }
    if step.for_production() {
        production(run, step, mark, tell);
    }
}

/// True where the export lies complete, was downloaded in its own attempt, and no other import was
/// begun since: an attempt of this one that failed overwrote what the export holds.
fn exported_after(run: &Run<'_>, import: &Step, now: &Now) -> bool {
    let others = run.outline.steps.iter().filter(|s| s.imports() && s.id != import.id);
    let last = others.filter_map(|s| run.steps.get(&s.id)).map(|now| now.started.seq).max();
    let path = now.outputs["archive"].as_str().unwrap_or_default();
    run.files.get(path).is_some_and(|(sha256, _, seq)| {
        now.outputs["sha256"] == sha256.as_str()
            && *seq > now.started.seq
            && *seq < now.ended.seq
            && last.is_none_or(|last| now.ended.seq > last)
    })
}

/// The dump that an import sends, and the step that read it through since it was made.
pub(super) fn verified<'r>(run: &'r Run<'_>, import: &Step) -> Option<(&'r Now, &'r Now)> {
    let of_kind = |kind: &str| {
        let fits = move |s: &&Step| s.kind == kind && s.archive == import.archive;
        run.outline.steps.iter().find(fits).and_then(|step| run.done(&step.id))
    };
    let (dump, verified) = (of_kind("dump")?, of_kind("verify_archive")?);
    let same =
        dump.outputs["sha256"].is_string() && dump.outputs["sha256"] == verified.outputs["sha256"];
    (same && verified.started.seq > dump.ended.seq).then_some((dump, verified))
}

fn fresh(run: &Run<'_>, purpose: &str, tell: &mut impl FnMut(Rule, &str)) {
    let since = |kind: &str, purpose: &str| {
        run.outline.steps.iter().any(|step| {
            step.kind == kind
                && step.purpose == purpose
                && run.done(&step.id).is_some_and(|now| now.ended.seq > run.process)
        })
    };
    if !since("window_check", purpose) {
        tell(Rule::WindowUnchecked, "closed without a window check in this process");
    }
    if !since("portal_probe", "") {
        tell(Rule::SiteUnchecked, "closed without a look at the site in this process");
    }
}

fn production(run: &Run<'_>, step: &Step, mark: Mark, tell: &mut impl FnMut(Rule, &str)) {
    let fresh_probe = run.outline.steps.iter().any(|other| {
        other.kind == "portal_probe"
            && run.done(&other.id).is_some_and(|now| now.ended.seq > run.process)
    });
    if !fresh_probe {
        tell(Rule::SiteUnchecked, "no look at the site in this process");
    }
    let steps = &run.outline.steps;
    let test = steps.iter().find(|other| other.imports() && !other.for_production());
    let tested = test.and_then(|test| run.done(&test.id));
    let proved = steps
        .iter()
        .filter(|other| other.kind == "compare_archives" && other.phase < step.phase)
        .any(|other| {
            let after = |now: &Now| tested.is_some_and(|test| now.started.seq > test.ended.seq);
            run.done(&other.id).is_some_and(after)
        });
    let old = tested.is_some_and(|now| mark.millis - now.ended.millis >= TEST_BEFORE_MILLIS);
    if !(proved && old) {
        tell(Rule::TestTooLate, "no test import proved seven days before");
    }
    let Some((dump, _)) = verified(run, step) else { return };
    let dump_id = steps.iter().find(|s| s.kind == "dump" && s.archive == step.archive);
    let Some(dump_id) = dump_id else { return };
    for closing in steps.iter().filter(|other| other.closes() && other.phase < step.phase) {
        let closed = match run.steps.get(&closing.id) {
            Some(now) if now.is == Is::Done => {
                !is_before(run, &closing.id, &dump_id.id) || now.ended.seq < dump.started.seq
            }
            Some(now) => now.is == Is::Skipped,
            None => false,
        };
        if !closed {
            tell(Rule::StaleDump, &format!("{} does not stand since before the dump", closing.id));
        }
    }
    let looked = steps.iter().any(|other| {
        other.kind == "stale_check"
            && other.dump == dump_id.id
            && run.done(&other.id).is_some_and(|now| now.started.seq > dump.ended.seq)
    });
    if !looked {
        tell(Rule::StaleDump, "nobody looked for writes since the dump");
    }
}

/// True where `first` must be done before `then`, by what steps need.
fn is_before(run: &Run<'_>, first: &str, then: &str) -> bool {
    let needs = run.outline.step(then).map(|step| step.needs.as_slice()).unwrap_or_default();
    needs.iter().any(|need| need == first || is_before(run, first, need))
}
