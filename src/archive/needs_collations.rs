//! The collations that a definition sorts by.

use super::needs::{Need, note, refused};
use super::server::Release;
use super::sql::Sql;

/// Those that came one by one.
const COLLATIONS: [(&[u8], Release); 3] = [
    (b"unicode", Release::major(16)),
    (b"pg_c_utf8", Release::major(17)),
    (b"pg_unicode_fast", Release::major(18)),
];

/// Notes every built-in collation that came after 9.0. What an operating system adds to them
/// differs from machine to machine, whatever the release.
pub(super) fn find(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    for at in sql.all(&["COLLATE", "*"]) {
        if sql.is_qualified(at) {
            continue;
        }
        note(needs, Need::new("COLLATE", Release::nine(1), refused(kind)));
        let name = at.saturating_add(1);
        let built_in = sql.are(name, &["pg_catalog", "."]);
        let name = name.saturating_add(if built_in { 2 } else { 0 });
        if sql.is(name.saturating_add(1), ".") {
            continue;
        }
        let Some(collation) = sql.name(name) else { continue };
        let known = COLLATIONS.iter().find(|(known, _)| collation == *known);
        let since = match known {
            Some((_, since)) => *since,
            None if collation.ends_with(b"-x-icu") => Release::major(10),
            None => continue,
        };
        let feature = format!("COLLATE \"{}\"", String::from_utf8_lossy(collation));
        note(needs, Need::new(feature, since, refused(kind)));
    }
}
