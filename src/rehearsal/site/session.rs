//! Who is visiting: cookies' sessions, csrf tokens, the codes of the log-in.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::HeaderMap;
use chrono::TimeDelta;
use tokio::sync::Notify;

use super::hosts::Host;
use super::random::token;
use super::{SiteError, Skin};
use crate::clock::Jst;

/// A session without a page ends after half an hour (inferred; the manual does not say).
const IDLE_MINUTES: i64 = 30;
/// A code is redeemed by the very next request.
const CODE_MINUTES: i64 = 1;
/// More sessions than any rehearsal opens; beyond it the oldest one is forgotten.
const MAX_SESSIONS: usize = 500;

/// Who a client certificate belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// The clinic, which may do everything.
    Clinic,
    /// The vendor, which may not import.
    Vendor,
    /// Someone the site does not know.
    Stranger,
}

/// The request's connection, session and certificate, put beside every request.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) host: Host,
    pub(super) session: String,
    pub(super) user: Option<String>,
    pub(super) csrf: String,
    pub(super) holder: Holder,
    pub(super) skin: Skin,
    /// Cuts the connection without an answer.
    pub(super) sever: Arc<Notify>,
}

/// A coloured line at the top of a page.
#[derive(Clone, Debug)]
pub(super) enum Flash {
    Notice(String),
    Alert(String),
}

/// A log-in that a host has begun and waits for.
#[derive(Clone, Debug)]
pub(super) struct Round {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) return_to: String,
}

/// The same log-in as the log-in host knows it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) client: Host,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) redirect_uri: String,
}

/// What a code stands for, until it is redeemed.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) client: Host,
    pub(super) user: String,
    pub(super) nonce: String,
    pub(super) at: Jst,
}

#[derive(Debug)]
pub(super) struct Session {
    host: Host,
    seen: Jst,
    pub(super) csrf: String,
    pub(super) user: Option<String>,
    pub(super) flash: Option<Flash>,
    pub(super) round: Option<Round>,
    pub(super) asked: Option<Asked>,
}

#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_id: HashMap<String, Session>,
    codes: HashMap<String, Grant>,
}

impl Sessions {
    /// The session of the cookie, or a new one; the flag is true for a new one.
    pub(super) fn visit(
        &mut self,
        host: Host,
        headers: &HeaderMap,
        now: &Jst,
    ) -> Result<(String, &mut Session, bool), SiteError> {
        let oldest = *now - TimeDelta::minutes(IDLE_MINUTES);
        self.by_id.retain(|_, session| session.seen >= oldest);
        let known = cookie(headers, host.cookie())
            .filter(|id| self.by_id.get(id).is_some_and(|session| session.host == host));
        let (id, new) = match known {
            Some(id) => (id, false),
            None => (token(16)?, true),
        };
        if new && self.by_id.len() >= MAX_SESSIONS {
            let oldest = self.by_id.iter().min_by_key(|(_, session)| session.seen);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                self.by_id.remove(&oldest);
            }
        }
        let csrf = token(32)?;
        let session = self.by_id.entry(id.clone()).or_insert_with(|| Session {
            host,
            seen: *now,
            csrf,
            user: None,
            flash: None,
            round: None,
            asked: None,
        });
        session.seen = *now;
        Ok((id, session, new))
    }

    pub(super) fn get(&mut self, id: &str) -> Option<&mut Session> {
        self.by_id.get_mut(id)
    }

    /// Logs a user out of all three hosts: otherwise the next silent round logs in again.
    pub(super) fn end_user(&mut self, user: &str) {
        self.by_id.retain(|_, session| session.user.as_deref() != Some(user));
    }

    pub(super) fn end_all(&mut self) {
        self.by_id.clear();
        self.codes.clear();
    }

    pub(super) fn grant(&mut self, grant: Grant) -> Result<String, SiteError> {
        let code = token(16)?;
        self.codes.insert(code.clone(), grant);
        Ok(code)
    }

    /// What the code stands for. A code is good once, for a short time.
    pub(super) fn redeem(&mut self, code: &str, now: &Jst) -> Option<Grant> {
        let oldest = *now - TimeDelta::minutes(CODE_MINUTES);
        self.codes.retain(|_, grant| grant.at >= oldest);
        self.codes.remove(code)
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(axum::http::header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn with_cookie(host: Host, id: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let value = format!("a=b; {}={id}", host.cookie());
        headers.insert(axum::http::header::COOKIE, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_session_ends_after_half_an_hour_and_belongs_to_one_host() {
        let mut sessions = Sessions::default();
        let now = Clock::System.now();
        let (id, _, new) = sessions.visit(Host::Control, &HeaderMap::new(), &now).unwrap();
        assert!(new);
        let headers = with_cookie(Host::Control, &id);
        let later = now + TimeDelta::minutes(29);
        assert!(!sessions.visit(Host::Control, &headers, &later).unwrap().2);
        let stolen = with_cookie(Host::Management, &id);
        assert!(sessions.visit(Host::Management, &stolen, &later).unwrap().2);
        let too_late = later + TimeDelta::minutes(31);
        assert!(sessions.visit(Host::Control, &headers, &too_late).unwrap().2);
    }

    #[test]
    fn a_code_is_good_once() {
        let mut sessions = Sessions::default();
        let now = Clock::System.now();
        let grant = Grant { client: Host::Control, user: "u".into(), nonce: "n".into(), at: now };
        let code = sessions.grant(grant.clone()).unwrap();
        assert!(sessions.redeem(&code, &now).is_some());
        assert!(sessions.redeem(&code, &now).is_none());
        let late = sessions.grant(grant).unwrap();
        assert!(sessions.redeem(&late, &(now + TimeDelta::minutes(2))).is_none());
    }
}
