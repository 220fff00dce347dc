//! The rehearsal's mail server: a real SMTP server on loopback that stores what it takes over.
//! It must not pass a mail on, and must not listen anywhere else than on loopback.
//!
//! Each mail is a file `0001.eml`, `0002.eml`, ... that is on disk before the server says `250`.

mod commands;
mod session;
mod store;

use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use session::Session;
use store::Store;

/// Connections at a time; a rehearsal has one sender.
const MAX_CONNECTIONS: usize = 16;

/// How the server is set up.
pub struct MailSinkConfig {
    /// Folder for the mails; made where it is missing.
    pub dir: PathBuf,
    /// The certificate chain, DER, the server's own first.
    pub certificate: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
    /// TLS from the first byte instead of STARTTLS.
    pub implicit_tls: bool,
    /// User and password that AUTH PLAIN must give; nobody needs to log in where it is left out.
    pub login: Option<(String, String)>,
    /// What goes wrong from the start.
    pub faults: MailFaults,
}

impl MailSinkConfig {
    /// STARTTLS, no log-in, no faults.
    pub fn new(
        dir: impl Into<PathBuf>,
        certificate: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Self {
        Self {
            dir: dir.into(),
            certificate,
            key,
            implicit_tls: false,
            login: None,
            faults: MailFaults::default(),
        }
    }
}

/// What goes wrong. Numbers count down with each time it did.
#[derive(Clone, Debug, Default)]
pub struct MailFaults {
    /// Recipients that are refused with 550.
    pub refuse_5xx: u32,
    /// Recipients that are put off with 451.
    pub later_4xx: u32,
    /// Addresses that are refused with 550, always.
    pub refuse_addresses: Vec<String>,
    /// STARTTLS is not offered.
    pub no_starttls: bool,
    /// Connections that are cut within DATA: nothing is stored.
    pub close_in_data: u32,
    /// Connections that are cut after a mail was stored, before the `250`: the sender cannot
    /// know.
    pub close_before_reply: u32,
    /// Mails that are read to their end and then neither stored nor answered.
    pub hang: u32,
}

/// A running server. It ends when this is dropped.
pub struct MailSink {
    /// Its port on 127.0.0.1.
    pub port: u16,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    server: tokio::task::JoinHandle<()>,
}

/// What all connections share.
struct Shared {
    store: Store,
    faults: Mutex<MailFaults>,
    tls: TlsAcceptor,
    implicit_tls: bool,
    login: Option<(String, String)>,
}

impl Shared {
    /// Looks at the faults, and may count one down.
    fn with_faults<T>(&self, look: impl FnOnce(&mut MailFaults) -> T) -> T {
        look(&mut self.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl MailSink {
    /// Starts the server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// Where the folder cannot be made, no port is free, or certificate and key do not fit.
    pub async fn start(config: MailSinkConfig) -> io::Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(config.certificate, config.key)
            .map_err(io::Error::other)?;
        let shared = Arc::new(Shared {
            store: Store::open(&config.dir)?,
            faults: Mutex::new(config.faults),
            tls: TlsAcceptor::from(Arc::new(tls)),
            implicit_tls: config.implicit_tls,
            login: config.login,
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(serve(listener, Arc::clone(&shared), stopped));
        Ok(Self { port, shared, stop, server })
    }

    /// The mails taken over so far, oldest first.
    pub fn received(&self) -> Vec<PathBuf> {
        self.shared.store.received()
    }

    /// Changes what goes wrong from now on.
    pub fn set_faults(&self, faults: MailFaults) {
        self.shared.with_faults(|current| *current = faults);
    }

    /// Ends the server and its connections.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        // The task ends by itself now; it does not panic.
        let _ = (&mut self.server).await;
    }
}

impl Drop for MailSink {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // Also where the sender is gone.
            _ = stopped.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        // A connection that cannot be accepted, or is one too many, is the client's to repeat.
        let Ok((stream, _)) = accepted else { continue };
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else { continue };
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            // What breaks a connection ends it; the client sees that.
            let _ = Session::run(stream, &shared).await;
            drop(permit);
        });
    }
    connections.shutdown().await;
}

#[cfg(test)]
pub(crate) mod tests;
