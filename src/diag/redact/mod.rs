//! Redaction: text from outside (PostgreSQL's messages, import logs, pages) is taken apart and
//! only what an allow-list knows to be harmless is put together again.
//!
//! ```text
//! bytes ─ excerpt (head and tail, bounded) ─ line (program, severity, SQLSTATE)
//!       ─ template (a known message with its slots) ─ slot (kept where it looks harmless)
//! ```
//! A line that no template knows shows only its length. This room must not keep anything because
//! it does not look like a patient's name: things are kept because they are known.

mod excerpt;
mod line;
mod messages;
mod slot;
mod template;
mod words;

use std::fmt;
use std::io::{self, BufRead};

use serde::{Deserialize, Serialize};

use excerpt::Excerpt;
use line::{Reader, Seen};

/// Text that has gone through this module. There is no other way to make one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Redacted(String);

impl Redacted {
    /// Text that this program put together itself of codes, ids, counts and problems that were
    /// made for the outside. Never give it text that came from elsewhere.
    pub(crate) fn composed(text: String) -> Self {
        Self(text)
    }

    /// The harmless text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True where nothing is left, or nothing was there.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Messages of PostgreSQL's programs and server: keeps severity, SQLSTATE, class of the message,
/// table and column names, line numbers and byte sequences; every value is masked.
pub fn postgres_text(raw: &str) -> Redacted {
    let mut excerpt = Excerpt::default();
    for line in raw.as_bytes().split(|byte| *byte == b'\n') {
        excerpt.push(line);
    }
    redact(&excerpt)
}

/// Like [`postgres_text`] for a log of any length: memory stays bounded, the head and the tail
/// are kept, and a note says how much was left out between them.
///
/// # Errors
/// Where the log cannot be read.
pub fn postgres_reader(log: impl BufRead) -> io::Result<Redacted> {
    Ok(redact(&Excerpt::read(log)?))
}

fn redact(excerpt: &Excerpt) -> Redacted {
    let mut page = Page::default();
    let mut reader = Reader::new();
    for line in excerpt.head() {
        page.add(reader.read(&String::from_utf8_lossy(line)));
    }
    if let Some((lines, bytes)) = excerpt.left_out() {
        page.note(&format!("[{lines} lines left out: {bytes} bytes]"));
        // The tail may begin in the middle of a value.
        reader = Reader::within_a_value();
    }
    for line in excerpt.tail() {
        page.add(reader.read(&String::from_utf8_lossy(line)));
    }
    Redacted(page.finish())
}

/// The lines put together again; a run of masked lines becomes one note.
#[derive(Default)]
struct Page {
    text: String,
    masked_lines: u64,
    masked_characters: u64,
}

impl Page {
    fn add(&mut self, line: Seen) {
        match line {
            Seen::Known(text) => self.note(&text),
            Seen::Masked { characters } => {
                self.masked_lines = self.masked_lines.saturating_add(1);
                self.masked_characters = self.masked_characters.saturating_add(characters);
            }
            Seen::Blank => {}
        }
    }

    fn note(&mut self, line: &str) {
        self.close_run();
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn close_run(&mut self) {
        let characters = self.masked_characters;
        match self.masked_lines {
            0 => {}
            1 => self.text.push_str(&format!("[line masked: {characters} characters]\n")),
            lines => {
                self.text.push_str(&format!("[{lines} lines masked: {characters} characters]\n"));
            }
        }
        self.masked_lines = 0;
        self.masked_characters = 0;
    }

    fn finish(mut self) -> String {
        self.close_run();
        self.text.truncate(self.text.trim_end().len());
        self.text
    }
}

#[cfg(test)]
mod tests;
