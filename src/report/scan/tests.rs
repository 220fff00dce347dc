//! What is written of a real scan, read back by other programs, and searched for patients.

use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;
use crate::archive::test_server::{Server, succeed};
use crate::archive::{Scan, ScanOptions, scan};
use crate::charset::{Mapping, Policy};
use crate::i18n::Lang;
use crate::progress::Progress;
use crate::report::{html, terminal};

/// Values of a patient that must not be seen unless they are asked for.
const CANARIES: [&str; 4] = ["試験橋花子", "9876543", "試験町", "ｼｹﾝ"];

/// An unlabelled database in which every kind of line is offered, and one character stands as
/// different bytes.
fn unlabelled() -> Vec<u8> {
    let server = Server::start();
    server.create("orca", "SQL_ASCII");
    server.query(
        "orca",
        "CREATE FUNCTION u(text) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(decode($1, 'hex'), 'SQL_ASCII') $$;
         CREATE TABLE tbl_ptinf (ptid text PRIMARY KEY, name text, kana text);
         INSERT INTO tbl_ptinf VALUES ('1', u('b4c18ff4fbbbfa'), u('b4c1bbfa')), ('2', u('8abf8e9afbfc'), u('a4a2')),
           ('3', u('8abf8e'), ''), ('4', u('b4c1bbfab4'), ''), ('5', u('e6bca2e9ab99'), '');
         CREATE TABLE tbl_syskanri (kanricd text PRIMARY KEY, kanritbl varchar(500));
         INSERT INTO tbl_syskanri VALUES ('1001', u('b4c18eb68ede'));",
    );
    succeed(server.client("pg_dump").args(["-Fc", "orca"])).stdout
}

fn dump() -> Vec<u8> {
    let server = Server::start();
    server.create("orca", "EUC_JP");
    server.query(
        "orca",
        "CREATE FUNCTION u(text) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(decode($1, 'hex'), 'EUC_JP') $$;
         CREATE TABLE tbl_ptinf (ptid text PRIMARY KEY, name text, adrs text, kana text);
         INSERT INTO tbl_ptinf VALUES ('19876543', u('8ff4fb') || '試験橋花子', '=試験町,\"1\"' || u('fce2'), 'ｼｹﾝ'),
           ('=1+1', u('f5a1'), E'-\\n' || u('8fb0a4'), '');
         CREATE TABLE tbl_syskanri (kanricd text PRIMARY KEY, kanritbl varchar(500));
         INSERT INTO tbl_syskanri VALUES ('1001', u('8eb68ede'));",
    );
    succeed(server.client("pg_dump").args(["-Fc", "orca"])).stdout
}

struct Written {
    view: ScanView,
    terminal: String,
    html: String,
    csv: Vec<u8>,
    json: Vec<u8>,
    rules: String,
}

impl Written {
    fn all(&self) -> String {
        let bytes = [self.csv.as_slice(), &self.json].concat();
        let files = String::from_utf8_lossy(&bytes).into_owned();
        [&self.terminal, &self.html, &files, &self.rules].map(String::as_str).concat()
    }
}

fn written(dump: &[u8], mapping: &str, show_values: bool, lang: Lang) -> Written {
    let options = ScanOptions {
        policy: Policy::Orca,
        mapping: mapping.parse::<Mapping>().unwrap(),
        show_values,
        spool_in: std::env::temp_dir(),
    };
    let found = scan(Cursor::new(dump), Path::new("-"), &options, &Progress::default());
    let Scan { report, mut spool } = found.unwrap();
    let scanned = ScannedView {
        name: "clinic.dump".into(),
        live: false,
        database: report.database.clone(),
        encoding: report.encoding.postgres_name().into(),
        server_version: report.server_version.clone(),
        created: report.created.clone(),
        policy: report.policy.to_string(),
        mapping_rules: options.mapping.len(),
        tables: report.tables,
        rows: report.rows,
        bytes: report.bytes,
    };
    let view = ScanView::new(&report, scanned, show_values, None, lang);
    let (mut csv, mut json) = (Vec::new(), Vec::new());
    let mut all = || {
        let findings: Vec<_> = spool.findings().unwrap().map(Result::unwrap).collect();
        findings.into_iter().map(Ok)
    };
    write_csv(&mut csv, all(), &view, lang).unwrap();
    write_json(&mut json, &view, all(), lang).unwrap();
    Written {
        terminal: terminal::scan(&view, lang, false, 120),
        html: html::scan(&view, lang),
        rules: mapping_skeleton(&view, lang),
        csv,
        json,
        view,
    }
}

