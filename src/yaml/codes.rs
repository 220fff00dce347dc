//! The codes of the findings that any file can have, in the name of the room that reads it.

/// Codes of one room.
#[derive(Debug)]
pub(crate) struct Codes {
    pub(crate) syntax: &'static str,
    pub(crate) too_large: &'static str,
    pub(crate) too_deep: &'static str,
    pub(crate) alias: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) documents: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) duplicate_key: &'static str,
    pub(crate) unknown_key: &'static str,
    pub(crate) missing_key: &'static str,
    pub(crate) wrong_type: &'static str,
    pub(crate) unknown_value: &'static str,
    pub(crate) bad_text: &'static str,
    pub(crate) time_without_offset: &'static str,
    pub(crate) bad_time: &'static str,
    pub(crate) bad_duration: &'static str,
    pub(crate) format: &'static str,
    pub(crate) secret_in_clear: &'static str,
}

/// `file_codes!("playbook")`: the codes of the room `playbook`.
macro_rules! file_codes {
    ($room:literal) => {
        $crate::yaml::Codes {
            syntax: concat!($room, "-syntax"),
            too_large: concat!($room, "-too-large"),
            too_deep: concat!($room, "-too-deep"),
            alias: concat!($room, "-alias"),
            tag: concat!($room, "-tag"),
            documents: concat!($room, "-documents"),
            empty: concat!($room, "-empty"),
            duplicate_key: concat!($room, "-duplicate-key"),
            unknown_key: concat!($room, "-unknown-key"),
            missing_key: concat!($room, "-missing-key"),
            wrong_type: concat!($room, "-wrong-type"),
            unknown_value: concat!($room, "-unknown-value"),
            bad_text: concat!($room, "-bad-text"),
            time_without_offset: concat!($room, "-time-without-offset"),
            bad_time: concat!($room, "-bad-time"),
            bad_duration: concat!($room, "-bad-duration"),
            format: concat!($room, "-format"),
            secret_in_clear: concat!($room, "-secret-in-clear"),
        }
    };
}
pub(crate) use file_codes;
