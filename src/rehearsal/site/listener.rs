//! TLS on the loopback address: a client certificate of the rehearsal's CA is required, and every
//! request is told whose it was.

use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use super::hosts::Host;
use super::session::Holder;
use super::{SiteError, TlsFault};
use crate::rehearsal::pki::{CLINIC, Pki, VENDOR};

/// A handshake on the loopback address takes milliseconds; a silent client must not hold a place.
const MAX_HANDSHAKE: Duration = Duration::from_secs(10);
/// Headers arrive at once or not at all.
const MAX_HEADERS: Duration = Duration::from_secs(30);
/// One browser opens six connections to a host; a rehearsal has few visitors.
const MAX_CONNECTIONS: usize = 64;

/// The connection that a request came through.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) holder: Holder,
    pub(super) sever: Arc<Notify>,
}

/// The server side of TLS for one host.
pub(super) fn tls(pki: &Pki, host: Host, fault: TlsFault) -> Result<TlsAcceptor, SiteError> {
    let failed = |why: String| SiteError::Certificate { what: host.name().to_owned(), why };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(pki.authority().clone()).map_err(|error| failed(error.to_string()))?;
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(|error| failed(error.to_string()))?;
    let issued = match fault {
        TlsFault::Expired => pki.ended_server(&[host.name()])?,
        TlsFault::WrongName => pki.server(&["www.orcamo.example.jp"])?,
        TlsFault::Off | TlsFault::Only12 | TlsFault::Only13 => pki.server(&[host.name()])?,
    };
    let versions: &[&SupportedProtocolVersion] = match fault {
        TlsFault::Only12 => &[&TLS12],
        TlsFault::Only13 => &[&TLS13],
        TlsFault::Off | TlsFault::Expired | TlsFault::WrongName => &[&TLS12, &TLS13],
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .and_then(|builder| {
            builder.with_client_cert_verifier(verifier).with_single_cert(issued.chain, issued.key)
        })
        .map_err(|error| failed(error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The server side of TLS for a host that asks for no client certificate.
pub(super) fn open_tls(pki: &Pki, name: &'static str) -> Result<TlsAcceptor, SiteError> {
    let failed = |why: String| SiteError::Certificate { what: name.to_owned(), why };
    let issued = pki.server(&[name])?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS12, &TLS13])
        .and_then(|builder| {
            builder.with_no_client_auth().with_single_cert(issued.chain, issued.key)
        })
        .map_err(|error| failed(error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Accepts connections until it is told to stop; open connections end with it.
pub(super) async fn serve(
    tcp: TcpListener,
    tls: TlsAcceptor,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut open = tokio::task::JoinSet::new();
    loop {
        let accepted = tokio::select! {
            // An error here also means that the site was dropped.
            _ = stopped.changed() => break,
            Some(_) = open.join_next() => continue,
            accepted = tcp.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Too many open files, say: it passes, and must not become a busy loop.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let (tls, router) = (tls.clone(), router.clone());
        open.spawn(async move {
            connection(stream, tls, router).await;
            drop(place);
        });
    }
}

async fn connection(stream: TcpStream, tls: TlsAcceptor, router: Router) {
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = tokio::time::timeout(MAX_HANDSHAKE, tls.accept(stream)).await else {
        // No client certificate, a plain-text visitor, a port scan: TLS has already answered.
        return;
    };
    let holder = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(|chain| chain.first())
        .map_or(Holder::Stranger, |leaf| holder(leaf));
    let connection = Connection { holder, sever: Arc::new(Notify::new()) };
    let sever = Arc::clone(&connection.sever);
    let service = router.layer(Extension(connection));
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(MAX_HEADERS);
    let served = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    tokio::select! {
        // A visitor that goes away in the middle is no trouble of the site's.
        _ = served => {}
        () = sever.notified() => {}
    }
}

/// The holder by the certificate's common name.
fn holder(leaf: &[u8]) -> Holder {
    let Ok(certificate) = p12_keystore::Certificate::from_der(leaf) else {
        return Holder::Stranger;
    };
    let name = certificate.subject().split(',').find_map(|part| part.trim().strip_prefix("CN="));
    match name {
        Some(CLINIC) => Holder::Clinic,
        Some(VENDOR) => Holder::Vendor,
        _ => Holder::Stranger,
    }
}
