//! A read-only walk over the site's pages, contract by contract.
//!
//! Follows links only; anything that would send a form or another method stops the walk.

use std::collections::BTreeMap;

use serde::Serialize;

use super::PortalError;
use super::contract::Visit;
use super::dumps::DumpRow;
use super::http::Outgoing;
use super::import;
use super::pkcs12::PasswordForm;
use super::profile::{Label, PageKind};
use super::session::Session;
use crate::clock::rfc3339;
use crate::diag::{Explain, Problem};
use crate::i18n::Lang;

/// What a walk found.
#[derive(Clone, Debug, Serialize)]
pub struct ProbeReport {
    /// The client certificate.
    pub certificate: CertificateReport,
    /// Each host's clock minus ours, in seconds.
    pub clock_skew_secs: BTreeMap<String, i64>,
    /// The pages in the order of the walk.
    pub pages: Vec<PageReport>,
    /// The dumps in the list.
    pub dumps: Vec<DumpRow>,
    /// Dump slots that are free; 0 where the list was not understood.
    pub free_slots: u32,
    /// What the import form's version select offers.
    pub import_versions: Vec<String>,
    /// True where the import form showed for this certificate and holds what an import needs.
    pub can_import: bool,
    /// SHA-256 of the portal profile.
    pub profile_sha256: String,
}

/// The client certificate.
#[derive(Clone, Debug, Serialize)]
pub struct CertificateReport {
    /// Its common name.
    pub cn: String,
    /// Its end, RFC 3339.
    pub not_after: String,
    /// True where a server asked for it.
    pub asked: bool,
    /// How its password had to be read.
    pub password: PasswordForm,
}

/// One page of the walk.
#[derive(Clone, Debug, Serialize)]
pub struct PageReport {
    /// The page.
    pub page: PageKind,
    /// Whether it was understood.
    pub verdict: PageVerdict,
    /// The code and facts of what was wrong; labels only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// The same in English, for logs.
    pub detail: String,
}

/// Whether a page was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PageVerdict {
    /// Everything its contract names is there.
    Ok,
    /// It showed, but is not what the contract says.
    Unknown,
    /// It could not be reached, or the site refused it.
    Missing,
}

impl Session {
    /// Walks P1 to P5 without changing anything.
    ///
    /// # Errors
    /// When the site cannot be reached or refuses the log-in; a page that is not understood is
    /// part of the report instead.
    pub async fn probe(&mut self) -> Result<ProbeReport, PortalError> {
        let mut pages = Vec::new();
        let home = self.log_in().await?;
        pages.push(report(PageKind::ControlHome, Ok(())));
        let detail = self.follow(&home, Label::TabTenant, PageKind::TenantDetail).await;
        pages.push(report(PageKind::TenantDetail, detail.as_ref().map(|_| ())));
        let management = match &detail {
            Ok(detail) => self.follow(detail, Label::ManagementLink, PageKind::Management).await,
            // A broken P2 does not hide P3, whose address the session knows.
            Err(_) => self.management().await,
        };
        pages.push(report(PageKind::Management, management.as_ref().map(|_| ())));
        let form = self.import_form().await;
        let offered = form.as_ref().ok().and_then(|visit| self.offered(visit));
        pages.push(report(PageKind::ImportForm, form.as_ref().map(|_| ())));
        let list = self.dump_list().await.and_then(|visit| self.rows(&visit));
        pages.push(report(PageKind::DumpList, list.as_ref().map(|_| ())));
        // The log-in host answers only on the way; its clock counts as well.
        self.look_at_log_in().await;
        let limit = self.config.profile.dumps().limit;
        let free = list
            .as_ref()
            .map(|rows| limit.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX)));
        Ok(ProbeReport {
            certificate: CertificateReport {
                cn: self.cn.clone(),
                not_after: rfc3339(&self.not_after),
                asked: self.browser.was_asked(),
                password: self.password_form,
            },
            clock_skew_secs: self.browser.skews().clone(),
            pages,
            free_slots: free.unwrap_or(0),
            dumps: list.unwrap_or_default(),
            can_import: form.is_ok() && offered.is_some(),
            import_versions: offered.unwrap_or_default(),
            profile_sha256: self.config.profile.sha256().to_owned(),
        })
    }

    fn offered(&self, visit: &Visit) -> Option<Vec<String>> {
        let label = self.config.profile.label(Label::ImportFile);
        let (form, _) = visit.page.field(label).ok()?;
        import::versions(visit, form).map(|(_, offered)| offered)
    }

    async fn look_at_log_in(&mut self) {
        let auth = self.config.auth.clone();
        let known = auth.host_str().is_some_and(|host| self.browser.skews().contains_key(host));
        if !known {
            // Only its Date header is of interest; whatever page it shows is not judged.
            let _ = self.browser.open("log-in", Outgoing::get(&auth)).await;
        }
    }
}

fn report(page: PageKind, result: Result<(), &PortalError>) -> PageReport {
    let Err(error) = result else {
        let detail = "ok".to_owned();
        return PageReport { page, verdict: PageVerdict::Ok, problem: None, detail };
    };
    let verdict = match error {
        PortalError::PageUnknown { .. }
        | PortalError::LabelNotUnique { .. }
        | PortalError::NeedsBrowser { .. }
        | PortalError::OtherTenant { .. }
        | PortalError::PageTooLarge { .. } => PageVerdict::Unknown,
        _ => PageVerdict::Missing,
    };
    let problem = Problem {
        code: error.code().into(),
        kind: error.kind(),
        facts: error.facts(),
        detail: None,
    };
    let detail = problem.message(Lang::En);
    PageReport { page, verdict, problem: Some(problem), detail }
}
