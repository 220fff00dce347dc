//! What a page says of an import. Pure, and sceptical: success needs every sign at once.

use super::contract::{self, TenantId, Visit};
use super::names;
use super::page::Page;
use super::profile::{Label, Profile};

/// What a page says of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A completion text, no log, no failure word, our tenant.
    Done { text: String },
    /// An import log, or a sentence that says the import failed.
    Failed { log: Option<String> },
    /// The site did not take the upload: no import began.
    Refused { status: u16 },
    /// The certificate may not import.
    CannotImport,
    /// Still under way.
    Running,
    /// Nothing that is known.
    Unclear,
    /// Not to be known from this page; the cause's id.
    Lost { cause: &'static str },
}

/// Judges a page. `answer` is true for the upload's own answer, before any redirect.
pub(crate) fn judge(visit: &Visit, profile: &Profile, tenant: &TenantId, answer: bool) -> Verdict {
    use contract::refuse_foreign;

    use super::PortalError as E;
    let foreign = refuse_foreign(visit, profile, "import").err();
    match foreign {
        Some(E::SessionLost { .. }) => return Verdict::Lost { cause: "portal-session-lost" },
        Some(E::Maintenance { .. }) => return Verdict::Lost { cause: "portal-maintenance" },
        Some(E::NeedsBrowser { .. }) => return Verdict::Lost { cause: "portal-needs-browser" },
        _ => {}
    }
    let ok = (200..300).contains(&visit.status);
    if ok || visit.status == 422 {
        if let Some(verdict) = from_texts(visit, profile, tenant) {
            return verdict;
        }
        if ok {
            return Verdict::Unclear;
        }
    }
    from_status(visit, profile, answer)
}

fn from_texts(visit: &Visit, profile: &Profile, tenant: &TenantId) -> Option<Verdict> {
    let page = &visit.page;
    let words = profile.import();
    let texts = || page.blocks.iter().chain(&page.headings);
    let says = |words: &[String]| texts().any(|text| names::contains_any(text, words));
    if says(&words.running) {
        return Some(Verdict::Running);
    }
    if let Some(log) = import_log(page, profile) {
        return Some(Verdict::Failed { log: Some(log) });
    }
    let completed = texts().find(|text| names::is_any(text, &words.completed));
    if let Some(text) = completed {
        if says(&words.failed) {
            return Some(Verdict::Lost { cause: "contradiction" });
        }
        if !is_ours(visit, profile, tenant) {
            return Some(Verdict::Lost { cause: "other-tenant" });
        }
        // What was left out may have said the contrary.
        if visit.cut {
            return Some(Verdict::Lost { cause: "portal-page-too-large" });
        }
        return Some(Verdict::Done { text: text.clone() });
    }
    let import = ["インポート".to_owned()];
    let failed = texts()
        .any(|text| names::contains_any(text, &import) && names::contains_any(text, &words.failed));
    if failed {
        return Some(Verdict::Failed { log: None });
    }
    says(&words.accepted).then_some(Verdict::Running)
}

/// Program output anywhere, or everything on a page whose heading says that it is the log.
fn import_log(page: &Page, profile: &Profile) -> Option<String> {
    if !page.logs.is_empty() {
        return Some(page.logs.join("\n"));
    }
    page.heading(profile.label(Label::ImportLog)).map(|_| page.blocks.join("\n"))
}

/// Our id in the address, our name on the page, and nobody else's.
fn is_ours(visit: &Visit, profile: &Profile, tenant: &TenantId) -> bool {
    let id = visit.url.path().trim_matches('/').split('/').nth(1);
    let headings = visit.page.headings.iter().filter(|text| {
        [Label::ImportHeading, Label::ImportLog]
            .iter()
            .flat_map(|label| profile.label(*label))
            .any(|word| names::heading_is(text, word))
    });
    let mut shown: Vec<String> = headings.filter_map(|text| names::name_in_heading(text)).collect();
    for label in [Label::HospitalName, Label::TenantName] {
        shown.extend(visit.page.fact(profile.label(label)).ok().map(str::to_owned));
    }
    id == Some(tenant.in_address())
        && !shown.is_empty()
        && shown.iter().all(|name| names::same(name, &tenant.name))
}

