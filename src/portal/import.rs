//! The import: the one step that overwrites a tenant's data.
//!
//! It is sent at most once by a call, and whatever happens after the first byte without a
//! definite answer is in doubt. Nothing here tries again.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use reqwest::multipart::{Form as Multipart, Part};
use serde::{Deserialize, Serialize};
use tokio::fs::File;
use tokio::time::Instant;
use url::Url;

use super::contract::{self, Visit};
use super::form::{Field, FieldKind};
use super::http::Outgoing;
use super::page::{Action, Miss};
use super::profile::Label;
use super::session::{Pauses, Session};
use super::target::{self, Change};
use super::transfer::{self, Meter};
use super::verdict::{self, Verdict};
use super::{PortalError, names};
use crate::diag::redact;
use crate::fault::{self, Point};
use crate::ids::Sha256;
use crate::progress::Progress;

/// A finished import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportDone {
    /// Bytes of the file that were sent.
    pub bytes: u64,
    /// SHA-256 of the bytes that were sent.
    pub sha256: Sha256,
    /// The version chosen in the form.
    pub version: String,
    /// Milliseconds from the first byte to the last as they were handed to the connection.
    pub upload_ms: u64,
    /// The completion text of the page.
    pub message: String,
}

/// How sure it is what became of an import that did not end well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Surely nothing was imported.
    NotStarted,
    /// It took place and failed; the site said so. The tenant's data may be damaged.
    Ended,
    /// Not known. Never repeated by itself.
    InDoubt,
}

/// An import that did not end well.
pub struct ImportFailure {
    /// What happened.
    pub error: PortalError,
    /// How sure it is.
    pub certainty: Certainty,
    /// The site's import log as it stands there. Holds patient data: it stays on this machine.
    pub import_log: Option<String>,
}

/// Shows how long the log is, never what it says.
impl fmt::Debug for ImportFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportFailure")
            .field("error", &self.error)
            .field("certainty", &self.certainty)
            .field("import_log_bytes", &self.import_log.as_ref().map(String::len))
            .finish()
    }
}

impl ImportFailure {
    fn not_started(error: PortalError) -> Self {
        Self { error, certainty: Certainty::NotStarted, import_log: None }
    }

    fn in_doubt(cause: &'static str, seen: String) -> Self {
        let error = PortalError::ImportInDoubt { cause, seen };
        Self { error, certainty: Certainty::InDoubt, import_log: None }
    }

    /// An error after the first byte; its own code says what broke.
    fn broken(error: &PortalError) -> Self {
        use crate::diag::Explain;
        Self::in_doubt(error.code(), "-".to_owned())
    }

    fn ended(log: Option<String>) -> Self {
        let text = log.as_deref().unwrap_or_default();
        let error = PortalError::ImportFailed {
            log: redact::postgres_text(text),
            lines: text.lines().count(),
        };
        Self { error, certainty: Certainty::Ended, import_log: log }
    }
}

/// A form that is filled in and has not been sent: nothing has happened to the tenant.
pub struct PreparedImport {
    url: Url,
    from: Url,
    multipart: Multipart,
    meter: Arc<Meter>,
    version: String,
}

impl Session {
    /// Both in one go, for those who have nothing to ask in between.
    ///
    /// # Errors
    /// As [`Session::send_import`].
    pub async fn import(
        &mut self,
        file: &Path,
        progress: &Progress,
    ) -> Result<ImportDone, ImportFailure> {
        let prepared = self.prepare_import(file, progress).await?;
        self.send_import(prepared).await
    }

    /// Does everything before the first byte: a fresh form, all proofs, version, confirmation.
    ///
    /// # Errors
    /// Where the import surely does not take place.
    pub async fn prepare_import(
        &mut self,
        file: &Path,
        progress: &Progress,
    ) -> Result<PreparedImport, ImportFailure> {
        let prepared = self.prepare(file, progress).await.map_err(ImportFailure::not_started)?;
        fault::reach(Point::ImportReady)
            .await
            .map_err(|injected| ImportFailure::not_started(injected.into()))?;
        Ok(prepared)
    }

    /// Uploads the file into the tenant, whose data is overwritten, and waits for the end.
    ///
    /// # Errors
    /// With how sure it is what became of it. `InDoubt` must never lead to another call by
    /// itself.
    pub async fn send_import(
        &mut self,
        prepared: PreparedImport,
    ) -> Result<ImportDone, ImportFailure> {
        let host = prepared.url.host_str().unwrap_or_default().to_owned();
        let mut request = self.browser.post(&prepared.url).multipart(prepared.multipart);
        for (name, value) in self.browser.origin_headers(Some(&prepared.from), true) {
            request = request.header(name, value);
        }
        let meter = prepared.meter;
        // From here on the import may take place. Everything that can be checked was checked.
        let limits = self.limits;
        let sent = transfer::send(&host, request, &meter, limits.idle, limits.import).await;
        let response = match sent {
            Ok(response) => response,
            Err(error) if meter.begun() => return Err(ImportFailure::broken(&error)),
            Err(error) => return Err(ImportFailure::not_started(error)),
        };
        self.browser.note_date(&host, &response);
        come_by(Point::ImportAnswered).await?;
        let message = self.settle(&prepared.url, response).await?;
        come_by(Point::ImportEnded).await?;
        Ok(ImportDone {
            bytes: meter.sent(),
            sha256: meter.sha256(),
            version: prepared.version,
            upload_ms: meter
                .took()
                .and_then(|took| u64::try_from(took.as_millis()).ok())
                .unwrap_or_default(),
            message,
        })
    }

