//! What a database holds, made safe to print: a terminal would obey its control characters.
//!
//! Every text of a view goes through here on its way to a terminal or a spreadsheet. JSON and
//! HTML have their own ways of writing such characters.

use super::advice::ReadingView;
use super::view::{
    CodeView, ColumnView, EvidenceView, FindingView, ReasonView, ScanView, ScannedView,
};

/// What stands for a character that cannot be shown.
pub(super) const BOX: char = '□';

/// A text as one line.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { shown(c) }).collect()
}

/// A text that may have several lines.
pub fn printable_lines(text: &str) -> String {
    let keep = |c| matches!(c, '\n' | '\t');
    text.chars()
        .map(|c| {
            if keep(c) {
                c
            } else if c == '\r' {
                ' '
            } else {
                shown(c)
            }
        })
        .collect()
}

fn shown(c: char) -> char {
    if is_obeyed(c) { BOX } else { c }
}

/// True for what a terminal obeys instead of showing it: controls, and marks that turn the
/// direction of what follows.
pub(super) fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl ScanView {
    /// The view with every text as one line that can be printed.
    pub(in crate::report) fn printable(&self) -> Self {
        let mut view = self.clone();
        view.each_text(&mut |text| *text = printable(text));
        view
    }

    // Every field is named, so that a new one cannot be forgotten.
    fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        let Self {
            scanned,
            clean: _,
            open: _,
            decided: _,
            joined: _,
            definitions: _,
            open_codes: _,
            reasons,
            codes,
            uncounted: _,
            columns,
            evidence,
            column_rules,
            unknown_places,
            keys_not_held,
            rules,
            values_shown: _,
            listed,
            encoding: _,
            all_in,
        } = self;
        scanned.each_text(change);
        reasons.iter_mut().for_each(|ReasonView { meaning, .. }| change(meaning));
        codes.iter_mut().for_each(|code| code.each_text(change));
        columns.iter_mut().for_each(|ColumnView { name, .. }| change(name));
        for EvidenceView { name, evidence: _, verdict: _, meaning } in evidence {
            [name, meaning].into_iter().for_each(&mut *change);
        }
        column_rules.iter_mut().for_each(&mut *change);
        unknown_places.iter_mut().for_each(|place| change(&mut place.name));
        keys_not_held.iter_mut().for_each(&mut *change);
        rules.iter_mut().for_each(|rule| change(&mut rule.rule));
        listed.iter_mut().for_each(|finding| finding.each_text(change));
        all_in.iter_mut().for_each(change);
    }
}

impl ScannedView {
    fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        let Self {
            name,
            live: _,
            database,
            encoding,
            server_version,
            created,
            policy,
            mapping_rules: _,
            tables: _,
            rows: _,
            bytes: _,
        } = self;
        let texts = [name, database, encoding, server_version, created, policy];
        texts.into_iter().for_each(change);
    }
}

impl CodeView {
    fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        let Self {
            reason: _,
            meaning,
            open: _,
            code,
            bytes,
            character,
            readings,
            count: _,
            tables: _,
            columns: _,
            more_columns: _,
            named_columns,
            first,
            suggestion,
            rules,
            ruled,
        } = self;
        [meaning, code, bytes, suggestion, ruled].into_iter().for_each(&mut *change);
        character.iter_mut().chain(named_columns).chain(rules).for_each(&mut *change);
        readings.iter_mut().for_each(|reading| reading.each_text(change));
        first.iter_mut().for_each(|finding| finding.each_text(change));
    }
}

impl FindingView {
    /// The finding for a cell of a spreadsheet, where a value may have several lines.
    pub(super) fn printable_lines(mut self) -> Self {
        self.each_text(&mut |text| *text = printable_lines(text));
        self
    }

    fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        let Self {
            reason: _,
            schema,
            table,
            column,
            key,
            row: _,
            offset: _,
            code,
            readings,
            suggestion,
            value,
            meaning,
            bytes,
        } = self;
        let texts = [schema, table, column, key, code, suggestion, meaning, bytes];
        texts.into_iter().chain(value).for_each(&mut *change);
        readings.iter_mut().for_each(|reading| reading.each_text(change));
    }
}

impl ReadingView {
    fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        let Self { standard, text, points } = self;
        [standard, text, points].into_iter().for_each(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        for c in (0..0x11_0000).filter_map(char::from_u32) {
            let text = printable(&format!("髙{c}"));
            assert!(!text.chars().any(|c| c.is_control()), "{:x}", c as u32);
            assert_eq!(text.chars().count(), 2);
        }
        assert_eq!(printable("a\u{9b}2J\u{1b}[0m\r\nb\u{202e}"), "a□2J□[0m  b□");
        assert_eq!(printable_lines("a\tb\r\nc\u{9b}"), "a\tb \nc□");
    }
}
