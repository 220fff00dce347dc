//! What a cell holds, and how it looks.

use chrono::{Datelike, Timelike};
use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, FormatBorder};

use super::SheetError;
use crate::clock::Jst;
use crate::plan::Verdict;

/// Most characters of a cell.
const MOST_CHARACTERS: usize = 32_767;

/// A cell's value.
pub(super) enum Cell {
    Text(String),
    /// A text of fixed width: a hash, a command.
    Code(String),
    /// A time of the clinic's zone.
    Time(Jst),
    /// A duration in seconds.
    Duration(u64),
    /// A verdict's word in its colour; the word says it all.
    Verdict(Verdict, String),
    /// Room for what people write.
    Empty,
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// The looks of the workbook's cells.
pub(super) struct Looks {
    pub(super) head: Format,
    pub(super) text: Format,
    pub(super) code: Format,
    pub(super) time: Format,
    pub(super) duration: Format,
    pub(super) title: Format,
    pub(super) phase: Format,
}

impl Looks {
    /// `is_rehearsal`: each time carries the rehearsal's mark.
    pub(super) fn new(is_rehearsal: bool) -> Self {
        let cell = || {
            Format::new()
                .set_font_name("Yu Gothic")
                .set_font_size(10)
                .set_border(FormatBorder::Thin)
                .set_border_color(Color::RGB(0x00CF_D6DD))
                .set_align(FormatAlign::Top)
        };
        let tint = Color::RGB(0x00F3_F6F8);
        let mark = if is_rehearsal { "\" [R]\"" } else { "" };
        Self {
            head: cell().set_bold().set_background_color(tint).set_text_wrap(),
            text: cell().set_text_wrap(),
            code: cell().set_text_wrap().set_font_name("Consolas"),
            time: cell().set_num_format(format!("yyyy-mm-dd hh:mm:ss{mark}")),
            duration: cell().set_num_format("[h]:mm:ss"),
            title: Format::new().set_font_name("Yu Gothic").set_bold().set_font_size(14),
            phase: cell().set_bold().set_background_color(tint),
        }
    }

    pub(super) fn verdict(&self, verdict: Verdict) -> Format {
        let colour = match verdict {
            Verdict::Ok => 0x0017_663A,
            Verdict::Later | Verdict::Unknown => 0x001F_5D86,
            Verdict::Warn => 0x008A_5A00,
            Verdict::Block => 0x00A6_1B1B,
        };
        self.text.clone().set_bold().set_font_color(Color::RGB(colour))
    }
}

/// A text that a cell can hold.
pub(super) fn fitting(text: &str) -> String {
    text.chars().take(MOST_CHARACTERS).collect()
}

/// The clinic's time, as a sheet counts days.
pub(super) fn time(at: &Jst) -> Result<ExcelDateTime, SheetError> {
    let local = at.naive_local();
    let year = u16::try_from(local.year()).unwrap_or(u16::MAX);
    let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
    let day = ExcelDateTime::from_ymd(year, small(local.month()), small(local.day()))?;
    let hour = u16::try_from(local.hour()).unwrap_or(u16::MAX);
    Ok(day.and_hms(hour, small(local.minute()), small(local.second()))?)
}