    async fn prepare(
        &mut self,
        path: &Path,
        progress: &Progress,
    ) -> Result<PreparedImport, PortalError> {
        let wrong = |error: std::io::Error| transfer::file_error(path, error.kind());
        let file = File::open(path).await.map_err(wrong)?;
        let length = file.metadata().await.map_err(wrong)?.len();
        let visit = self.import_form().await?;
        self.check_clocks()?;
        let (url, pairs, version) = self.fill(&visit)?;
        self.browser.admit("import", &url)?;
        progress.stage("upload");
        progress.expect_bytes(length);
        let meter = Arc::new(Meter::default());
        let body = transfer::body(file, length, Arc::clone(&meter), progress.clone());
        let part = Part::stream_with_length(reqwest::Body::wrap_stream(body), length)
            .file_name("orca.dump")
            .mime_str("application/octet-stream")
            .map_err(|error| super::tls::explain("-", &error, 0))?;
        let mut part = Some(part);
        let mut multipart = Multipart::new();
        for (name, value) in pairs {
            multipart = match (value, part.take()) {
                (None, Some(file)) => multipart.part(name, file),
                (value, kept) => {
                    part = kept;
                    multipart.text(name, value.unwrap_or_default())
                }
            };
        }
        Ok(PreparedImport { url, from: visit.url, multipart, meter, version })
    }

