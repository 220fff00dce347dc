//! Names in SQL that pg_dump wrote: the columns of a COPY statement, of a primary key.
//!
//! Only pg_dump's own form is understood. All of it works on bytes: in EUC-JP and UTF-8 alike
//! no byte of a Japanese character is below 0x80.

use super::limits::MAX_COLUMNS;

/// The columns of `COPY s.t (a, "b c") FROM stdin;`. With OIDs there is one more, the first.
/// `None` where it is no such statement.
pub(super) fn of_copy(statement: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut rest = statement.strip_prefix(b"COPY ")?;
    (_, rest) = identifier(rest)?;
    if let Some(after) = rest.strip_prefix(b".") {
        (_, rest) = identifier(after)?;
    }
    rest = rest.trim_ascii_start();
    let (mut columns, after) = if rest.first() == Some(&b'(') {
        list(rest)?
    } else {
        // A table without columns has no list.
        (Vec::new(), rest)
    };
    let mut after = after.trim_ascii_start();
    if let Some(without) = after.strip_prefix(b"WITH OIDS") {
        columns.insert(0, b"oid".to_vec());
        after = without.trim_ascii_start();
    }
    after.starts_with(b"FROM stdin").then_some(columns)
}

/// The table and the columns of `ALTER TABLE ONLY s.t ADD CONSTRAINT n PRIMARY KEY (a, b);`. The
/// table's name stands in the entry's tag only since 9.6.
pub(super) fn of_primary_key(definition: &[u8]) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
    const MARK: &[u8] = b" PRIMARY KEY (";
    let rest = definition.strip_prefix(b"ALTER TABLE ")?;
    let rest = rest.strip_prefix(b"ONLY ").unwrap_or(rest);
    let (mut table, rest) = identifier(rest)?;
    if let Some(after) = rest.strip_prefix(b".") {
        (table, _) = identifier(after)?;
    }
    let at = definition.windows(MARK.len()).position(|window| window == MARK)?;
    let open = at.checked_add(MARK.len())?.checked_sub(1)?;
    list(definition.get(open..)?).map(|(columns, _)| (table, columns))
}

fn list(bytes: &[u8]) -> Option<(Vec<Vec<u8>>, &[u8])> {
    let mut rest = bytes.strip_prefix(b"(")?;
    let mut names = Vec::new();
    loop {
        let (name, after) = identifier(rest.trim_ascii_start())?;
        names.push(name);
        if names.len() > MAX_COLUMNS {
            return None;
        }
        match after.trim_ascii_start().split_first()? {
            (b',', after) => rest = after,
            (b')', after) => return Some((names, after)),
            _ => return None,
        }
    }
}

pub(super) fn identifier(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    if let Some(quoted) = bytes.strip_prefix(b"\"") {
        let mut name = Vec::new();
        let mut rest = quoted;
        loop {
            let (byte, after) = rest.split_first()?;
            match (byte, after.strip_prefix(b"\"")) {
                (b'"', Some(after)) => {
                    name.push(b'"');
                    rest = after;
                }
                (b'"', None) => return Some((name, after)),
                (byte, _) => {
                    name.push(*byte);
                    rest = after;
                }
            }
        }
    }
    let plain =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || *byte >= 0x80;
    let length = bytes.iter().position(|byte| !plain(byte)).unwrap_or(bytes.len());
    let name = bytes.get(..length)?;
    if name.is_empty() { None } else { Some((name.to_vec(), bytes.get(length..)?)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(statement: &str) -> Option<Vec<String>> {
        let columns = of_copy(statement.as_bytes())?;
        Some(columns.into_iter().map(|name| String::from_utf8(name).unwrap()).collect())
    }

    #[test]
    fn copy_statements_of_pg_dump_are_understood() {
        assert_eq!(names("COPY public.t (a, b_2) FROM stdin;\n").unwrap(), ["a", "b_2"]);
        assert_eq!(names("COPY t (\"x, \"\"(y\", 氏名) FROM stdin;").unwrap(), ["x, \"(y", "氏名"]);
        assert_eq!(names("COPY \"S.\".\"T (\" (a) WITH OIDS FROM stdin;").unwrap(), ["oid", "a"]);
        assert!(names("COPY public.empty  FROM stdin;\n").unwrap().is_empty());
        assert_eq!(names("INSERT INTO t VALUES (1);"), None);
        assert_eq!(names("COPY t (a"), None);
    }

    #[test]
    fn primary_keys_are_found() {
        let sql =
            b"ALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (hospnum, ptid);\n";
        let (table, columns) = of_primary_key(sql).unwrap();
        assert_eq!(table, b"t");
        assert_eq!(columns, [b"hospnum".to_vec(), b"ptid".to_vec()]);
        let sql = b"ALTER TABLE ONLY \"T 1\"\n    ADD CONSTRAINT x PRIMARY KEY (a);";
        assert_eq!(of_primary_key(sql).unwrap(), (b"T 1".to_vec(), vec![b"a".to_vec()]));
        assert!(of_primary_key(b"ALTER TABLE t ADD CONSTRAINT u UNIQUE (a);").is_none());
    }
}