fn python(script: &str, input: &[u8]) -> serde_json::Value {
    use std::io::Write;
    let mut python = Command::new("python3");
    let mut child =
        python.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn csv_and_json_say_the_same_to_other_programs() {
    let dump = dump();
    let written = written(&dump, "rules: []", true, Lang::En);
    assert!(written.csv.starts_with(b"\xef\xbb\xbf"));
    let rows = python(
        "import csv, io, json, sys\ntext = sys.stdin.buffer.read().decode('utf-8-sig')\n\
         assert text.count('\\r\\n') == len(list(csv.reader(io.StringIO(text, newline=''))))\n\
         print(json.dumps(list(csv.DictReader(io.StringIO(text, newline='')))))",
        &written.csv,
    );
    let json = python("import json, sys; print(json.dumps(json.load(sys.stdin)))", &written.json);
    let (rows, findings) = (rows.as_array().unwrap(), json["findings"].as_array().unwrap());
    assert_eq!((rows.len(), findings.len()), (5, 5));
    for (row, finding) in rows.iter().zip(findings) {
        assert_eq!(row["reason code"], finding["reason"]);
        assert_eq!(row["column"], finding["column"]);
        assert_eq!(
            row["bytes"].as_str().unwrap().replace(' ', ""),
            finding["code"].as_str().unwrap()
        );
        assert_eq!(row["byte in the value"], finding["offset"].to_string());
        for (_, cell) in row.as_object().unwrap() {
            let cell = cell.as_str().unwrap();
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }
    let values: Vec<&str> = rows.iter().map(|row| row["value"].as_str().unwrap()).collect();
    assert!(
        values.contains(&"'=試験町,\"1\"[FCE2]") && values.contains(&"髙試験橋花子"),
        "{values:?}"
    );
    assert_eq!(json["summary"]["open"], 5);
    assert_eq!(json["summary"]["clean"], false);
    let readings = &findings[1]["readings"];
    assert!(
        readings.to_string().contains('髙') && readings.to_string().contains("CP51932"),
        "{readings}"
    );
}

#[test]
fn patients_are_seen_only_where_they_were_asked_for() {
    let dump = dump();
    for lang in [Lang::Ja, Lang::En] {
        let masked = written(&dump, "rules: []", false, lang);
        for canary in CANARIES {
            assert!(!masked.all().contains(canary), "{canary}");
        }
        assert!(masked.terminal.contains("ptid=*43") && masked.html.contains("ptid=*43"));
        // A text without a translation would show its id.
        assert!(!masked.all().contains("scan-") && !masked.all().contains("{ $"));
    }
    let shown = written(&dump, "rules: []", true, Lang::Ja);
    for canary in &CANARIES[..2] {
        for text in [&shown.terminal, &shown.html] {
            assert!(text.contains(canary), "{canary}");
        }
    }
}

#[test]
fn the_mapping_file_that_is_proposed_decides_what_it_says() {
    let dump = dump();
    let first = written(&dump, "rules: []", false, Lang::En);
    assert!(first.rules.parse::<Mapping>().unwrap().is_empty(), "{}", first.rules);
    // A person picks the last rule of each code and takes the hints about columns.
    let columns = first.view.column_rules.join("\n");
    let mut decided = columns.replacen("# reading", "reading", 1) + "\nrules:\n";
    for code in first.view.codes.iter().filter(|code| !code.rules.is_empty()) {
        decided += &format!("  {}\n", code.rules.last().unwrap());
        assert!(code.rules.iter().all(|rule| first.rules.contains(rule.as_str())));
    }
    let second = written(&dump, &decided, false, Lang::En);
    let left: Vec<&str> =
        second.view.codes.iter().filter(|c| c.open).map(|c| c.code.as_str()).collect();
    // A user-defined character has no reading to propose.
    assert_eq!(left.iter().filter(|code| **code != "8FB0A4").count(), 0, "{left:?}\n{decided}");
    assert!(second.view.decided > 0 && first.view.open == 5);
}

/// One file of everything that is offered: all lines about columns, and of each code the
/// `pick`-th line, or its last one.
fn taken<'a>(columns: &[String], codes: impl Iterator<Item = Vec<&'a str>>, pick: usize) -> String {
    let mut file = columns.join("\n") + "\nrules:\n";
    for lines in codes.filter(|lines| !lines.is_empty()) {
        file += &format!("{}\n", lines.get(pick).or(lines.last()).unwrap());
    }
    file
}

/// Lines of `- {code: "X", ...}` by their code, as a reader sees them: the first word in quotes.
fn by_code<'a>(
    lines: impl Iterator<Item = &'a str>,
) -> std::collections::BTreeMap<&'a str, Vec<&'a str>> {
    let mut codes = std::collections::BTreeMap::<_, Vec<_>>::new();
    for line in lines.filter(|line| line.trim_start().starts_with("- {code:")) {
        codes.entry(line.split('"').nth(1).unwrap()).or_default().push(line);
    }
    codes
}