    /// Fills the form in: our version, the file's place, the clicked button.
    #[expect(clippy::type_complexity, reason = "the three parts of one request, used once")]
    fn fill(
        &self,
        visit: &Visit,
    ) -> Result<(Url, Vec<(String, Option<String>)>, String), PortalError> {
        let step = "import";
        let profile = &self.config.profile;
        let page = &visit.page;
        let missed = |label, miss| contract::missed(step, profile, label, miss, page);
        let (index, file_field) = page
            .field(profile.label(Label::ImportFile))
            .map_err(|miss| missed(Label::ImportFile, miss))?;
        let button = page
            .control(profile.label(Label::ImportButton))
            .map_err(|miss| missed(Label::ImportButton, miss))?;
        contract::check_confirm(step, button.confirm.as_deref(), &profile.confirm().import_start)?;
        let form = page.forms.get(index).ok_or_else(|| missed(Label::ImportFile, Miss::None))?;
        if form.scripted || button.action == Action::Script {
            return Err(PortalError::NeedsBrowser { step });
        }
        let files = form.fields.iter().filter(|field| field.kind == FieldKind::File).count();
        let is_file = form.fields.get(file_field).is_some_and(|f| f.kind == FieldKind::File);
        let Action::Submit { form: of_button, extra } = &button.action else {
            return Err(missed(Label::ImportButton, Miss::None));
        };
        // The button is this form's, the form takes exactly one file, and nothing is greyed out.
        let fits = *of_button == index && is_file && files == 1 && !button.disabled;
        if !fits || !form.multipart || form.method != "post" {
            return Err(missed(Label::ImportButton, Miss::None));
        }
        let (select, choice, version) = self.choose_version(visit, index)?;
        let mut filled = form.clone();
        filled.choose(select, choice);
        let pairs = filled.with_csrf(filled.successful(extra.as_ref()), page.csrf.as_ref());
        // Of a doubled name the server takes one, and nobody knows which.
        let doubled = |field: usize| {
            let name = filled.fields.get(field).map(|field| &field.name);
            pairs.iter().filter(|(other, _)| Some(other) == name).count() != 1
        };
        if doubled(file_field) || doubled(select) {
            return Err(missed(Label::ImportFile, Miss::Many(2)));
        }
        let url = visit
            .url
            .join(&form.action)
            .ok()
            .filter(|url| url.origin() == visit.url.origin())
            .ok_or_else(|| missed(Label::ImportButton, Miss::None))?;
        let sent =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_deref().unwrap_or("")));
        target::prove(Change::Import, &url, sent, profile, &self.tenant)?;
        Ok((url, pairs, version))
    }

    /// The form's one select is the version's; it carries no label in the manual's picture.
    fn choose_version(
        &self,
        visit: &Visit,
        form: usize,
    ) -> Result<(usize, usize, String), PortalError> {
        let ours = &self.config.import_version;
        let missing = |offered: Vec<String>| PortalError::VersionMissing {
            version: ours.clone(),
            offered: if offered.is_empty() { "-".to_owned() } else { offered.join(", ") },
        };
        let (select, offered) = versions(visit, form).ok_or_else(|| missing(Vec::new()))?;
        let options = match visit.page.forms.get(form).and_then(|form| form.fields.get(select)) {
            Some(Field { kind: FieldKind::Select { options }, .. }) => options.as_slice(),
            _ => &[],
        };
        let entry = options
            .iter()
            .enumerate()
            .find(|(_, option)| names::same(&option.text, ours) && !option.disabled);
        let Some((choice, entry)) = entry else { return Err(missing(offered)) };
        // What is sent for the entry must be its own, and no other entry's.
        let is_doubtful = options.iter().any(|other| {
            let alike = names::same(&other.text, &entry.text);
            let stands_for_it = names::same(&other.text, &entry.value);
            (alike && other.value != entry.value) || (!alike && stands_for_it)
        });
        if is_doubtful {
            return Err(missing(offered));
        }
        Ok((select, choice, ours.clone()))
    }

    /// Follows the answer to the end of the import; returns the completion text.
    async fn settle(
        &mut self,
        url: &Url,
        response: reqwest::Response,
    ) -> Result<String, ImportFailure> {
        let step = "import";
        let target = self
            .browser
            .redirect(step, url, &response, true)
            .map_err(|error| ImportFailure::broken(&error))?;
        let answer = target.is_none();
        let mut next = target.unwrap_or_else(|| url.clone());
        let mut seen = match answer {
            true => {
                let page = self.browser.read_page(step, next.clone(), response).await;
                Some(page.map_err(|error| ImportFailure::broken(&error))?)
            }
            false => None,
        };
        let (started, mut clear) = (Instant::now(), Instant::now());
        let mut pauses = Pauses::new(&self.limits);
        let mut is_answer = answer;
        loop {
            let visit = match seen.take() {
                Some(visit) => visit,
                None => match self.browser.open(step, Outgoing::get(&next)).await {
                    Ok(visit) => visit,
                    // Looking again changes nothing: a broken line is looked through for a while.
                    Err(error) if clear.elapsed() >= self.limits.unclear => {
                        return Err(ImportFailure::broken(&error));
                    }
                    Err(_) => {
                        pauses.pause().await;
                        continue;
                    }
                },
            };
            let profile = &self.config.profile;
            match verdict::judge(&visit, profile, &self.tenant, is_answer) {
                Verdict::Running => clear = Instant::now(),
                Verdict::Unclear if clear.elapsed() < self.limits.unclear => {}
                other => return ended(other, &visit),
            }
            if started.elapsed() >= self.limits.import {
                return Err(ImportFailure::in_doubt("still-running", visit.page.seen()));
            }
            next = follow_refresh(&visit);
            is_answer = false;
            pauses.pause().await;
        }
    }
}

/// A point after the first byte.
async fn come_by(point: Point) -> Result<(), ImportFailure> {
    fault::reach(point).await.map_err(|injected| ImportFailure::broken(&injected.into()))
}

/// Where the page would go by itself, or the page again.
fn follow_refresh(visit: &Visit) -> Url {
    match visit.page.refresh.as_deref() {
        Some(target) if !target.is_empty() => {
            visit.url.join(target).unwrap_or_else(|_| visit.url.clone())
        }
        _ => visit.url.clone(),
    }
}

fn ended(verdict: Verdict, visit: &Visit) -> Result<String, ImportFailure> {
    match verdict {
        Verdict::Done { text } => Ok(text),
        Verdict::Failed { log } => Err(ImportFailure::ended(log)),
        Verdict::Refused { status } => {
            Err(ImportFailure::not_started(PortalError::ImportRefused { status }))
        }
        Verdict::CannotImport => Err(ImportFailure::not_started(PortalError::CannotImport)),
        Verdict::Lost { cause } => Err(ImportFailure::in_doubt(cause, visit.page.seen())),
        Verdict::Running | Verdict::Unclear => {
            Err(ImportFailure::in_doubt("unclear", visit.page.seen()))
        }
    }
}

/// The form's only select, and the texts that it offers.
pub(crate) fn versions(visit: &Visit, form: usize) -> Option<(usize, Vec<String>)> {
    let mut selects =
        visit.page.forms.get(form)?.fields.iter().enumerate().filter_map(|(index, field)| {
            match &field.kind {
                FieldKind::Select { options } if !field.disabled => Some((
                    index,
                    options.iter().map(|option| option.text.clone()).collect::<Vec<_>>(),
                )),
                _ => None,
            }
        });
    let only = selects.next()?;
    selects.next().is_none().then_some(only)
}
