//! Puts the UTF-8 database of a dump in the place of the clinic's; the roll-back puts it back.
//!
//! The clinic's own database is neither changed nor dropped, here or anywhere: it only has another
//! name as long as the swap stands.

use async_trait::async_trait;

use super::context::blocking;
use super::dump_database::run_tail;
use super::{Action, Failure, StepCx, connect};
use crate::diag::{Fact, Kind, Problem};
use crate::ids::StepId;
use crate::playbook::{CheckedPlaybook, Outputs, StepAction};
use crate::source::swap::{self, Found, Names};
use crate::source::{FenceState, SourceConfig, SourceError, fence};

/// PostgreSQL cuts longer names off (`NAMEDATALEN`); the cut must not fall on the run's part.
const MAX_NAME: usize = 63;

pub(super) struct SwapDatabase {
    pub(super) dump: StepId,
}

#[async_trait]
impl Action for SwapDatabase {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let Some(swap) = self.look(cx).await? else {
            return Err(Problem::new("run-no-database", Kind::Blocked)
                .with(Fact::open("step", &self.dump))
                .into());
        };
        match swap.found {
            // An attempt that was interrupted had come this far.
            Found::Swapped => {}
            Found::Before => {
                let job = swap.clone();
                blocking(move || job.exchange()).await?;
            }
            Found::Unclear => return Err(swap.unclear().into()),
        }
        Ok(Outputs::from([
            ("database".to_owned(), swap.names.current.into()),
            ("kept_as".to_owned(), swap.names.kept.into()),
        ]))
    }

    async fn holds(&self, cx: &StepCx) -> Result<bool, Problem> {
        Ok(self.look(cx).await?.is_some_and(|swap| swap.found == Found::Swapped))
    }

    async fn undo(&self, cx: &StepCx) -> Result<(), Problem> {
        // Where no database was made there is nothing to take back.
        let Some(swap) = self.look(cx).await? else { return Ok(()) };
        match swap.found {
            Found::Swapped => {
                blocking(move || swap::exchange_back(&swap.config, &swap.names)).await
            }
            // It died before it began, or after both had their names again.
            Found::Before => {
                let _ = blocking(move || swap::release_copy(&swap.config, &swap.names)).await;
                Ok(())
            }
            Found::Unclear => Err(swap.unclear()),
        }
    }
}

impl SwapDatabase {
    /// Which databases are meant, and who has which name now. `None` where the dump made none.
    async fn look(&self, cx: &StepCx) -> Result<Option<Swap>, Problem> {
        let state = cx.journal.state().await;
        let config = connect::source(cx.clinic());
        let kept = kept_name(&config.database, run_tail(&state.info.run));
        let mut swap = None;
        // The latest first: only that one can have been swapped, the others were replaced.
        for (oid, made) in state.databases.iter().rev() {
            if made.dropped || made.step != self.dump {
                continue;
            }
            let names = Names {
                current: config.database.clone(),
                kept: kept.clone(),
                new: made.database.clone(),
            };
            let (asked, looked, oid) = (config.clone(), names.clone(), *oid);
            let found = blocking(move || swap::look(&asked, &looked, oid)).await?;
            swap = Some(Swap { config: config.clone(), names, oid, found });
            if found != Found::Unclear {
                break;
            }
        }
        Ok(swap)
    }
}

/// The names as a plan shows them, before there is a run.
pub(super) fn planned_names(playbook: &CheckedPlaybook, dump: &StepId) -> Option<Names> {
    let source = &playbook.clinic.source;
    let new =
        playbook.steps().find(|step| step.id == *dump).and_then(|step| match &step.action {
            StepAction::Dump { strategy, .. } => strategy.database(source),
            _ => None,
        })?;
    let current = source.database.clone();
    Some(Names { kept: kept_name(&current, "RUN"), current, new })
}

/// `orca_before_1a2b3c4d5e6f`
fn kept_name(database: &str, run: &str) -> String {
    let end = format!("_before_{run}");
    let mut name = String::new();
    for letter in database.chars() {
        if name.len().saturating_add(letter.len_utf8()).saturating_add(end.len()) > MAX_NAME {
            break;
        }
        name.push(letter);
    }
    name.push_str(&end);
    name
}

#[derive(Clone)]
struct Swap {
    config: SourceConfig,
    names: Names,
    oid: u32,
    found: Found,
}

impl Swap {
    fn exchange(&self) -> Result<(), Problem> {
        if fence::state(&self.config)? != FenceState::Closed {
            return Err(Problem::new("run-swap-open", Kind::Blocked)
                .with(Fact::local("database", &self.names.current)));
        }
        swap::exchange(&self.config, &self.names)?;
        let found: Result<Found, SourceError> = swap::look(&self.config, &self.names, self.oid);
        if found? == Found::Swapped { Ok(()) } else { Err(self.unclear()) }
    }

    fn unclear(&self) -> Problem {
        Problem::new("run-swap-unclear", Kind::StepFailed)
            .with(Fact::local("current", &self.names.current))
            .with(Fact::local("kept", &self.names.kept))
            .with(Fact::local("new", &self.names.new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_name_always_fits_and_always_names_the_run() {
        assert_eq!(kept_name("orca", "1a2b3c4d5e6f"), "orca_before_1a2b3c4d5e6f");
        for name in ["x".repeat(63), "日".repeat(21)] {
            let kept = kept_name(&name, "1a2b3c4d5e6f");
            assert!(kept.len() <= MAX_NAME && kept.ends_with("_before_1a2b3c4d5e6f"), "{kept}");
            assert_ne!(kept, name);
        }
    }
}
