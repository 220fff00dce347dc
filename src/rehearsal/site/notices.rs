//! The announcements of maintenance as a calendar, on a host of its own that asks for no client
//! certificate. What it says lies in a file, so that a rehearsal can announce something new.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// The host's name, in its certificate. Invented: where the vendor announces is not known.
pub(super) const NAME: &str = "notices.orcamo.example.jp";

/// The calendar's path.
pub(super) const PATH: &str = "/maintenance.ics";

/// The calendar's file in the site's folder.
pub(super) fn file(dir: &Path) -> PathBuf {
    dir.join("maintenance.ics")
}

pub(super) fn router(dir: &Path) -> Router {
    Router::new().route(PATH, get(calendar)).with_state(file(dir))
}

async fn calendar(State(file): State<PathBuf>) -> Response {
    match tokio::fs::read_to_string(&file).await {
        Ok(text) => {
            ([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