#[test]
fn whoever_takes_every_line_that_is_offered_has_one_mapping_file() {
    for dump in [dump(), unlabelled()] {
        let offered = written(&dump, "rules: []", false, Lang::En);
        let view = &offered.view;
        // The terminal's section, up to the empty line before the next heading.
        let terminal = offered.terminal.split("For the mapping file\n").nth(1).unwrap();
        let terminal = terminal.split("\n\n").next().unwrap();
        let (columns, rules) = terminal.split_once("rules:").unwrap();
        let columns: Vec<String> = columns.lines().map(str::to_owned).collect();
        assert_eq!(columns, view.column_rules);
        for lines in by_code(rules.lines()).values() {
            assert!((1..lines.len()).all(|at| !lines[..at].contains(&lines[at])), "{lines:?}");
        }
        for pick in 0..4 {
            let pages = view.codes.iter().map(|c| c.rules.iter().map(String::as_str).collect());
            let from_html = taken(&view.column_rules, pages, pick);
            let from_terminal = taken(&columns, by_code(rules.lines()).into_values(), pick);
            let from_file =
                offered.rules.lines().map(|line| line.strip_prefix("# ").unwrap_or(line));
            let heads =
                from_file.clone().filter(|line| view.column_rules.contains(&(*line).to_owned()));
            let heads: Vec<String> = heads.map(str::to_owned).collect();
            let from_file = taken(&heads, by_code(from_file).into_values(), pick);
            for file in [from_html, from_terminal, from_file] {
                let mapping = file.parse::<Mapping>().unwrap_or_else(|e| panic!("{e}\n{file}"));
                assert!(!mapping.is_empty());
                // What is decided twice would be refused, and what is decided is not asked again.
                let again = written(&dump, &file, false, Lang::En);
                assert!(
                    again
                        .view
                        .column_rules
                        .iter()
                        .all(|l| !l.starts_with("cut") && !l.starts_with("packed")),
                    "{file}"
                );
            }
        }
        for line in &view.column_rules {
            assert!(offered.html.contains(&line.replace('"', "&quot;")), "{line}");
        }
    }
}

/// A database made by `sql` after `u(hex)`, which makes a text of bytes.
fn made(encoding: &str, sql: &str) -> Vec<u8> {
    let server = Server::start();
    server.create("orca", encoding);
    server.query(
        "orca",
        &format!(
            "CREATE FUNCTION u(text) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(decode($1, 'hex'), '{encoding}') $$; {sql}"
        ),
    );
    succeed(server.client("pg_dump").args(["-Fc", "orca"])).stdout
}

