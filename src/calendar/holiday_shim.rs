//! Shim.
/// Shim.
pub enum Holiday {
    /// a
    Named(&'static str),
    /// b
    Workday,
    /// c
    Unknown,
}
/// Shim.
pub fn holiday(_: chrono::NaiveDate) -> Holiday {
    Holiday::Unknown
}
/// Shim.
pub fn last_known_year() -> i32 {
    2027
}
