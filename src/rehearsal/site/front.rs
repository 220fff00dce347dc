//! What stands before every page: the firewall, the maintenance notice, the certificate's holder,
//! the session, the log-in, and the headers of every answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use chrono::TimeDelta;

use super::hosts::Host;
use super::listener::Connection;
use super::server::Shared;
use super::session::{Holder, Visitor};
use super::{control, dumps, exchange, html, imports, login, management};

/// All addresses of one host.
pub(super) fn router(shared: &Arc<Shared>, host: Host) -> Router {
    let router = Router::new()
        .route("/assets/application.css", get(style))
        .route("/assets/application.js", get(script));
    let router = match host {
        Host::Auth => router
            .route("/", get(login::home))
            .route("/authorizations/new", get(login::authorize))
            .route("/sessions/new", get(login::form))
            .route("/sessions", post(login::log_in)),
        Host::Control => router
            .route(login::CALLBACK, get(login::callback))
            .route("/session", post(login::log_out))
            .route("/", get(control::home))
            .route("/users", get(control::users))
            .route("/login_histories", get(control::logins))
            .route("/tenants/{tenant}", get(control::tenant)),
        Host::Management => router
            .route(login::CALLBACK, get(login::callback))
            .route("/session", post(login::log_out))
            .route("/", get(management::home))
            .route("/tenants/{tenant}", get(management::tenant))
            .route("/tenants/{tenant}/db_imports/new", get(imports::new))
            // The upload has a limit of its own, far above a form's.
            .route(
                "/tenants/{tenant}/db_imports",
                post(imports::create).layer(DefaultBodyLimit::disable()),
            )
            .route("/tenants/{tenant}/db_imports/{id}", get(imports::show))
            .route("/tenants/{tenant}/db_dumps", get(dumps::index).post(dumps::create))
            .route("/tenants/{tenant}/db_dumps/{id}", post(dumps::delete))
            .route("/tenants/{tenant}/db_dumps/{id}/download", get(dumps::download)),
    };
    let router = router
        .fallback(missing)
        .with_state(Arc::clone(shared))
        .layer(middleware::from_fn_with_state((Arc::clone(shared), host), gate));
    #[cfg(test)]
    let router = router.layer(middleware::from_fn_with_state(
        (Arc::clone(shared), host.name()),
        super::retouch::layer,
    ));
    router
}

async fn gate(
    State((shared, host)): State<(Arc<Shared>, Host)>,
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() == Method::POST {
        shared.posts.fetch_add(1, Ordering::Relaxed);
    }
    let mut response = if request.method() == Method::POST
        && !request.headers().contains_key(header::CONTENT_LENGTH)
    {
        exchange::plain(StatusCode::LENGTH_REQUIRED, "411 Length Required")
    } else if shared.faults().maintenance_page {
        exchange::plain(StatusCode::SERVICE_UNAVAILABLE, "ただいまメンテナンス中です。")
    } else if connection.holder == Holder::Stranger {
        exchange::plain(StatusCode::FORBIDDEN, "NOT PERMITTED CERTIFICATE")
    } else {
        with_session(&shared, host, connection, request, next).await
    };
    let headers = response.headers_mut();
    let ahead = TimeDelta::try_seconds(shared.faults().clock_off_secs).unwrap_or_default();
    let date = (shared.now() + ahead).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::try_from(date) {
        headers.insert(header::DATE, date);
    }
    let fixed = [
        (header::SERVER, "nginx"),
        (HeaderName::from_static("x-frame-options"), "SAMEORIGIN"),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
        (header::CACHE_CONTROL, "max-age=0, private, must-revalidate"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

async fn with_session(
    shared: &Arc<Shared>,
    host: Host,
    connection: Connection,
    mut request: Request,
    next: Next,
) -> Response {
    let now = shared.config.clock.now();
    let visit = {
        let mut sessions = shared.sessions();
        sessions
            .visit(host, request.headers(), &now)
            .map(|(id, session, new)| (id, session.user.clone(), session.csrf.clone(), new))
    };
    let (id, user, csrf, new) = match visit {
        Ok(visit) => visit,
        Err(error) => return exchange::broken(&error),
    };
    let Connection { holder, sever } = connection;
    let skin = shared.faults().skin;
    let visitor = Visitor { host, session: id.clone(), user, csrf, holder, skin, sever };
    let open_to_all = host == Host::Auth
        || request.uri().path() == login::CALLBACK
        || request.uri().path().starts_with("/assets/");
    let mut response = if visitor.user.is_none() && !open_to_all {
        let return_to = match *request.method() {
            Method::GET => request.uri().path().to_owned(),
            // What a form sent is gone; the visitor starts over.
            _ => shared.tenant_path(""),
        };
        login::begin(shared, &visitor, return_to)
    } else {
        request.extensions_mut().insert(visitor);
        next.run(request).await
    };
    if new {
        let name = host.cookie();
        let cookie = format!("{name}={id}; path=/; HttpOnly; Secure; SameSite=Lax");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

async fn missing() -> Response {
    exchange::plain(StatusCode::NOT_FOUND, "404 Not Found")
}

async fn style() -> ([(HeaderName, &'static str); 1], Bytes) {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        Bytes::from_static(html::STYLE.as_bytes()),
    )
}

async fn script() -> ([(HeaderName, &'static str); 1], Bytes) {
    let kind = "text/javascript; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], Bytes::from_static(html::SCRIPT.as_bytes()))
}
