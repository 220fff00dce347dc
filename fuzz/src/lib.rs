//! The rooms that read what may be hostile, and the leaves they use, built by themselves: the
//! whole program with sanitizers would take ten times as long.

#[path = "../../src/archive/mod.rs"]
pub mod archive;
#[path = "../../src/calendar/mod.rs"]
pub mod calendar;
#[path = "../../src/charset/mod.rs"]
pub mod charset;
#[path = "../../src/diag/mod.rs"]
pub mod diag;
#[path = "doors.rs"]
mod doors;
#[path = "../../src/disk/mod.rs"]
pub mod disk;
#[path = "../../src/effect.rs"]
pub mod effect;
#[path = "../../src/fault/mod.rs"]
pub mod fault;
#[path = "../../src/i18n/mod.rs"]
pub mod i18n;
#[path = "../../src/ids.rs"]
pub mod ids;
#[path = "../../src/pg_version.rs"]
pub mod pg_version;
#[path = "../../src/playbook/mod.rs"]
pub mod playbook;
#[path = "../../src/progress.rs"]
pub mod progress;
#[path = "../../src/secret.rs"]
pub mod secret;
#[path = "../../src/yaml/mod.rs"]
mod yaml;

/// A leaf with a folder of its own beside it.
#[path = "../../src"]
mod beside {
    pub mod clock;
}
pub use beside::clock;

/// The pages, without the browser that fetches them.
#[path = "../../src/portal"]
#[expect(dead_code, reason = "only the browser uses the rest")]
mod portal {
    pub(crate) mod form;
    pub(crate) mod html;
    pub(crate) mod names;
    pub(crate) mod page;
}

/// The records and what is folded from them, without the stores.
#[path = "../../src/journal"]
#[expect(dead_code, reason = "only the stores use the rest")]
mod journal {
    pub(crate) mod chain;
    pub(crate) mod error;
    pub(crate) mod event;
    pub(crate) mod state;

    #[path = "."]
    pub(crate) mod ledger {
        #[path = "ledger/event.rs"]
        pub(crate) mod event;
        #[path = "ledger/state.rs"]
        pub(crate) mod state;

        pub(crate) use event::LedgerEvent;
        pub(crate) use state::Ledger;
    }

    pub(crate) use chain::{ChainHash, Record, Row};
    pub(crate) use event::Event;
    pub(crate) use state::next;
}

pub use doors::{clinic, ics, journal_rows, maintenance, notice, page, pass, steps};
