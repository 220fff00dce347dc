//! `slots`: the first dates that satisfy every rule, and why nearer ones do not.

use chrono::NaiveDate;
use clap::Args;

use super::args::Files;
use super::{files, output::Output};
use crate::action;
use crate::diag::{Kind, Problem};
use crate::plan::{self, SlotQuestion};
use crate::playbook::time_delta;
use crate::{report, run};

/// Days that are looked at where nobody says how many.
const USUAL_DAYS: u32 = 120;

#[derive(Clone, Debug, Args)]
pub(super) struct SlotsArgs {
    #[command(flatten)]
    pub(super) files: Files,
    /// How many dates that do / 候補日の数
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub(super) count: usize,
    /// The first day that is looked at; today where it is left out / 最初の日
    #[arg(long, value_name = "DATE")]
    pub(super) from: Option<NaiveDate>,
    /// How many days are looked at / 調べる日数
    #[arg(long, default_value_t = USUAL_DAYS, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) days: u32,
    /// Do not look at server and management site
    #[arg(long)]
    pub(super) offline: bool,
}

pub(super) async fn slots(args: &SlotsArgs, output: &Output) -> Result<u8, Problem> {
    let paths = (args.files.playbook.as_path(), args.files.clinic.as_path());
    let playbook = files::playbook(paths.0, paths.1, output)?;
    let clock = files::clock(&playbook.clinic);
    let saved = run::prepare(&playbook, paths, &clock, args.offline).await?;
    let plan = saved.plan;
    let maintenance = action::load_maintenance(&playbook.clinic, &clock).await?;
    let cutover = &playbook.clinic.cutover;
    let now = clock.now();
    let rollback = plan.rollback.map_or(0, |rollback| rollback.secs * 3 / 2);
    let reserve = plan.margin_secs.saturating_add(rollback);
    let forecast = (plan.ends_at - plan.service_stops_at) + time_delta(reserve);
    let proved = plan.facts.proved_test_import_at;
    let days = plan::slots(&SlotQuestion {
        clinic: &playbook.clinic,
        maintenance: &maintenance,
        now,
        from: args.from.unwrap_or_else(|| now.date_naive()),
        days: args.days,
        // The window that the clinic file states, or what the work needs where that is longer.
        length: (cutover.window_end - cutover.production_at).max(forecast),
        certificate_ends: plan.facts.portal.as_ref().map(|site| site.certificate_ends),
        tested_at: proved.or_else(|| plan.test_proved_at()),
        tested: proved.is_some(),
    });
    let view = report::SlotsView::new(days, args.count, &maintenance, now);
    if output.json {
        output.json(&view)?;
    } else {
        output.data(&report::terminal::slots(&view, output.lang, output.colour, output.width))?;
    }
    for problem in &plan.facts.problems {
        output.explain(problem);
    }
    // A list that rests on old announcements, or has nothing in it, is an answer that a script
    // must be able to see.
    if let Some(stale) = action::stale(&playbook.clinic, &maintenance, now) {
        return Err(stale);
    }
    Ok(if view.found == 0 { Kind::Blocked.exit_code() } else { 0 })
}
