//! What can go wrong, and the dice that decide whether it does.

use std::collections::BTreeMap;

/// A few lines of `splitmix64`: the same seed gives the same run.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn of_seed(seed: u64) -> Self {
        let mut rng = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x0c15_ab1e);
        rng.next();
        rng
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 up to and without `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

macro_rules! faults {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// A kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Fault {
            $($(#[doc = $doc])* $name,)*
        }

        impl Fault {
            /// All kinds.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

faults! {
    /// The process dies before an intent is durable.
    CrashBeforeIntent,
    /// The process dies once an intent is durable.
    CrashAfterIntent,
    /// The process dies before a step took effect.
    CrashBeforeEffect,
    /// The process dies once a step took effect.
    CrashAfterEffect,
    /// The process dies before an outcome is durable.
    CrashBeforeOutcome,
    /// The process dies once an outcome is durable.
    CrashAfterOutcome,
    /// The process dies beside the records of a roll-back.
    CrashInRollback,
    /// The process dies beside the record of the end.
    CrashAtEnd,
    /// The process dies beside the record of a resumption, settlement, reopening, file or mail.
    CrashAtOtherRecord,
    /// The process dies while it looks for proof.
    CrashInProof,
    /// A record is not written, and the store says so.
    AppendFails,
    /// A record is written, and the store says that it is not.
    AppendAnswerLost,
    /// The records cannot be read.
    LoadFails,
    /// A step fails before its effect.
    StepFails,
    /// A step took effect and says that it failed.
    StepFailsAfterEffect,
    /// A step hangs up to its limit.
    StepHangs,
    /// A step took effect and hangs up to its limit.
    StepHangsAfterEffect,
    /// A step panics.
    StepPanics,
    /// Taking back fails.
    UndoFails,
    /// Taking back took effect and says that it failed.
    UndoFailsAfterEffect,
    /// The upload is refused before it begins.
    UploadRefused,
    /// The upload's connection is cut.
    UploadCut,
    /// The import goes on, its answer is lost.
    AnswerLost,
    /// The import breaks off half-way.
    ImportFailsHalfWay,
    /// The site says that the import failed, although it took effect.
    ImportSaidToFail,
    /// The import ended well, and its message is not understood.
    MessageUnclear,
    /// The import takes longer than the step may.
    ImportTakesLong,
    /// The import ends well, and rows are missing in the tenant.
    CloudRowsLost,
    /// Somebody else imports into the tenant.
    OtherImports,
    /// Somebody else takes places for dumps.
    OthersTakeSlots,
    /// Somebody else deletes the tool's dump on the site.
    OtherDeletesDump,
    /// The site's dump fails.
    SiteDumpFails,
    /// A download arrives damaged.
    DownloadDamaged,
    /// An export is damaged after it was verified.
    ExportDamagedLater,
    /// An export is deleted after it was verified.
    ExportDeleted,
    /// The clinic's archive is changed after it was verified.
    ArchiveChangedLater,
    /// The disk is full in mid-dump.
    DiskFull,
    /// A session writes a row although the database is read-only.
    RowWritten,
    /// The service is started again by somebody.
    ServiceStarted,
    /// The fence is lifted by somebody.
    FenceLifted,
    /// The machine's clock jumps forward.
    ClockJumpsForward,
    /// The machine's clock jumps back.
    ClockJumpsBack,
    /// The machine sleeps for hours.
    MachineSleeps,
    /// Maintenance is announced over the window.
    MaintenanceAnnounced,
    /// Nobody reads the announcements.
    CalendarUnread,
    /// The mapping rules are edited on the disk.
    MappingEdited,
    /// The portal profile is edited on the disk.
    ProfileEdited,
    /// The certificate ends.
    CertificateEnds,
    /// The site shows a maintenance page.
    MaintenancePage,
    /// The mail server does not take a mail.
    MailDelayed,
    /// The spool cannot be written.
    SpoolFails,
    /// A person stops the run.
    StopSignal,
    /// A second process is started while the first one runs.
    SecondProcess,
    /// A person rolls the run back.
    PersonRollsBack,
    /// A person rolls the run back by force.
    PersonForcesRollback,
    /// A person starts a new run.
    PersonStartsAnew,
    /// A person says what became of a step before anybody looked.
    PersonSettlesEarly,
    /// A person resumes a run that is done.
    PersonResumesDone,
}

/// Kinds whose occasions are rare, with those that bring them about.
const RARE: [(&[Fault], &[Fault]); 4] = [
    (&[Fault::CrashInProof], &[Fault::AnswerLost, Fault::UploadCut]),
    (
        &[Fault::UndoFails, Fault::UndoFailsAfterEffect],
        &[Fault::StepFailsAfterEffect, Fault::CrashAfterOutcome, Fault::PersonRollsBack],
    ),
    (&[Fault::PersonResumesDone, Fault::CrashInRollback], &[Fault::StepFailsAfterEffect]),
    (
        &[Fault::PersonSettlesEarly, Fault::MessageUnclear, Fault::SiteDumpFails],
        &[Fault::CrashAfterEffect],
    ),
];

/// When a kind happens.
#[derive(Debug)]
struct Odds {
    /// Occasions that are let pass.
    skip: u64,
    /// How likely at each one after them.
    percent: u64,
    /// How often at most.
    times: u32,
}

impl Fault {
    /// About how many occasions a seed has for it: one of them is chosen.
    fn occasions(self) -> u64 {
        match self {
            Self::UploadRefused
            | Self::UploadCut
            | Self::AnswerLost
            | Self::ImportFailsHalfWay
            | Self::ImportSaidToFail
            | Self::MessageUnclear
            | Self::ImportTakesLong
            | Self::CloudRowsLost
            | Self::DiskFull
            | Self::CrashInProof
            | Self::PersonResumesDone
            | Self::PersonSettlesEarly => 2,
            Self::CrashAtEnd
            | Self::CrashInRollback
            | Self::UndoFails
            | Self::UndoFailsAfterEffect
            | Self::LoadFails
            | Self::SiteDumpFails
            | Self::DownloadDamaged
            | Self::CalendarUnread
            | Self::MaintenancePage
            | Self::MailDelayed
            | Self::SpoolFails
            | Self::StopSignal
            | Self::SecondProcess
            | Self::PersonRollsBack
            | Self::PersonForcesRollback
            | Self::PersonStartsAnew => 4,
            _ => 30,
        }
    }
}

/// The faults of one seed: a few kinds, each at most a few times.
#[derive(Debug)]
pub(crate) struct Faults {
    rng: Rng,
    enabled: BTreeMap<Fault, Odds>,
    pub(crate) fired: BTreeMap<Fault, u64>,
}

impl Faults {
    pub(crate) fn of_seed(rng: &mut Rng) -> Self {
        let mut enabled = BTreeMap::new();
        let pick = |rng: &mut Rng, kinds: &[Fault]| {
            kinds[usize::try_from(rng.below(kinds.len() as u64)).unwrap()]
        };
        for _ in 0..rng.below(10) {
            let kind = pick(rng, Fault::ALL);
            let times = 1 + u32::try_from(rng.below(3)).unwrap();
            let odds = match rng.below(4) {
                // Surely, but anywhere; or at any time, but seldom.
                0 | 1 => Odds { skip: rng.below(kind.occasions()), percent: 100, times },
                2 => Odds { skip: 0, percent: 5, times },
                _ => Odds { skip: 0, percent: 40, times },
            };
            enabled.insert(kind, odds);
        }
        if rng.percent(35) {
            let (kinds, first) = RARE[usize::try_from(rng.below(RARE.len() as u64)).unwrap()];
            let surely = |percent| Odds { skip: 0, percent, times: 3 };
            enabled.extend(kinds.iter().map(|kind| (*kind, surely(100))));
            enabled.extend(first.iter().map(|kind| (*kind, surely(20))));
        }
        Self { rng: Rng::of_seed(rng.next()), enabled, fired: BTreeMap::new() }
    }

    /// True where it happens here and now.
    pub(crate) fn fires(&mut self, fault: Fault) -> bool {
        let Some(odds) = self.enabled.get_mut(&fault) else { return false };
        if odds.skip > 0 {
            odds.skip -= 1;
            return false;
        }
        if odds.times == 0 || !self.rng.percent(odds.percent) {
            return false;
        }
        odds.times -= 1;
        *self.fired.entry(fault).or_default() += 1;
        true
    }
}
