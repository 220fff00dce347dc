//! P3, the tenant's page of 日レセ management, and the frame of the pages below it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::VendorRefusal;
use super::control::{LOG_OUT, login_table, show_time};
use super::exchange::{page, plain, redirect};
use super::html::{self, Page, escape};
use super::server::Shared;
use super::session::{Flash, Holder, Visitor};

/// `/` leads to the visitor's only tenant.
pub(super) async fn home(State(shared): State<Arc<Shared>>) -> Response {
    redirect(StatusCode::FOUND, &shared.tenant_path(""))
}

/// P3.
pub(super) async fn tenant(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    Path(tenant): Path<String>,
) -> Response {
    if !is_ours(&shared, &tenant) {
        return not_ours();
    }
    let fields = [
        ("医療機関名", escape(&shared.tenant_name())),
        ("ORCAMO ID", escape(&shared.config.tenant.orcamo_id)),
        ("医療機関ID", escape(&shared.config.tenant.hospital_id)),
        ("API利用プラン", "デラックス".to_owned()),
        ("DB管理", "契約済み".to_owned()),
        ("CLAIM", "契約済み".to_owned()),
    ];
    let fields: String =
        fields.iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>\n")).collect();
    let log: Vec<Vec<String>> = shared
        .store
        .read()
        .log
        .iter()
        .rev()
        .map(|row| {
            vec![show_time(row.at), row.what.clone(), row.id.to_string(), row.result.clone()]
        })
        .collect();
    let body = format!(
        r##"<ul class="nav-tabs">
<li><a class="active" data-toggle="tab" href="#plan">利用プラン</a></li>
<li><a data-toggle="tab" href="#logins">ログイン履歴</a></li>
<li><a data-toggle="tab" href="#log">テナントログ</a></li>
</ul>
<div class="tab-pane active" id="plan">
<dl class="dl-horizontal">
{fields}</dl>
</div>
<div class="tab-pane" id="logins">
<h2>ログイン履歴</h2>
{logins}</div>
<div class="tab-pane" id="log">
<h2>テナントログ</h2>
{log}</div>
"##,
        logins = login_table(&shared),
        log = html::table(&["日時", "操作", "番号", "結果"], &log),
    );
    show(&shared, &visitor, StatusCode::OK, None, body, None)
}

/// True for the one tenant that the visitor may see.
pub(super) fn is_ours(shared: &Shared, tenant: &str) -> bool {
    tenant == shared.config.tenant.number()
}

pub(super) fn not_ours() -> Response {
    plain(StatusCode::FORBIDDEN, "USER NOT IN TENANTDB")
}

/// A page with the 日レセ frame. `flash` goes before one that the session holds.
pub(super) fn show(
    shared: &Shared,
    visitor: &Visitor,
    status: StatusCode,
    flash: Option<Flash>,
    body: String,
    refresh_secs: Option<u32>,
) -> Response {
    let kept = shared.session(visitor, |session| session.flash.take()).flatten();
    let content = Page {
        title: "日レセ",
        crumb: "日レセ",
        menu: menu(shared, visitor),
        flash: flash.or(kept),
        body,
        refresh_secs,
    };
    page(status, html::document(visitor, &content))
}

fn menu(shared: &Shared, visitor: &Visitor) -> String {
    let import =
        if shared.faults().label_renamed { "データ取込" } else { "DBインポート" };
    let shown = shared.faults().vendor_refused != VendorRefusal::InMenu;
    let import = match visitor.holder {
        // Inferred: the manual only says that a vendor's certificate cannot import.
        Holder::Stranger => String::new(),
        Holder::Vendor if !shown => String::new(),
        Holder::Vendor | Holder::Clinic => {
            let href = shared.tenant_path("/db_imports/new");
            let item = format!("<li><a href=\"{href}\">{import}</a></li>\n");
            item.repeat(if shared.faults().label_doubled { 2 } else { 1 })
        }
    };
    format!(
        r##"<ul class="navbar-nav">
<li><a href="{tenant}">契約情報</a></li>
<li class="dropdown"><a class="dropdown-toggle" data-toggle="dropdown" href="#">日レセ</a>
<ul class="dropdown-menu">
<li class="dropdown-header">データベース</li>
{import}<li><a href="{dumps}">DBダンプ</a></li>
</ul></li>
<li><a href="{control}">管理画面</a></li>
<li>{logout}</li>
</ul>
"##,
        tenant = shared.tenant_path(""),
        dumps = shared.tenant_path("/db_dumps"),
        control = escape(&shared.addresses.url(super::hosts::Host::Control, "/")),
        logout = html::action(visitor, &LOG_OUT),
    )
}
