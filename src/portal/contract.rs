//! Judges a page by its contract: is it the page that the step expects, and our tenant's?
//!
//! Nothing here clicks or fetches.

use url::Url;

use super::PortalError;
use super::form::FieldKind;
use super::names;
use super::page::{Miss, Page};
use super::profile::{Label, PageKind, Profile};

/// A page that was fetched.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) page: Page,
    /// The page was cut off at the size limit.
    pub(crate) cut: bool,
}

/// The tenant that every page has to be of.
#[derive(Clone, Debug)]
pub(crate) struct TenantId {
    pub(crate) orcamo_id: String,
    pub(crate) name: String,
}

impl TenantId {
    /// The id in addresses: the ORCAMO ID without its zeros (inferred; the rehearsal site
    /// follows it).
    pub(crate) fn in_address(&self) -> &str {
        let short = self.orcamo_id.trim_start_matches('0');
        if short.is_empty() { "0" } else { short }
    }
}

/// A miss as an error that says what was looked for and what is there.
pub(crate) fn missed(
    step: &'static str,
    profile: &Profile,
    label: Label,
    miss: Miss,
    page: &Page,
) -> PortalError {
    let word = profile.word(label).to_owned();
    match miss {
        Miss::None => PortalError::PageUnknown { step, expected: word, seen: page.seen() },
        Miss::Many(count) => PortalError::LabelNotUnique { step, label: word, count },
    }
}

/// True where the page asks for the log-in: a labelled id and a password field in one form.
pub(crate) fn is_login(page: &Page, profile: &Profile) -> bool {
    let has_password =
        page.forms.iter().any(|form| form.fields.iter().any(|f| f.kind == FieldKind::Password));
    has_password && page.field(profile.label(Label::LoginId)).is_ok()
}

/// Errors that any page can be, whatever was expected.
pub(crate) fn refuse_foreign(
    visit: &Visit,
    profile: &Profile,
    step: &'static str,
) -> Result<(), PortalError> {
    let page = &visit.page;
    let head = || page.headings.iter().chain(std::iter::once(&page.title));
    let words = profile.maintenance();
    if visit.status == 503
        || head().chain(page.blocks.iter().take(1)).any(|text| names::contains_any(text, words))
    {
        return Err(PortalError::Maintenance { step });
    }
    if is_login(page, profile) {
        return Err(PortalError::SessionLost { step });
    }
    if visit.status == 401 {
        return Err(PortalError::SessionLost { step });
    }
    if visit.status == 403 {
        return Err(PortalError::Forbidden { step, marker: refusal(page, profile) });
    }
    if visit.cut {
        return Err(PortalError::PageTooLarge { step });
    }
    if !(200..300).contains(&visit.status) {
        return Err(PortalError::Status { step, status: visit.status });
    }
    if page.only_scripts {
        return Err(PortalError::NeedsBrowser { step });
    }
    Ok(())
}

/// Why the site says 403: `certificate`, `user`, `on-premises` or `other`.
pub(crate) fn refusal(page: &Page, profile: &Profile) -> &'static str {
    let texts = || page.blocks.iter().chain(&page.headings).chain(&page.logs).chain([&page.title]);
    let says = |words: &[String]| texts().any(|text| names::contains_any(text, words));
    let refusals = profile.refusals();
    if says(&refusals.certificate) {
        "certificate"
    } else if says(&refusals.user) {
        "user"
    } else if says(&refusals.on_premises) {
        "on-premises"
    } else {
        "other"
    }
}

/// The page is understood: everything its contract names is there, exactly once where it is used.
pub(crate) fn check(visit: &Visit, kind: PageKind, profile: &Profile) -> Result<(), PortalError> {
    let step = kind.as_str();
    refuse_foreign(visit, profile, step)?;
    let page = &visit.page;
    let contract = profile.contract(kind);
    let missing = |label, miss| missed(step, profile, label, miss, page);
    for label in contract.headings {
        page.heading(profile.label(label)).ok_or_else(|| missing(label, Miss::None))?;
    }
    for label in contract.facts {
        page.fact(profile.label(label)).map_err(|miss| missing(label, miss))?;
    }
    for label in contract.fields {
        page.field(profile.label(label)).map_err(|miss| missing(label, miss))?;
    }
    for label in contract.controls {
        page.control(profile.label(label)).map_err(|miss| missing(label, miss))?;
    }
    Ok(())
}

