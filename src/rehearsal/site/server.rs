//! Starts and stops the site, and holds what its pages share.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::control::show_time;
use super::database::Database;
use super::hosts::{Addresses, Host};
use super::session::{Sessions, Visitor};
use super::store::{DumpStatus, MAX_DUMPS, SiteState, Store};
use super::{SiteConfig, SiteError, SiteFaults, front, listener, notices};

/// How long a stop waits for a running import or dump before it is cut off.
const MAX_STOP: Duration = Duration::from_secs(20);
/// The dumps that are there at the start lie this many days apart.
const DAYS_BETWEEN_DUMPS: i64 = 12;

/// The running site. It ends with [`Site::shutdown`], or abruptly when it is dropped.
pub struct Site {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    hosts: Vec<tokio::task::JoinHandle<()>>,
    notices_port: u16,
}

/// What all pages and jobs share.
pub(super) struct Shared {
    pub(super) config: SiteConfig,
    pub(super) addresses: Addresses,
    pub(super) store: Store,
    sessions: Mutex<Sessions>,
    faults: Mutex<SiteFaults>,
    /// Forms that were sent, to any host.
    pub(super) posts: AtomicU64,
    /// Imports and dumps take turns, because an import drops the database.
    pub(super) database: tokio::sync::Mutex<()>,
    #[cfg(test)]
    pub(super) retouch: Mutex<Option<Arc<dyn super::retouch::Retouch>>>,
}

impl Site {
    /// Starts the three hosts on free ports of 127.0.0.1 (the ports of the last start where they
    /// are still free) and makes the tenant's database where the site's folder is new.
    ///
    /// # Errors
    /// When the folder, the ports, the certificates or the cloud's cluster cannot be used.
    pub async fn start(config: SiteConfig) -> Result<Self, SiteError> {
        for dir in ["uploads", "dumps"] {
            let dir = config.dir.join(dir);
            std::fs::create_dir_all(&dir).map_err(SiteError::file(&dir))?;
        }
        let (store, fresh) = Store::open(&config.dir)?;
        if fresh {
            furnish(&config, &store).await?;
        }
        let last = store.read().ports;
        let control = listen(Host::Control, last.map(|ports| ports.0)).await?;
        let auth = listen(Host::Auth, last.map(|ports| ports.1)).await?;
        let management = listen(Host::Management, last.map(|ports| ports.2)).await?;
        let addresses = Addresses { control: control.1, auth: auth.1, management: management.1 };
        store.change(|state| state.ports = Some((control.1, auth.1, management.1)))?;

        let faults = Mutex::new(config.faults.clone());
        let shared = Arc::new(Shared {
            config,
            addresses,
            store,
            sessions: Mutex::default(),
            faults,
            posts: AtomicU64::new(0),
            database: tokio::sync::Mutex::new(()),
            #[cfg(test)]
            retouch: Mutex::default(),
        });
        let (stop, stopped) = watch::channel(false);
        let listeners = HashMap::from([
            (Host::Control, control.0),
            (Host::Auth, auth.0),
            (Host::Management, management.0),
        ]);
        let mut hosts = Vec::new();
        for (host, tcp) in listeners {
            let tls = listener::tls(&shared.config.pki, host, shared.config.faults.tls)?;
            let router = front::router(&shared, host);
            hosts.push(tokio::spawn(listener::serve(tcp, tls, router, stopped.clone())));
        }
        let (tcp, notices_port) = bound(notices::NAME, None).await?;
        let tls = listener::open_tls(&shared.config.pki, notices::NAME)?;
        let router = notices::router(&shared.config.dir);
        hosts.push(tokio::spawn(listener::serve(tcp, tls, router, stopped)));
        Ok(Self { shared, stop, hosts, notices_port })
    }

    /// `https://ctrl.cmo.orcamo.jp:<port>/`; the name must be mapped to 127.0.0.1.
    pub fn control_url(&self) -> String {
        self.shared.addresses.url(Host::Control, "/")
    }

    /// `https://auth.cmo.orcamo.jp:<port>/`
    pub fn auth_url(&self) -> String {
        self.shared.addresses.url(Host::Auth, "/")
    }

    /// `https://sms.orca.orcamo.jp:<port>/`
    pub fn management_url(&self) -> String {
        self.shared.addresses.url(Host::Management, "/")
    }

    /// The address of the maintenance calendar; its name must be mapped to 127.0.0.1.
    pub fn notices_url(&self) -> String {
        format!("https://{}:{}{}", notices::NAME, self.notices_port, notices::PATH)
    }

