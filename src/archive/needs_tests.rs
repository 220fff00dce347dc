//! How definitions are judged, apart from what becomes of them.

use super::limits::MAX_SQL_BYTES;
use super::needs::of_definition;
use super::sql::Sql;

const KINDS: [&str; 18] = [
    "TABLE",
    "FOREIGN TABLE",
    "TYPE",
    "VIEW",
    "MATERIALIZED VIEW",
    "RULE",
    "INDEX",
    "CONSTRAINT",
    "CHECK CONSTRAINT",
    "FK CONSTRAINT",
    "SEQUENCE",
    "ACL",
    "DATABASE",
    "FUNCTION",
    "DOMAIN",
    "DEFAULT",
    "POLICY",
    "STATISTICS",
];

/// How often the words of this definition are looked at, for each of them.
fn looks_per_word(kind: &str, definition: &str) -> u64 {
    assert!(definition.len() <= MAX_SQL_BYTES);
    let sql = Sql::new(definition.as_bytes(), false);
    of_definition(kind.as_bytes(), &sql, &mut Vec::new());
    sql.looks.get() / u64::try_from(sql.len()).unwrap()
}

/// What never ends must not be searched to its end again and again.
#[test]
fn a_hostile_definition_makes_no_more_work_than_a_plain_one() {
    // An eighth of the bound: what is quadratic shows there as well.
    let fill = |piece: &str| piece.repeat(MAX_SQL_BYTES / 8 / piece.len());
    for kind in KINDS {
        let plain = looks_per_word(kind, &fill("a integer, "));
        for piece in [
            "WITH ( ",
            "GENERATED ALWAYS AS ( ",
            "MAINTAIN, ",
            "REVOKE MAINTAIN ON ",
            "INCLUDE ( ",
            "current_setting ( ",
            "USING ( ",
            "RANGE BETWEEN ",
            "CYCLE a, ",
            "ALTER SET STATISTICS 1 ",
            "AS integer ",
            "::json",
            "a COLLATE ",
            "numeric ( ",
            "( ",
            ") ",
        ] {
            let looks = looks_per_word(kind, &fill(piece));
            assert!(looks <= 2 * plain + 40, "{kind} {piece}: {looks}, not {plain}");
        }
    }
}
