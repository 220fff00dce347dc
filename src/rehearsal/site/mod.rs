//! The twin of the management site: three TLS hosts on the loopback address that look and behave
//! as the vendor's manual of 2019 shows, over a real PostgreSQL.
//!
//! It is a model of a place nobody can try things out at, so it is strict where the real one may
//! be strict (client certificate, csrf, Content-Length, five dumps) and offers what is only
//! inferred as switches ([`SiteFaults`]). It must never be reachable from another machine and
//! knows nothing of the client that drives it.

mod config;
mod control;
mod database;
mod dumps;
mod error;
mod exchange;
mod front;
mod hosts;
mod html;
mod imports;
mod jobs;
mod listener;
mod login;
mod management;
mod notices;
pub(super) mod random;
mod server;
mod session;
mod store;
mod upload;

pub use config::{
    CloudDb, GatewayFault, SiteConfig, SiteFaults, Skin, TenantSeed, TlsFault, VendorRefusal,
};
pub use error::SiteError;
pub use server::Site;
pub use store::{DumpRow, DumpStatus, ImportRow, ImportStatus, LogRow, SiteState};

#[cfg(test)]
mod retouch;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use retouch::Retouch;
