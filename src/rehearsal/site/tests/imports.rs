//! Imports: the good end, the bad ends, and the ends that nobody sees.

use std::path::PathBuf;
use std::time::Duration;

use super::super::{GatewayFault, ImportStatus, SiteFaults};
use super::Stage;
use super::visitor::{Page, Visitor};
use crate::rehearsal::pki::CLINIC;

pub(super) const DONE: &str = "データベースのインポートが完了しました。";

/// A clinic of three patients, with a table that the importer empties.
pub(super) fn archive(stage: &Stage) -> PathBuf {
    let file = stage.dir.path().join("orca.dump");
    let sql = "CREATE TABLE tbl_ptinf (ptid int PRIMARY KEY, name varchar(100)); \
               INSERT INTO tbl_ptinf VALUES (1,'架空　一郎'),(2,'架空　二郎'),(3,'髙﨑　架空'); \
               CREATE TABLE tbl_lock (id int); INSERT INTO tbl_lock VALUES (1); \
               CREATE TABLE aps_migrations (id int)";
    stage.cluster.archive(&format!("clinic_{}", stage.tenant), sql, &file);
    file
}

pub(super) async fn logged_in(stage: &Stage) -> Visitor {
    let visitor = stage.visitor(Some(CLINIC));
    visitor.log_in(stage).await;
    visitor
}

/// Reloads the page until the import has ended.
pub(super) async fn end(visitor: &Visitor, mut page: Page) -> Page {
    for _ in 0..400 {
        if !page.html.contains("インポート中です") {
            return page;
        }
        assert_eq!(page.attribute("meta[http-equiv=refresh]", "content"), "2");
        tokio::time::sleep(Duration::from_millis(25)).await;
        page = visitor.get(page.url.as_str()).await;
    }
    panic!("the import does not end");
}