fn from_status(visit: &Visit, profile: &Profile, answer: bool) -> Verdict {
    match visit.status {
        403 if answer && contract::refusal(&visit.page, profile) == "certificate" => {
            Verdict::CannotImport
        }
        // These end a request before the application has seen the file.
        status @ (403 | 404 | 405 | 411 | 413 | 415) if answer => Verdict::Refused { status },
        // The form again, without a log: the upload was not accepted.
        status @ (400 | 422)
            if answer && visit.page.field(profile.label(Label::ImportFile)).is_ok() =>
        {
            Verdict::Refused { status }
        }
        _ => Verdict::Lost { cause: "portal-status" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::html;
    use url::Url;

    const DONE: &str = "データベースのインポートが完了しました。";

    fn judged(status: u16, body: &str, answer: bool) -> Verdict {
        let heading = "<h1>データベースのインポート (OSC用テナント)</h1>";
        judged_page(status, &format!("{heading}{body}"), answer, "/tenants/452/db_imports/3")
    }

    fn judged_page(status: u16, html: &str, answer: bool, path: &str) -> Verdict {
        let url = Url::parse("https://sms.example").unwrap().join(path).unwrap();
        let visit = Visit { url, status, page: html::read(html), cut: false };
        let tenant = TenantId { orcamo_id: "000000452".into(), name: "OSC用テナント".into() };
        judge(&visit, &Profile::built_in().unwrap(), &tenant, answer)
    }

    #[test]
    fn success_needs_every_sign_at_once() {
        assert!(matches!(judged(200, &format!("<p>{DONE}</p>"), false), Verdict::Done { .. }));
        assert_eq!(
            judged(200, &format!("<p>{DONE}</p><pre>pg_restore: error</pre>"), false),
            Verdict::Failed { log: Some("pg_restore: error".into()) }
        );
        assert_eq!(
            judged(200, &format!("<p>{DONE}</p><p>エラーがあります</p>"), false),
            Verdict::Lost { cause: "contradiction" }
        );
        let other = Verdict::Lost { cause: "other-tenant" };
        let page = format!("<h1>データベースのインポート (別の医院)</h1><p>{DONE}</p>");
        assert_eq!(judged_page(200, &page, false, "/tenants/452/db_imports/3"), other);
        let page = format!("<h1>データベースのインポート (OSC用テナント)</h1><p>{DONE}</p>");
        assert_eq!(judged_page(200, &page, false, "/tenants/453/db_imports/3"), other);
        assert_eq!(judged_page(200, &format!("<p>{DONE}"), false, "/tenants/452/x"), other);
    }

    /// What a site might say instead of, or around, the sentence that is known.
    const REWORDED: [&str; 56] = [
        "インポートが終わりました",
        "インポートが終了しました",
        "インポートは完了しました",
        "インポートを完了しました",
        "インポートが完了",
        "インポート完了",
        "インポートの完了",
        "インポートが完了しましたが警告があります",
        "インポートが完了しましたが、エラーがあります",
        "インポートが完了しましたか",
        "インポートが完了しました？",
        "インポートが完了しませんでした",
        "インポートが完了していません",
        "インポートが完了してません",
        "インポートが完了しない場合は、お問い合わせください",
        "インポートが完了しましたら、お知らせします",
        "インポートが完了したら再起動してください",
        "インポートが完了次第お知らせします",
        "インポートがまだ完了していません",
        "インポートがほぼ完了しました",
        "インポートが途中まで完了しました",
        "インポートが一部完了しました",
        "インポートが95%完了しました",
        "インポートが 3/4 完了しました",
        "インポートが正常に完了しました(仮)",
        "インポートが完了しました(1件のエラー)",
        "インポートが完了しました [警告 2 件]",
        "インポートが完了しました / 未確定",
        "「インポートが完了しました」と表示されるまでお待ちください",
        "データベースのインポートが完了しましたと表示されます",
        "前回のインポートが完了しました",
        "前回: データベースのインポートが完了しました",
        "別のテナントのインポートが完了しました",
        "データベースのインポートが完了しました。データベースのインポートを取り消しました。",
        "データベースのインポートが完了しました。ただし一部の表は除きます。",
        "データベースのダンプが完了しました",
        "データベースのエクスポートが完了しました",
        "データベースのインボートが完了しました",
        "データベースのインポートが完丁しました",
        "データべースのインポートが完了しました",
        "アップロードが完了しました",
        "アップロードが完了しました。インポートは後ほど行います。",
        "ファイルの受付が完了しました",
        "処理が完了しました",
        "正常に終了しました",
        "成功しました",
        "成功",
        "完了",
        "完了しました",
        "OK",
        "Import finished",
        "Import completed",
        "The import was completed.",
        "Database import completed successfully",
        "200 OK",
        "",
    ];

    #[test]
    fn reworded_completions_are_not_success() {
        assert!(matches!(judged(200, &format!("<p>{DONE}</p>"), false), Verdict::Done { .. }));
        let mut found = 0;
        for text in REWORDED {
            // Wherever a page may say it: a paragraph, an alert, a heading, a cell.
            for (open, close) in [
                ("<p>", "</p>"),
                ("<div class=\"alert alert-success\" role=\"alert\">", "</div>"),
                ("<h2>", "</h2>"),
                ("<table><tr><td>", "</td></tr></table>"),
            ] {
                for status in [200, 422] {
                    let verdict = judged(status, &format!("{open}{text}{close}"), false);
                    assert!(!matches!(verdict, Verdict::Done { .. }), "{text}: {verdict:?}");
                }
            }
            let verdict = judged(200, &format!("<p>{text}</p>"), false);
            // Never a failure either, after which somebody might send it again: nothing is known,
            // or it may be going on, which leads to the same end once patience is over.
            let open =
                matches!(verdict, Verdict::Unclear | Verdict::Running | Verdict::Lost { .. });
            found += usize::from(open);
            assert!(open || text.contains("エラー"), "{text}: {verdict:?}");
        }
        let of = REWORDED.len();
        let what = "reworded completions not taken for success";
        let command = "cargo nextest run reworded_completions";
        crate::figures::figure("R16", what, format!("{of} of {of}"), command);
        assert!(found >= 50, "{found}");
        assert_eq!(
            judged(200, "<p>インポートに失敗しました</p>", false),
            Verdict::Failed { log: None }
        );
        assert_eq!(judged(200, "<p>インポート中です</p>", false), Verdict::Running);
        assert_eq!(judged(200, "<p>インポートを開始しました</p>", false), Verdict::Running);
    }

    #[test]
    fn statuses_say_whether_the_site_took_the_upload() {
        assert_eq!(judged(413, "", true), Verdict::Refused { status: 413 });
        assert_eq!(judged(413, "", false), Verdict::Lost { cause: "portal-status" });
        assert_eq!(judged(403, "NOT PERMITTED CERTIFICATE", true), Verdict::CannotImport);
        let lost = Verdict::Lost { cause: "portal-status" };
        assert_eq!(judged(403, "NOT PERMITTED CERTIFICATE", false), lost);
        assert_eq!(judged(403, "USER NOT IN TENANTDB", true), Verdict::Refused { status: 403 });
        let script = "<div id=app></div><script></script>";
        let verdict = judged_page(200, script, true, "/tenants/452/db_imports/3");
        assert_eq!(verdict, Verdict::Lost { cause: "portal-needs-browser" });
        assert_eq!(judged(502, "", true), Verdict::Lost { cause: "portal-status" });
        assert_eq!(judged(503, "", true), Verdict::Lost { cause: "portal-maintenance" });
        assert_eq!(judged(422, "<p>rejected", true), Verdict::Lost { cause: "portal-status" });
        let form = "<form><label>ダンプファイル<input type=file name=f></label></form>";
        assert_eq!(judged(422, form, true), Verdict::Refused { status: 422 });
        let log = "<pre>pg_restore: error: x</pre>";
        assert!(matches!(judged(422, log, true), Verdict::Failed { log: Some(_) }));
        let login = "<form><label>ログインID<input name=a></label><input type=password></form>";
        assert_eq!(judged(200, login, true), Verdict::Lost { cause: "portal-session-lost" });
    }
}
