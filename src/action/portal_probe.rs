//! Walks the management site without changing anything, and stops where the night would.

use async_trait::async_trait;

use super::{Action, Failure, StepCx, connect};
use crate::diag::{Fact, Kind, Problem};
use crate::playbook::Outputs;
use crate::portal::Session;

/// Clocks that differ by more than this stop the run: times on the site could not be trusted.
const MAX_SKEW_SECS: i64 = 60;

pub(super) struct PortalProbe {
    pub(super) free_slots: u32,
}

#[async_trait]
impl Action for PortalProbe {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let config = connect::portal(cx.clinic(), &cx.clock)?;
        let wanted_version = config.import_version.clone();
        let mut session = Session::open(config).await?;
        let report = session.probe().await?;
        let blocked = |code| Problem::new(code, Kind::Blocked);
        if !report.can_import {
            return Err(blocked("run-certificate-cannot-import")
                .with(Fact::local("certificate", &report.certificate.cn))
                .into());
        }
        if !report.import_versions.contains(&wanted_version) {
            return Err(blocked("run-no-import-version")
                .with(Fact::open("wanted", &wanted_version))
                .with(Fact::open("offered", report.import_versions.join(", ")))
                .into());
        }
        if report.free_slots < self.free_slots {
            return Err(blocked("run-no-free-slots")
                .with(Fact::open("free", report.free_slots))
                .with(Fact::open("wanted", self.free_slots))
                .into());
        }
        let skew = connect::largest_skew_secs(&report);
        if skew.abs() > MAX_SKEW_SECS {
            return Err(blocked("run-clock-skew").with(Fact::open("seconds", skew)).into());
        }
        Ok(Outputs::from([
            ("certificate".to_owned(), report.certificate.cn.clone().into()),
            ("free_slots".to_owned(), report.free_slots.into()),
            ("clock_skew_secs".to_owned(), skew.into()),
        ]))
    }
}
