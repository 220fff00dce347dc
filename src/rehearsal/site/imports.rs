//! P4: データベースのインポート, its upload, and the page that shows how it went.

use std::sync::Arc;

use axum::Extension;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio::task::JoinHandle;

use super::config::GatewayFault;
use super::exchange::{bad_token, broken, plain, redirect, token_fits};
use super::html::{escape, token_field};
use super::management::{is_ours, not_ours, show as frame};
use super::server::Shared;
use super::session::{Flash, Holder, Visitor};
use super::store::{ImportRow, ImportStatus};
use super::upload::{Refusal, Upload};
use super::{SiteError, SiteFaults, VendorRefusal, jobs, upload};

/// The versions that the select offers; the first is what the manual shows chosen. The others are
/// inferred.
pub(super) const VERSIONS: [&str; 4] = ["9.6", "10", "12", "15"];
/// How often the page of a running import asks again.
const REFRESH_SECS: u32 = 2;

/// The form.
pub(super) async fn new(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    Path(tenant): Path<String>,
) -> Response {
    let vendor = shared.faults().vendor_refused;
    let shown = visitor.holder == Holder::Vendor && is_ours(&shared, &tenant);
    if shown && vendor == VendorRefusal::InPlaceOfForm {
        let body = format!(
            "{}<div class=\"alert alert-warning\">この証明書ではインポートできません。</div>\n",
            heading(&shared)
        );
        return frame(&shared, &visitor, StatusCode::OK, None, body, None);
    }
    let refused = refused(&shared, &visitor, &tenant);
    if let Some(refused) = refused.filter(|_| !shown || vendor != VendorRefusal::AfterUpload) {
        return refused;
    }
    let page = form(&shared, &visitor, StatusCode::OK, None);
    if shared.faults().session_ends_at_form {
        shared.sessions().end_all();
    }
    page
}

fn refused(shared: &Shared, visitor: &Visitor, tenant: &str) -> Option<Response> {
    if !is_ours(shared, tenant) {
        Some(not_ours())
    } else if visitor.holder != Holder::Clinic {
        Some(plain(StatusCode::FORBIDDEN, "NOT PERMITTED CERTIFICATE"))
    } else {
        None
    }
}

fn heading(shared: &Shared) -> String {
    format!("<h1>データベースのインポート ({})</h1>\n", escape(&shared.tenant_name()))
}

fn form(shared: &Shared, visitor: &Visitor, status: StatusCode, flash: Option<Flash>) -> Response {
    let missing = shared.faults().no_version;
    let options: String = VERSIONS
        .iter()
        .filter(|version| missing.as_deref() != Some(**version))
        .enumerate()
        .map(|(place, version)| {
            let selected = if place == 0 { " selected=\"selected\"" } else { "" };
            format!("<option{selected} value=\"{version}\">{version}</option>\n")
        })
        .collect();
    let body = format!(
        r#"{heading}<div class="alert alert-warning">現行データは上書きにより削除されます。</div>
<form class="new_db_import" id="new_db_import" enctype="multipart/form-data" action="{action}" accept-charset="UTF-8" method="post">{token}
<div class="form-group"><label for="db_import_dump_file">ダンプファイル</label>
<input type="file" name="db_import[dump_file]" id="db_import_dump_file">
<p class="help-block">pg_restore用のカスタム形式アーカイブ(pg_dump -Fc で出力したファイル)を指定してください。</p></div>
<div class="form-group"><label for="db_import_version">バージョン</label>
<select class="form-control" name="db_import[version]" id="db_import_version">
{options}</select></div>
<button name="button" type="submit" class="btn btn-primary">実行</button>
<a class="btn" href="{back}">戻る</a>
</form>
"#,
        heading = heading(shared),
        action = shared.tenant_path("/db_imports"),
        token = token_field(visitor),
        back = shared.tenant_path(""),
    );
    frame(shared, visitor, status, flash, body, None)
}

/// Takes the upload and begins the import.
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    if let Some(refused) = refused(&shared, &visitor, &tenant) {
        return refused;
    }
    let Ok(multipart) = multipart else {
        return plain(StatusCode::BAD_REQUEST, "400 Bad Request");
    };
    let number = shared.store.change(|state| {
        state.uploads = state.uploads.saturating_add(1);
        state.uploads
    });
    let number = match number {
        Ok(number) => number,
        Err(error) => return broken(&error),
    };
    let faults = shared.faults().for_import(number);
    let received = upload::receive(&shared, multipart, faults.connection_cut).await;
    let upload = match received {
        Ok(upload) => upload,
        Err(Refusal::Cut) => return cut(&visitor).await,
        Err(refusal) => return refuse(&shared, &visitor, &refusal),
    };
    if !token_fits(&visitor, &headers, &upload.token) {
        return bad_token();
    }
    let offered = VERSIONS.contains(&upload.version.as_str())
        && faults.no_version.as_deref() != Some(upload.version.as_str());
    if !offered {
        return invalid(&shared, &visitor, "バージョンを選択してください。");
    }
    accept(&shared, &visitor, number, upload, &faults).await
}

