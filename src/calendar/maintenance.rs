//! The maintenance calendar: what the cloud's operator has announced, by the sources it is known
//! from, and the file that people keep.

use crate::clock::{Jst, show};
use crate::diag::{Findings, SourceText};
use crate::yaml::{self, Codes, Node, Reader, file_codes};

/// Version of the file's form.
const FORMAT: u32 = 1;
/// Most windows of one file: years of notices; a larger file was made by mistake.
const MAX_WINDOWS: usize = 2_000;

/// Findings that any file can have, in this room's name.
static FILE: Codes = file_codes!("calendar");

/// A span of time, half-open: `from` is inside, `to` is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first moment.
    pub from: Jst,
    /// The first moment after it.
    pub to: Jst,
    /// What is announced.
    pub title: String,
}

impl Window {
    /// True where the two share a moment or meet in one. Announced times are rounded, so windows
    /// that only meet are too near as well.
    pub fn touches(&self, start: &Jst, end: &Jst) -> bool {
        self.from <= *end && *start <= self.to
    }
}

/// How a reading came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadBy {
    /// By people: files they keep, announcements they confirmed. The newest of these readings
    /// tells how fresh all of them are, because whoever reads the notices reads them all.
    People,
    /// By the program, again and again: each must be fresh by itself.
    Program,
}

/// What was read from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceReading {
    /// By people or by the program.
    pub by: ReadBy,
    /// Where the notices were read.
    pub source: String,
    /// When they were read; `None` where that has not happened yet.
    pub read_at: Option<Jst>,
    /// Who read them.
    pub read_by: String,
    /// The windows, by their beginning.
    pub windows: Vec<Window>,
}

/// Everything that is known about the cloud's maintenance, by its sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintenance {
    /// The sources.
    pub readings: Vec<SourceReading>,
}

impl Maintenance {
    /// Every window with the source it is known from.
    pub fn windows(&self) -> impl Iterator<Item = (&SourceReading, &Window)> {
        self.readings
            .iter()
            .flat_map(|reading| reading.windows.iter().map(move |window| (reading, window)))
    }

    /// The source that was read longest ago, as freshness counts it; `None` where there is no
    /// source at all.
    pub fn oldest(&self) -> Option<&SourceReading> {
        let people = self.readings.iter().filter(|reading| reading.by == ReadBy::People);
        let newest_of_people = people.max_by_key(|reading| reading.read_at);
        let feeds = self.readings.iter().filter(|reading| reading.by == ReadBy::Program);
        feeds.chain(newest_of_people).min_by_key(|reading| reading.read_at)
    }
}

impl SourceReading {
    /// Reads a maintenance file that people keep.
    ///
    /// # Errors
    /// Everything that is wrong in it.
    pub fn parse(source: &SourceText) -> Result<Self, Findings> {
        let mut reader = Reader::new(source, &FILE);
        let tree = yaml::parse(&mut reader);
        let reading = tree.as_ref().and_then(|root| read(&mut reader, root));
        match reading {
            Some(reading) if reader.is_clean() => Ok(reading),
            _ => Err(reader.finish()),
        }
    }
}

fn read(reader: &mut Reader, root: &Node) -> Option<SourceReading> {
    let mut fields = reader.fields(root)?;
    let format = fields.required(reader, "format");
    format.and_then(|node| reader.format(node, FORMAT));
    let source = fields.required(reader, "source").and_then(|node| reader.filled_text(node));
    let read_at = fields.required(reader, "read_at").and_then(|node| reader.time(node));
    let read_by = fields.required(reader, "read_by").and_then(|node| reader.filled_text(node));
    let windows = fields.required(reader, "windows").and_then(|node| windows(reader, node));
    fields.finish(reader);
    let mut windows = windows?;
    windows.sort_by_key(|window| window.from);
    Some(SourceReading {
        by: ReadBy::People,
        source: source?,
        read_at: Some(read_at?),
        read_by: read_by?,
        windows,
    })
}

fn windows(reader: &mut Reader, node: &Node) -> Option<Vec<Window>> {
    let items = reader.list(node)?;
    if let Some(item) = items.get(MAX_WINDOWS) {
        let args = vec![("limit", MAX_WINDOWS.to_string())];
        reader.report("calendar-too-many-windows", item.span.clone(), args);
        return None;
    }
    let windows: Vec<_> = items.iter().map(|item| window(reader, item)).collect();
    windows.into_iter().collect()
}

fn window(reader: &mut Reader, node: &Node) -> Option<Window> {
    let mut fields = reader.fields(node)?;
    let from = fields.required(reader, "from").and_then(|node| reader.time(node));
    let to_node = fields.required(reader, "to");
    let to = to_node.and_then(|node| reader.time(node));
    let title = fields.required(reader, "title").and_then(|node| reader.filled_text(node));
    fields.finish(reader);
    let window = Window { from: from?, to: to?, title: title? };
    if window.from >= window.to {
        let args = vec![("from", show(&window.from)), ("to", show(&window.to))];
        let span = to_node.map_or_else(|| node.span.clone(), |node| node.span.clone());
        reader.report("calendar-window-backwards", span, args);
        return None;
    }
    Some(window)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{self, Lang};

    const SAMPLE: &str = include_str!("../../examples/maintenance.yaml");

    fn parse(text: &str) -> Result<SourceReading, Findings> {
        SourceReading::parse(&SourceText { name: "maintenance.yaml".to_owned(), text: text.into() })
    }

    #[test]
    fn the_sample_calendar_leaves_the_sample_night_free() {
        let maintenance = parse(SAMPLE).unwrap();
        assert_eq!(maintenance.windows.len(), 3);
        let at = |text| crate::clock::to_jst(chrono::DateTime::parse_from_rfc3339(text).unwrap());
        let (start, end) = (at("2027-01-21T19:00:00+09:00"), at("2027-01-22T01:00:00+09:00"));
        assert!(!maintenance.windows.iter().any(|window| window.touches(&start, &end)));
    }

    #[test]
    fn mistakes_are_found_in_this_rooms_name() {
        for (old, new, code) in [
            ("format: 1", "format: 3", "calendar-format"),
            ("read_by: 見本 太郎", "redd_by: 見本 太郎", "calendar-unknown-key"),
            ("2027-01-10T05:00:00+09:00", "2027-01-10T05:00:00", "calendar-time-without-offset"),
            ("2027-01-10T05:00:00+09:00", "2027-01-09T05:00:00+09:00", "calendar-window-backwards"),
            // A window of no length.
            ("2027-01-10T05:00:00+09:00", "2027-01-09T22:00:00+09:00", "calendar-window-backwards"),
            ("windows:", "windows: {", "calendar-syntax"),
        ] {
            let findings = parse(&SAMPLE.replacen(old, new, 1)).unwrap_err();
            let hit = findings.0.iter().find(|finding| finding.code == code);
            let view = serde_json::to_value(hit.unwrap().view(Lang::Ja)).unwrap();
            let message = view["message"].as_str().unwrap();
            assert!(!message.contains("playbook-") && !message.contains('{'), "{message}");
            assert!(view["hint"].is_string(), "{code}");
        }
    }

    #[test]
    fn every_file_code_has_its_texts() {
        let file = format!("{FILE:?}");
        for code in file.split('"').filter(|piece| piece.starts_with("calendar-")) {
            for lang in [Lang::Ja, Lang::En] {
                assert!(i18n::find(lang, code, &[]).is_some(), "{code} in {lang:?}");
            }
        }
    }
}
