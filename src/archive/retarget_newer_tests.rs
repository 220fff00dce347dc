//! Definitions that are refused, or said otherwise, for a server that lacks what they use: one of
//! each turn of phrase, type, function and collation, as pg_dump 15 to 18 write them.

use super::retarget_tests::{becomes, entry, header};
use super::*;

/// Kind, definition, the last server that lacks it, and the feature that is named.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    (
        "TABLE",
        "CREATE TABLE public.t (\n    a text COLLATE pg_catalog.\"ja-x-icu\"\n);\n",
        "9.6",
        "COLLATE \"ja-x-icu\"",
    ),
    (
        "TABLE",
        "CREATE TABLE public.t (\n    a text,\n    CONSTRAINT c CHECK (((a COLLATE \"und-x-icu\") > 'x'::text))\n);\n",
        "9.6",
        "COLLATE \"und-x-icu\"",
    ),
    (
        "TABLE",
        "CREATE TABLE public.t (\n    a text COLLATE pg_catalog.\"C\"\n);\n",
        "9.0",
        "COLLATE",
    ),
    (
        "INDEX",
        "CREATE INDEX i ON public.t USING btree (a COLLATE \"ja-x-icu\");\n",
        "9.6",
        "COLLATE \"ja-x-icu\"",
    ),
    (
        "DOMAIN",
        "CREATE DOMAIN public.d AS text COLLATE pg_catalog.pg_c_utf8;\n",
        "16",
        "COLLATE \"pg_c_utf8\"",
    ),
    (
        "TYPE",
        "CREATE TYPE public.t AS (\n\ta text COLLATE pg_catalog.pg_unicode_fast\n);\n",
        "17",
        "COLLATE \"pg_unicode_fast\"",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT (a COLLATE unicode) AS a\n   FROM public.t;\n",
        "15",
        "COLLATE \"unicode\"",
    ),
    (
        "TABLE",
        "CREATE TABLE public.t (\n    a uuid DEFAULT gen_random_uuid()\n);\n",
        "12",
        "gen_random_uuid()",
    ),
    (
        "DEFAULT",
        "ALTER TABLE ONLY public.t ALTER COLUMN a SET DEFAULT uuidv7();\n",
        "17",
        "uuidv7()",
    ),
    (
        "CHECK CONSTRAINT",
        "ALTER TABLE public.t\n    ADD CONSTRAINT c CHECK ((sha256(a) <> '\\x00'::bytea));\n",
        "10",
        "sha256()",
    ),
    (
        "INDEX",
        "CREATE INDEX i ON public.t USING btree (regexp_count(a, 'x'::text));\n",
        "14",
        "regexp_count()",
    ),
    (
        "DOMAIN",
        "CREATE DOMAIN public.d AS text\n\tCONSTRAINT c CHECK (starts_with(VALUE, 'x'::text));\n",
        "10",
        "starts_with()",
    ),
    (
        "POLICY",
        "CREATE POLICY p ON public.t USING (starts_with(a, 'x'::text));\n",
        "10",
        "starts_with()",
    ),
    (
        "RULE",
        "CREATE RULE r AS\n    ON INSERT TO public.t\n   WHERE starts_with(new.a, 'x'::text) DO INSTEAD NOTHING;\n",
        "10",
        "starts_with()",
    ),
    (
        "TRIGGER",
        "CREATE TRIGGER t BEFORE UPDATE ON public.t FOR EACH ROW WHEN (starts_with(new.a, 'a'::text)) EXECUTE FUNCTION public.f();\n",
        "10",
        "starts_with()",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT \"left\"('a'::text, 1) AS \"left\";\n",
        "9.0",
        "left()",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT current_setting('a'::text, true) AS a;\n",
        "9.5",
        "current_setting()",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT jsonb_build_object('a', 1) AS a;\n",
        "9.4",
        "jsonb_build_object()",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT JSON_VALUE(t.a, '$' RETURNING text) AS a\n   FROM public.t;\n",
        "16",
        "json_value()",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT JSON_OBJECT('a' : 1 RETURNING json) AS a;\n",
        "15",
        "JSON_OBJECT(... : ...)",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT (t.a ~ similar_to_escape('a'::text)) AS a\n   FROM public.t;\n",
        "12",
        "similar_to_escape()",
    ),
    (
        "MATERIALIZED VIEW",
        "CREATE MATERIALIZED VIEW public.v AS\n SELECT jsonb_path_query('{}'::jsonb, '$.\"a\"'::jsonpath) AS p\n  WITH NO DATA;\n",
        "11",
        "jsonpath",
    ),
    ("DOMAIN", "CREATE DOMAIN public.d AS macaddr8;\n", "9.6", "macaddr8"),
    (
        "DOMAIN",
        "CREATE DOMAIN public.d AS text\n\tCONSTRAINT c CHECK (((VALUE)::jsonb IS NOT NULL));\n",
        "9.3",
        "jsonb",
    ),
    (
        "TABLE",
        "CREATE TABLE public.t (\n    a text DEFAULT ('{}'::jsonb)::text\n);\n",
        "9.3",
        "jsonb",
    ),
    ("TABLE", "CREATE TABLE public.t (\n    a numeric(2,-3)\n);\n", "14", "numeric(..., ...)"),
    (
        "FUNCTION",
        "CREATE FUNCTION public.f(a text, jsonb[]) RETURNS text\n    LANGUAGE sql\n    AS $$x$$;\n",
        "9.3",
        "jsonb",
    ),
    (
        "FUNCTION",
        "CREATE FUNCTION public.f(IN a json DEFAULT '1') RETURNS text\n    LANGUAGE sql\n    AS $$x$$;\n",
        "9.1",
        "json",
    ),
    (
        "FUNCTION",
        "CREATE FUNCTION public.f() RETURNS SETOF json\n    LANGUAGE sql\n    AS $$x$$;\n",
        "9.1",
        "json",
    ),
    (
        "FUNCTION",
        "CREATE FUNCTION public.f() RETURNS TABLE(a integer, b int4multirange)\n    LANGUAGE sql\n    AS $$x$$;\n",
        "13",
        "int4multirange",
    ),
    (
        "FUNCTION",
        "CREATE FUNCTION public.f() RETURNS event_trigger\n    LANGUAGE plpgsql\n    AS $$x$$;\n",
        "9.2",
        "event_trigger",
    ),
    (
        "PROCEDURE",
        "CREATE PROCEDURE public.p(IN a xid8)\n    LANGUAGE sql\n    AS $$x$$;\n",
        "12",
        "xid8",
    ),
    (
        "PROCEDURE",
        "CREATE PROCEDURE public.p(OUT a integer)\n    LANGUAGE sql\n    AS $$x$$;\n",
        "13",
        "PROCEDURE ... OUT",
    ),
    (
        "AGGREGATE",
        "CREATE AGGREGATE public.a(jsonb) (\n    SFUNC = jsonb_concat,\n    STYPE = jsonb\n);\n",
        "9.3",
        "jsonb",
    ),
    (
        "OPERATOR",
        "CREATE OPERATOR public.==> (\n    PROCEDURE = public.f,\n    LEFTARG = jsonb,\n    RIGHTARG = integer\n);\n",
        "9.3",
        "jsonb",
    ),
    ("CAST", "CREATE CAST (text AS jsonb) WITH FUNCTION public.f(text);\n", "9.3", "jsonb"),
    (
        "FK CONSTRAINT",
        "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT f FOREIGN KEY (b, c) REFERENCES public.u(b, c) ON DELETE SET NULL (b);\n",
        "14",
        "SET NULL (...)",
    ),
    (
        "FK CONSTRAINT",
        "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT f FOREIGN KEY (b, c) REFERENCES public.u(b, c) ON DELETE SET DEFAULT (c);\n",
        "14",
        "SET DEFAULT (...)",
    ),
    (
        "INDEX",
        "CREATE INDEX i ON public.t USING gist (v tsvector_ops (siglen='100'));\n",
        "12",
        "tsvector_ops (...)",
    ),
    (
        "INDEX",
        "CREATE INDEX i ON public.t USING brin (a int4_bloom_ops);\n",
        "13",
        "int4_bloom_ops",
    ),
    (
        "INDEX",
        "CREATE INDEX i ON public.t USING brin (a int4_minmax_multi_ops (values_per_range='16'));\n",
        "13",
        "int4_minmax_multi_ops",
    ),
    (
        "INDEX",
        "CREATE INDEX i ON public.t USING gin (j jsonb_path_ops);\n",
        "9.3",
        "jsonb_path_ops",
    ),
    (
        "ACCESS METHOD",
        "CREATE ACCESS METHOD h TYPE TABLE HANDLER heap_tableam_handler;\n",
        "11",
        "TYPE TABLE",
    ),
    (
        "OPERATOR FAMILY",
        "ALTER OPERATOR FAMILY public.o USING btree ADD\n    FUNCTION 4 (integer, integer) btequalimage(oid);\n",
        "12",
        "btree: FUNCTION 4",
    ),
    (
        "EVENT TRIGGER",
        "CREATE EVENT TRIGGER e ON login\n   EXECUTE PROCEDURE public.f();\n",
        "16",
        "ON LOGIN",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT sum(t.b) OVER (ORDER BY t.c GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s\n   FROM public.t;\n",
        "10",
        "OVER (... GROUPS ...)",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT sum(t.b) OVER (ORDER BY t.c RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS s\n   FROM public.t;\n",
        "10",
        "OVER (... RANGE ... PRECEDING)",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT sum(t.b) OVER (ORDER BY t.c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) AS s\n   FROM public.t;\n",
        "10",
        "EXCLUDE TIES",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT t.a\n   FROM public.t\n  ORDER BY t.b\n FETCH FIRST (3) ROWS WITH TIES;\n",
        "12",
        "WITH TIES",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT (t.a IS NFC NORMALIZED) AS n\n   FROM public.t;\n",
        "12",
        "IS ... NORMALIZED",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT NORMALIZE(t.a, NFKC) AS n\n   FROM public.t;\n",
        "12",
        "normalize()",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n WITH RECURSIVE q AS (\n SELECT 1\n) SEARCH DEPTH FIRST BY id SET o\n SELECT 1;\n",
        "13",
        "SEARCH DEPTH FIRST",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n WITH RECURSIVE q AS (\n SELECT 1\n) CYCLE id, b SET c USING p\n SELECT 1;\n",
        "13",
        "CYCLE ... SET",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT j.id\n   FROM (public.t\n     JOIN public.u USING (id) AS j);\n",
        "13",
        "JOIN ... USING ... AS",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT t.b\n   FROM public.t\n  GROUP BY DISTINCT t.b, t.c;\n",
        "13",
        "GROUP BY DISTINCT",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT t.b\n   FROM public.t\n  GROUP BY CUBE(t.b, t.c);\n",
        "9.4",
        "CUBE (...)",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT x.p\n   FROM XMLTABLE(('/a'::text) PASSING (t.x) COLUMNS p integer) x;\n",
        "9.6",
        "xmltable()",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT t.j['a'::text] AS a\n   FROM public.t;\n",
        "13",
        "[text]",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT SUBSTRING(t.a SIMILAR 'a'::text ESCAPE 'b'::text) AS s\n   FROM public.t;\n",
        "13",
        "SIMILAR",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT (t.a IS JSON) AS j\n   FROM public.t;\n",
        "15",
        "IS JSON",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT (t.a AT LOCAL) AS j\n   FROM public.t;\n",
        "16",
        "AT LOCAL",
    ),
];

#[test]
fn what_cannot_be_said_for_an_older_server_is_refused_by_name() {
    for (kind, definition, last, feature) in REFUSED {
        assert_eq!(becomes(kind, "x", definition, last), format!("! {feature}"), "{definition}");
        let last = Release::all().find(|release| release.to_string() == *last).unwrap();
        let newer = Release::all().find(|release| *release > last).unwrap();
        let now = becomes(kind, "x", definition, &newer.to_string());
        assert_ne!(now, format!("! {feature}"), "{definition}");
        assert_eq!(becomes(kind, "x", definition, "18"), *definition);
    }
}

/// Kind, definition, the last server that lacks it, and what that server gets.
const SAID: &[(&str, &str, &str, &str)] = &[
    (
        "PUBLICATION",
        "CREATE PUBLICATION p WITH (publish = 'insert, update, delete, truncate');\n",
        "10",
        "CREATE PUBLICATION p WITH (publish = 'insert, update, delete');\n",
    ),
    (
        "PUBLICATION",
        "CREATE PUBLICATION p WITH (publish = 'insert', publish_via_partition_root = true);\n",
        "12",
        "CREATE PUBLICATION p WITH (publish = 'insert');\n",
    ),
    (
        "PUBLICATION TABLE",
        "ALTER PUBLICATION p ADD TABLE ONLY public.t (a) WHERE ((a > 1));\n",
        "14",
        "-",
    ),
    (
        "SEQUENCE",
        "CREATE UNLOGGED SEQUENCE public.s\n    AS integer\n    INCREMENT BY 1\n    NO MAXVALUE;\n",
        "9.6",
        "CREATE SEQUENCE public.s\n    INCREMENT BY 1\n    MAXVALUE 2147483647;\n",
    ),
    (
        "FUNCTION",
        "CREATE FUNCTION public.support(support integer) RETURNS boolean\n    LANGUAGE sql SUPPORT textlike_support\n    AS $$x$$;\n",
        "11",
        "CREATE FUNCTION public.support(support integer) RETURNS boolean\n    LANGUAGE sql\n    AS $$x$$;\n",
    ),
    (
        "FUNCTION",
        "CREATE FUNCTION public.f() RETURNS boolean\n    LANGUAGE sql SUPPORT public.g COST 3\n    AS $$x$$;\n",
        "11",
        "CREATE FUNCTION public.f() RETURNS boolean\n    LANGUAGE sql COST 3\n    AS $$x$$;\n",
    ),
    (
        "OPERATOR",
        "CREATE OPERATOR public.==> (\n    FUNCTION = public.f,\n    RIGHTARG = integer\n);\n",
        "10",
        "CREATE OPERATOR public.==> (\n    PROCEDURE = public.f,\n    RIGHTARG = integer\n);\n",
    ),
    (
        "VIEW",
        "CREATE VIEW public.v AS\n SELECT public.f(days => 1, b => (2 >= 1)) AS a;\n",
        "9.4",
        "CREATE VIEW public.v AS\n SELECT public.f(days := 1, b := (2 >= 1)) AS a;\n",
    ),
    (
        "TABLE",
        "CREATE TABLE public.t (\n    a text\n)\nWITH (autovacuum_vacuum_max_threshold='5', vacuum_max_eager_freeze_failure_rate='0.1');\n",
        "17",
        "CREATE TABLE public.t (\n    a text\n);\n",
    ),
    (
        "ACL",
        "GRANT SELECT(maintain),MAINTAIN,UPDATE(maintain) ON TABLE public.t TO maintain;\n",
        "16",
        "GRANT SELECT(maintain),UPDATE(maintain) ON TABLE public.t TO maintain;\n",
    ),
    ("STATISTICS", "CREATE STATISTICS public.s ON date_bin(a, b, c) FROM public.t;\n", "13", "-"),
];

#[test]
fn what_older_words_mean_as_well_is_said_in_them() {
    for (kind, definition, last, expected) in SAID {
        assert_eq!(becomes(kind, "x", definition, last), *expected, "{definition}");
        assert_eq!(becomes(kind, "x", definition, "18"), *definition);
    }
}

#[test]
fn names_that_look_like_something_new_are_left_alone() {
    for (kind, definition) in [
        (
            "TABLE",
            "CREATE TABLE public.format (\n    sha256 text DEFAULT public.gen_random_uuid(),\n    \"json\" text,\n    \"left\" numeric(5,2)\n)\nINHERITS (format);\n",
        ),
        (
            "TABLE",
            "CREATE TABLE public.t (\n    a text DEFAULT 'gen_random_uuid() ::jsonb'::text,\n    b text DEFAULT current_setting('a'::text)\n);\n",
        ),
        ("ACL", "GRANT SELECT(maintain),UPDATE(a) ON TABLE public.t TO a;\n"),
        (
            "DEFAULT ACL",
            "ALTER DEFAULT PRIVILEGES FOR ROLE maintain GRANT SELECT ON TABLES TO a;\n",
        ),
        (
            "FUNCTION",
            "CREATE FUNCTION public.f(json text, jsonb integer, a public.json) RETURNS text\n    LANGUAGE sql\n    AS $$SELECT '{}'::jsonb$$;\n",
        ),
        (
            "FUNCTION",
            "CREATE FUNCTION public.sha256(a bytea) RETURNS public.xid8\n    LANGUAGE sql\n    AS $$x$$;\n",
        ),
        (
            "FK CONSTRAINT",
            "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES public.format(b) ON DELETE SET NULL;\n",
        ),
        (
            "INDEX",
            "CREATE INDEX i ON public.t USING btree (a text_pattern_ops DESC, (b = 'x'::text)) WITH (fillfactor='70') WHERE (a = 'x'::text);\n",
        ),
        (
            "VIEW",
            "CREATE VIEW public.v AS\n SELECT t.a, t.cycle AS search, t.json, array['a'::text] AS b\n   FROM (public.t\n     JOIN public.u USING (id)) format(a, b)\n  WHERE ((t.a >= 1) AND public.f(t.a));\n",
        ),
        (
            "VIEW",
            "CREATE VIEW public.v AS\n SELECT sum(t.b) OVER (ORDER BY t.c ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS s,\n    sum(t.b) OVER (ORDER BY t.c RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS r\n   FROM public.t;\n",
        ),
        (
            "OPERATOR FAMILY",
            "ALTER OPERATOR FAMILY public.o USING btree ADD\n    OPERATOR 4 <(integer,integer) ,\n    FUNCTION 1 (integer, integer) btint4cmp(integer,integer);\n",
        ),
    ] {
        assert_eq!(becomes(kind, "x", definition, "9.0"), definition);
    }
}

#[test]
fn what_came_after_the_pg_dump_that_wrote_it_only_looks_new() {
    // An old pg_dump names the clinic's own functions without a schema.
    let view = "CREATE VIEW v AS\n SELECT starts_with(t.a, 'x'::text) AS a\n   FROM t;\n";
    for (dumped_by, kept) in [("9.6.24", true), ("10.3", true), ("11.0", false)] {
        let mut old = header(12);
        old.dump_version = Some(dumped_by.as_bytes().to_vec());
        let mut entries = vec![entry(1, "VIEW", "v", view)];
        let made = retarget::retarget(&mut old, &mut entries, "9.6".parse().ok());
        assert_eq!(made.is_ok(), kept, "{dumped_by}");
    }
}

#[test]
fn a_constraint_that_is_no_more_is_not_dropped_either() {
    let definition = "ALTER TABLE public.t\n    ADD CONSTRAINT n NOT NULL a;\n";
    for (server, drop) in [("17", ""), ("18", "ALTER TABLE public.t DROP CONSTRAINT n;\n")] {
        let mut constraint = entry(1, "CONSTRAINT", "t n", definition);
        constraint.drop = Some(b"ALTER TABLE public.t DROP CONSTRAINT n;\n".to_vec());
        let mut entries = vec![constraint];
        retarget::retarget(&mut header(16), &mut entries, server.parse().ok()).unwrap();
        assert_eq!(entries[0].drop.as_deref(), Some(drop.as_bytes()), "{server}");
    }
}

#[test]
fn without_a_server_it_is_said_which_ones_can_restore() {
    for (definition, minor, expected) in [
        ("CREATE TABLE public.t (\n    a integer\n);\n", 14, None),
        ("CREATE TABLE public.t (\n    a jsonb\n);\n", 14, None),
        ("CREATE TABLE public.t (\n    a uuid DEFAULT uuidv7()\n);\n", 14, Some("18")),
        ("CREATE TABLE public.t (\n    a uuid DEFAULT gen_random_uuid()\n);\n", 14, Some("13")),
        ("CREATE TABLE public.t (\n    a jsonb\n);\n", 12, Some("9.4")),
    ] {
        let entries = [entry(1, "TABLE", "t", definition)];
        let setting = needs::Setting { escapes: false, dumped_by: None };
        let version = Version { major: 1, minor, revision: 0 };
        let first = retarget::first_to_restore(version, &entries, setting);
        assert_eq!(first.map(|release| release.to_string()).as_deref(), expected, "{definition}");
    }
}