    /// The file that the maintenance calendar is served from.
    pub fn notices_file(&self) -> std::path::PathBuf {
        notices::file(&self.shared.config.dir)
    }

    /// What the site remembers now.
    pub fn state(&self) -> SiteState {
        self.shared.store.read()
    }

    /// When its dumps were made, as its pages show it.
    pub fn dump_times(&self) -> Vec<String> {
        self.state().dumps.iter().map(|dump| show_time(dump.at)).collect()
    }

    /// How many forms were sent since the start, log-ins included.
    pub fn posts(&self) -> u64 {
        self.shared.posts.load(Ordering::Relaxed)
    }

    /// Changes what goes wrong from now on.
    pub fn set_faults(&self, faults: SiteFaults) {
        *self.shared.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// Forgets every session, as if all had been idle for too long.
    pub fn end_sessions(&self) {
        self.shared.sessions().end_all();
    }

    #[cfg(test)]
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Stops listening and waits a little for a running import or dump.
    pub async fn shutdown(self) {
        // Nobody listens any more where the send fails, which is what is wanted.
        let _ = self.stop.send(true);
        for host in self.hosts {
            // The ports are free when this returns, for a start right after it.
            let _ = host.await;
        }
        let _ = tokio::time::timeout(MAX_STOP, self.shared.database.lock()).await;
    }
}

impl Shared {
    pub(super) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads or changes the visitor's session; nothing where it has just ended.
    pub(super) fn session<T>(
        &self,
        visitor: &Visitor,
        with: impl FnOnce(&mut super::session::Session) -> T,
    ) -> Option<T> {
        self.sessions().get(&visitor.session).map(with)
    }

    pub(super) fn faults(&self) -> SiteFaults {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn now(&self) -> chrono::DateTime<Utc> {
        self.config.clock.now().to_utc()
    }

    /// The tenant's name as the pages show it.
    pub(super) fn tenant_name(&self) -> String {
        if self.faults().other_tenant_name {
            "別医院テナント".to_owned()
        } else {
            self.config.tenant.name.clone()
        }
    }

    pub(super) fn cloud(&self) -> Database<'_> {
        Database::new(&self.config.cloud, self.config.tenant.database())
    }

    pub(super) fn dump_path(&self, id: u32) -> std::path::PathBuf {
        self.config.dir.join("dumps").join(format!("{id}.dump"))
    }

    /// `/tenants/452` and what follows.
    pub(super) fn tenant_path(&self, rest: &str) -> String {
        format!("/tenants/{}{rest}", self.config.tenant.number())
    }
}

async fn listen(host: Host, last: Option<u16>) -> Result<(TcpListener, u16), SiteError> {
    bound(host.name(), last).await
}

async fn bound(name: &'static str, last: Option<u16>) -> Result<(TcpListener, u16), SiteError> {
    let failed = |error: std::io::Error| SiteError::Listen { host: name, kind: error.kind() };
    let bind = |port| TcpListener::bind(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
    let listener = match last {
        Some(port) => match bind(port).await {
            Ok(listener) => listener,
            Err(_) => bind(0).await.map_err(failed)?,
        },
        None => bind(0).await.map_err(failed)?,
    };
    let port = listener.local_addr().map_err(failed)?.port();
    Ok((listener, port))
}

/// The tenant's first database and dumps.
async fn furnish(config: &SiteConfig, store: &Store) -> Result<(), SiteError> {
    let cloud = Database::new(&config.cloud, config.tenant.database());
    cloud.create_empty().await?;
    cloud.create_first_table().await?;
    let wanted = if config.faults.slots_full {
        MAX_DUMPS
    } else {
        MAX_DUMPS.min(usize::try_from(config.tenant.dumps_at_start).unwrap_or(MAX_DUMPS))
    };
    let first = config.dir.join("dumps").join("1.dump");
    if wanted > 0 {
        cloud.dump(&first).await?;
    }
    for number in 1..=wanted {
        let path = config.dir.join("dumps").join(format!("{number}.dump"));
        if path != first {
            std::fs::copy(&first, &path).map_err(SiteError::file(&path))?;
        }
        let ago = i64::try_from(wanted.saturating_sub(number)).unwrap_or_default() + 1;
        let at = config.clock.now() - TimeDelta::days(ago.saturating_mul(DAYS_BETWEEN_DUMPS));
        store.change(|state| state.add_dump(at.to_utc(), DumpStatus::Done))?;
    }
    Ok(())
}
