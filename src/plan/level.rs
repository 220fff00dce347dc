//! The level with which dump and upload together end soonest. Pure.
//!
//! The dump is compressed while the server gives it, and is sent once it is complete and read
//! through: what one level costs more in the dump, it must win back on the line. On two cores
//! every level keeps up with the server, so that mostly the size decides.

use serde::{Deserialize, Serialize};

/// The level where the line's rate is not known: pg_dump's own.
pub const USUAL_LEVEL: u32 = 6;

/// Nanoseconds in which one server process gives 1,000 bytes of table data to a bare
/// `pg_dump -Fc -Z0 >/dev/null`, however fast they are taken: 1.56 GB in 16.2 s.
const SERVER_NS: u64 = 10_400;

/// Nanoseconds that `pg_dump` itself works on them: 1.3 s for 365 MB.
const PG_DUMP_NS: u64 = 3_600;

/// Smallest upload whose rate is believed. Less fits into the buffers of both ends, and would
/// tell of the memory's speed.
pub const MIN_MEASURED_BYTES: u64 = 8_000_000;

/// How fast the line to the management site sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadRateFacts {
    /// Bytes a second.
    pub bytes_per_sec: u64,
    /// True where an import's upload was measured, false where the clinic file states it.
    pub measured: bool,
}

/// What a level costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    level: u32,
    /// The last level of the same effort.
    up_to: u32,
    /// Nanoseconds of one core for 1,000 bytes of table data: reading, transcoding, compressing.
    own_ns: u64,
    /// Bytes of archive out of 10,000 bytes of table data.
    per_myriad: u64,
}

/// The three efforts that the nine levels stand for, 1-3, 4-6 and 7-9. User and system time of a
/// conversion of 362 MB of a synthetic clinic's dump on a small virtual server of two cores beside
/// other work. That data is half documents, which nothing makes smaller; on names alone the third
/// effort wins more.
const COSTS: [Cost; 3] = [
    Cost { level: 1, up_to: 3, own_ns: 4_930, per_myriad: 3_703 },
    Cost { level: 6, up_to: 6, own_ns: 6_660, per_myriad: 3_614 },
    Cost { level: 9, up_to: u32::MAX, own_ns: 11_100, per_myriad: 3_650 },
];

impl Cost {
    /// Nanoseconds of a dump for 1,000 bytes of table data. The server's one process sets the
    /// pace, unless the cores together have more to do than that.
    fn dump_ns(self, cores: usize) -> u64 {
        let work = SERVER_NS.saturating_add(PG_DUMP_NS).saturating_add(self.own_ns);
        SERVER_NS.max(work / u64::try_from(cores).unwrap_or(1).max(1))
    }

    /// Milliseconds of dump and upload for `table_bytes` of table data.
    fn millis(self, table_bytes: u64, upload: u64, cores: usize) -> u128 {
        let bytes = u128::from(table_bytes);
        let dump = bytes.saturating_mul(u128::from(self.dump_ns(cores))) / 1_000_000_000;
        let archive = bytes.saturating_mul(u128::from(self.per_myriad)).saturating_mul(1_000);
        // A line that sends nothing is none: it was refused when it was read.
        let sent = archive.checked_div(u128::from(upload.max(1)).saturating_mul(10_000));
        dump.saturating_add(sent.unwrap_or(0))
    }

    fn of(level: u32) -> Option<&'static Self> {
        COSTS.iter().find(|cost| level <= cost.up_to)
    }
}

/// The level of a dump with `level: auto` on a machine of so many cores.
pub fn level_for(upload: Option<UploadRateFacts>, cores: usize) -> u32 {
    // The choice does not depend on the size; a terabyte makes rounding small.
    const ANY_BYTES: u64 = 1_000_000_000_000;
    upload
        .and_then(|rate| {
            // Of two that end together the lower one burdens the clinic's server less.
            COSTS.iter().min_by_key(|cost| cost.millis(ANY_BYTES, rate.bytes_per_sec, cores))
        })
        .map_or(USUAL_LEVEL, |cost| cost.level)
}

/// Seconds of dump and upload at `level` for `table_bytes` of table data, rounded.
pub(super) fn seconds(level: u32, table_bytes: u64, upload: u64, cores: usize) -> Option<u64> {
    let millis = Cost::of(level)?.millis(table_bytes, upload, cores);
    u64::try_from(millis.saturating_add(500) / 1_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MBITS: [u64; 16] = [2, 3, 4, 5, 8, 10, 16, 20, 30, 50, 80, 100, 150, 300, 1_000, 10_000];

    fn at(bytes_per_sec: u64, cores: usize) -> u32 {
        level_for(Some(UploadRateFacts { bytes_per_sec, measured: true }), cores)
    }

    /// A simulation of the day in floating point: each second the cores share the work and the
    /// server gives what it can; then the file empties at the line's rate.
    fn simulated(cost: Cost, table_bytes: f64, upload: f64, cores: usize) -> f64 {
        let core_secs = (SERVER_NS + PG_DUMP_NS + cost.own_ns) as f64 / 1e12;
        let given = 1e12 / SERVER_NS as f64;
        let (mut left, mut file, mut at) = (table_bytes, 0.0, 0.0);
        while left > 0.0 {
            let rate = given.min(cores as f64 / core_secs);
            let done = rate.min(left);
            left -= done;
            file += done * cost.per_myriad as f64 / 10_000.0;
            at += done / rate;
        }
        while file > 0.0 {
            let done = upload.min(file);
            file -= done;
            at += done / upload;
        }
        at
    }

    #[test]
    fn no_level_ends_sooner_than_the_chosen_one() {
        let table_bytes = 2e9;
        for (mbit, cores) in MBITS.iter().flat_map(|mbit| [1, 2, 3, 4, 8].map(|c| (*mbit, c))) {
            let upload = mbit * 125_000;
            let chosen = at(upload, cores);
            let end = |cost: &Cost| simulated(*cost, table_bytes, upload as f64, cores);
            let own = COSTS.iter().find(|cost| cost.level == chosen).map(end).unwrap();
            for cost in &COSTS {
                let other = end(cost);
                assert!(own <= other * 1.000_1, "{mbit} {cores}: {chosen} {own} {cost:?} {other}");
            }
            let told = seconds(chosen, 2_000_000_000, upload, cores).unwrap();
            assert!((told as f64 - own).abs() <= 0.6, "{mbit} {cores}: {told} {own}");
        }
    }

    #[test]
    fn one_core_and_a_fast_line_get_a_light_level() {
        assert_eq!([at(500_000, 1), at(125_000_000, 1)], [6, 1]);
        // Two cores keep up with the server anyway.
        assert_eq!([at(500_000, 2), at(125_000_000, 2)], [6, 6]);
    }

    #[test]
    fn each_of_the_nine_levels_has_its_efforts_cost() {
        let found = (0..=12).filter_map(Cost::of).map(|cost| cost.level).collect::<Vec<_>>();
        assert_eq!(found, [1, 1, 1, 1, 6, 6, 6, 9, 9, 9, 9, 9, 9]);
    }

    #[test]
    fn an_unknown_or_impossible_rate_gives_a_level_all_the_same() {
        assert_eq!(level_for(None, 2), USUAL_LEVEL);
        for (upload, cores) in [(0, 0), (1, 1), (u64::MAX, usize::MAX)] {
            assert!((1..=9).contains(&at(upload, cores)));
            assert!(seconds(6, u64::MAX, upload, cores).is_some() || upload < 2);
        }
    }
}
