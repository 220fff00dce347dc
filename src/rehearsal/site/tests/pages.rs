//! Certificates, the log-in, csrf, and the life of a dump.

use std::time::Duration;

use super::super::{DumpStatus, SiteFaults};
use super::Stage;
use super::visitor::{Page, Visitor};
use crate::rehearsal::pki::{CLINIC, VENDOR};

#[tokio::test]
async fn without_a_certificate_there_is_no_handshake() {
    let stage = Stage::new(501, 0, SiteFaults::default()).await;
    for url in [stage.site().control_url(), stage.site().auth_url(), stage.site().management_url()]
    {
        let error = stage.visitor(None).http.get(url).send().await.unwrap_err();
        assert!(format!("{error:?}").contains("CertificateRequired"), "{error:?}");
    }
}

#[tokio::test]
async fn a_log_in_leads_from_the_first_page_to_the_tenants_page() {
    let stage = Stage::new(502, 0, SiteFaults::default()).await;
    let visitor = stage.visitor(Some(CLINIC));
    let form = visitor.get(&stage.site().control_url()).await;
    assert_eq!(form.url.path(), "/sessions/new");
    assert_eq!(form.texts("title"), ["ORCAMOクラウド管理"]);
    assert!(form.url.query().unwrap().starts_with("client_id=ctrl_app&nonce="));
    // The rehearsal's clock is forty days ahead, and `Date` follows it.
    let day = chrono::DateTime::parse_from_rfc2822(&form.date).unwrap();
    let ahead = (day.to_utc() - chrono::Utc::now()).num_minutes();
    assert!((40 * 1440 - 2..=40 * 1440 + 2).contains(&ahead), "{ahead}");

    let wrong = visitor.send_log_in(&form, "wrong").await;
    assert_eq!(wrong.status, 403);
    assert_eq!(wrong.texts(".alert-danger").len(), 1);

    let home = visitor.send_log_in(&wrong, super::LOG_IN.1).await;
    assert_eq!(home.url.as_str(), stage.site().control_url());
    assert_eq!(home.texts(".nav-tabs a"), ["TOP", "テナント情報", "ユーザ管理", "ログイン履歴"]);

    let tenant = format!("{}tenants/502", stage.site().control_url());
    let tenant = visitor.get(&tenant).await;
    assert_eq!(tenant.texts("h1"), ["テナント詳細"]);
    let cells = tenant.texts("td");
    assert_eq!(cells.get(..2).unwrap(), ["000000502", "OSC用テナント"]);
    let link = tenant.attribute("td a", "href");

    let management = visitor.get(&link).await;
    assert_eq!(management.url.as_str(), stage.tenant_url(""));
    assert_eq!(management.texts(".alert-success"), ["ログインに成功しました。"]);
    assert_eq!(management.texts(".dropdown-menu a"), ["DBインポート", "DBダンプ"]);
    let again = visitor.get(&link).await;
    assert!(again.texts(".alert-success").is_empty());

    let foreign = visitor.get(&link.replace("502", "503")).await;
    assert_eq!(foreign.status, 403);
}

#[tokio::test]
async fn a_code_cannot_be_used_again_and_a_foreign_redirect_is_refused() {
    let stage = Stage::new(503, 0, SiteFaults::default()).await;
    let visitor = stage.visitor(Some(CLINIC));
    visitor.log_in(&stage).await;
    let base = stage.site().control_url();
    let replay = visitor.get(&format!("{base}auth/callback?code=abc&state=def")).await;
    assert_eq!(replay.status, 403);
    let asked = "authorizations/new?response_type=code&scope=openid&client_id=ctrl_app&state=a\
                 &nonce=b&redirect_uri=https%3A%2F%2Felsewhere.example.jp%2F";
    let foreign = visitor.get(&format!("{}{asked}", stage.site().auth_url())).await;
    assert_eq!(foreign.status, 400);
}

#[tokio::test]
async fn an_ended_session_shows_the_log_in_again_and_a_refused_one_stays_out() {
    let stage = Stage::new(504, 0, SiteFaults::default()).await;
    let visitor = stage.visitor(Some(CLINIC));
    visitor.log_in(&stage).await;
    stage.site().end_sessions();
    let page = visitor.get(&stage.tenant_url("/db_dumps")).await;
    assert_eq!(page.url.path(), "/sessions/new");
    let back = visitor.send_log_in(&page, super::LOG_IN.1).await;
    assert_eq!(back.url.as_str(), stage.tenant_url("/db_dumps"));

    stage.site().end_sessions();
    stage.site().set_faults(SiteFaults { login_refused: true, ..SiteFaults::default() });
    assert_eq!(visitor.log_in(&stage).await.status, 403);
    stage.site().set_faults(SiteFaults { maintenance_page: true, ..SiteFaults::default() });
    let page = visitor.get(&stage.site().control_url()).await;
    assert_eq!(page.status, 503);
    assert!(page.html.contains("メンテナンス"));
}

#[tokio::test]
async fn a_vendor_sees_no_import_and_is_refused_at_its_address() {
    let stage = Stage::new(505, 0, SiteFaults::default()).await;
    let visitor = stage.visitor(Some(VENDOR));
    visitor.log_in(&stage).await;
    let page = visitor.get(&stage.tenant_url("")).await;
    assert_eq!(page.texts(".dropdown-menu a"), ["DBダンプ"]);
    let refused = visitor.get(&stage.tenant_url("/db_imports/new")).await;
    assert_eq!(refused.status, 403);
    assert!(refused.html.contains("NOT PERMITTED CERTIFICATE"));
    assert_eq!(visitor.post(&stage.tenant_url("/db_imports"), &[("a", "b")]).await.status, 403);
}

