//! The doors through which fuzzing comes to readers: bytes in; an error is an answer, a panic or
//! a hang is not. The product's own tests replay through the same doors what was once found.

use std::path::Path;

use crate::calendar::{self, SourceReading};
use crate::diag::{Findings, SourceText};
use crate::i18n::Lang;
use crate::ids::RunId;
use crate::journal::ledger::{Ledger, LedgerEvent};
use crate::journal::{ChainHash, Event, Record, Row, next};
use crate::portal::html;
use crate::secret::SecretRef;

/// A fitting partner for a file that is read together with another.
const CLINIC: &str = include_str!("../../examples/clinic.yaml");

/// Labels that the site's pages are searched for.
const WORDS: [&str; 8] = [
    "DBインポート",
    "DBダンプ",
    "ダンプ実行",
    "実行",
    "ダンプファイル",
    "ログインID",
    "ORCAMO ID",
    "削除",
];

/// What a user would be told about a text must be printable as well.
fn told<T>(result: Result<T, Findings>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(findings) => {
            assert!(!findings.0.is_empty(), "refused without a reason");
            for finding in findings.0.iter().take(3) {
                let _ = finding.render(Lang::Ja, false);
                let _ = finding.view(Lang::En);
            }
            None
        }
    }
}

fn source(name: &str, data: &[u8]) -> SourceText {
    SourceText { name: name.to_owned(), text: String::from_utf8_lossy(data).into_owned().into() }
}

/// A playbook, for the sample clinic.
pub fn steps(data: &[u8]) {
    let clinic = source("clinic.yaml", CLINIC.as_bytes());
    told(crate::playbook::load(&source("playbook.yaml", data), &clinic));
}

/// A clinic file.
pub fn clinic(data: &[u8]) {
    told(crate::playbook::load_clinic(&source("clinic.yaml", data)));
}

/// A file of maintenance windows.
pub fn maintenance(data: &[u8]) {
    told(SourceReading::parse(&source("maintenance.yaml", data)));
}

/// An announcement of maintenance.
pub fn notice(data: &[u8]) {
    let Some(read_on) = chrono::NaiveDate::from_ymd_opt(2026, 4, 1) else { return };
    let notice = calendar::notice::parse(&String::from_utf8_lossy(data), read_on);
    for window in &notice.windows {
        assert!(window.from <= window.to, "a window that ends before it begins");
    }
}

/// An iCalendar file.
pub fn ics(data: &[u8]) {
    let at = |day| {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 4, day)?.and_hms_opt(10, 0, 0)?;
        Some(crate::clock::to_jst(day.and_utc()))
    };
    let (Some(from), Some(until)) = (at(1), at(30)) else { return };
    if let Some(reading) = told(calendar::ics::read(&source("a.ics", data), from, until)) {
        for window in &reading.windows {
            assert!(window.from <= window.to, "a window that ends before it begins");
        }
    }
}

/// A page of the management site.
pub fn page(data: &[u8]) {
    let page = html::read(&String::from_utf8_lossy(data));
    for word in WORDS {
        let words = [word.to_owned()];
        let _ = page.control(&words);
        let _ = page.fact(&words);
        let _ = page.heading(&words);
        if let Ok((form, field)) = page.field(&words) {
            // What a search gives is there.
            assert!(page.forms[form].fields.len() > field);
        }
    }
    for form in &page.forms {
        let pairs = form.successful(None);
        let _ = form.with_csrf(pairs, page.csrf.as_ref());
    }
    for row in page.tables.iter().flat_map(|table| &table.rows) {
        for control in &row.controls {
            assert!(page.controls.len() > *control, "a row's control is the page's");
        }
        let _ = page.control_in(row, &["削除".to_owned()]);
    }
    let _ = page.seen();
}

/// A journal: lines of `seq TAB time TAB event TAB hash` as they are stored, or events alone,
/// which are bound and folded as far as they may follow one another.
pub fn journal_rows(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let run = RunId::from("0197f0a8-0000-7000-8000-000000000001");
    let rows: Vec<Row> = text.lines().filter_map(stored).collect();
    let seed = || (0, ChainHash::seed(&run));
    if let Ok(records) = Record::<Event>::read_all(&rows, seed()) {
        fold(&records);
    }
    let _ = Record::<LedgerEvent>::read_all(&rows, seed());
    let (mut state, mut ledger) = (None, Ledger::default());
    let (mut seq, mut head) = (0, ChainHash::seed(&run));
    let at = crate::clock::to_jst(chrono::DateTime::UNIX_EPOCH);
    for line in text.lines() {
        if let Ok(event) = serde_json::from_str::<Event>(line)
            && let Ok((record, row)) = Record::bind(seq + 1, at, event, &head)
        {
            // What was written is read back as the same.
            let back = Record::<Event>::read(&row, (seq, &head));
            assert_eq!(back.ok().as_ref(), Some(&record));
            if let Ok(after) = next(state.clone(), &record) {
                (seq, head) = (record.seq, record.hash);
                state = Some(after);
            }
        }
        if let Ok(event) = serde_json::from_str::<LedgerEvent>(line) {
            let before = ledger.head.clone().unwrap_or_else(|| ChainHash::seed(&run));
            let Ok((record, _)) = Record::bind(ledger.seq + 1, at, event, &before) else {
                continue;
            };
            if let Ok(after) = ledger.clone().next(&record) {
                ledger = after;
            }
        }
    }
}

fn stored(line: &str) -> Option<Row> {
    let mut parts = line.splitn(4, '\t');
    Some(Row {
        seq: parts.next()?.parse().ok()?,
        at: parts.next()?.to_owned(),
        json: parts.next()?.to_owned(),
        hash: parts.next()?.to_owned(),
    })
}

fn fold(records: &[Record]) {
    let mut state = None;
    for record in records {
        match next(state.take(), record) {
            Ok(after) => state = Some(after),
            Err(_) => return,
        }
    }
}

/// A password file, or one with a log-in.
pub fn pass(data: &[u8], folder: &Path) {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    let path = folder.join("pass");
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(data));
    assert!(file.is_ok(), "room for a file");
    if let Ok(secret) = SecretRef::in_file(&path).read() {
        use crate::secret::ExposeSecret;
        assert_eq!(secret.expose_secret().as_bytes(), data, "a secret is what the file holds");
    }
}
