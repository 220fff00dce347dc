//! One browser: one cookie jar, redirects by hand, https and the three hosts only.
//!
//! Knows nothing of the site's pages. Query strings never leave this file: they carry the
//! log-in round's code, state and nonce.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chrono::DateTime;
use futures::{Stream, StreamExt};
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, ORIGIN, REFERER,
};
use reqwest::{Client, Method, Response, StatusCode};
use url::Url;
use zeroize::Zeroize;

use super::PortalError;
use super::contract::Visit;
use super::html;
use super::page::{Action, Control, Page};
use super::tls;
use crate::clock::Clock;

/// Redirects followed for one request; the log-in round has six.
const MAX_REDIRECTS: usize = 12;

/// Largest page, in bytes. A tenant log of years has less; an import log beyond it is cut.
const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Bytes kept of the end of an import's page, where the summary of a long log stands.
const MAX_TAIL_BYTES: usize = 1024 * 1024;

/// Time for an import's page: a log of a gigabyte over 100 Mbit/s takes a minute and a half, and
/// one that never ends must not hold the night up.
const LOG_SECS: u64 = 180;

/// The step whose pages may hold an import log.
const IMPORT: &str = "import";

/// Time for the connection and handshake, over a VPN.
const CONNECT_SECS: u64 = 20;

/// Time for a whole page.
pub(crate) const PAGE_SECS: u64 = 60;

/// Something to send: a link's or a form's request.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) url: Url,
    /// `None`: GET. Else the pairs of a POST.
    pub(crate) body: Option<Vec<(String, String)>>,
    /// The page that the request comes from.
    pub(crate) from: Option<Url>,
}

impl Outgoing {
    /// An address typed in.
    pub(crate) fn get(url: &Url) -> Self {
        Self { url: url.clone(), body: None, from: None }
    }
}

/// The browser.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) client: Client,
    hosts: Vec<Url>,
    clock: Clock,
    asked: Arc<AtomicBool>,
    skews: BTreeMap<String, i64>,
}