#[tokio::test]
async fn a_post_needs_the_token_and_a_length() {
    let stage = Stage::new(506, 0, SiteFaults::default()).await;
    let visitor = stage.visitor(Some(CLINIC));
    visitor.log_in(&stage).await;
    visitor.get(&stage.tenant_url("")).await;
    let dumps = stage.tenant_url("/db_dumps");
    assert_eq!(visitor.post(&dumps, &[("a", "b")]).await.status, 422);
    let wrong = [("authenticity_token", "00"), ("_method", "post")];
    assert_eq!(visitor.post(&dumps, &wrong).await.status, 422);
    assert!(stage.site().state().dumps.is_empty());

    let pieces = futures::stream::iter([Ok::<_, std::io::Error>("a=b")]);
    let body = reqwest::Body::wrap_stream(pieces);
    let chunked = visitor.http.post(&dumps).body(body).send().await.unwrap();
    assert_eq!(chunked.status(), 411);
}

#[tokio::test]
async fn a_dump_is_made_downloaded_and_deleted_and_a_sixth_finds_no_place() {
    let stage = Stage::new(507, 4, SiteFaults::default()).await;
    let visitor = stage.visitor(Some(CLINIC));
    visitor.log_in(&stage).await;
    let list = visitor.get(&stage.tenant_url("/db_dumps")).await;
    assert_eq!(list.texts("h1"), ["DBダンプ (OSC用テナント)"]);
    assert_eq!(states(&list), ["ダンプ済み"; 4]);
    let confirm = list.attribute("main p a[data-method=post]", "data-confirm");
    assert!(confirm.contains("ダンプ") && !confirm.contains("削除"));

    let started = visitor.click(&list, "ダンプ実行").await;
    assert_eq!(started.url.path(), "/tenants/507/db_dumps");
    let (seen, done) = watch(&stage, &visitor, started).await;
    assert_eq!(seen, ["待機中", "ダンプ中", "ダンプ済み"]);

    let full = visitor.click(&done, "ダンプ実行").await;
    assert_eq!(full.status, 422);
    let alert = "ダンプ数が上限(5個)に達しています。削除してから実行してください。";
    assert_eq!(full.texts(".alert-danger"), [alert]);

    let link = done.url.join(&done.attribute("tbody a", "href")).unwrap();
    let response = visitor.http.get(link).send().await.unwrap();
    let length = response.content_length().unwrap();
    assert!(response.headers()["content-disposition"].to_str().unwrap().contains(".dump"));
    let bytes = response.bytes().await.unwrap();
    assert_eq!(u64::try_from(bytes.len()).unwrap(), length);
    let file = stage.dir.path().join("down.dump");
    std::fs::write(&file, &bytes).unwrap();
    let listing = duct::cmd!("/usr/lib/postgresql/15/bin/pg_restore", "-l", &file).read().unwrap();
    assert!(listing.contains("TABLE DATA public tbl_dbkanri"), "{listing}");

    // The first row is the newest dump.
    let left = visitor.click(&done, "削除").await;
    assert_eq!(states(&left).len(), 4);
    let ids: Vec<u32> = stage.site().state().dumps.iter().map(|dump| dump.id).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
    assert!(!stage.dir.path().join("site/dumps/5.dump").exists());
}

#[tokio::test]
async fn a_failing_dump_says_so_and_a_stuck_one_never_ends() {
    let faults = SiteFaults { dump_fails: true, ..SiteFaults::default() };
    let stage = Stage::new(508, 0, faults).await;
    let visitor = stage.visitor(Some(CLINIC));
    visitor.log_in(&stage).await;
    let list = visitor.get(&stage.tenant_url("/db_dumps")).await;
    let started = visitor.click(&list, "ダンプ実行").await;
    let (seen, failed) = watch(&stage, &visitor, started).await;
    assert_eq!(seen.last().map(String::as_str), Some("失敗"));
    stage.site().set_faults(SiteFaults { dump_stuck: true, ..SiteFaults::default() });
    visitor.click(&failed, "ダンプ実行").await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    let dumps = stage.site().state().dumps;
    assert_eq!(dumps.last().unwrap().status, DumpStatus::Running);
}

#[tokio::test]
async fn a_site_that_is_started_again_keeps_its_ports_and_dumps() {
    let mut stage = Stage::new(509, 2, SiteFaults::default()).await;
    let before = (stage.site().control_url(), stage.site().state().dumps.len());
    stage.site.take().unwrap().shutdown().await;
    let refused = stage.visitor(Some(CLINIC)).http.get(&before.0).send().await;
    assert!(refused.is_err());
    stage.start(0, SiteFaults::default()).await;
    assert_eq!((stage.site().control_url(), stage.site().state().dumps.len()), before);
}

pub(super) fn states(list: &Page) -> Vec<String> {
    list.texts("tbody td:nth-child(2)")
}

/// Reloads the list until its first row is at an end; the states that were seen on the way.
pub(super) async fn watch(stage: &Stage, visitor: &Visitor, mut list: Page) -> (Vec<String>, Page) {
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..400 {
        let state = states(&list).first().cloned().unwrap();
        if seen.last() != Some(&state) {
            seen.push(state.clone());
        }
        if state == "ダンプ済み" || state == "失敗" {
            return (seen, list);
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
        list = visitor.get(&stage.tenant_url("/db_dumps")).await;
    }
    panic!("the dump does not end: {seen:?}");
}
