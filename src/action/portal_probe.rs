//! Walks the management site without changing anything, and stops where the night would.

use async_trait::async_trait;

use super::{Action, Failure, StepCx, connect};
use crate::clock::{MAX_SKEW_SECS, show, to_jst};
use crate::diag::{Fact, Kind, Problem};
use crate::playbook::{Clinic, Outputs};
use crate::portal::{ProbeReport, Session};

pub(super) struct PortalProbe {
    pub(super) free_slots: u32,
}

#[async_trait]
impl Action for PortalProbe {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let mut session = Session::open(connect::portal(cx.clinic(), &cx.clock)?).await?;
        let report = session.probe().await?;
        if let Some(problem) = refused(&report, cx.clinic(), self.free_slots) {
            return Err(problem.into());
        }
        Ok(Outputs::from([
            ("certificate".to_owned(), report.certificate.cn.clone().into()),
            ("free_slots".to_owned(), report.free_slots.into()),
            ("clock_skew_secs".to_owned(), connect::largest_skew_secs(&report).into()),
        ]))
    }
}

/// What of a walk stops the run.
fn refused(report: &ProbeReport, clinic: &Clinic, free_slots: u32) -> Option<Problem> {
    let blocked = |code| Problem::new(code, Kind::Blocked);
    if !report.can_import {
        return Some(
            blocked("run-certificate-cannot-import")
                .with(Fact::local("certificate", &report.certificate.cn)),
        );
    }
    let window_end = clinic.cutover.window_end;
    let ends = chrono::DateTime::parse_from_rfc3339(&report.certificate.not_after).map(to_jst);
    if !ends.is_ok_and(|ends| ends >= window_end) {
        return Some(
            blocked("run-certificate-ends")
                .with(Fact::open("ends", ends.map_or_else(|_| "-".to_owned(), |at| show(&at))))
                .with(Fact::open("window", show(&window_end))),
        );
    }
    let wanted = &clinic.portal.import_version;
    if !report.import_versions.contains(wanted) {
        return Some(
            blocked("run-no-import-version")
                .with(Fact::open("wanted", wanted))
                .with(Fact::open("offered", report.import_versions.join(", "))),
        );
    }
    if report.free_slots < free_slots {
        return Some(
            blocked("run-no-free-slots")
                .with(Fact::open("free", report.free_slots))
                .with(Fact::open("wanted", free_slots)),
        );
    }
    let skew = connect::largest_skew_secs(report);
    (skew.abs() > MAX_SKEW_SECS)
        .then(|| blocked("run-clock-skew").with(Fact::open("seconds", skew)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::SourceText;
    use crate::portal::{CertificateReport, PasswordForm};

    fn clinic() -> Clinic {
        let text = include_str!("../../examples/clinic.yaml").into();
        let source = SourceText { name: "clinic.yaml".to_owned(), text };
        crate::playbook::load_clinic(&source).unwrap()
    }

    fn good() -> ProbeReport {
        ProbeReport {
            certificate: CertificateReport {
                cn: "client1423".to_owned(),
                not_after: "2027-12-31T00:00:00Z".to_owned(),
                asked: true,
                password: PasswordForm::Trimmed,
            },
            clock_skew_secs: [("ctrl".to_owned(), 0)].into(),
            pages: Vec::new(),
            dumps: Vec::new(),
            free_slots: 2,
            import_versions: ["9.6", "15"].map(str::to_owned).to_vec(),
            can_import: true,
            profile_sha256: String::new(),
        }
    }

    fn code(change: impl FnOnce(&mut ProbeReport)) -> Option<String> {
        let mut report = good();
        change(&mut report);
        let problem = refused(&report, &clinic(), 2)?;
        assert_eq!(problem.kind, Kind::Blocked);
        Some(problem.code.to_string())
    }

    #[test]
    fn what_would_stop_the_night_stops_the_look_before_it() {
        assert_eq!(code(|_| ()), None);
        let is = |expected: &str, found: Option<String>| {
            assert_eq!(found.as_deref(), Some(expected));
        };
        is("run-certificate-cannot-import", code(|report| report.can_import = false));
        is("run-no-import-version", code(|report| report.import_versions.truncate(1)));
        is("run-no-import-version", code(|report| report.import_versions.clear()));
        is("run-no-free-slots", code(|report| report.free_slots = 1));
        assert_eq!(code(|report| report.free_slots = 3), None);
        for (skew, stops) in [(60, false), (61, true), (-60, false), (-61, true)] {
            // The worst of the three hosts counts.
            let found = code(|report| {
                report.clock_skew_secs.insert("sms".to_owned(), skew);
            });
            assert_eq!(found.is_some(), stops, "{skew}");
        }
    }

    /// The sample window ends at 01:00 in Tokyo.
    #[test]
    fn the_certificate_lasts_to_the_end_of_the_window_to_the_second() {
        for (ends, stops) in [
            ("2027-01-21T16:00:00Z", false),
            ("2027-01-21T15:59:59Z", true),
            ("2027-01-22T01:00:00+09:00", false),
            ("2027-01-22T00:59:59+09:00", true),
            ("2027-01-21T19:00:01+09:00", true),
            ("2027-01-21T18:59:59+09:00", true),
            ("unknown", true),
        ] {
            let found = code(|report| ends.clone_into(&mut report.certificate.not_after));
            assert_eq!(found.as_deref() == Some("run-certificate-ends"), stops, "{ends}");
        }
    }
}
