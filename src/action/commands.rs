//! What a plan says of databases beside the clinic's: the commands word by word, whether their
//! names are free, and whether there is room.

use std::collections::BTreeMap;
use std::path::Path;

use super::context::blocking;
use super::room_beside::Room;
use super::swap_database::planned_names;
use crate::diag::Problem;
use crate::ids::StepId;
use crate::plan::DatabaseBeside;
use crate::playbook::{CheckedPlaybook, StepAction};
use crate::source::{SourceConfig, beside, dump, psql, swap};

/// The commands of the steps that run several; `server` is the server's version as a number.
pub(super) fn of_steps(
    playbook: &CheckedPlaybook,
    config: &SourceConfig,
    server: u32,
) -> BTreeMap<StepId, Vec<Vec<String>>> {
    let steps = playbook.steps().filter(|step| step.applies);
    steps
        .filter_map(|step| {
            let lines = match &step.action {
                StepAction::Dump { level, strategy, .. } => {
                    let database = strategy.database(&playbook.clinic.source)?;
                    by_database(config, &database, level.of_pg_dump(), server)
                }
                StepAction::SwapDatabase { dump } => {
                    let names = planned_names(playbook, dump)?;
                    vec![statements(config, &swap::statements(&names))]
                }
                _ => return None,
            };
            Some((step.id.clone(), lines))
        })
        .collect()
}

fn by_database(config: &SourceConfig, database: &str, level: u32, server: u32) -> Vec<Vec<String>> {
    vec![
        statements(config, &[beside::create_statement(database)]),
        dump::command_line(config),
        beside::restore_command_line(config, database, server),
        dump::plain_command_line(&config.in_database(database), level),
    ]
}

/// Statements travel by `psql`'s standard input; they are shown behind it.
fn statements(config: &SourceConfig, sql: &[String]) -> Vec<String> {
    let mut words = psql::shown_argv(&config.in_database(beside::MAINTENANCE));
    words.push(format!("<<< \"{}\"", sql.join("; ").replace('"', "\\\"")));
    words
}

/// Every database that will be made: one row for each name.
pub(super) async fn beside(
    playbook: &CheckedPlaybook,
    config: &SourceConfig,
    work: &Path,
) -> Result<Vec<DatabaseBeside>, Problem> {
    let mut found: Vec<DatabaseBeside> = Vec::new();
    for step in playbook.steps().filter(|step| step.applies) {
        let StepAction::Dump { strategy, .. } = &step.action else { continue };
        let Some(database) = strategy.database(&playbook.clinic.source) else { continue };
        if found.iter().any(|known| known.database == database) {
            continue;
        }
        let (config, name, work) = (config.clone(), database.clone(), work.to_owned());
        let (exists, room) = blocking(move || -> Result<_, Problem> {
            let exists = beside::oid(&config, &name)?.is_some();
            // What cannot be found out is said in the list, and refused by the step.
            Ok((exists, Room::look(&config, &work).ok()))
        })
        .await?;
        let room = room.map(|room| (room.free, room.wanted));
        found.push(DatabaseBeside { database, exists, room });
    }
    Ok(found)
}
