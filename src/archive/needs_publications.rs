//! What the publications of a definition use. Replication is set up between two servers; it is
//! none of the restored data's rules, so what an older server lacks is left out.

use super::needs::{Cure, Edit, Need};
use super::server::Release;
use super::sql::{Kind, Sql};

const fn pg(major: u8) -> Release {
    Release::major(major)
}

/// `CREATE PUBLICATION p WITH (publish = 'insert, truncate', publish_via_partition_root = true)`.
pub(super) fn options(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    for at in sql.all(&["publish", "=", "*"]).take(1) {
        let value = at.saturating_add(2);
        let text = String::from_utf8_lossy(sql.word(value)).into_owned();
        let operations: Vec<&str> = text.trim_matches('\'').split(',').map(str::trim).collect();
        if sql.kind(value) != Some(Kind::Text) || !operations.contains(&"truncate") {
            continue;
        }
        let older: Vec<&str> = operations.into_iter().filter(|name| *name != "truncate").collect();
        let place = sql.place(value..value.saturating_add(1));
        let cure = Cure::Edit(vec![Edit::swap(place, format!("'{}'", older.join(", ")))]);
        needs.push(Need::new("publish = 'truncate'", pg(11), cure));
    }
    for at in sql.all(&["publish_via_partition_root", "=", "*"]).take(1) {
        // It always stands behind another option.
        let comma = at.saturating_sub(usize::from(sql.follows(at, &[","])));
        let cut = Edit::cut(sql.cut(comma..at.saturating_add(3)));
        needs.push(Need::new("publish_via_partition_root", pg(13), Cure::Edit(vec![cut])));
    }
}

/// `ALTER PUBLICATION p ADD TABLE ONLY s.t (a, b) WHERE (...)`: whole, it would publish rows and
/// columns that it must not.
pub(super) fn members(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    if sql.find(&["("]).is_some() {
        needs.push(Need::new("PUBLICATION TABLE (...) WHERE", pg(15), Cure::Drop));
    }
}
