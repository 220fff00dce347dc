//! Carries a plan out: intent, act, outcome. The only driver of side effects.

mod clinic_state;
mod dispatch;
mod driver;
mod error_log;
mod lock;
mod recheck;
mod recover;
mod rollback;

pub use clinic_state::clinic_state;
pub use driver::{
    Observer, RunEnd, RunRequest, SavedFile, refuse_second_run, resume, start, take_back,
};
pub use lock::Lock;
pub use recover::{latest, settle};