impl Browser {
    /// A browser that can reach these hosts, at `resolve` where it is given, and no others.
    pub(crate) fn new(
        config: rustls::ClientConfig,
        asked: Arc<AtomicBool>,
        hosts: Vec<Url>,
        resolve: Option<IpAddr>,
        clock: Clock,
    ) -> Result<Self, PortalError> {
        let mut headers = HeaderMap::new();
        headers
            .insert(ACCEPT, HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8"));
        headers.insert(reqwest::header::ACCEPT_LANGUAGE, HeaderValue::from_static("ja"));
        let mut builder = Client::builder()
            .tls_backend_preconfigured(config)
            .https_only(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .cookie_store(true)
            .user_agent(concat!("orca-cutover/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(Duration::from_secs(CONNECT_SECS));
        if let Some(address) = resolve {
            for host in hosts.iter().filter_map(Url::host_str) {
                // Port 0: the address's own port is used.
                builder = builder.resolve(host, SocketAddr::new(address, 0));
            }
        }
        let client = builder.build().map_err(|error| tls::explain("-", &error, 0))?;
        Ok(Self { client, hosts, clock, asked, skews: BTreeMap::new() })
    }

    /// True once a server has asked for the client certificate.
    pub(crate) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Each host's clock minus ours, in seconds, as last seen.
    pub(crate) fn skews(&self) -> &BTreeMap<String, i64> {
        &self.skews
    }

    /// Sends and follows to the page at the end.
    pub(crate) async fn open(
        &mut self,
        step: &'static str,
        outgoing: Outgoing,
    ) -> Result<Visit, PortalError> {
        let (url, response) = self.fetch(step, outgoing).await?;
        self.read_page(step, url, response).await
    }

    /// Sends and follows redirects; the body of the last answer is still to be read.
    pub(crate) async fn fetch(
        &mut self,
        step: &'static str,
        outgoing: Outgoing,
    ) -> Result<(Url, Response), PortalError> {
        let mut next = outgoing;
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(step, &next).await;
            // A log-in's pairs hold a password, and a change is never sent again.
            next.body.iter_mut().flatten().for_each(|(_, value)| value.zeroize());
            let response = response?;
            match self.redirect(step, &next.url, &response, next.body.is_some())? {
                None => return Ok((next.url, response)),
                Some(url) => next = Outgoing { from: Some(next.url), body: None, url },
            }
        }
        Err(PortalError::RedirectLoop { step })
    }

    async fn send(&mut self, step: &'static str, out: &Outgoing) -> Result<Response, PortalError> {
        self.admit(step, &out.url)?;
        let host = out.url.host_str().unwrap_or_default().to_owned();
        let mut request = match &out.body {
            None => self.client.get(out.url.clone()),
            Some(pairs) => self
                .client
                .post(out.url.clone())
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(encode(pairs)),
        };
        for (name, value) in self.origin_headers(out.from.as_ref(), out.body.is_some()) {
            request = request.header(name, value);
        }
        // The limit is for the answer's head; the body has its own.
        let sent = tokio::time::timeout(Duration::from_secs(PAGE_SECS), request.send()).await;
        let response = match sent {
            Ok(sent) => sent.map_err(|error| tls::explain(&host, &error, PAGE_SECS))?,
            Err(_) => return Err(PortalError::Timeout { host, secs: PAGE_SECS }),
        };
        self.note_date(&host, &response);
        Ok(response)
    }

    /// Referer without its query, and Origin for changes: Rails checks both.
    pub(crate) fn origin_headers(
        &self,
        from: Option<&Url>,
        changes: bool,
    ) -> Vec<(reqwest::header::HeaderName, String)> {
        let Some(from) = from else { return Vec::new() };
        let mut plain = from.clone();
        plain.set_query(None);
        plain.set_fragment(None);
        let mut headers = vec![(REFERER, plain.to_string())];
        if changes {
            headers.push((ORIGIN, from.origin().ascii_serialization()));
        }
        headers
    }

    /// Remembers how far the host's clock is from ours.
    pub(crate) fn note_date(&mut self, host: &str, response: &Response) {
        let theirs = response
            .headers()
            .get(DATE)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| DateTime::parse_from_rfc2822(text).ok());
        if let Some(theirs) = theirs {
            let skew = theirs.timestamp().saturating_sub(self.clock.now().timestamp());
            self.skews.insert(host.to_owned(), skew);
        }
    }

    /// https and one of the three hosts, or nothing is sent.
    pub(crate) fn admit(&self, step: &'static str, url: &Url) -> Result<(), PortalError> {
        let known = self.hosts.iter().any(|host| host.origin() == url.origin());
        if known && url.scheme() == "https" {
            return Ok(());
        }
        let host = url.host_str().unwrap_or("-").to_owned();
        Err(PortalError::RedirectForeign { step, host })
    }

    /// Where a response leads to, if it does; a change is never sent again.
    pub(crate) fn redirect(
        &self,
        step: &'static str,
        base: &Url,
        response: &Response,
        was_change: bool,
    ) -> Result<Option<Url>, PortalError> {
        let status = response.status();
        if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        let repeats =
            matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
        if repeats && was_change {
            return Err(PortalError::RedirectLoop { step });
        }
        let target = response
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| base.join(text).ok())
            .ok_or(PortalError::Status { step, status: status.as_u16() })?;
        self.admit(step, &target)?;
        Ok(Some(target))
    }

    /// Reads a page up to the size limit.
    pub(crate) async fn read_page(
        &self,
        step: &'static str,
        url: Url,
        response: Response,
    ) -> Result<Visit, PortalError> {
        let status = response.status().as_u16();
        let host = url.host_str().unwrap_or_default().to_owned();
        let failed = |error: reqwest::Error| tls::explain(&host, &error, PAGE_SECS);
        let chunks = response.bytes_stream().map(|chunk| chunk.map_err(failed));
        let (bytes, cut) = if step == IMPORT {
            read_log_page(&host, chunks, Duration::from_secs(LOG_SECS)).await?
        } else {
            let read = read_body(chunks);
            match tokio::time::timeout(Duration::from_secs(PAGE_SECS), read).await {
                Ok(read) => read?,
                Err(_) => return Err(PortalError::Timeout { host, secs: PAGE_SECS }),
            }
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // A large page takes a while to parse; other tasks must go on.
        let parse = tokio::task::spawn_blocking(move || html::read(&text));
        let page = match tokio::time::timeout(Duration::from_secs(PAGE_SECS), parse).await {
            Ok(Ok(page)) => page,
            Ok(Err(_)) | Err(_) => return Err(PortalError::PageTooLarge { step }),
        };
        Ok(Visit { url, status, page, cut })
    }

    /// Clicks: turns a control of a page into the request that a browser would send.
    pub(crate) fn click(
        &self,
        step: &'static str,
        visit: &Visit,
        control: &Control,
    ) -> Result<Outgoing, PortalError> {
        let page = &visit.page;
        let join =
            |href: &str| visit.url.join(href).map_err(|_| unknown_target(step, control, page));
        if control.disabled {
            return Err(PortalError::PageUnknown {
                step,
                expected: format!("{} (enabled)", control.name),
                seen: page.seen(),
            });
        }
        let (url, body) = match &control.action {
            Action::Script => return Err(PortalError::NeedsBrowser { step }),
            Action::Get(href) => (join(href)?, None),
            Action::Send { method, href } => {
                let mut pairs = vec![("_method".to_owned(), method.clone())];
                pairs.extend(page.csrf.clone());
                (join(href)?, Some(pairs))
            }
            Action::Submit { form, extra } => {
                let form =
                    page.forms.get(*form).ok_or_else(|| unknown_target(step, control, page))?;
                let pairs = form.with_csrf(form.successful(extra.as_ref()), page.csrf.as_ref());
                let pairs: Vec<(String, String)> = pairs
                    .into_iter()
                    .map(|(name, value)| (name, value.unwrap_or_default()))
                    .collect();
                let mut url = join(&form.action)?;
                if form.method == "get" {
                    url.set_query(Some(&encode(&pairs)));
                    (url, None)
                } else {
                    (url, Some(pairs))
                }
            }
        };
        if body.is_some() && url.origin() != visit.url.origin() {
            let host = url.host_str().unwrap_or("-").to_owned();
            return Err(PortalError::RedirectForeign { step, host });
        }
        Ok(Outgoing { url, body, from: Some(visit.url.clone()) })
    }

    /// The request method's name, for a request built elsewhere.
    pub(crate) fn post(&self, url: &Url) -> reqwest::RequestBuilder {
        self.client.request(Method::POST, url.clone())
    }
}

fn unknown_target(step: &'static str, control: &Control, page: &Page) -> PortalError {
    PortalError::PageUnknown { step, expected: control.name.clone(), seen: page.seen() }
}

/// A body is never empty: a firewall in front refuses a POST without one.
fn encode(pairs: &[(String, String)]) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    if pairs.is_empty() {
        text.append_pair("utf8", "✓");
    }
    text.extend_pairs(pairs).finish()
}

async fn read_body(
    chunks: impl Stream<Item = Result<Bytes, PortalError>>,
) -> Result<(Vec<u8>, bool), PortalError> {
    let mut bytes = Vec::new();
    let mut chunks = pin!(chunks);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        let room = MAX_PAGE_BYTES.saturating_sub(bytes.len());
        bytes.extend(chunk.iter().take(room));
        if chunk.len() > room {
            return Ok((bytes, true));
        }
    }
    Ok((bytes, false))
}

