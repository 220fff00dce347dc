//! Databases that runs made beside the clinic's: which of them are still needed.

use super::found::{DatabaseFate, FoundDatabase, PurgeOrder, SeenRun, databases};
use crate::action::connect;
use crate::action::context::blocking;
use crate::diag::Problem;
use crate::playbook::Clinic;
use crate::source::{SourceConfig, beside};

/// Asks the server about each that stands in the records.
pub(super) async fn look(clinic: &Clinic, runs: &[SeenRun]) -> Vec<FoundDatabase> {
    let config = connect::source(clinic);
    let mut found = Vec::new();
    for seen in runs {
        for (oid, made) in databases(seen) {
            let (asked, name, open) = (config.clone(), made.database.clone(), seen.over.is_none());
            let fate = blocking(move || fate(&asked, &name, oid, open)).await;
            let fate = fate.unwrap_or_else(|problem| DatabaseFate::Failed { problem });
            let (run, database) = (seen.run.clone(), made.database.clone());
            found.push(FoundDatabase { run, database, oid, fate });
        }
    }
    found
}

fn fate(config: &SourceConfig, name: &str, made: u32, open: bool) -> Result<DatabaseFate, Problem> {
    // By the server's number: after a swap it has the clinic's name.
    if beside::oid(config, &config.database)? == Some(made) {
        return Ok(DatabaseFate::InUse);
    }
    if beside::oid(config, name)? != Some(made) {
        return Ok(DatabaseFate::Gone);
    }
    Ok(if open { DatabaseFate::RunOpen } else { DatabaseFate::NotNeeded })
}

/// True for one that no run needs, where a person ordered that it goes.
pub(super) fn may_drop(clinic: &Clinic, found: &FoundDatabase, order: &PurgeOrder) -> bool {
    order.all.is_some()
        && found.fate == DatabaseFate::NotNeeded
        && found.database != clinic.source.database
}

/// Drops it, and looks whether it is gone.
pub(super) async fn dropped(clinic: &Clinic, found: &FoundDatabase) -> Result<(), Problem> {
    let (config, name, oid) = (connect::source(clinic), found.database.clone(), found.oid);
    blocking(move || -> Result<(), Problem> {
        beside::drop_made(&config, &name, oid)?;
        match beside::oid(&config, &name)? {
            Some(found) if found == oid => {
                Err(Problem::new("run-purge-failed", crate::diag::Kind::Environment)
                    .with(crate::diag::Fact::local("path", &name))
                    .with(crate::diag::Fact::local("reason", "it is still there")))
            }
            _ => Ok(()),
        }
    })
    .await
}
