//! A logged-in session at our tenant's management page.
//!
//! Opens, proves whose tenant it is, and finds the pages of the steps. Changes nothing: the
//! changes are in `export` and `import`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::ExposeSecret;
use url::Url;

use super::contract::{self, TenantId, Visit};
use super::http::{Browser, Outgoing};
use super::page::{Action, Miss};
use super::pkcs12::{ClientCertificate, PasswordForm};
use super::profile::{Label, PageKind, Profile};
use super::{PortalError, tls};
use crate::clock::{self, Clock, Jst, MAX_SKEW_SECS};
use crate::secret::SecretRef;

/// Log-ins tried with what may be the same password less its blanks; a third could lock the
/// account.
const MAX_LOGINS: u32 = 2;

/// Where the management site is and who comes to it.
#[derive(Clone, Debug)]
pub struct PortalConfig {
    /// `https://ctrl.cmo.orcamo.jp`.
    pub control: Url,
    /// `https://auth.cmo.orcamo.jp`.
    pub auth: Url,
    /// `https://sms.orca.orcamo.jp`.
    pub management: Url,
    /// Address that the three names are looked up as; DNS where it is `None`.
    pub resolve: Option<IpAddr>,
    /// The pinned root certificate.
    pub ca: PathBuf,
    /// The clinic's client certificate, PKCS#12.
    pub client_p12: PathBuf,
    /// Its password.
    pub client_pass: SecretRef,
    /// Log-in id.
    pub login_id: SecretRef,
    /// Log-in password.
    pub login_password: SecretRef,
    /// ORCAMO ID, nine digits.
    pub orcamo_id: String,
    /// 名称.
    pub tenant_name: String,
    /// The entry of the import form's version select.
    pub import_version: String,
    /// Labels and page contracts.
    pub profile: Profile,
    /// The run's clock.
    pub clock: Clock,
}

/// Times of waiting. Real time, whatever the run's clock says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// First pause between two looks at a page.
    pub(crate) first_poll: Duration,
    /// Longest pause.
    pub(crate) longest_poll: Duration,
    /// How long a new dump's row may take to appear.
    pub(crate) row_appears: Duration,
    /// No byte moved for so long ends a transfer.
    pub(crate) idle: Duration,
    /// For the answer to an upload and the end of the import that follows.
    pub(crate) import: Duration,
    /// How long an import's page may say nothing that is known.
    pub(crate) unclear: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_poll: Duration::from_millis(200),
            longest_poll: Duration::from_secs(5),
            row_appears: Duration::from_secs(30),
            idle: Duration::from_secs(120),
            import: Duration::from_secs(60 * 60),
            unclear: Duration::from_secs(5 * 60),
        }
    }
}

/// A logged-in session whose tenant has been proved.
#[derive(Debug)]
pub struct Session {
    pub(crate) config: PortalConfig,
    pub(crate) browser: Browser,
    pub(crate) tenant: TenantId,
    pub(crate) limits: Limits,
    pub(crate) cn: String,
    pub(crate) not_after: Jst,
    pub(crate) password_form: PasswordForm,
    /// P3, once it was found.
    home: Option<Url>,
    wrong_logins: u32,
}

impl Session {
    /// Connects, logs in, walks P1 to P3 and proves the tenant three ways.
    ///
    /// # Errors
    /// When anything on the way is not as the configuration and the profile say. Nothing was
    /// changed then.
    pub async fn open(config: PortalConfig) -> Result<Self, PortalError> {
        let mut session = Self::connect(config).await?;
        let first = session.log_in().await?;
        session.enter(first).await?;
        Ok(session)
    }

    async fn connect(config: PortalConfig) -> Result<Self, PortalError> {
        let hosts = vec![config.control.clone(), config.auth.clone(), config.management.clone()];
        for url in &hosts {
            if url.scheme() != "https" || url.host_str().is_none() {
                let address = url.origin().ascii_serialization();
                return Err(PortalError::Address { address });
            }
        }
        let (path, pass) = (config.client_p12.clone(), config.client_pass.clone());
        // Opening PKCS#12 hashes for a while.
        let read = tokio::task::spawn_blocking(move || ClientCertificate::read(&path, &pass)).await;
        let certificate = read.map_err(|_| PortalError::P12 {
            path: config.client_p12.clone(),
            reason: "reading it was cut short".to_owned(),
        })??;
        if certificate.not_after <= config.clock.now() {
            return Err(PortalError::CertificateEnded {
                cn: certificate.cn,
                not_after: clock::show(&certificate.not_after),
            });
        }
        let (tls, asked) = tls::configure(&config.ca, &certificate, &config.clock)?;
        let browser = Browser::new(tls, asked, hosts, config.resolve, config.clock.clone())?;
        Ok(Self {
            tenant: TenantId {
                orcamo_id: config.orcamo_id.clone(),
                name: config.tenant_name.clone(),
            },
            config,
            browser,
            limits: Limits::default(),
            cn: certificate.cn,
            not_after: certificate.not_after,
            password_form: certificate.password_form,
            home: None,
            wrong_logins: 0,
        })
    }