/// Reads a page that may hold a log of any length: its head, then only its tail, in bounded
/// memory. One that does not end in time counts as far as it came, since its head says already
/// that the import failed.
async fn read_log_page(
    host: &str,
    chunks: impl Stream<Item = Result<Bytes, PortalError>>,
    limit: Duration,
) -> Result<(Vec<u8>, bool), PortalError> {
    let mut head = Vec::new();
    let mut tail: VecDeque<u8> = VecDeque::new();
    let (mut left_out, mut whole) = (0_usize, true);
    let mut chunks = pin!(chunks);
    let deadline = tokio::time::Instant::now() + limit;
    loop {
        let chunk = match tokio::time::timeout_at(deadline, chunks.next()).await {
            Ok(Some(chunk)) => chunk?,
            Ok(None) => break,
            Err(_) if tail.is_empty() => {
                return Err(PortalError::Timeout { host: host.to_owned(), secs: limit.as_secs() });
            }
            Err(_) => {
                whole = false;
                break;
            }
        };
        let room = MAX_PAGE_BYTES.saturating_sub(MAX_TAIL_BYTES).saturating_sub(head.len());
        let (first, rest) = chunk.split_at(room.min(chunk.len()));
        head.extend_from_slice(first);
        tail.extend(rest);
        let surplus = tail.len().saturating_sub(MAX_TAIL_BYTES);
        tail.drain(..surplus);
        left_out = left_out.saturating_add(surplus);
    }
    if left_out > 0 {
        head.extend_from_slice(format!("\n[{left_out} bytes left out]\n").as_bytes());
    }
    head.extend(tail);
    Ok((head, left_out > 0 || !whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page whose log has this many bytes, in chunks as a connection brings them.
    fn log_page(bytes: usize) -> impl Stream<Item = Result<Bytes, PortalError>> {
        const LINE: &str =
            "pg_restore: error: could not execute query: ERROR:  syntax error at or near \"x\"\n";
        let chunk = Bytes::from(LINE.repeat(64 * 1024 / LINE.len()));
        let count = bytes / chunk.len();
        let head = Bytes::from_static(b"<h2>\xe3\x82\xa4</h2><pre>pg_restore: first line\n");
        let tail = Bytes::from_static(b"pg_restore: warning: errors ignored on restore: 7\n</pre>");
        let middle = std::iter::repeat_n(chunk, count);
        futures::stream::iter(std::iter::once(head).chain(middle).chain([tail]).map(Ok))
    }

    /// Most memory that this process has used, in MiB.
    fn peak_mib() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    #[tokio::test]
    async fn an_import_log_of_a_gigabyte_keeps_head_and_tail_in_bounded_memory() {
        const GIB: usize = 1024 * 1024 * 1024;
        let before = peak_mib();
        let limit = Duration::from_secs(LOG_SECS);
        let (bytes, cut) = read_log_page("x", log_page(GIB), limit).await.unwrap();
        assert!(cut && bytes.len() <= MAX_PAGE_BYTES + 100);
        let page = html::read(&String::from_utf8_lossy(&bytes));
        assert_eq!(page.logs.len(), 1);
        let log = &page.logs[0];
        assert!(log.contains("pg_restore: first line") && log.contains(" bytes left out]"));
        // What goes along with a mail is a fraction of it, and still has both ends.
        let redacted = crate::diag::redact::postgres_text(log);
        let kept = redacted.as_str();
        assert!(kept.len() < 300 * 1024, "{}", kept.len());
        assert!(kept.contains("lines left out"));
        assert!(kept.ends_with("errors ignored on restore: 7"));
        let grown = peak_mib() - before;
        assert!(grown < 128, "{grown} MiB");
        let what = "memory for an import log of 1 GiB";
        let command = "cargo nextest run an_import_log_of_a_gigabyte";
        crate::figures::figure("R15", what, format!("{grown} MiB"), command);
    }

    #[tokio::test]
    async fn an_import_log_without_end_counts_as_far_as_it_came() {
        let endless = log_page(16 * 1024 * 1024).chain(futures::stream::pending());
        let (bytes, cut) = read_log_page("x", endless, Duration::from_millis(500)).await.unwrap();
        assert!(cut && String::from_utf8_lossy(&bytes).contains("first line"));
        // A page that has said nothing yet is no log.
        let silent = futures::stream::pending();
        let read = read_log_page("x", silent, Duration::from_millis(10)).await;
        assert!(matches!(read, Err(PortalError::Timeout { .. })));
    }

    fn browser() -> Browser {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let hosts = vec![Url::parse("https://sms.example").unwrap()];
        Browser::new(tls, Arc::default(), hosts, None, Clock::System).unwrap()
    }

    fn click(html: &str) -> Result<Outgoing, PortalError> {
        let url = Url::parse("https://sms.example/tenants/452/db_dumps?a=1").unwrap();
        let head = "<meta name=csrf-param content=tk><meta name=csrf-token content=meta>";
        let page = html::read(&format!("{head}{html}"));
        let visit = Visit { url, status: 200, page, cut: false };
        let control = visit.page.control(&["押す".to_owned()]).unwrap();
        browser().click("export", &visit, control)
    }

    fn pairs(html: &str) -> Vec<(String, String)> {
        click(html).unwrap().body.unwrap()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn every_way_rails_writes_a_click_is_sent_as_a_browser_would() {
        let link = [pair("_method", "delete"), pair("tk", "meta")];
        assert_eq!(pairs("<a href=/x data-method=delete>押す</a>"), link);
        assert_eq!(pairs("<a href=/x data-turbo-method=delete>押す</a>"), link);
        let button_to = "<form class=button_to method=post action=/x>\
            <input type=hidden name=_method value=delete><button type=submit>押す</button>\
            <input type=hidden name=tk value=own></form>";
        assert_eq!(pairs(button_to), [pair("_method", "delete"), pair("tk", "own")]);
        let named = "<form method=post action=/x><input type=checkbox name=off>\
            <input name=gone value=1 disabled><input type=submit name=commit value=押す></form>";
        assert_eq!(pairs(named), [pair("tk", "meta"), pair("commit", "押す")]);
        let get = click("<form action=/y><input name=q value=1><button>押す</button></form>");
        assert_eq!(get.unwrap().url.as_str(), "https://sms.example/y?q=1");
    }

    #[test]
    fn scripts_greyed_buttons_and_foreign_targets_are_not_clicked() {
        let code = |html: &str| crate::diag::Explain::code(&click(html).unwrap_err());
        assert_eq!(code("<button type=button>押す</button>"), "portal-needs-browser");
        assert_eq!(code("<a href='#'>押す</a>"), "portal-needs-browser");
        assert_eq!(
            code("<form method=post><button disabled>押す</button></form>"),
            "portal-page-unknown"
        );
        let foreign = "<form method=post action=https://evil.example/><button>押す</button></form>";
        assert_eq!(code(foreign), "portal-redirect-foreign");
    }

    #[test]
    fn only_https_and_the_known_hosts_are_admitted_and_queries_are_not_told() {
        let browser = browser();
        let admit = |text: &str| browser.admit("log-in", &Url::parse(text).unwrap());
        assert!(admit("https://sms.example/tenants/452").is_ok());
        for text in [
            "http://sms.example/",
            "https://sms.example.evil/",
            "https://sms.example:8443/",
            "https://evil.example/?code=secret&state=secret",
        ] {
            let error = admit(text).unwrap_err();
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        }
        let from = Url::parse("https://sms.example/cb?code=secret#x").unwrap();
        let headers = browser.origin_headers(Some(&from), true);
        let values: Vec<&str> = headers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["https://sms.example/cb", "https://sms.example"]);
    }

    #[test]
    fn a_post_never_goes_without_a_body() {
        assert!(!encode(&[]).is_empty());
    }

    /// Runs itself again with a proxy in the environment, and counts who comes to it.
    #[tokio::test]
    async fn a_proxy_of_the_environment_sees_nothing() {
        const NAME: &str = "portal::http::tests::a_proxy_of_the_environment_sees_nothing";
        if std::env::var_os("HTTPS_PROXY").is_some() {
            // Nobody listens there: without a proxy it cannot be reached, with one it is asked.
            let url = Url::parse("https://127.0.0.1:9/").unwrap();
            let error = browser().client.get(url).send().await.unwrap_err();
            assert!(error.is_connect(), "{error:?}");
            return;
        }
        let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        proxy.set_nonblocking(true).unwrap();
        let address = format!("http://{}", proxy.local_addr().unwrap());
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", NAME]).env("NO_PROXY", "").env("no_proxy", "");
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            again.env(name, &address);
        }
        let output = again.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
        assert!(proxy.accept().is_err(), "the proxy was asked");
    }
}
