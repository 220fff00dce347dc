//! The stable codes of what is found in a notice, and which of them are errors.

/// A code; its texts are in `i18n/{ja,en}/calendar.ftl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Code {
    // Errors: a window may be missing because of them.
    WeekdayContradiction,
    NoSuchDate,
    ImpossibleTime,
    AmbiguousTime,
    EndBeforeStart,
    YearContradiction,
    NextDayContradiction,
    EndMissing,
    StartMissing,
    DateWithoutTime,
    TimeWithoutDate,
    MonthUnknown,
    VagueDate,
    RelativeConflict,
    ForeignZone,
    AmbiguousPeriod,
    RuleUnread,
    Unclear,
    TooLong,
    TooMany,
    // Notes: the window is there; a person should know how it was read.
    RelativeDate,
    YearByWeekday,
    FarFromReading,
    NextDayAssumed,
    LateNight,
    HalfDayInherited,
    Approximate,
    EndFromLength,
    EveryDayAssumed,
    EveryOther,
    RuleException,
    ZoneConverted,
    MayChange,
    Done,
    CancelledWithoutTime,
    CancelledAndPlanned,
    NotAWindow,
    InsideWindow,
    DateLeftAside,
}

impl Code {
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::WeekdayContradiction => "calendar-notice-weekday-contradiction",
            Self::NoSuchDate => "calendar-notice-no-such-date",
            Self::ImpossibleTime => "calendar-notice-impossible-time",
            Self::AmbiguousTime => "calendar-notice-ambiguous-time",
            Self::EndBeforeStart => "calendar-notice-end-before-start",
            Self::YearContradiction => "calendar-notice-year-contradiction",
            Self::NextDayContradiction => "calendar-notice-next-day-contradiction",
            Self::EndMissing => "calendar-notice-end-missing",
            Self::StartMissing => "calendar-notice-start-missing",
            Self::DateWithoutTime => "calendar-notice-date-without-time",
            Self::TimeWithoutDate => "calendar-notice-time-without-date",
            Self::MonthUnknown => "calendar-notice-month-unknown",
            Self::VagueDate => "calendar-notice-vague-date",
            Self::RelativeConflict => "calendar-notice-relative-conflict",
            Self::ForeignZone => "calendar-notice-foreign-zone",
            Self::AmbiguousPeriod => "calendar-notice-ambiguous-period",
            Self::RuleUnread => "calendar-notice-rule-unread",
            Self::Unclear => "calendar-notice-unclear",
            Self::TooLong => "calendar-notice-too-long",
            Self::TooMany => "calendar-notice-too-many",
            Self::RelativeDate => "calendar-notice-relative-date",
            Self::YearByWeekday => "calendar-notice-year-by-weekday",
            Self::FarFromReading => "calendar-notice-far-from-reading",
            Self::NextDayAssumed => "calendar-notice-next-day-assumed",
            Self::LateNight => "calendar-notice-late-night",
            Self::HalfDayInherited => "calendar-notice-half-day-inherited",
            Self::Approximate => "calendar-notice-approximate",
            Self::EndFromLength => "calendar-notice-end-from-length",
            Self::EveryDayAssumed => "calendar-notice-every-day-assumed",
            Self::EveryOther => "calendar-notice-every-other",
            Self::RuleException => "calendar-notice-rule-exception",
            Self::ZoneConverted => "calendar-notice-zone-converted",
            Self::MayChange => "calendar-notice-may-change",
            Self::Done => "calendar-notice-done",
            Self::CancelledWithoutTime => "calendar-notice-cancelled-without-time",
            Self::CancelledAndPlanned => "calendar-notice-cancelled-and-planned",
            Self::NotAWindow => "calendar-notice-not-a-window",
            Self::InsideWindow => "calendar-notice-inside-window",
            Self::DateLeftAside => "calendar-notice-date-left-aside",
        }
    }

    pub(super) fn is_error(self) -> bool {
        self <= Self::TooMany
    }
}
