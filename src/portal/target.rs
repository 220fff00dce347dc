//! Where a click that changes something may lead: to the address of that change for our tenant,
//! with the method that belongs to it. Whatever the page says, nothing else is sent.

use url::Url;

use super::PortalError;
use super::contract::TenantId;
use super::profile::Profile;

/// A change at the management site.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change<'a> {
    /// ダンプ実行.
    DumpStart,
    /// 削除 of the dump with this number.
    DumpDelete(&'a str),
    /// 実行 of an import.
    Import,
}

/// The address and the method of what is about to be sent are those of this change.
///
/// # Errors
/// Where they are another tenant's, or another change's.
pub(crate) fn prove<'a>(
    change: Change<'_>,
    url: &Url,
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
    profile: &Profile,
    tenant: &TenantId,
) -> Result<(), PortalError> {
    let (step, pattern, own_method) = match change {
        Change::DumpStart => ("export", &profile.changes().dump_start, "post"),
        Change::DumpDelete(_) => ("delete", &profile.changes().dump_delete, "delete"),
        Change::Import => ("import", &profile.changes().import_start, "post"),
    };
    let mut expected = pattern.replace("{id}", tenant.in_address());
    if let Change::DumpDelete(number) = change {
        expected = expected.replace("{number}", number);
    }
    let seen = url.path().trim_matches('/').to_owned();
    if seen != expected {
        let ours = format!("tenants/{}/", tenant.in_address());
        return Err(match seen.starts_with(&ours) || !seen.starts_with("tenants/") {
            true => PortalError::PageUnknown { step, expected, seen },
            false => PortalError::OtherTenant { proof: "address", expected, seen },
        });
    }
    // Rails takes the method from a field of this name, the last one where there are several.
    let mut method = "post".to_owned();
    for (name, value) in pairs {
        if name == "_method" {
            value.clone_into(&mut method);
        }
    }
    let in_address = url.query_pairs().any(|(name, _)| name == "_method");
    if in_address || !method.eq_ignore_ascii_case(own_method) {
        let seen = format!("_method={method}");
        let expected = format!("_method={own_method}");
        return Err(PortalError::PageUnknown { step, expected, seen });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Explain;

    fn code(change: Change<'_>, path: &str, method: Option<&str>) -> Option<&'static str> {
        let tenant = TenantId { orcamo_id: "000000452".into(), name: "x".into() };
        let url = Url::parse("https://sms.example").unwrap().join(path).unwrap();
        let pairs = method.map(|method| ("_method", method));
        let profile = Profile::built_in().unwrap();
        prove(change, &url, pairs.into_iter(), &profile, &tenant).err().map(|error| error.code())
    }

    #[test]
    fn a_change_leads_to_its_own_address_of_our_tenant_or_nowhere() {
        let (list, form) = ("/tenants/452/db_dumps", "/tenants/452/db_imports");
        assert_eq!(code(Change::DumpStart, list, None), None);
        assert_eq!(code(Change::DumpStart, list, Some("post")), None);
        assert_eq!(code(Change::DumpDelete("7"), "/tenants/452/db_dumps/7", Some("delete")), None);
        assert_eq!(code(Change::Import, form, None), None);
        let unknown = Some("portal-page-unknown");
        for (change, path, method) in [
            (Change::DumpStart, list, Some("delete")),
            (Change::DumpStart, "/tenants/452/db_dumps?_method=delete", None),
            (Change::DumpStart, "/tenants/452/db_dumps/7", None),
            (Change::DumpStart, form, None),
            (Change::DumpDelete("7"), "/tenants/452/db_dumps/8", Some("delete")),
            (Change::DumpDelete("7"), "/tenants/452/db_dumps/77", Some("delete")),
            (Change::DumpDelete("7"), list, Some("delete")),
            (Change::DumpDelete("7"), "/tenants/452/db_dumps/7", None),
            (Change::Import, form, Some("delete")),
            (Change::Import, list, None),
            (Change::Import, "/session", None),
        ] {
            assert_eq!(code(change, path, method), unknown, "{change:?} {path} {method:?}");
        }
        let other = Some("portal-other-tenant");
        assert_eq!(code(Change::Import, "/tenants/453/db_imports", None), other);
        assert_eq!(code(Change::DumpStart, "/tenants/4520/db_dumps", None), other);
    }
}
