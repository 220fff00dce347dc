//! P5: DBダンプ, the list of dumps, their making, download and deletion.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, Take};

use super::control::show_time;
use super::exchange::{Form, bad_token, broken, plain, redirect, token_fits};
use super::html::{Action, action, escape};
use super::jobs;
use super::management::{is_ours, not_ours, show as frame};
use super::server::Shared;
use super::session::{Flash, Visitor};
use super::store::{DumpRow, DumpStatus};

/// Bytes of a download that are read at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// Before a download is cut, so that what was read goes out first, as over a real line.
const CUT_PAUSE: Duration = Duration::from_millis(200);

/// The list.
pub(super) async fn index(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    Path(tenant): Path<String>,
) -> Response {
    if !is_ours(&shared, &tenant) {
        return not_ours();
    }
    list(&shared, &visitor, StatusCode::OK, None)
}

fn list(shared: &Shared, visitor: &Visitor, status: StatusCode, flash: Option<Flash>) -> Response {
    let rows: String =
        shared.store.read().dumps.iter().rev().map(|dump| row(shared, visitor, dump)).collect();
    let body = format!(
        r#"<h1>DBダンプ ({name})</h1>
<p>{create}</p>
<table class="table">
<thead><tr><th>作成日</th><th>状態</th><th></th></tr></thead>
<tbody>
{rows}</tbody>
</table>
<p><a href="{back}">戻る</a></p>
"#,
        name = escape(&shared.tenant_name()),
        create = action(
            visitor,
            &Action {
                text: "ダンプ実行",
                href: &shared.tenant_path("/db_dumps"),
                method: "post",
                confirm: "データベースのダンプを実行します。よろしいですか？",
                class: "btn btn-primary",
            }
        ),
        back = shared.tenant_path(""),
    );
    frame(shared, visitor, status, flash, body, None)
}

fn row(shared: &Shared, visitor: &Visitor, dump: &DumpRow) -> String {
    let path = shared.tenant_path(&format!("/db_dumps/{}", dump.id));
    let delete = action(
        visitor,
        &Action {
            text: "削除",
            href: &path,
            method: "delete",
            confirm: "このダンプを削除します。よろしいですか？",
            class: "btn btn-danger btn-sm",
        },
    );
    let actions = match dump.status {
        DumpStatus::Done => {
            format!("<a class=\"btn btn-sm\" href=\"{path}/download\">ダウンロード</a> {delete}")
        }
        DumpStatus::Failed | DumpStatus::Odd => delete,
        DumpStatus::Waiting | DumpStatus::Running => String::new(),
    };
    format!(
        "<tr><td>{}</td><td>{}</td><td>{actions}</td></tr>\n",
        show_time(dump.at),
        dump.status.word()
    )
}

/// ダンプ実行.
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_ours(&shared, &tenant) {
        return not_ours();
    }
    if !token_fits(&visitor, &headers, Form::read(&body).get("authenticity_token")) {
        return bad_token();
    }
    let at = shared.now();
    let wanted = if shared.faults().two_new_dumps { 2 } else { 1 };
    let added = shared.store.change(|state| {
        let mut ids = Vec::new();
        while ids.len() < wanted
            && let Some(id) = state.add_dump(at, DumpStatus::Waiting)
        {
            state.note(at, "DBダンプ", id, "開始");
            ids.push(id);
        }
        ids
    });
    match added {
        Ok(ids) if !ids.is_empty() => {
            for id in ids {
                let job = Arc::clone(&shared);
                tokio::spawn(async move { jobs::dump(&job, id).await });
            }
            notice(&shared, &visitor, "ダンプを開始しました。")
        }
        Ok(_) => {
            let text = "ダンプ数が上限(5個)に達しています。削除してから実行してください。";
            let flash = Some(Flash::Alert(text.to_owned()));
            list(&shared, &visitor, StatusCode::UNPROCESSABLE_ENTITY, flash)
        }
        Err(error) => broken(&error),
    }
}

fn notice(shared: &Shared, visitor: &Visitor, text: &str) -> Response {
    shared.session(visitor, |session| session.flash = Some(Flash::Notice(text.to_owned())));
    redirect(StatusCode::SEE_OTHER, &shared.tenant_path("/db_dumps"))
}

/// 削除, a POST with `_method=delete`.
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    Path((tenant, id)): Path<(String, u32)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_ours(&shared, &tenant) {
        return not_ours();
    }
    let form = Form::read(&body);
    if !token_fits(&visitor, &headers, form.get("authenticity_token")) {
        return bad_token();
    }
    if form.get("_method") != "delete" {
        return plain(StatusCode::NOT_FOUND, "404 Not Found");
    }
    let (at, others) = (shared.now(), shared.faults().other_deletes);
    let removed = shared.store.change(|state| {
        let ended =
            |dump: &DumpRow| !matches!(dump.status, DumpStatus::Waiting | DumpStatus::Running);
        let place = state.dumps.iter().position(|dump| dump.id == id && ended(dump))?;
        state.note(at, "DBダンプ削除", id, "正常終了");
        let removed = state.dumps.remove(place);
        if others && !state.dumps.is_empty() {
            state.dumps.remove(0);
        }
        Some(removed)
    });
    match removed {
        Ok(Some(_)) => {
            // A failed dump has no file, and a file that stays behind hurts nobody.
            let _ = std::fs::remove_file(shared.dump_path(id));
            notice(&shared, &visitor, "ダンプを削除しました。")
        }
        Ok(None) => plain(StatusCode::NOT_FOUND, "404 Not Found"),
        Err(error) => broken(&error),
    }
}

/// ダウンロード.
pub(super) async fn download(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    Path((tenant, id)): Path<(String, u32)>,
) -> Response {
    if !is_ours(&shared, &tenant) || visitor.user.is_none() {
        return not_ours();
    }
    let state = shared.store.read();
    let done = |dump: &&DumpRow| dump.id == id && dump.status == DumpStatus::Done;
    let Some(dump) = state.dumps.iter().find(done) else {
        return plain(StatusCode::NOT_FOUND, "404 Not Found");
    };
    let path = shared.dump_path(id);
    let opened = async {
        let file = File::open(&path).await?;
        let length = file.metadata().await?.len();
        Ok((file, length))
    };
    let (file, length) = match opened.await {
        Ok(opened) => opened,
        Err(error) => return broken(&super::SiteError::file(&path)(error)),
    };
    let stamp = crate::clock::to_jst(dump.at).format("%Y%m%d%H%M%S");
    let name = format!("{}_{stamp}.dump", shared.config.tenant.orcamo_id);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    // A body that is shorter than announced makes the connection end.
    let (sent, pause) = if shared.faults().download_cut {
        (length / 2, CUT_PAUSE)
    } else {
        (length, Duration::ZERO)
    };
    (headers, Body::from_stream(pieces(file.take(sent), pause))).into_response()
}

fn pieces(
    file: Take<File>,
    pause: Duration,
) -> impl futures::Stream<Item = std::io::Result<Bytes>> {
    futures::stream::try_unfold(file, move |mut file| async move {
        let mut piece = bytes::BytesMut::with_capacity(PIECE_BYTES);
        if file.read_buf(&mut piece).await? == 0 {
            tokio::time::sleep(pause).await;
            return Ok(None);
        }
        Ok(Some((piece.freeze(), file)))
    })
}
