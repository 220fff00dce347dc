//! Rules of single values of the clinic file.

use std::net::IpAddr;

use crate::clock::{Jst, show};
use crate::pg_version::PgVersion;
use crate::playbook::{UploadRate, codes};
use crate::yaml::{Node, Reader};

/// `JPN` and twelve digits.
pub(super) fn clinic_id(reader: &mut Reader, node: &Node) -> Option<String> {
    checked(reader, node, codes::CLINIC_ID, |text| {
        text.strip_prefix("JPN").is_some_and(|digits| digits.len() == 12 && is_digits(digits))
    })
}

/// Nine digits, leading zeros included.
pub(super) fn orcamo_id(reader: &mut Reader, node: &Node) -> Option<String> {
    checked(reader, node, codes::ORCAMO_ID, |text| text.len() == 9 && is_digits(text))
}

/// A name of a user, database, variable or credential. It may become a program's argument, so it
/// must not begin with `-`.
pub(super) fn name(reader: &mut Reader, node: &Node) -> Option<String> {
    checked(reader, node, codes::BAD_NAME, |text| {
        text.len() <= 63
            && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.$".contains(letter))
    })
}

/// A version of PostgreSQL: `9.6`, `15.18`.
pub(super) fn pg_version(reader: &mut Reader, node: &Node) -> Option<PgVersion> {
    checked(reader, node, codes::BAD_PG_VERSION, |text| text.parse::<PgVersion>().is_ok())?
        .parse()
        .ok()
}

/// The rate of a line: `20Mbit/s`.
pub(super) fn upload_rate(reader: &mut Reader, node: &Node) -> Option<UploadRate> {
    checked(reader, node, codes::BAD_UPLOAD_RATE, |text| text.parse::<UploadRate>().is_ok())?
        .parse()
        .ok()
}

/// A host name or address.
pub(super) fn host(reader: &mut Reader, node: &Node) -> Option<String> {
    checked(reader, node, codes::BAD_HOST, |text| {
        let bare = text.len() <= 253
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.".contains(letter));
        bare || text.parse::<IpAddr>().is_ok()
    })
}

/// `https://host` or `https://host:port` and nothing more.
pub(super) fn address(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = checked(reader, node, codes::BAD_ADDRESS, |text| {
        url::Url::parse(text).is_ok_and(|url| {
            url.scheme() == "https"
                && url.host_str().is_some()
                && url.username().is_empty()
                && url.password().is_none()
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
        })
    })?;
    Some(text.trim_end_matches('/').to_owned())
}

/// An IP address.
pub(super) fn ip_address(reader: &mut Reader, node: &Node) -> Option<IpAddr> {
    checked(reader, node, codes::BAD_HOST, |text| text.parse::<IpAddr>().is_ok())?.parse().ok()
}

/// A port.
pub(super) fn port(reader: &mut Reader, node: &Node) -> Option<u16> {
    reader.number(node, 1, u64::from(u16::MAX)).and_then(|port| u16::try_from(port).ok())
}

/// `name@host`, or `Somebody <name@host>`. Whether it exists is for the mail server to say.
pub(super) fn mail_address(reader: &mut Reader, node: &Node) -> Option<String> {
    checked(reader, node, codes::BAD_MAIL_ADDRESS, |text| {
        let bare = match text.split_once('<') {
            Some((_, rest)) => rest.strip_suffix('>').unwrap_or_default(),
            None => text,
        };
        let forbidden = |letter: char| letter.is_whitespace() || "<>,;@\"()".contains(letter);
        bare.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty()
                && !host.is_empty()
                && !user.contains(forbidden)
                && !host.contains(forbidden)
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
    })
}

/// A program with its arguments; an empty list where the clinic has no such command.
pub(super) fn command(reader: &mut Reader, node: &Node) -> Option<Vec<String>> {
    let words = reader.texts(node)?;
    if words.first().is_some_and(|program| program.trim().is_empty()) {
        reader.wrong_type(node, "filled-text");
        return None;
    }
    Some(words)
}

/// Reports at `node`, the place of `after`, that `before` does not lie before it.
pub(super) fn order(reader: &mut Reader, node: &Node, before: (&str, &Jst), after: (&str, &Jst)) {
    if before.1 < after.1 {
        return;
    }
    let args = vec![
        ("before", before.0.to_owned()),
        ("before_at", show(before.1)),
        ("after", after.0.to_owned()),
        ("after_at", show(after.1)),
    ];
    reader.report(codes::WINDOW_BACKWARDS, node.span.clone(), args);
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn checked(
    reader: &mut Reader,
    node: &Node,
    code: &'static str,
    holds: impl FnOnce(&str) -> bool,
) -> Option<String> {
    let text = reader.text(node)?;
    if holds(&text) {
        return Some(text);
    }
    reader.report(code, node.span.clone(), vec![("value", text)]);
    None
}
