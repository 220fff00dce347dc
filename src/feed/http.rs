//! A text on a server: https only, redirects by hand, everything bounded.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Client, Response};
use rustls::ClientConfig;

use super::text::Answer;
use super::{Address, FeedError, MAX_BYTES};
use crate::clock::Clock;
use crate::tls;

/// Redirects followed; a calendar's host has one, from the name people know.
const MAX_REDIRECTS: usize = 3;

/// How long an answer may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Connection and handshake.
    pub(super) connect_secs: u64,
    /// All of it, redirects included.
    pub(super) total_secs: u64,
}

impl Limits {
    pub(super) const USUAL: Self = Self { connect_secs: 15, total_secs: 60 };
}

/// A client for one text.
pub(super) fn client(
    address: &Address,
    ca: Option<&Path>,
    resolve: Option<IpAddr>,
    clock: &Clock,
    limits: Limits,
) -> Result<Client, FeedError> {
    let roots = match ca {
        Some(path) => {
            tls::of_file(path).map_err(|reason| FeedError::Ca { path: path.into(), reason })?
        }
        None => tls::of_system().map_err(|reason| FeedError::SystemRoots { reason })?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_details(provider, tls::by_clock(clock))
        .with_safe_default_protocol_versions()
        .map_err(|_| FeedError::Tls { host: address.host().to_owned(), reason: "other" })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut builder = Client::builder()
        .tls_backend_preconfigured(config)
        .https_only(true)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        // A server may close a connection while it is kept for the next request.
        .pool_max_idle_per_host(0)
        .user_agent(concat!("orca-cutover/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(limits.connect_secs));
    if let Some(ip) = resolve {
        // Port 0: the address's own port is used.
        builder = builder.resolve(address.host(), SocketAddr::new(ip, 0));
    }
    builder.build().map_err(|error| explain(address.host(), &error, limits.connect_secs))
}

/// The answer at the end of the redirects.
pub(super) async fn get(
    client: &Client,
    address: &Address,
    limits: Limits,
) -> Result<Answer, FeedError> {
    let total = Duration::from_secs(limits.total_secs);
    match tokio::time::timeout(total, follow(client, address, limits)).await {
        Ok(answer) => answer,
        Err(_) => {
            let (host, secs) = (address.host().to_owned(), limits.total_secs);
            Err(FeedError::Timeout { host, secs })
        }
    }
}

async fn follow(client: &Client, address: &Address, limits: Limits) -> Result<Answer, FeedError> {
    let mut next = address.clone();
    for _ in 0..=MAX_REDIRECTS {
        let sent =
            client.get(next.url().clone()).header(ACCEPT, "text/calendar, text/*, */*;q=0.5");
        let response =
            sent.send().await.map_err(|error| explain(next.host(), &error, limits.connect_secs))?;
        let status = response.status();
        if status.is_redirection() && response.headers().contains_key(LOCATION) {
            next = redirect(&next, response.headers())?;
        } else if status == reqwest::StatusCode::OK {
            return body(response, next.host(), limits).await;
        } else {
            let (host, status) = (next.host().to_owned(), status.as_u16());
            return Err(FeedError::Status { host, status });
        }
    }
    Err(FeedError::Redirect { host: next.host().to_owned(), reason: "too-many" })
}

/// Where a redirect leads; only to an address that could have been given in the first place. A
/// fragment is for browsers and is left out.
fn redirect(from: &Address, headers: &HeaderMap) -> Result<Address, FeedError> {
    let wrong = |reason| FeedError::Redirect { host: from.host().to_owned(), reason };
    let place = headers.get(LOCATION).and_then(|place| place.to_str().ok());
    let url = place.and_then(|place| from.url().join(place).ok());
    let mut url = url.ok_or_else(|| wrong("unreadable"))?;
    url.set_fragment(None);
    Address::new(url).map_err(|error| match error {
        FeedError::Address { reason: "scheme", .. } => wrong("insecure"),
        FeedError::Address { reason: "user", .. } => wrong("user"),
        _ => wrong("unreadable"),
    })
}

async fn body(response: Response, host: &str, limits: Limits) -> Result<Answer, FeedError> {
    let too_large = || FeedError::TooLarge { place: host.to_owned(), limit: MAX_BYTES };
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    if response.content_length().is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let content_type = response.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let mut bytes = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|error| explain(host, &error, limits.total_secs))?;
        if bytes.len() + piece.len() > MAX_BYTES {
            return Err(too_large());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Answer { bytes, content_type })
}

/// A transport error in words, without the address.
fn explain(host: &str, error: &reqwest::Error, secs: u64) -> FeedError {
    let host = host.to_owned();
    match tls::find(error) {
        Some(error) => FeedError::Tls { host, reason: tls::word(error) },
        None if error.is_timeout() => FeedError::Timeout { host, secs },
        None => FeedError::Unreachable { host, reason: tls::innermost(error) },
    }
}