#[test]
fn nothing_that_is_printed_moves_the_cursor() {
    let dump = made(
        "UTF8",
        "CREATE TABLE \"t.\u{1b}[2J\" (\"i\u{9b}d\" text PRIMARY KEY, \"n\u{1b}]0;x\u{7}\" text, \"a.\"\"b\" text);
         INSERT INTO \"t.\u{1b}[2J\" VALUES (E'\u{9b}31m\\n\\r\u{1b}[m', u('c29b') || '髙' || u('e280ae'), u('c285c290'))",
    );
    let printable = |text: &str, also: &[char]| {
        let bad = |c: &char| (c.is_control() || *c == '\u{202e}') && !also.contains(c);
        if let Some(at) = text.find(|c| bad(&c)) {
            panic!("{:?}", text.get(at..).unwrap().chars().take(40).collect::<String>());
        }
    };
    for shown in [true, false] {
        let written = written(&dump, "rules: []", shown, Lang::Ja);
        assert!(written.view.open >= 5, "{}", written.view.open);
        printable(&written.terminal, &['\n']);
        printable(std::str::from_utf8(&written.csv).unwrap(), &['\n', '\r', '\t', '\u{feff}']);
        printable(&written.rules, &['\n']);
        let html = written.html.replace('\u{202e}', "");
        printable(&html, &['\n', '\t']);
        let json = std::str::from_utf8(&written.json).unwrap().replace('\u{202e}', "");
        printable(&json, &['\n']);
        let read =
            python("import json, sys; print(json.dumps(json.load(sys.stdin)))", &written.json);
        let findings = read["findings"].as_array().unwrap();
        assert!(findings.iter().any(|finding| finding["table"] == "t.\u{1b}[2J"), "{read}");
        assert!(written.terminal.contains("□ U+009B Unicode"), "{}", written.terminal);
        assert!(
            !shown || written.csv.windows(6).any(|w| w == "□31m\n".as_bytes().get(..6).unwrap())
        );
    }
}

#[test]
fn names_of_any_kind_are_offered_so_that_they_are_found_again() {
    let dump = made(
        "SQL_ASCII",
        "CREATE TABLE \"a.b\" (\"x \"\"y: #\" text, \"\u{1b}\" text, \"漢字\" text);
         INSERT INTO \"a.b\" SELECT u(v), u(v), u(v) FROM (VALUES ('b4c1bbfab0fe'), ('a4a2')) AS v(v);",
    );
    let first = written(&dump, "rules: []", false, Lang::En);
    assert_eq!(first.view.column_rules.len(), 4, "{:?}", first.view.column_rules);
    assert!(first.terminal.contains("\"a.b\".漢字"), "{}", first.terminal);
    let second = written(&dump, &first.view.column_rules.join("\n"), false, Lang::En);
    assert!(second.view.clean && second.view.unknown_places.is_empty(), "{}", second.terminal);
}

#[test]
fn names_without_a_sure_encoding_stay_apart() {
    let server = Server::start();
    server.create("orca", "SQL_ASCII");
    let script = tempfile::NamedTempFile::new().unwrap();
    let sql = [
        b"CREATE TABLE t (\"\xa4\xa2\" text, \"\xa4\xa4\" text); INSERT INTO t VALUES ('"
            .as_slice(),
        b"\xff', '\xfe');",
    ];
    std::fs::write(script.path(), sql.concat()).unwrap();
    let mut psql = server.client("psql");
    succeed(psql.args(["-qX", "-v", "ON_ERROR_STOP=1", "-d", "orca", "-f"]).arg(script.path()));
    let dump = succeed(server.client("pg_dump").args(["-Fc", "orca"])).stdout;
    let found = written(&dump, "rules: []", false, Lang::En);
    let names: Vec<&str> = found.view.columns.iter().map(|column| column.name.as_str()).collect();
    for name in ["public.t.\u{fffd}A4\u{fffd}A2", "public.t.\u{fffd}A4\u{fffd}A4"] {
        assert!(names.contains(&name), "{names:?}");
        // A person can speak of such a column by the name that was shown.
        let mapping = format!("encodings: [{{encoding: euc-jp, columns: ['{name}']}}]");
        assert!(written(&dump, &mapping, false, Lang::En).view.unknown_places.is_empty());
    }
}