/// Begins the import of a sound upload and answers it, as far as the faults let it.
async fn accept(
    shared: &Arc<Shared>,
    visitor: &Visitor,
    number: u32,
    upload: Upload,
    faults: &SiteFaults,
) -> Response {
    if faults.import_502 == GatewayFault::BeforeJob {
        return plain(StatusCode::BAD_GATEWAY, "502 Bad Gateway");
    }
    let job = match begin(shared, number, upload, faults) {
        Ok(job) => job,
        Err(error) => return broken(&error),
    };
    if faults.answer_lost {
        return cut(visitor).await;
    }
    if faults.import_502 == GatewayFault::AfterJob {
        return plain(StatusCode::BAD_GATEWAY, "502 Bad Gateway");
    }
    if faults.session_ends_after_upload {
        shared.sessions().end_all();
    }
    if faults.import_waits {
        // The import goes on when the visitor loses patience: only this wait ends with it.
        let _ = job.await;
    }
    redirect(StatusCode::SEE_OTHER, &shared.tenant_path(&format!("/db_imports/{number}")))
}

/// Registers the import and lets it run beside the answer.
fn begin(
    shared: &Arc<Shared>,
    number: u32,
    upload: Upload,
    faults: &SiteFaults,
) -> Result<JoinHandle<()>, SiteError> {
    let at = shared.now();
    shared.store.change(|state| {
        state.add_import(ImportRow {
            id: number,
            version: upload.version.clone(),
            bytes: upload.bytes,
            sha256: upload.sha256.clone(),
            at,
            status: ImportStatus::Running,
            log: None,
        });
    })?;
    let (shared, faults) = (Arc::clone(shared), faults.clone());
    Ok(tokio::spawn(async move { jobs::import(&shared, number, upload, &faults).await }))
}

/// Cuts the connection: the answer never comes.
async fn cut(visitor: &Visitor) -> Response {
    visitor.sever.notify_one();
    std::future::pending().await
}

fn refuse(shared: &Shared, visitor: &Visitor, refusal: &Refusal) -> Response {
    match refusal {
        Refusal::NoFile => invalid(shared, visitor, "ダンプファイルを選択してください。"),
        Refusal::TooLarge => plain(StatusCode::PAYLOAD_TOO_LARGE, "413 Request Entity Too Large"),
        Refusal::Broken | Refusal::Cut => plain(StatusCode::BAD_REQUEST, "400 Bad Request"),
        Refusal::Site(error) => broken(error),
    }
}

fn invalid(shared: &Shared, visitor: &Visitor, text: &str) -> Response {
    let flash = Some(Flash::Alert(text.to_owned()));
    form(shared, visitor, StatusCode::UNPROCESSABLE_ENTITY, flash)
}

/// The log, where there is one; a failed import without a log still shows its heading.
fn log_part(import: &ImportRow) -> String {
    if import.log.is_none() && import.status == ImportStatus::Done {
        return String::new();
    }
    let log = escape(import.log.as_deref().unwrap_or_default());
    format!("<h2>インポートログ</h2>\n<pre>{log}</pre>\n")
}

/// How the import goes. A completion message is a normal end, a log an abnormal one.
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    Path((tenant, id)): Path<(String, u32)>,
) -> Response {
    if let Some(refused) = refused(&shared, &visitor, &tenant) {
        return refused;
    }
    let state = shared.store.read();
    let Some(import) = state.imports.iter().find(|import| import.id == id) else {
        return plain(StatusCode::NOT_FOUND, "404 Not Found");
    };
    let back = format!("<p><a href=\"{}\">戻る</a></p>\n", shared.tenant_path(""));
    let (refresh, result) = match import.status {
        ImportStatus::Running => {
            (Some(REFRESH_SECS), "<p>インポート中です。しばらくお待ちください。</p>\n".to_owned())
        }
        ImportStatus::Done => {
            let text = "データベースのインポートが完了しました。";
            let done = format!("<div class=\"alert alert-success\" role=\"alert\">{text}</div>\n");
            (None, done + &log_part(import))
        }
        ImportStatus::Failed => (None, log_part(import)),
    };
    let body = format!("{}{result}{back}", heading(&shared));
    frame(&shared, &visitor, StatusCode::OK, None, body, refresh)
}