/// The tenant proofs that a page can give: id in the address, ORCAMO ID, name.
pub(crate) fn prove_tenant(
    visit: &Visit,
    kind: PageKind,
    profile: &Profile,
    tenant: &TenantId,
) -> Result<(), PortalError> {
    prove_address(&visit.url, kind, profile, tenant)?;
    let page = &visit.page;
    let step = kind.as_str();
    let wrong = |proof, expected: &str, seen: &str| PortalError::OtherTenant {
        proof,
        expected: expected.to_owned(),
        seen: seen.to_owned(),
    };
    let fact = |label| {
        page.fact(profile.label(label)).map_err(|miss| missed(step, profile, label, miss, page))
    };
    let name = match kind {
        PageKind::ControlHome => return Ok(()),
        PageKind::TenantDetail | PageKind::Management => {
            let id = fact(Label::OrcamoId)?;
            if !names::same(id, &tenant.orcamo_id) {
                return Err(wrong("orcamo-id", &tenant.orcamo_id, id));
            }
            let label =
                if kind == PageKind::Management { Label::HospitalName } else { Label::TenantName };
            fact(label)?.to_owned()
        }
        PageKind::ImportForm | PageKind::DumpList => {
            let label = if kind == PageKind::ImportForm {
                Label::ImportHeading
            } else {
                Label::DumpHeading
            };
            let heading = page
                .headings
                .iter()
                .filter(|text| {
                    profile.label(label).iter().any(|word| names::heading_is(text, word))
                })
                .find_map(|text| names::name_in_heading(text));
            heading.unwrap_or_else(|| "-".to_owned())
        }
    };
    if names::same(&name, &tenant.name) { Ok(()) } else { Err(wrong("name", &tenant.name, &name)) }
}

/// The address is the one that the contract gives for our tenant.
fn prove_address(
    url: &Url,
    kind: PageKind,
    profile: &Profile,
    tenant: &TenantId,
) -> Result<(), PortalError> {
    let expected = profile.contract(kind).path.replace("{id}", tenant.in_address());
    let seen = url.path().trim_matches('/');
    if kind == PageKind::ControlHome || seen == expected {
        return Ok(());
    }
    // Another page of our own tenant is a page that was not understood, not another tenant.
    let ours = format!("tenants/{}", tenant.in_address());
    if seen == ours || seen.starts_with(&format!("{ours}/")) {
        return Err(PortalError::PageUnknown {
            step: kind.as_str(),
            expected,
            seen: seen.to_owned(),
        });
    }
    Err(PortalError::OtherTenant { proof: "address", expected, seen: seen.to_owned() })
}

