//! Looks at the on-premises server and stops where it is not what the clinic file says.

use async_trait::async_trait;

use super::context::blocking;
use super::{Action, Failure, StepCx, connect};
use crate::diag::{Fact, Kind, Problem};
use crate::ids::show_bytes;
use crate::playbook::Outputs;
use crate::source;

pub(super) struct SourceProbe {
    pub(super) space_factor: f64,
}

#[async_trait]
impl Action for SourceProbe {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let config = connect::source(cx.clinic());
        let facts = blocking(move || source::probe(&config)).await?;
        let wanted_id = &cx.clinic().clinic_id;
        // The cheapest proof that this is the right clinic's server.
        if facts.clinic_id.as_deref() != Some(wanted_id.as_str()) {
            return Err(Problem::new("run-other-clinic", Kind::Blocked)
                .with(Fact::open("expected", wanted_id))
                .with(Fact::open("found", facts.clinic_id.as_deref().unwrap_or("-")))
                .into());
        }
        // Where the archives lie, which may be a disk of their own.
        let folder = cx.work.path().join("archives");
        let free = blocking(move || source::disk::free_bytes(&folder)).await?;
        let wanted = (facts.database_bytes as f64 * self.space_factor) as u64;
        if free < wanted {
            return Err(Problem::new("run-disk-space", Kind::Blocked)
                .with(Fact::open("free", show_bytes(free)))
                .with(Fact::open("wanted", show_bytes(wanted)))
                .into());
        }
        Ok(Outputs::from([
            ("server_version".to_owned(), facts.server_version.clone().into()),
            ("pg_dump_version".to_owned(), facts.pg_dump_version.clone().into()),
            ("encoding".to_owned(), facts.encoding.clone().into()),
            ("identity".to_owned(), facts.identity.clone().into()),
            ("database_bytes".to_owned(), facts.database_bytes.into()),
            ("tables".to_owned(), facts.tables.into()),
            ("free_bytes".to_owned(), free.into()),
        ]))
    }
}
