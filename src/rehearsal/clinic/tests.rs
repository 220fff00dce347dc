//! The synthetic clinic on a real server.

use std::collections::{BTreeMap, BTreeSet};

use super::fixture::{clinic, seed};
use super::{BadName, ClinicSeed, OWNER, generate, schema};
use crate::diag::Explain;
use crate::rehearsal::cluster::ClusterHandle;

/// MD5 of each table's rows in the order in which they were copied.
fn fingerprints(cluster: &ClusterHandle) -> BTreeMap<String, String> {
    let sql: String = schema::tables()
        .unwrap()
        .iter()
        .map(|table| {
            format!(
                "SELECT '{0}', md5(string_agg(md5(t::text), '' ORDER BY ctid)) FROM {0} t;\n",
                table.name
            )
        })
        .collect();
    let rows = cluster.sql(OWNER, &sql).unwrap();
    rows.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
}

/// Tables with a character that the server cannot turn into EUC_JIS_2004, once the characters
/// of the Microsoft mapping have been left out.
fn outside_jis_x_0213(cluster: &ClusterHandle) -> Vec<String> {
    let tables = schema::tables().unwrap();
    let refuses = |name: &str| {
        let sql = format!(
            "SET client_encoding = 'UTF8';\n\
             SELECT count(convert(convert_to(translate(t::text, '￣―￥￠￡￢', ''), 'UTF8'), 'UTF8',\n\
             'EUC_JIS_2004')) FROM {name} t;\n"
        );
        cluster.sql(OWNER, &sql).is_err()
    };
    let text = tables.iter().filter(|table| table.name != "monblob");
    text.filter(|table| refuses(&table.name)).map(|table| table.name.clone()).collect()
}

#[test]
fn the_database_is_like_a_clinic_s() {
    let (fixture, _) = clinic();
    let cluster = &fixture.cluster;
    let one = |sql: &str| cluster.sql(OWNER, sql).unwrap()[0].join(" ");
    assert_eq!(
        one("SELECT pg_encoding_to_char(encoding), datcollate, pg_get_userbyid(datdba)\n\
             FROM pg_database WHERE datname = 'orca'"),
        "EUC_JP C orca"
    );
    let tables: u64 = one("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace\n\
         WHERE relkind = 'r' AND nspname IN ('public', 'master') AND pg_get_userbyid(relowner) = 'orca'")
    .parse()
    .unwrap();
    assert!(tables >= 60, "{tables}");
    assert_eq!(tables, fixture.summary.tables);
    let count: String = schema::tables()
        .unwrap()
        .iter()
        .map(|table| format!("(SELECT count(*) FROM {}) +", table.name))
        .collect();
    assert_eq!(one(&format!("SELECT {count} 0")), fixture.summary.rows.to_string());
    assert_eq!(one("SELECT count(*) FROM tbl_ptinf"), "60");
    // The view and the table behind it.
    assert_eq!(
        one("SELECT (SELECT count(*) FROM tbl_byomei) - (SELECT count(*) FROM master.tbl_byomei)"),
        "0"
    );
    // Null beside empty, and padding.
    assert_eq!(
        one("SELECT bool_or(comment1 IS NULL), bool_or(comment1 = '') FROM tbl_ptinf"),
        "t t"
    );
    assert_eq!(one("SELECT octet_length(kanricd) FROM tbl_dbkanri LIMIT 1"), "8");
    // One patient has one name, wherever it stands.
    assert_eq!(
        one("SELECT count(*) FROM tbl_uketuke JOIN tbl_ptinf p USING (ptid)\n\
             WHERE tbl_uketuke.name IS DISTINCT FROM p.name"),
        "0"
    );
}

#[test]
fn every_character_of_jis_x_0208_occurs() {
    let (fixture, _) = clinic();
    let rows = fixture
        .cluster
        .sql(OWNER, "SELECT encode(convert_to(string_agg(comment, ''), 'EUC_JP'), 'hex') FROM tbl_commentmst")
        .unwrap();
    let bytes = hex::decode(&rows[0][0]).unwrap();
    let codes: BTreeSet<&[u8]> = bytes.chunks_exact(2).collect();
    assert_eq!(codes.iter().filter(|code| code[0] != 0xad).count(), 6_879);
    assert!(codes.contains(&[0xad, 0xa1][..]), "① is missing");
    let names = "SELECT count(*) FROM tbl_ptinf WHERE name ~ '[﨑栁濵德瀨黑]'";
    let names =
        fixture.cluster.sql(OWNER, &format!("SET client_encoding = 'UTF8';\n{names}")).unwrap();
    assert_ne!(names[0][0], "0");
}

#[test]
fn the_seed_decides_everything_and_a_bad_name_stands_alone() {
    let (fixture, _) = clinic();
    let cluster = &fixture.cluster;
    assert_eq!(outside_jis_x_0213(cluster), Vec::<String>::new());
    let first = fingerprints(cluster);

    for (bad, expected) in [(BadName::Taka, "e9ab99"), (BadName::Unmappable, "")] {
        generate(cluster, &ClinicSeed { bad_name: Some(bad), ..seed() }).unwrap();
        let changed: Vec<_> = fingerprints(cluster)
            .into_iter()
            .filter(|(name, hash)| first[name] != *hash)
            .map(|(name, _)| name)
            .collect();
        assert_eq!(changed, ["tbl_ptinf"], "{bad:?}");
        assert_eq!(outside_jis_x_0213(cluster), ["tbl_ptinf"], "{bad:?}");
        let utf8 = cluster.sql(
            OWNER,
            "SELECT encode(convert_to(name, 'UTF8'), 'hex') FROM tbl_ptinf WHERE ptid = 7",
        );
        match utf8 {
            Ok(rows) => assert!(!expected.is_empty() && rows[0][0].contains(expected)),
            Err(_) => assert!(expected.is_empty(), "the server cannot convert {bad:?}"),
        }
    }

    generate(cluster, &ClinicSeed { seed: 2, ..seed() }).unwrap();
    let other = fingerprints(cluster);
    assert!(first.iter().filter(|(name, hash)| other[*name] != **hash).count() > 40);
    generate(cluster, &seed()).unwrap();
    assert_eq!(fingerprints(cluster), first);
}

#[test]
fn a_wrong_seed_is_refused() {
    let (fixture, _) = clinic();
    for clinic_id in ["JPN00000000045", "XPN000000000452", "JPN00000000045x"] {
        let seed = ClinicSeed { clinic_id: clinic_id.into(), ..seed() };
        assert_eq!(generate(&fixture.cluster, &seed).unwrap_err().code(), "rehearsal-clinic-id");
    }
    let error = generate(&fixture.cluster, &ClinicSeed { patients: 0, ..seed() }).unwrap_err();
    assert_eq!(error.code(), "rehearsal-clinic-no-patients");
}