    /// Opens the control site and logs in where it asks for it; returns P1.
    pub(crate) async fn log_in(&mut self) -> Result<Visit, PortalError> {
        let step = "log-in";
        let control = self.config.control.clone();
        let mut visit = self.browser.open(step, Outgoing::get(&control)).await?;
        if contract::is_login(&visit.page, &self.config.profile) {
            let secret = |what, secret: &SecretRef| {
                secret.read().map_err(|source| PortalError::Secret { what, source })
            };
            let id = secret("log-in id", &self.config.login_id)?;
            let password = secret("log-in password", &self.config.login_password)?;
            let whole = password.expose_secret().trim_end_matches(['\r', '\n']);
            let mut tries = vec![whole];
            if whole.trim() != whole {
                tries.push(whole.trim());
            }
            for password in tries {
                if self.wrong_logins >= MAX_LOGINS {
                    break;
                }
                visit = self.submit_login(&visit, id.expose_secret().trim(), password).await?;
                if !contract::is_login(&visit.page, &self.config.profile) {
                    break;
                }
                self.wrong_logins = self.wrong_logins.saturating_add(1);
            }
            // The page of a refusal may lack the form (the vendor's own clients see a bare 403).
            let bare = matches!(visit.status, 401 | 403)
                && contract::refusal(&visit.page, &self.config.profile) == "other";
            if bare || contract::is_login(&visit.page, &self.config.profile) {
                return Err(PortalError::LoginRefused { attempts: self.wrong_logins.max(1) });
            }
        }
        contract::check(&visit, PageKind::ControlHome, &self.config.profile)?;
        Ok(visit)
    }

    async fn submit_login(
        &mut self,
        visit: &Visit,
        id: &str,
        password: &str,
    ) -> Result<Visit, PortalError> {
        let step = "log-in";
        let profile = &self.config.profile;
        let mut filled = visit.clone();
        let page = &visit.page;
        let find = |label| {
            page.field(profile.label(label))
                .map_err(|miss| contract::missed(step, profile, label, miss, page))
        };
        let (form, id_field) = find(Label::LoginId)?;
        let (other, password_field) = find(Label::LoginPassword)?;
        let button = page
            .control(profile.label(Label::LoginButton))
            .map_err(|miss| contract::missed(step, profile, Label::LoginButton, miss, page))?;
        // The button is this form's, and a password never goes into an address.
        let is_ours = matches!(button.action, Action::Submit { form: of_button, .. } if of_button == form)
            && form == other;
        match filled.page.forms.get_mut(form).filter(|form| is_ours && form.method == "post") {
            Some(form) => {
                form.fill(id_field, id);
                form.fill(password_field, password);
            }
            None => {
                return Err(contract::missed(step, profile, Label::LoginButton, Miss::None, page));
            }
        }
        let outgoing = self.browser.click(step, &filled, button);
        if let Some(form) = filled.page.forms.get_mut(form) {
            form.wipe(password_field);
        }
        self.browser.open(step, outgoing?).await
    }

    /// From P1 over P2 to P3, with all proofs of the tenant.
    pub(crate) async fn enter(&mut self, home: Visit) -> Result<Visit, PortalError> {
        let detail = self.follow(&home, Label::TabTenant, PageKind::TenantDetail).await?;
        let management = self.follow(&detail, Label::ManagementLink, PageKind::Management).await?;
        self.home = Some(management.url.clone());
        Ok(management)
    }

