//! Proves an import: what came back holds the same rows as what was sent, table by table.

use async_trait::async_trait;

use super::context::blocking;
use super::{Action, Failure, StepCx};
use crate::archive::{self, CompareOptions, Verdict};
use crate::diag::{Fact, Kind, Problem};
use crate::playbook::Outputs;

/// Names of differing tables that a message lists.
const MAX_NAMED_TABLES: usize = 8;

pub(super) struct CompareArchives {
    pub(super) expected: String,
    pub(super) actual: String,
}

#[async_trait]
impl Action for CompareArchives {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let expected = cx.archive_in_clear(&self.expected).await?;
        let actual = cx.archive_in_clear(&self.actual).await?;
        let progress = cx.progress.clone();
        let report = blocking(move || {
            archive::compare(&expected, &actual, &CompareOptions::default(), &progress)
        })
        .await?;
        let differing: Vec<String> = report
            .tables
            .iter()
            .filter(|table| !table.verdict.is_good())
            .map(|table| format!("{}.{}", table.schema, table.table))
            .collect();
        if !report.same {
            return Err(Problem::new("run-proof-failed", Kind::Data)
                .with(Fact::open("count", differing.len()))
                .with(Fact::open(
                    "tables",
                    differing
                        .iter()
                        .take(MAX_NAMED_TABLES)
                        .map(String::as_str)
                        .collect::<Vec<_>>()
                        .join(", "),
                ))
                .into());
        }
        let by_design: Vec<String> = report
            .tables
            .iter()
            .filter(|table| table.verdict == Verdict::AsExpected)
            .map(|table| format!("{}.{}", table.schema, table.table))
            .collect();
        Ok(Outputs::from([
            ("emptied_by_importer".to_owned(), by_design.into()),
            ("tables".to_owned(), report.tables.len().into()),
            ("rows".to_owned(), report.expected_rows.into()),
            ("differences".to_owned(), differing.len().into()),
        ]))
    }
}
