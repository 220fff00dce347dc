//! A test's hand between the site and its visitor: it sees what comes in and may change a page
//! on its way out. Not part of the program.

use std::sync::{Arc, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::exchange::plain;
use super::server::{Shared, Site};
use super::store::SiteState;

/// Bodies of a test are small.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// What a test does with the exchange of a page.
pub(crate) trait Retouch: Send + Sync {
    /// A request: host, method, path and query, body.
    fn came(&self, host: &str, method: &str, target: &str, body: &[u8]);
    /// A page on its way out, changed or not.
    fn page(&self, host: &str, path: &str, html: String) -> String;
}

impl Site {
    /// From now on every exchange goes through this hand.
    pub(crate) fn set_retouch(&self, retouch: Option<Arc<dyn Retouch>>) {
        *self.shared().retouch.lock().unwrap_or_else(PoisonError::into_inner) = retouch;
    }

    /// Puts what the site remembers the way a test needs it.
    pub(crate) fn change_state(&self, change: impl FnOnce(&mut SiteState)) {
        self.shared().store.change(change).unwrap();
    }
}

pub(super) async fn layer(
    State((shared, host)): State<(Arc<Shared>, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    let retouch = shared.retouch.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let Some(retouch) = retouch else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BYTES).await else {
        return plain(StatusCode::BAD_REQUEST, "400 Bad Request");
    };
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    retouch.came(host, parts.method.as_str(), target, &body);
    let path = parts.uri.path().to_owned();
    let mut answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    let kind = answer.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        return answer;
    }
    let body = std::mem::take(answer.body_mut());
    let html = to_bytes(body, MAX_BYTES).await.unwrap();
    let html = retouch.page(host, &path, String::from_utf8(html.to_vec()).unwrap());
    answer.headers_mut().remove(header::CONTENT_LENGTH);
    *answer.body_mut() = Body::from(html);
    answer
}