/// Waits until the last import has ended, whatever the visitor was told.
pub(super) async fn settled(stage: &Stage) -> ImportStatus {
    for _ in 0..400 {
        let status = stage.site().state().imports.last().map(|import| import.status);
        match status {
            Some(ImportStatus::Running) | None => {
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            Some(status) => return status,
        }
    }
    panic!("the import does not end");
}

#[tokio::test]
async fn an_import_overwrites_the_database_and_says_that_it_is_done() {
    let stage = Stage::new(601, 0, SiteFaults::default()).await;
    let file = archive(&stage);
    let visitor = logged_in(&stage).await;
    let form = visitor.get(&stage.tenant_url("/db_imports/new")).await;
    assert_eq!(form.texts("h1"), ["データベースのインポート (OSC用テナント)"]);
    assert_eq!(form.texts("select option"), ["9.6", "10", "12", "15"].map(|v| v));
    assert_eq!(form.texts("select option[selected]"), ["9.6"]);
    assert_eq!(form.texts("form button"), ["実行"]);

    let page = visitor.import(&stage, &file, "12").await.unwrap();
    assert_eq!(page.url.as_str(), stage.tenant_url("/db_imports/1"));
    let page = end(&visitor, page).await;
    assert_eq!(page.texts(".alert-success"), [DONE]);
    assert!(page.texts("pre").is_empty());
    let names = stage.cloud_sql("SELECT string_agg(name, ',' ORDER BY ptid) FROM tbl_ptinf");
    assert_eq!(names, "架空　一郎,架空　二郎,髙﨑　架空");
    assert_eq!(stage.cloud_sql("SELECT count(*) FROM tbl_lock"), "0");
    assert_eq!(stage.cloud_sql("SELECT to_regclass('aps_migrations') IS NULL"), "t");
    assert_eq!(stage.cloud_sql("SELECT to_regclass('tbl_dbkanri') IS NULL"), "t");
    assert_eq!(stage.cloud_sql("SHOW server_encoding"), "UTF8");

    let tenant = visitor.get(&stage.tenant_url("")).await;
    let log = tenant.texts("#log td:nth-child(n+2)");
    assert_eq!(log, ["DBインポート", "1", "正常終了", "DBインポート", "1", "開始"]);
    let left = std::fs::read_dir(stage.dir.path().join("site/uploads")).unwrap().count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn an_archive_that_is_too_new_for_the_version_ends_with_a_log() {
    let stage = Stage::new(602, 0, SiteFaults::default()).await;
    let file = archive(&stage);
    let visitor = logged_in(&stage).await;
    let page = visitor.import(&stage, &file, "9.6").await.unwrap();
    let page = end(&visitor, page).await;
    assert_eq!(page.texts("h2"), ["インポートログ"]);
    let said = "pg_restore: error: unsupported version (1.14) in file header\n";
    assert_eq!(page.texts("pre"), [said]);
    assert!(!page.html.contains(DONE));

    std::fs::write(&file, "not a dump").unwrap();
    let page = visitor.import(&stage, &file, "15").await.unwrap();
    let page = end(&visitor, page).await;
    assert!(page.texts("pre").concat().contains("does not appear to be a valid archive"));
}

#[tokio::test]
async fn a_euc_jp_archive_with_a_code_that_utf_8_lacks_shows_postgresqls_own_log() {
    let stage = Stage::new(607, 0, SiteFaults::default()).await;
    let file = stage.dir.path().join("euc.dump");
    let sql = "CREATE TABLE tbl_ptinf (ptid int, name varchar(100)); \
               INSERT INTO tbl_ptinf VALUES (1, 'a'), (2, convert_from('\\xf9a1', 'EUC_JP'))";
    stage.cluster.archive("clinic_607 TEMPLATE template0 ENCODING 'EUC_JP'", sql, &file);
    let visitor = logged_in(&stage).await;
    let page = visitor.import(&stage, &file, "15").await.unwrap();
    let log = end(&visitor, page).await.texts("pre").concat();
    assert!(log.contains("pg_restore: error: COPY failed for table \"tbl_ptinf\""), "{log}");
    assert!(log.contains("0xf9 0xa1 in encoding \"EUC_JP\" has no equivalent"), "{log}");
    assert!(log.contains("CONTEXT:  COPY tbl_ptinf, line 2"), "{log}");
}

#[tokio::test]
async fn a_form_without_file_token_or_known_version_changes_nothing() {
    let faults = SiteFaults { no_version: Some("9.6".into()), ..SiteFaults::default() };
    let stage = Stage::new(603, 0, faults).await;
    let file = archive(&stage);
    let visitor = logged_in(&stage).await;
    let form = visitor.get(&stage.tenant_url("/db_imports/new")).await;
    assert_eq!(form.texts("select option"), ["10", "12", "15"]);
    assert_eq!(visitor.import(&stage, &file, "9.6").await.unwrap().status, 422);
    std::fs::write(&file, "").unwrap();
    assert_eq!(visitor.import(&stage, &file, "10").await.unwrap().status, 422);
    let multipart = reqwest::multipart::Form::new()
        .part("db_import[dump_file]", reqwest::multipart::Part::bytes(b"PGDMP".to_vec()))
        .text("db_import[version]", "10");
    let url = stage.tenant_url("/db_imports");
    let response = visitor.http.post(url).multipart(multipart).send().await.unwrap();
    assert_eq!(response.status(), 422);
    assert!(stage.site().state().imports.is_empty());
    assert_eq!(stage.cloud_sql("SELECT count(*) FROM tbl_dbkanri"), "1");
}

#[tokio::test]
async fn a_cut_upload_changes_nothing_and_a_lost_answer_hides_a_done_import() {
    let faults = SiteFaults { connection_cut: Some(1), ..SiteFaults::default() };
    let stage = Stage::new(604, 0, faults).await;
    let file = archive(&stage);
    let visitor = logged_in(&stage).await;
    assert!(visitor.import(&stage, &file, "12").await.is_err());
    assert!(stage.site().state().imports.is_empty());
    assert_eq!(stage.site().state().uploads, 1);
    assert_eq!(stage.cloud_sql("SELECT count(*) FROM tbl_dbkanri"), "1");

    stage.site().set_faults(SiteFaults {
        answer_lost: true,
        only_import_number: Some(2),
        ..SiteFaults::default()
    });
    assert!(visitor.import(&stage, &file, "12").await.is_err());
    assert_eq!(settled(&stage).await, ImportStatus::Done);
    assert_eq!(stage.cloud_sql("SELECT count(*) FROM tbl_ptinf"), "3");
    let page = visitor.import(&stage, &file, "12").await.unwrap();
    assert_eq!(end(&visitor, page).await.texts(".alert-success"), [DONE]);
}

#[tokio::test]
async fn a_gateway_error_tells_nothing_about_the_import() {
    let faults = SiteFaults { import_502: GatewayFault::BeforeJob, ..SiteFaults::default() };
    let stage = Stage::new(605, 0, faults).await;
    let file = archive(&stage);
    let visitor = logged_in(&stage).await;
    assert_eq!(visitor.import(&stage, &file, "12").await.unwrap().status, 502);
    assert!(stage.site().state().imports.is_empty());
    stage
        .site()
        .set_faults(SiteFaults { import_502: GatewayFault::AfterJob, ..SiteFaults::default() });
    assert_eq!(visitor.import(&stage, &file, "12").await.unwrap().status, 502);
    assert_eq!(settled(&stage).await, ImportStatus::Done);
}

#[tokio::test]
async fn rows_can_be_lost_in_silence_and_a_log_can_quote_a_patient() {
    let faults = SiteFaults { rows_lost: true, ..SiteFaults::default() };
    let stage = Stage::new(606, 0, faults).await;
    let file = archive(&stage);
    let visitor = logged_in(&stage).await;
    let page = visitor.import(&stage, &file, "12").await.unwrap();
    assert_eq!(end(&visitor, page).await.texts(".alert-success"), [DONE]);
    assert_eq!(stage.cloud_sql("SELECT count(*) FROM tbl_ptinf"), "2");

    stage.site().set_faults(SiteFaults {
        import_log: true,
        label_renamed: true,
        other_tenant_name: true,
        ..SiteFaults::default()
    });
    let page = visitor.import(&stage, &file, "12").await.unwrap();
    let page = end(&visitor, page).await;
    assert!(page.texts("pre").concat().contains("COPY tbl_ptinf, line 17, column name: \""));
    assert_eq!(page.texts("h1"), ["データベースのインポート (別医院テナント)"]);
    assert_eq!(page.texts(".dropdown-menu a"), ["データ取込", "DBダンプ"]);
    assert_eq!(settled(&stage).await, ImportStatus::Failed);
}
