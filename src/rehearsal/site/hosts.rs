//! The three hosts and the addresses they are reached at.

/// One of the site's hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Host {
    /// ORCAMO クラウド管理.
    Control,
    /// The log-in.
    Auth,
    /// 日レセ management.
    Management,
}

impl Host {
    /// The name of the VPN path's host; the certificate holds it, and the client maps it to the
    /// loopback address.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Control => "ctrl.cmo.orcamo.jp",
            Self::Auth => "auth.cmo.orcamo.jp",
            Self::Management => "sms.orca.orcamo.jp",
        }
    }

    pub(super) fn cookie(self) -> &'static str {
        match self {
            Self::Control => "_ctrl_session",
            Self::Auth => "_auth_session",
            Self::Management => "_sms_session",
        }
    }

    /// The client id of the OpenID Connect round, for the hosts that are clients of it.
    pub(super) fn client_id(self) -> &'static str {
        match self {
            Self::Management => "sms_app",
            Self::Control | Self::Auth => "ctrl_app",
        }
    }

    /// The host that a client id belongs to.
    pub(super) fn of_client(client_id: &str) -> Option<Self> {
        [Self::Control, Self::Management].into_iter().find(|host| host.client_id() == client_id)
    }
}

/// The ports that the hosts were given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addresses {
    pub(super) control: u16,
    pub(super) auth: u16,
    pub(super) management: u16,
}

impl Addresses {
    /// `https://name:port` and the path, which begins with a slash.
    pub(super) fn url(self, host: Host, path: &str) -> String {
        let port = match host {
            Host::Control => self.control,
            Host::Auth => self.auth,
            Host::Management => self.management,
        };
        format!("https://{}:{port}{path}", host.name())
    }
}
