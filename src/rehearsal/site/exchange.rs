//! Small things every page needs: answers, form bodies, the csrf check.

use std::collections::HashMap;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::SiteError;
use super::html;
use super::session::Visitor;

/// The fields of a form. Of a doubled name the last value counts, as in Rails.
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// Reads a body or a query.
    pub(super) fn read(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// True where the form, or the header that scripts send, carries the session's token.
pub(super) fn token_fits(visitor: &Visitor, headers: &HeaderMap, field: &str) -> bool {
    let header = headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
    field == visitor.csrf || header == Some(visitor.csrf.as_str())
}

/// An HTML page.
pub(super) fn page(status: StatusCode, html: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

/// A redirect; `See Other` after a POST, `Found` otherwise.
pub(super) fn redirect(status: StatusCode, to: &str) -> Response {
    let mut response = Response::new(Body::empty());
    match HeaderValue::try_from(to) {
        Ok(value) => {
            *response.status_mut() = status;
            response.headers_mut().insert(header::LOCATION, value);
            response
        }
        Err(_) => plain(StatusCode::BAD_REQUEST, "Bad Request"),
    }
}

/// A page outside of the site's layout, like those that a web server or gateway makes.
pub(super) fn plain(status: StatusCode, message: &str) -> Response {
    page(status, html::bare(message))
}

/// Trouble of the rehearsal itself.
pub(super) fn broken(error: &SiteError) -> Response {
    tracing::error!(%error, "the rehearsal's site failed");
    plain(StatusCode::INTERNAL_SERVER_ERROR, "500 Internal Server Error")
}

/// The answer to a POST whose token does not fit, as Rails words it.
pub(super) fn bad_token() -> Response {
    plain(StatusCode::UNPROCESSABLE_ENTITY, "ActionController::InvalidAuthenticityToken")
}
