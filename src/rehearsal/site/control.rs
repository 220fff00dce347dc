//! The pages of ORCAMO クラウド管理: P1 (home) and P2 (テナント詳細).

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};

use super::exchange::{page, plain};
use super::hosts::Host;
use super::html::{self, Action, Page, escape};
use super::server::Shared;
use super::session::Visitor;
use crate::clock::to_jst;

/// The manual's tenant was registered then.
const REGISTERED: &str = "2019/06/27 10:34";

/// ログアウト, on every page.
pub(super) const LOG_OUT: Action<'static> =
    Action { text: "ログアウト", href: "/session", method: "delete", confirm: "", class: "" };

/// P1.
pub(super) async fn home(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    let body = "<h1>TOP</h1>\n<p>テナント情報、ユーザ情報を確認できます。</p>\n".to_owned();
    show(&shared, &visitor, "TOP", body)
}

/// ユーザ管理.
pub(super) async fn users(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    let user = visitor.user.clone().unwrap_or_default();
    let rows = [vec![user, "テナント管理者".to_owned(), "有効".to_owned()]];
    let body =
        format!("<h1>ユーザ管理</h1>\n{}", html::table(&["ログインID", "権限", "状態"], &rows));
    show(&shared, &visitor, "ユーザ管理", body)
}

/// ログイン履歴.
pub(super) async fn logins(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    let body = format!("<h1>ログイン履歴</h1>\n{}", login_table(&shared));
    show(&shared, &visitor, "ログイン履歴", body)
}

/// P2.
pub(super) async fn tenant(
    State(shared): State<Arc<Shared>>,
    Extension(visitor): Extension<Visitor>,
    Path(tenant): Path<String>,
) -> Response {
    if tenant != shared.config.tenant.number() {
        return plain(StatusCode::FORBIDDEN, "USER NOT IN TENANTDB");
    }
    let path = shared.tenant_path("");
    let target = if shared.faults().foreign_redirect {
        format!("https://sms.orca.example.jp{path}")
    } else {
        shared.addresses.url(Host::Management, &path)
    };
    let link = format!(r#"<a href="{}">日レセ管理画面</a>"#, escape(&target));
    let rows = [
        ("ORCAMO ID", escape(&shared.config.tenant.orcamo_id)),
        ("名称", escape(&shared.tenant_name())),
        ("サーバ管理ベンダー", "ORCAMOテストベンダー".to_owned()),
        ("一般ベンダー", String::new()),
        ("登録日時", REGISTERED.to_owned()),
        ("更新日時", REGISTERED.to_owned()),
        ("状態", "有効".to_owned()),
        ("保守", String::new()),
        ("連携アプリ設定", link),
    ];
    let rows: String = rows
        .iter()
        .map(|(name, value)| format!("<tr><th>{name}</th><td>{value}</td></tr>\n"))
        .collect();
    let body =
        format!("<h1>テナント詳細</h1>\n<table class=\"table\"><tbody>\n{rows}</tbody></table>\n");
    show(&shared, &visitor, "テナント詳細", body)
}

fn show(shared: &Shared, visitor: &Visitor, title: &str, body: String) -> Response {
    let tenant = shared.tenant_path("");
    let tabs: String = [
        ("TOP", "/"),
        ("テナント情報", tenant.as_str()),
        ("ユーザ管理", "/users"),
        ("ログイン履歴", "/login_histories"),
    ]
    .iter()
    .map(|(text, href)| {
        let here = *text == title || (*text == "テナント情報" && title == "テナント詳細");
        let class = if here { "active" } else { "" };
        format!("<li><a class=\"{class}\" href=\"{href}\">{text}</a></li>\n")
    })
    .collect();
    let flash = shared.session(visitor, |session| session.flash.take()).flatten();
    let menu = format!(
        "<ul class=\"navbar-nav\">\n<li><span>{} ({})</span></li>\n<li>{}</li>\n</ul>\n",
        escape(&shared.tenant_name()),
        escape(&shared.config.tenant.orcamo_id),
        html::action(visitor, &LOG_OUT)
    );
    let body = format!("<ul class=\"nav-tabs\">\n{tabs}</ul>\n{body}");
    let crumb = if title == "TOP" { "" } else { title };
    let content = Page { title, crumb, menu, flash, body, refresh_secs: None };
    page(StatusCode::OK, html::document(visitor, &content))
}

/// ログイン履歴 as a table, newest first.
pub(super) fn login_table(shared: &Shared) -> String {
    let id = &shared.config.login.0;
    let rows: Vec<Vec<String>> = shared
        .store
        .read()
        .logins
        .iter()
        .rev()
        .map(|at| vec![show_time(*at), id.clone(), "成功".to_owned()])
        .collect();
    html::table(&["日時", "ログインID", "結果"], &rows)
}

/// `2019/06/25 10:08:10`, Japanese time.
pub(super) fn show_time(at: DateTime<Utc>) -> String {
    to_jst(at).format("%Y/%m/%d %H:%M:%S").to_string()
}
