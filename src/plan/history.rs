//! How long steps took before, and what a plan makes of that. Pure.

use serde::{Deserialize, Serialize};

/// Where a duration comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DurationSource {
    /// Rates that were measured elsewhere.
    Default,
    /// A rehearsal with data of about the clinic's size.
    Rehearsal,
    /// A run at this clinic: mostly its test import.
    TestImport,
}

/// A step that was done once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The step's kind, with the strategy of a dump: `dump`, `dump-database`, `portal_import`;
    /// `rollback` for a whole way back.
    pub kind: String,
    /// A rehearsal or a run at this clinic.
    pub source: DurationSource,
    /// How long it took, seconds, rounded up.
    pub secs: u64,
    /// Bytes of the archive that the run moved; 0 where that is not known.
    pub bytes: u64,
}

/// An expected duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// The middle one of those measured, or what is reckoned: seconds.
    pub secs: u64,
    /// The longest one of those measured, or twice what is reckoned: seconds.
    pub max_secs: u64,
    /// Where it comes from.
    pub source: DurationSource,
    /// How many were measured.
    pub samples: usize,
}

/// A rehearsal with less than this share of the expected archive says nothing about the clinic.
const LEAST_SHARE: f64 = 0.5;

/// The estimate for a step of `kind`: from runs at this clinic, or else from rehearsals of about
/// its size, or else `reckoned` seconds. `archive_bytes` is the size that is expected.
pub(super) fn estimate(
    kind: &str,
    reckoned: u64,
    archive_bytes: u64,
    history: &[Sample],
) -> Estimate {
    for source in [DurationSource::TestImport, DurationSource::Rehearsal] {
        let large_enough = |sample: &&Sample| {
            source == DurationSource::TestImport
                || sample.bytes as f64 >= archive_bytes as f64 * LEAST_SHARE
        };
        let mut secs: Vec<u64> = history
            .iter()
            .filter(|sample| sample.kind == kind && sample.source == source)
            .filter(large_enough)
            .map(|sample| sample.secs)
            .collect();
        secs.sort_unstable();
        // Of an even number the upper middle one: a plan errs on the long side.
        if let (Some(middle), Some(longest)) = (secs.get(secs.len() / 2), secs.last()) {
            return Estimate { secs: *middle, max_secs: *longest, source, samples: secs.len() };
        }
    }
    Estimate {
        secs: reckoned,
        max_secs: reckoned.saturating_mul(2),
        source: DurationSource::Default,
        samples: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(kind: &str, source: DurationSource, secs: u64, bytes: u64) -> Sample {
        Sample { kind: kind.to_owned(), source, secs, bytes }
    }

    #[test]
    fn the_clinics_own_runs_go_before_rehearsals_and_those_before_rates() {
        use DurationSource::{Default, Rehearsal, TestImport};
        let mut history = vec![
            sample("dump", Rehearsal, 30, 1_000),
            sample("dump", Rehearsal, 50, 1_000),
            sample("dump", Rehearsal, 40, 900),
            // Much smaller than the clinic.
            sample("dump", Rehearsal, 1, 10),
            sample("portal_import", Rehearsal, 9, 1_000),
        ];
        let found = estimate("dump", 100, 1_000, &history);
        assert_eq!((found.secs, found.max_secs, found.samples), (40, 50, 3));
        assert_eq!(found.source, Rehearsal);
        history.push(sample("dump", TestImport, 70, 0));
        history.push(sample("dump", TestImport, 60, 0));
        let found = estimate("dump", 100, 1_000, &history);
        assert_eq!((found.secs, found.max_secs, found.source), (70, 70, TestImport));
        let found = estimate("fence", 10, 1_000, &history);
        assert_eq!((found.secs, found.max_secs, found.source), (10, 20, Default));
    }
}
