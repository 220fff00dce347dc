//! The entries that name the encoding, for a database in UTF-8.

use super::edit::apply;
use super::needs::Edit;
use super::retarget::{Rewrite, RewriteAction, utf8_name};
use super::sql::{Kind, Sql};
use super::toc::Entry;
use crate::charset::SourceEncoding;

/// What the words after which the name of a locale stands are called, in every release.
const LOCALES: [&str; 3] = ["LC_COLLATE", "LC_CTYPE", "LOCALE"];

/// The two entries that name the encoding must name the new one. A locale has an encoding too,
/// and PostgreSQL refuses a database whose locale has another one.
pub(super) fn restate_encoding(
    entry: &mut Entry,
    from: SourceEncoding,
    rewrites: &mut Vec<Rewrite>,
) {
    if entry.is("ENCODING") {
        entry.defn = Some(b"SET client_encoding = 'UTF8';\n".to_vec());
    }
    if !entry.is("DATABASE") || from == SourceEncoding::Utf8 {
        return;
    }
    let Some(definition) = entry.defn.clone() else { return };
    let sql = Sql::new(&definition, false);
    let value = |word: &str| {
        let at = sql.find(&[word, "=", "*"])?.saturating_add(2);
        (sql.kind(at) == Some(Kind::Text)).then(|| (at, sql.word(at)))
    };
    let mut edits = Vec::new();
    let quoted = format!("'{}'", from.postgres_name());
    if let Some((at, _)) = value("ENCODING").filter(|(_, name)| *name == quoted.as_bytes()) {
        edits.push(Edit::swap(sql.place(at..at.saturating_add(1)), "'UTF8'"));
    }
    for word in LOCALES {
        let Some((at, old)) = value(word) else { continue };
        let Some(new) = utf8_locale(old).filter(|new| new != old) else { continue };
        edits.push(Edit::swap(sql.place(at..at.saturating_add(1)), new));
        let feature = format!("{word} = {}", String::from_utf8_lossy(old));
        let (entry, action) = (utf8_name(entry), RewriteAction::ForUtf8);
        rewrites.push(Rewrite { entry, feature, action });
    }
    entry.defn = Some(apply(&definition, edits));
}

/// `'ja_JP.UTF-8'` for `'ja_JP.eucjp'`, and for `'ja_JP'`, which means the same. `None` for the
/// locales that suit every encoding.
fn utf8_locale(quoted: &[u8]) -> Option<Vec<u8>> {
    let name = quoted.strip_prefix(b"'")?.strip_suffix(b"'")?;
    let cut = |name: &[u8], mark| name.iter().position(|byte| *byte == mark);
    let (name, variant) = name.split_at(cut(name, b'@').unwrap_or(name.len()));
    let (language, codeset) = name.split_at(cut(name, b'.').unwrap_or(name.len()));
    let codeset: Vec<u8> = codeset.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    let universal = [&b""[..], b"C", b"POSIX"].contains(&language);
    if universal || codeset.eq_ignore_ascii_case(b"utf8") {
        return None;
    }
    Some([b"'", language, b".UTF-8", variant, b"'"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_gets_the_encoding_of_the_database() {
        for (old, new) in [
            ("'ja_JP.eucjp'", Some("'ja_JP.UTF-8'")),
            ("'ja_JP.EUC-JP@x'", Some("'ja_JP.UTF-8@x'")),
            ("'ja_JP'", Some("'ja_JP.UTF-8'")),
            ("'ja_JP.utf8'", None),
            ("'ja_JP.UTF-8'", None),
            ("'C'", None),
            ("'POSIX'", None),
            ("'C.UTF-8'", None),
            ("''", None),
            ("'", None),
            ("", None),
        ] {
            let found = utf8_locale(old.as_bytes());
            assert_eq!(found.as_deref(), new.map(str::as_bytes), "{old}");
        }
    }
    #[test]
    fn the_database_is_made_in_utf8_with_a_locale_of_that_encoding() {
        let mut entry = super::super::retarget_tests::entry(
            1,
            "DATABASE",
            "orca",
            "CREATE DATABASE orca WITH ENCODING = 'EUC_JP' LOCALE_PROVIDER = libc LC_COLLATE = 'C' LC_CTYPE = 'ja_JP.eucjp';\n",
        );
        let mut rewrites = Vec::new();
        restate_encoding(&mut entry, SourceEncoding::EucJp, &mut rewrites);
        assert_eq!(
            String::from_utf8(entry.defn.clone().unwrap()).unwrap(),
            "CREATE DATABASE orca WITH ENCODING = 'UTF8' LOCALE_PROVIDER = libc LC_COLLATE = 'C' LC_CTYPE = 'ja_JP.UTF-8';\n"
        );
        assert_eq!(rewrites.len(), 1);
        assert_eq!(rewrites[0].feature, "LC_CTYPE = 'ja_JP.eucjp'");
        let before = entry.defn.clone();
        restate_encoding(&mut entry, SourceEncoding::Utf8, &mut rewrites);
        assert_eq!((entry.defn, rewrites.len()), (before, 1));
    }
}
