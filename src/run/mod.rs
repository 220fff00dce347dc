//! Carries a plan out: intent, act, outcome. The only driver of side effects.

mod at_rest;
mod attempt;
mod clinic_state;
mod dispatch;
mod driver;
mod enter;
mod error_log;
pub mod gate;
mod guard;
mod hold;
mod journal_lost;
mod load;
mod lock;
mod prepare;
mod recheck;
mod recover;
mod request;
mod rollback;

pub use clinic_state::{clinic_state, past_no_return, source_is_closed};
pub use enter::{refuse_second_run, resume, start, take_back};
pub use hold::Hold;
pub use load::{NotLoaded, folder_of, load_playbook};
pub use lock::Lock;
pub use prepare::{of_today, plan_file, prepare, taken_up};
pub use recover::{latest, latest_state, settle};
pub use request::{Observer, RunEnd, RunRequest, SavedFile};

#[cfg(test)]
mod attempt_tests;
#[cfg(test)]
mod gate_tests;
#[cfg(test)]
mod recheck_tests;