    /// Clicks a link and checks the page it leads to, with the proofs of the tenant.
    pub(crate) async fn follow(
        &mut self,
        from: &Visit,
        label: Label,
        kind: PageKind,
    ) -> Result<Visit, PortalError> {
        let profile = &self.config.profile;
        let step = kind.as_str();
        let control = from
            .page
            .control(profile.label(label))
            .map_err(|miss| contract::missed(step, profile, label, miss, &from.page))?;
        let outgoing = self.browser.click(step, from, control)?;
        if outgoing.body.is_some() {
            // Walking must not change anything, and a link that posts may.
            return Err(contract::missed(step, profile, label, Miss::None, &from.page));
        }
        let visit = self.browser.open(step, outgoing).await?;
        self.accept(&visit, kind)?;
        Ok(visit)
    }

    /// The page is the expected one and our tenant's.
    pub(crate) fn accept(&self, visit: &Visit, kind: PageKind) -> Result<(), PortalError> {
        contract::check(visit, kind, &self.config.profile)?;
        contract::prove_tenant(visit, kind, &self.config.profile, &self.tenant)
    }

    /// P3, fresh. A session that has ended meanwhile is opened again: looking changes nothing.
    pub(crate) async fn management(&mut self) -> Result<Visit, PortalError> {
        if let Some(home) = self.home.clone() {
            let visit =
                self.browser.open(PageKind::Management.as_str(), Outgoing::get(&home)).await?;
            match self.accept(&visit, PageKind::Management) {
                Ok(()) => return Ok(visit),
                Err(PortalError::SessionLost { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let first = self.log_in().await?;
        self.enter(first).await
    }

    /// P5, fresh, reached from a fresh P3.
    pub(crate) async fn dump_list(&mut self) -> Result<Visit, PortalError> {
        let home = self.management().await?;
        self.follow(&home, Label::DumpMenu, PageKind::DumpList).await
    }

    /// P4, fresh, reached from a fresh P3.
    ///
    /// A menu without the item is either a certificate that may not import or a renamed label;
    /// the form's address, which only shows a page, tells which.
    pub(crate) async fn import_form(&mut self) -> Result<Visit, PortalError> {
        let home = self.management().await?;
        let step = PageKind::ImportForm.as_str();
        let profile = self.config.profile.clone();
        let found = home.page.control(profile.label(Label::ImportMenu)).cloned();
        let direct = match found {
            Ok(control) => {
                let outgoing = self.browser.click(step, &home, &control)?;
                if outgoing.body.is_none() { Ok(outgoing) } else { Err(Miss::None) }
            }
            Err(miss) => Err(miss),
        };
        let (outgoing, miss) = match direct {
            Ok(outgoing) => (outgoing, None),
            Err(miss) => {
                let path = profile.contract(PageKind::ImportForm).path;
                let path = format!("/{}", path.replace("{id}", self.tenant.in_address()));
                let lost = contract::missed(step, &profile, Label::ImportMenu, miss, &home.page);
                let Ok(url) = home.url.join(&path) else { return Err(lost) };
                (Outgoing { url, body: None, from: Some(home.url.clone()) }, Some(lost))
            }
        };
        let visit = self.browser.open(step, outgoing).await?;
        match (contract::refuse_foreign(&visit, &profile, step), miss) {
            (Err(PortalError::Forbidden { .. }), _) => Err(PortalError::CannotImport),
            (_, Some(lost)) => Err(lost),
            (Err(error), None) => Err(error),
            (Ok(()), None) => self.accept(&visit, PageKind::ImportForm).map(|()| visit),
        }
    }

    /// The clocks of the hosts agree with ours well enough for an import.
    pub(crate) fn check_clocks(&self) -> Result<(), PortalError> {
        let worst = self.browser.skews().iter().max_by_key(|(_, skew)| skew.unsigned_abs());
        match worst {
            Some((host, skew)) if skew.unsigned_abs() > MAX_SKEW_SECS.unsigned_abs() => {
                Err(PortalError::ClockSkew { host: host.clone(), secs: *skew })
            }
            _ => Ok(()),
        }
    }
}

/// Pauses that begin short and grow: states change within seconds or take minutes.
#[derive(Debug)]
pub(crate) struct Pauses {
    next: Duration,
    longest: Duration,
}

impl Pauses {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { next: limits.first_poll, longest: limits.longest_poll }
    }

    pub(crate) async fn pause(&mut self) {
        tokio::time::sleep(self.next).await;
        self.next = self.next.saturating_mul(2).min(self.longest);
    }
}