#[test]
fn what_is_open_is_shown_before_what_is_decided() {
    let dump = made(
        "EUC_JP",
        "CREATE TABLE a (id text PRIMARY KEY, v text);
         INSERT INTO a SELECT '10000' || n, u('8ff4fb') FROM generate_series(1, 1500) n;
         CREATE TABLE b (id text PRIMARY KEY, v text); INSERT INTO b VALUES ('7777742', u('fce2')), ('7777743', u('8fa2b7'));",
    );
    let mapping = "rules: [{code: 8FF4FB, to: U+9AD8, lossy: true}]";
    let found = written(&dump, mapping, false, Lang::En);
    assert_eq!((found.view.open, found.view.decided), (2, 1500));
    for text in [&found.terminal, &found.html] {
        assert!(text.contains("id=*42") && text.contains("id=*43"), "{text}");
        assert!(text.contains("for example public.b.v id=*42 #1"), "{text}");
    }
    // Without a decision 1,500 places of one code must not hide those of another.
    let found = written(&dump, "rules: []", false, Lang::En);
    for text in [&found.terminal, &found.html] {
        assert!(text.contains("id=*42"), "{text}");
    }
    // No reading is known of 8FA2B7; it is not user-defined for that, and no font tells its shape.
    let code = found.view.codes.iter().find(|code| code.code == "8FA2B7").unwrap();
    assert!(!code.suggestion.contains("font"), "{}", code.suggestion);
}

#[test]
fn a_name_that_the_database_does_not_have_is_a_notice_everywhere() {
    let dump = dump();
    let mapping = "cut_characters: geta
rules:
- {code: F5A1, to: U+9AD8, columns: [tbl_ptinf.nmae, tbl_ptinf.name]}
- {code: FCE2, to: U+9AD8, tables: [tbl_ptimf]}";
    let found = written(&dump, mapping, false, Lang::En);
    let lines: Vec<_> =
        found.view.unknown_places.iter().map(|p| (p.line, p.name.as_str())).collect();
    assert_eq!(lines, [(3, "tbl_ptinf.nmae"), (4, "tbl_ptimf")]);
    for text in [&found.terminal, &found.html, &String::from_utf8(found.json.clone()).unwrap()] {
        assert!(text.contains("tbl_ptinf.nmae") && text.contains("tbl_ptimf"), "{text}");
    }
    let out = tempfile::tempdir().unwrap();
    let convert = |mapping: &str| {
        let mapping = mapping.parse().unwrap();
        let options = crate::archive::ConvertOptions { mapping, ..Default::default() };
        let out = out.path().join("x");
        crate::archive::convert(Cursor::new(&dump), &out, &options, &Progress::default())
    };
    // A conversion that stops says it, since that may be why; one that does not says it, too.
    let Err(crate::archive::ArchiveError::Unconvertible(stopped)) = convert(mapping) else {
        panic!("converted")
    };
    assert_eq!(stopped.unknown_places, found.view.unknown_places);
    let all = "packed_columns: {tbl_syskanri.kanritbl: apart, x.y: join}
reading: eucjp-ms
rules: [{code: F5A1, to: U+9AD8}, {code: FCE2, to: U+9AD8}, {code: 8FB0A4, to: U+9AD8}, {code: U+9AD9, to: U+9AD8}]";
    let report = convert(all).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(report.unknown_places.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["x.y"]);
}

#[test]
fn a_number_that_is_not_counted_to_its_end_says_so() {
    let dump = made(
        "EUC_JP",
        "DO $$ BEGIN EXECUTE (SELECT 'CREATE TABLE w (id int PRIMARY KEY, ' || string_agg('c' || n || \
         ' text DEFAULT u(''8ff4fb'')', ',') || ')' FROM generate_series(1, 300) n); END $$; \
         INSERT INTO w VALUES (1);",
    );
    let mut found = written(&dump, "reading: jis-x-0213", false, Lang::En);
    assert!(found.view.clean);
    found = written(&dump, "half_width_kana: keep", false, Lang::En);
    for text in [&found.terminal, &found.html] {
        assert!(text.contains("columns: 256+"), "{text}");
        assert!(text.contains("orca (1 decisions in the mapping file)"), "{text}");
    }
    found.view.uncounted = 12_345;
    for text in
        [terminal::scan(&found.view, Lang::En, false, 200), html::scan(&found.view, Lang::En)]
    {
        assert!(
            text.contains("12,345 more findings") && text.contains("Different codes: 1+"),
            "{text}"
        );
    }
}
