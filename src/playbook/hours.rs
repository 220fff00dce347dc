//! When a clinic is open, as its file writes it: `mon: 09:00-18:30`.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Days of the week from Monday, as the clinic file writes them.
pub(super) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const FORM: &str = "%H:%M";
const HOLIDAYS: &str = "holidays";
const OPEN: &str = "open";

/// When the clinic is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// From and to, by day of the week from Monday; `None` where it is closed all day.
    pub days: [Option<(NaiveTime, NaiveTime)>; 7],
    /// True where national holidays are days like others.
    pub open_on_holidays: bool,
}

impl Hours {
    /// From and to on `day`; `holiday` says whether it is one.
    pub fn on(&self, day: NaiveDate, holiday: bool) -> Option<(NaiveTime, NaiveTime)> {
        if holiday && !self.open_on_holidays {
            return None;
        }
        let index = usize::try_from(day.weekday().num_days_from_monday()).ok()?;
        self.days.get(index).copied().flatten()
    }
}

/// `09:00-18:30` as two times, the first before the second.
pub(super) fn span(text: &str) -> Option<(NaiveTime, NaiveTime)> {
    let (open, close) = text.split_once('-')?;
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), FORM).ok();
    Some((time(open)?, time(close)?)).filter(|(open, close)| open < close)
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map: Vec<(&str, String)> = DAYS
            .iter()
            .zip(&self.days)
            .filter_map(|(day, span)| {
                let (open, close) = (*span)?;
                Some((*day, format!("{}-{}", open.format(FORM), close.format(FORM))))
            })
            .collect();
        if self.open_on_holidays {
            map.push((HOLIDAYS, OPEN.to_owned()));
        }
        serializer.collect_map(map)
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = BTreeMap::<String, String>::deserialize(deserializer)?;
        let mut hours = Self { days: [None; 7], open_on_holidays: false };
        for (day, name) in hours.days.iter_mut().zip(DAYS) {
            if let Some(text) = map.get(name) {
                *day = Some(span(text).ok_or_else(|| D::Error::custom("no hours"))?);
            }
        }
        hours.open_on_holidays = map.get(HOLIDAYS).is_some_and(|word| word == OPEN);
        Ok(hours)
    }
}
