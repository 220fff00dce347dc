//! The log-in: an OpenID Connect code flow between the two sites and the log-in host.
//!
//! Known are the query of the authorization request and `/sessions/new`; the other addresses are
//! inferred. The exchange of the code for a token happens inside this process, as it happens out
//! of the visitor's sight at the real site.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::SiteError;
use super::exchange::{Form, bad_token, broken, page, plain, redirect, token_fits};
use super::hosts::Host;
use super::html::{self, Page};
use super::random::token;
use super::server::Shared;
use super::session::{Asked, Flash, Grant, Round, Visitor};
use crate::secret::ExposeSecret;

/// Where the log-in host sends the visitor back to (inferred).
pub(super) const CALLBACK: &str = "/auth/callback";

/// Sends the visitor to the log-in host, and remembers where to go after it.
pub(super) fn begin(shared: &Shared, visitor: &Visitor, return_to: String) -> Response {
    match authorization(shared, visitor, return_to) {
        Ok(url) => redirect(StatusCode::FOUND, &url),
        Err(error) => broken(&error),
    }
}

fn authorization(
    shared: &Shared,
    visitor: &Visitor,
    return_to: String,
) -> Result<String, SiteError> {
    let round = Round { state: token(16)?, nonce: token(16)?, return_to };
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("scope", "openid")
        .append_pair("client_id", visitor.host.client_id())
        .append_pair("state", &round.state)
        .append_pair("nonce", &round.nonce)
        .append_pair("redirect_uri", &shared.addresses.url(visitor.host, CALLBACK))
        .finish();
    shared.session(visitor, |session| session.round = Some(round));
    Ok(shared.addresses.url(Host::Auth, &format!("/authorizations/new?{query}")))
}

/// `/` of the log-in host has nothing of its own.
pub(super) async fn home(State(shared): State<Arc<Shared>>) -> Response {
    redirect(StatusCode::FOUND, &shared.addresses.url(Host::Control, "/"))
}

/// The authorization endpoint.
pub(super) async fn authorize(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Form::read(query.unwrap_or_default().as_bytes());
    let client = Host::of_client(query.get("client_id")).filter(|client| {
        query.get("response_type") == "code"
            && query.get("scope").split(' ').any(|scope| scope == "openid")
            && !query.get("state").is_empty()
            && !query.get("nonce").is_empty()
            && query.get("redirect_uri") == shared.addresses.url(*client, CALLBACK)
    });
    let Some(client) = client else {
        return plain(StatusCode::BAD_REQUEST, "invalid_request");
    };
    let asked = Asked {
        client,
        state: query.get("state").to_owned(),
        nonce: query.get("nonce").to_owned(),
        redirect_uri: query.get("redirect_uri").to_owned(),
    };
    if let Some(user) = visitor.user.clone() {
        return answer(&shared, asked, user, StatusCode::FOUND);
    }
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", client.client_id())
        .append_pair("nonce", &asked.nonce)
        .finish();
    shared.session(&visitor, |session| session.asked = Some(asked));
    let form = format!("/sessions/new?{form}");
    redirect(StatusCode::FOUND, &shared.addresses.url(Host::Auth, &form))
}

/// Sends a visitor who is logged in back with a code.
fn answer(shared: &Shared, asked: Asked, user: String, status: StatusCode) -> Response {
    let at = shared.config.clock.now();
    let grant = Grant { client: asked.client, user, nonce: asked.nonce, at };
    let code = match shared.sessions().grant(grant) {
        Ok(code) => code,
        Err(error) => return broken(&error),
    };
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &code)
        .append_pair("state", &asked.state)
        .finish();
    redirect(status, &format!("{}?{query}", asked.redirect_uri))
}

/// The log-in page.
pub(super) async fn form(Extension(visitor): Extension<Visitor>) -> Response {
    page(StatusCode::OK, log_in_page(&visitor, None))
}

fn log_in_page(visitor: &Visitor, flash: Option<Flash>) -> String {
    let body = format!(
        r#"<form class="login" action="/sessions" accept-charset="UTF-8" method="post">{token}
<div class="form-group"><label for="session_login_id">ログインID</label>
<input class="form-control" type="text" name="session[login_id]" id="session_login_id" autofocus></div>
<div class="form-group"><label for="session_password">パスワード</label>
<input class="form-control" type="password" name="session[password]" id="session_password"></div>
<input type="submit" name="commit" value="ログイン" class="btn btn-primary" data-disable-with="ログイン">
</form>
"#,
        token = html::token_field(visitor)
    );
    let page = Page { title: "", crumb: "", menu: String::new(), flash, body, refresh_secs: None };
    html::document(visitor, &page)
}

/// Checks the log-in id and the password.
pub(super) async fn log_in(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::read(&body);
    if !token_fits(&visitor, &headers, form.get("authenticity_token")) {
        return bad_token();
    }
    let (id, password) = &shared.config.login;
    let right = form.get("session[login_id]") == id
        && form.get("session[password]") == password.expose_secret();
    if !right || shared.faults().login_refused {
        let alert = Flash::Alert("ログインIDまたはパスワードが正しくありません。".to_owned());
        return page(StatusCode::FORBIDDEN, log_in_page(&visitor, Some(alert)));
    }
    let at = shared.now();
    if let Err(error) = shared.store.change(|state| state.add_login(at)) {
        return broken(&error);
    }
    let asked = shared.session(&visitor, |session| {
        session.user = Some(id.clone());
        session.asked.take()
    });
    match asked.flatten() {
        Some(asked) => answer(&shared, asked, id.clone(), StatusCode::SEE_OTHER),
        None => redirect(StatusCode::SEE_OTHER, &shared.addresses.url(Host::Control, "/")),
    }
}

/// Where a site takes its visitor back from the log-in host.
pub(super) async fn callback(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Form::read(query.unwrap_or_default().as_bytes());
    let now = shared.config.clock.now();
    let round = shared.session(&visitor, |session| session.round.take()).flatten();
    let grant = shared.sessions().redeem(query.get("code"), &now);
    let (Some(round), Some(grant)) = (round, grant) else {
        return plain(StatusCode::FORBIDDEN, "invalid_grant");
    };
    let genuine = grant.client == visitor.host
        && grant.nonce == round.nonce
        && query.get("state") == round.state;
    if !genuine {
        return plain(StatusCode::FORBIDDEN, "invalid_state");
    }
    shared.session(&visitor, |session| {
        session.user = Some(grant.user);
        session.flash = Some(Flash::Notice("ログインに成功しました。".to_owned()));
    });
    redirect(StatusCode::FOUND, &round.return_to)
}

/// Logs the visitor's user out.
pub(super) async fn log_out(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !token_fits(&visitor, &headers, Form::read(&body).get("authenticity_token")) {
        return bad_token();
    }
    if let Some(user) = &visitor.user {
        shared.sessions().end_user(user);
    }
    redirect(StatusCode::SEE_OTHER, &shared.addresses.url(Host::Control, "/"))
}
