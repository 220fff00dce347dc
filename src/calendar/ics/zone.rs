//! What a TZID means: a name of the IANA database, a definition in the file, a name of Windows.

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use super::definition::Definition;
use super::report::Report;
use super::rule::Budget;
use super::tree::Block;
use super::windows_zones;
use crate::clock::Jst;

/// A zone that an event's time stands in.
#[derive(Clone, Debug)]
pub(super) enum Zone {
    Named(Tz),
    Defined(Rc<Definition>),
}

impl Zone {
    /// The moment at which a clock of the zone shows `wall`: the first one where it does so twice;
    /// where it never does, as if the clock had not been moved yet (RFC 5545, 3.3.5).
    pub(super) fn moment(&self, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
        let offset = match self {
            Self::Named(zone) => match zone.from_local_datetime(&wall) {
                MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => {
                    return Some(at.to_utc());
                }
                MappedLocalTime::None => {
                    GapInfo::new(&wall, zone)?.begin?.1.fix().local_minus_utc()
                }
            },
            Self::Defined(definition) => definition.offset(wall),
        };
        Some(wall.checked_sub_signed(TimeDelta::seconds(i64::from(offset)))?.and_utc())
    }
}

/// The zones that a calendar defines.
pub(super) struct Zones(BTreeMap<String, Rc<Definition>>);

impl Zones {
    /// Reads every VTIMEZONE; one that is not understood leaves a finding.
    pub(super) fn read(
        report: &mut Report<'_>,
        calendar: &Block,
        budget: &mut Budget,
        until: Jst,
    ) -> Self {
        let mut zones = BTreeMap::new();
        for block in calendar.blocks.iter().filter(|block| block.name == "VTIMEZONE") {
            let id = block.one(report, "TZID").map(|property| property.value.clone());
            match id.zip(Definition::read(block, budget, until)) {
                Some((id, definition)) => {
                    zones.entry(id).or_insert_with(|| Rc::new(definition));
                }
                None => report.error("calendar-ics-zone-definition", block.span.clone(), vec![]),
            }
        }
        Self(zones)
    }

    /// The zone of that name. The IANA database comes first: definitions in files are often
    /// copies of it that have aged. A path before an IANA name is how some programs mark their
    /// own copies.
    pub(super) fn find(&self, id: &str) -> Option<Zone> {
        if let Ok(zone) = id.parse::<Tz>() {
            return Some(Zone::Named(zone));
        }
        if let Some(definition) = self.0.get(id) {
            return Some(Zone::Defined(Rc::clone(definition)));
        }
        windows_zones::find(id).or_else(|| behind_path(id)).map(Zone::Named)
    }
}

/// `/mozilla.org/20050126_1/Asia/Tokyo` and its like.
fn behind_path(id: &str) -> Option<Tz> {
    let path = id.strip_prefix('/')?;
    path.match_indices('/').find_map(|(at, _)| path.get(at + 1..)?.parse().ok())
}
