//! The management site and mail, with the places of their secrets.

use super::read::{optional, path};
use super::rules;
use crate::playbook::{Mail, MailSecurity, Portal, Tenant, TenantData, codes};
use crate::secret::SecretRef;
use crate::yaml::{Node, Reader};

/// `portal:`
pub(super) fn portal(reader: &mut Reader, node: &Node) -> Option<Portal> {
    let mut fields = reader.fields(node)?;
    let control = fields.required(reader, "control").and_then(|n| rules::address(reader, n));
    let auth = fields.required(reader, "auth").and_then(|n| rules::address(reader, n));
    let management = fields.required(reader, "management").and_then(|n| rules::address(reader, n));
    let resolve = optional(reader, fields.optional("resolve"), rules::ip_address);
    let ca = fields.required(reader, "ca").and_then(|node| path(reader, node));
    let client_p12 = fields.required(reader, "client_p12").and_then(|node| path(reader, node));
    let client_pass = fields.required(reader, "client_pass").and_then(|n| secret(reader, n));
    let login_id = fields.required(reader, "login_id").and_then(|n| secret(reader, n));
    let login_password = fields.required(reader, "login_password").and_then(|n| secret(reader, n));
    let tenant = fields.required(reader, "tenant").and_then(|node| tenant(reader, node));
    let import_version =
        fields.required(reader, "import_version").and_then(|node| reader.filled_text(node));
    let upload_rate = optional(reader, fields.optional("upload_rate"), rules::upload_rate);
    let release_dumps = optional(reader, fields.optional("release_dumps"), Reader::texts);
    let profile = optional(reader, fields.optional("profile"), path);
    fields.finish(reader);
    Some(Portal {
        control: control?,
        auth: auth?,
        management: management?,
        resolve: resolve?,
        ca: ca?,
        client_p12: client_p12?,
        client_pass: client_pass?,
        login_id: login_id?,
        login_password: login_password?,
        tenant: tenant?,
        import_version: import_version?,
        upload_rate: upload_rate?,
        release_dumps: release_dumps?.unwrap_or_default(),
        profile: profile?,
    })
}

fn tenant(reader: &mut Reader, node: &Node) -> Option<Tenant> {
    let mut fields = reader.fields(node)?;
    let orcamo_id = fields.required(reader, "orcamo_id").and_then(|n| rules::orcamo_id(reader, n));
    let name = fields.required(reader, "name").and_then(|node| reader.filled_text(node));
    let server = optional(reader, fields.optional("server"), rules::pg_version);
    let holds = optional(reader, fields.optional("holds"), |reader, node| {
        reader.choice(
            node,
            &[
                ("nothing", TenantData::Nothing),
                ("trial-data", TenantData::TrialData),
                ("live-data", TenantData::LiveData),
            ],
        )
    });
    fields.finish(reader);
    Some(Tenant { orcamo_id: orcamo_id?, name: name?, server: server?, holds: holds? })
}

/// Where a secret lies: exactly one of `file`, `env`, `credential`.
pub(super) fn secret(reader: &mut Reader, node: &Node) -> Option<SecretRef> {
    if node.text().is_some() {
        // A secret in clear; it was reported when the tree was read.
        return None;
    }
    let mut fields = reader.fields(node)?;
    let file = optional(reader, fields.optional("file"), path);
    let env = optional(reader, fields.optional("env"), rules::name);
    let credential = optional(reader, fields.optional("credential"), rules::name);
    fields.finish(reader);
    let secret = SecretRef { file: file?, env: env?, credential: credential? };
    let places = usize::from(secret.file.is_some())
        .saturating_add(usize::from(secret.env.is_some()))
        .saturating_add(usize::from(secret.credential.is_some()));
    if places != 1 {
        reader.report(codes::SECRET_PLACE, node.span.clone(), Vec::new());
        return None;
    }
    Some(secret)
}

/// `mail:`
pub(super) fn mail(reader: &mut Reader, node: &Node) -> Option<Mail> {
    let mut fields = reader.fields(node)?;
    let host = fields.required(reader, "host").and_then(|node| rules::host(reader, node));
    let port = fields.required(reader, "port").and_then(|node| rules::port(reader, node));
    let security = fields.required(reader, "security").and_then(|node| {
        reader.choice(node, &[("starttls", MailSecurity::Starttls), ("tls", MailSecurity::Tls)])
    });
    let ca = optional(reader, fields.optional("ca"), path);
    let user = optional(reader, fields.optional("user"), Reader::filled_text);
    let password = optional(reader, fields.optional("password"), secret);
    let from = fields.required(reader, "from").and_then(|node| rules::mail_address(reader, node));
    let support =
        fields.required(reader, "support").and_then(|node| rules::mail_address(reader, node));
    let notify = fields.required(reader, "notify").and_then(|node| notify(reader, node));
    if let (Some(user), Some(password)) = (&user, &password)
        && user.is_some() != password.is_some()
    {
        let place = fields.place(if user.is_some() { "user" } else { "password" });
        reader.report(codes::MAIL_LOGIN, place, Vec::new());
    }
    fields.finish(reader);
    Some(Mail {
        host: host?,
        port: port?,
        security: security?,
        ca: ca?,
        user: user?,
        password: password?,
        from: from?,
        support: support?,
        notify: notify?,
    })
}

/// At least one address: a cutover nobody hears of is none.
fn notify(reader: &mut Reader, node: &Node) -> Option<Vec<String>> {
    let items = reader.list(node)?;
    if items.is_empty() {
        reader.wrong_type(node, "filled-list");
        return None;
    }
    let addresses: Vec<_> = items.iter().map(|item| rules::mail_address(reader, item)).collect();
    addresses.into_iter().collect()
}