/// The confirmation of a click is the step's own.
pub(crate) fn check_confirm(
    step: &'static str,
    seen: Option<&str>,
    words: &super::profile::Confirm,
) -> Result<(), PortalError> {
    let Some(seen) = seen else { return Ok(()) };
    if names::contains_any(seen, &words.any) && !names::contains_any(seen, &words.none) {
        return Ok(());
    }
    Err(PortalError::Confirm {
        step,
        expected: words.any.first().cloned().unwrap_or_default(),
        seen: seen.chars().take(80).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::html;

    const P2: &str = "<h1>テナント詳細</h1><table><tr><th>ORCAMO ID</th><td>000000452</td></tr>\
        <tr><th>名称</th><td>OSC用テナント</td></tr></table>\
        <a href=https://sms.example/tenants/452>日レセ管理画面</a>";

    fn visit(path: &str, status: u16, html: &str) -> Visit {
        let url = Url::parse("https://ctrl.example").unwrap().join(path).unwrap();
        Visit { url, status, page: html::read(html), cut: false }
    }

    fn tenant() -> TenantId {
        TenantId { orcamo_id: "000000452".into(), name: "ＯＳＣ用テナント".into() }
    }

    #[test]
    fn three_proofs_of_the_tenant_each_stop_on_their_own() {
        let profile = Profile::built_in().unwrap();
        let prove = |path: &str, html: &str| {
            let visit = visit(path, 200, html);
            check(&visit, PageKind::TenantDetail, &profile)?;
            prove_tenant(&visit, PageKind::TenantDetail, &profile, &tenant())
        };
        prove("/tenants/452", P2).unwrap();
        let proof = |result: Result<(), PortalError>| match result {
            Err(PortalError::OtherTenant { proof, .. }) => proof,
            other => panic!("{other:?}"),
        };
        assert_eq!(proof(prove("/tenants/453", P2)), "address");
        assert_eq!(proof(prove("/tenants/4520", P2)), "address");
        assert_eq!(proof(prove("/tenants/452", &P2.replace("0452", "0453"))), "orcamo-id");
        assert_eq!(proof(prove("/tenants/452", &P2.replace("OSC用", "別の"))), "name");
    }

    #[test]
    fn each_kind_of_page_shows_the_tenant_in_its_own_place() {
        let profile = Profile::built_in().unwrap();
        let of = |kind, path: &str, html: &str| {
            let visit = visit(path, 200, html);
            match prove_tenant(&visit, kind, &profile, &tenant()) {
                Ok(()) => "ok",
                Err(PortalError::OtherTenant { proof, .. }) => proof,
                Err(PortalError::PageUnknown { .. }) => "unknown",
                Err(other) => panic!("{other:?}"),
            }
        };
        use PageKind::*;
        // The first page is nobody's yet, wherever it lies.
        assert_eq!(of(ControlHome, "/anything", ""), "ok");
        let management = "<dl><dt>医療機関名</dt><dd>OSC用テナント</dd>\
            <dt>ORCAMO ID</dt><dd>000000452</dd></dl>";
        assert_eq!(of(Management, "/tenants/452", management), "ok");
        assert_eq!(of(Management, "/tenants/452", &management.replace("OSC用", "別の")), "name");
        // A name under the label of another page is no proof.
        let other = management.replace("医療機関名", "名称");
        assert_eq!(of(Management, "/tenants/452", &other), "unknown");
        let heading = |text: &str| format!("<h1>{text}</h1>");
        let dumps = heading("DBダンプ (OSC用テナント)");
        assert_eq!(of(DumpList, "/tenants/452/db_dumps", &dumps), "ok");
        assert_eq!(of(DumpList, "/tenants/452/db_dumps", &heading("DBダンプ")), "name");
        assert_eq!(of(DumpList, "/tenants/452/db_dumps", &heading("DBダンプ (別)")), "name");
        // The heading of the other page says nothing here.
        let import = heading("データベースのインポート (OSC用テナント)");
        assert_eq!(of(ImportForm, "/tenants/452/db_imports/new", &import), "ok");
        assert_eq!(of(ImportForm, "/tenants/452/db_imports/new", &dumps), "name");
        assert_eq!(of(DumpList, "/tenants/452/db_dumps", &import), "name");
        // Another page of our own tenant is not another tenant's.
        for path in ["/tenants/452", "/tenants/452/db_imports/new"] {
            assert_eq!(of(DumpList, path, &dumps), "unknown", "{path}");
        }
        for path in ["/tenants/4522/db_dumps", "/tenants/45/db_dumps", "/", "/tenants"] {
            assert_eq!(of(DumpList, path, &dumps), "address", "{path}");
        }
    }

    #[test]
    fn a_log_in_page_has_an_id_and_a_password() {
        let profile = Profile::built_in().unwrap();
        let is = |html: &str| is_login(&html::read(html), &profile);
        let (id, password) = ("<label>ログインID<input name=a></label>", "<input type=password>");
        assert!(is(&format!("<form>{id}{password}</form>")));
        assert!(!is(&format!("<form>{id}</form>")));
        assert!(!is(&format!("<form>{password}</form>")));
        assert!(!is(&format!("<form>{id}<input type=text></form>")));
        assert!(!is(""));
    }

    #[test]
    fn a_renamed_label_stops_and_names_what_is_there() {
        let profile = Profile::built_in().unwrap();
        let visit = visit("/tenants/452", 200, &P2.replace("日レセ管理画面", "日レセの管理"));
        let error = check(&visit, PageKind::TenantDetail, &profile).unwrap_err();
        let PortalError::PageUnknown { expected, seen, .. } = error else { panic!("{error:?}") };
        assert_eq!(expected, "日レセ管理画面");
        assert!(seen.contains("日レセの管理") && !seen.contains("000000452"), "{seen}");
    }

    #[test]
    fn maintenance_log_in_and_refusals_are_told_apart() {
        let profile = Profile::built_in().unwrap();
        let code = |status, html: &str| {
            crate::diag::Explain::code(
                &check(&visit("/", status, html), PageKind::ControlHome, &profile).unwrap_err(),
            )
        };
        assert_eq!(code(503, "GINBEE_MAINTENANCE"), "portal-maintenance");
        assert_eq!(code(200, "<h1>ただいまメンテナンス中です</h1>"), "portal-maintenance");
        assert_eq!(code(403, "NOT PERMITTED CERTIFICATE"), "portal-forbidden");
        assert_eq!(code(500, "<h1>oops</h1>"), "portal-status");
        let login = "<form><label>ログインID<input name=a></label><input type=password></form>";
        assert_eq!(code(200, login), "portal-session-lost");
        assert_eq!(code(200, "<div id=app></div><script></script>"), "portal-needs-browser");
    }

    #[test]
    fn a_dump_must_not_be_started_by_a_deletions_question() {
        let profile = Profile::built_in().unwrap();
        let words = &profile.confirm().dump_start;
        assert!(
            check_confirm("export", Some("ダンプを実行します。よろしいですか？"), words).is_ok()
        );
        assert!(
            check_confirm("export", Some("ダンプを削除します。よろしいですか？"), words).is_err()
        );
        assert!(check_confirm("export", Some("よろしいですか？"), words).is_err());
        assert!(check_confirm("export", None, words).is_ok());
    }
}
