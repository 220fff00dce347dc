//! What is otherwise than the manual shows: skins, and the rarer ways to fail.

use super::super::{ImportStatus, SiteFaults, Skin, TlsFault};
use super::Stage;
use super::imports::{DONE, archive, end, logged_in, settled};
use super::pages::{states, watch};

#[tokio::test]
async fn every_skin_makes_the_same_dump_in_its_own_way() {
    let stage = Stage::new(701, 0, SiteFaults::default()).await;
    let visitor = logged_in(&stage).await;
    let list = stage.tenant_url("/db_dumps");

    stage.site().set_faults(SiteFaults { skin: Skin::Buttons, ..SiteFaults::default() });
    let page = visitor.get(&list).await;
    assert!(page.texts("main a[data-method]").is_empty());
    let form = "main form.button_to";
    assert_eq!(page.attribute(&format!("{form} [type=submit]"), "value"), "ダンプ実行");
    let token = page.attribute(&format!("{form} [name=authenticity_token]"), "value");
    let action = page.url.join(&page.attribute(form, "action")).unwrap();
    let page = visitor.post(action.as_str(), &[("authenticity_token", &token)]).await;
    let (_, page) = watch(&stage, &visitor, page).await;
    assert_eq!(states(&page), ["ダンプ済み"]);

    stage.site().set_faults(SiteFaults { skin: Skin::Turbo, ..SiteFaults::default() });
    let page = visitor.get(&list).await;
    let confirm = page.attribute("tbody a[data-turbo-method=delete]", "data-turbo-confirm");
    assert!(confirm.contains("削除"));
    assert!(page.texts("[data-method]").is_empty());

    stage.site().set_faults(SiteFaults { skin: Skin::ScriptOnly, ..SiteFaults::default() });
    let page = visitor.get(&list).await;
    assert!(page.texts("a, form, button, input").is_empty());
    assert_eq!(page.texts("script").len(), 1);
}

#[tokio::test]
async fn a_dump_can_end_in_an_unknown_state_and_come_with_a_second_one() {
    let faults =
        SiteFaults { dump_state_unknown: true, two_new_dumps: true, ..SiteFaults::default() };
    let stage = Stage::new(702, 4, faults).await;
    let visitor = logged_in(&stage).await;
    let page = visitor.get(&stage.tenant_url("/db_dumps")).await;
    let page = visitor.click(&page, "ダンプ実行").await;
    // Only one place was left.
    assert_eq!(states(&page).len(), 5);
    let page = visitor.click(&page, "削除").await;
    let page = visitor.click(&page, "削除").await;
    let first = stage.site().state().dumps.len();
    visitor.click(&page, "ダンプ実行").await;
    assert_eq!(stage.site().state().dumps.len(), first + 2);
    for _ in 0..400 {
        let page = visitor.get(&stage.tenant_url("/db_dumps")).await;
        if states(&page).iter().filter(|state| *state == "保留").count() == 3 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the dumps do not end: {:?}", stage.site().state().dumps);
}

#[tokio::test]
async fn a_download_can_end_in_the_middle() {
    let stage = Stage::new(703, 1, SiteFaults::default()).await;
    let visitor = logged_in(&stage).await;
    let page = visitor.get(&stage.tenant_url("/db_dumps")).await;
    let link = page.url.join(&page.attribute("tbody a", "href")).unwrap();
    let whole = visitor.http.get(link.clone()).send().await.unwrap().bytes().await;
    assert!(whole.is_ok());
    stage.site().set_faults(SiteFaults { download_cut: true, ..SiteFaults::default() });
    let response = visitor.http.get(link).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn pages_can_mislead() {
    let faults = SiteFaults {
        label_doubled: true,
        foreign_redirect: true,
        clock_off_secs: 86_400,
        ..SiteFaults::default()
    };
    let stage = Stage::new(704, 0, faults).await;
    let visitor = logged_in(&stage).await;
    let page = visitor.get(&stage.tenant_url("")).await;
    assert_eq!(page.texts(".dropdown-menu a"), ["DBインポート", "DBインポート", "DBダンプ"]);
    let day = chrono::DateTime::parse_from_rfc2822(&page.date).unwrap().to_utc();
    assert_eq!((day - chrono::Utc::now()).num_days(), 40);
    let page = visitor.get(&format!("{}tenants/704", stage.site().control_url())).await;
    assert_eq!(page.attribute("td a", "href"), "https://sms.orca.example.jp/tenants/704");
}

#[tokio::test]
async fn an_import_can_end_while_the_visitor_waits_or_is_logged_out() {
    let faults =
        SiteFaults { import_waits: true, completion_and_log: true, ..SiteFaults::default() };
    let stage = Stage::new(705, 0, faults).await;
    let file = archive(&stage);
    let visitor = logged_in(&stage).await;
    let page = visitor.import(&stage, &file, "15").await.unwrap();
    assert_eq!(stage.site().state().imports.last().unwrap().status, ImportStatus::Done);
    let page = end(&visitor, page).await;
    assert_eq!(page.texts(".alert-success"), [DONE]);
    assert_eq!(page.texts("h2"), ["インポートログ"]);

    let faults = SiteFaults { session_ends_after_upload: true, ..SiteFaults::default() };
    stage.site().set_faults(faults);
    let page = visitor.import(&stage, &file, "15").await.unwrap();
    assert_eq!(page.url.path(), "/sessions/new");
    assert_eq!(settled(&stage).await, ImportStatus::Done);
}

#[tokio::test]
async fn bad_server_certificates_and_lone_tls_versions_can_be_met() {
    let mut stage = Stage::new(706, 0, SiteFaults::default()).await;
    let cases = [
        (TlsFault::Expired, Err("Expired")),
        (TlsFault::WrongName, Err("NotValidForName")),
        (TlsFault::Only12, Ok("TLSv1.2")),
        (TlsFault::Only13, Ok("TLSv1.3")),
    ];
    for (fault, expected) in cases {
        stage.site.take().unwrap().shutdown().await;
        stage.start(0, SiteFaults { tls: fault, ..SiteFaults::default() }).await;
        let visitor = stage.visitor(Some(crate::rehearsal::pki::CLINIC));
        let answer = visitor.http.get(stage.site().control_url()).send().await;
        match (answer, expected) {
            (Err(error), Err(word)) => assert!(format!("{error:?}").contains(word), "{error:?}"),
            (Ok(_), Ok(version)) => assert_eq!(spoken(&stage).await, version),
            (answer, expected) => panic!("{fault:?}: {answer:?}, {expected:?}"),
        }
    }
}

/// The version that OpenSSL agrees on with the control host.
async fn spoken(stage: &Stage) -> String {
    let url = url::Url::parse(&stage.site().control_url()).unwrap();
    let address = format!("127.0.0.1:{}", url.port().unwrap());
    let file = |name: &str| stage.dir.path().join(name);
    let (cert, key) = (file("client1423.crt"), file("client1423.key"));
    let said = tokio::task::spawn_blocking(move || {
        duct::cmd!("openssl", "s_client", "-connect", address, "-cert", cert, "-key", key)
            .stdin_null()
            .stderr_to_stdout()
            .stdout_capture()
            .unchecked()
            .read()
            .unwrap()
    });
    let said = said.await.unwrap();
    let line = said.lines().find_map(|line| line.trim().strip_prefix("New, ")).unwrap_or(&said);
    line.split(',').next().unwrap_or_default().to_owned()
}
