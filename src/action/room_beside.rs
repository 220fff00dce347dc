//! Whether the server's disk has room for a second, UTF-8, database beside the clinic's.
//!
//! A server whose disk fills up stops, and the clinic with it: this is looked at before anything
//! is made, and what cannot be found out counts as no room.

use std::path::Path;

use crate::diag::{Fact, Kind, Problem};
use crate::ids::show_bytes;
use crate::source::{SourceConfig, data_dir, disk};

/// Room for the server's log of a restore: the usual `max_wal_size`.
const LOG_RESERVE: u64 = 1024 * 1024 * 1024;

/// Room that is there and that is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) free: u64,
    pub(super) wanted: u64,
}

impl Room {
    /// Asks the server and the file system; `work` is the folder of the archives. Blocks.
    pub(super) fn look(config: &SourceConfig, work: &Path) -> Result<Self, Problem> {
        let folder = data_dir::data_dir(config)?;
        let bytes = data_dir::database_bytes(config)?;
        let shared = disk::share_space(&folder, work)?;
        Ok(Self { free: disk::free_bytes(&folder)?, wanted: wanted(bytes, shared) })
    }

    /// Says no where there is not enough.
    pub(super) fn refuse(self) -> Result<(), Problem> {
        if self.free >= self.wanted {
            return Ok(());
        }
        Err(Problem::new("run-no-room-beside", Kind::Blocked)
            .with(Fact::open("free", show_bytes(self.free)))
            .with(Fact::open("wanted", show_bytes(self.wanted))))
    }
}

/// A character of two bytes in EUC-JP has three in UTF-8. Where the archives lie on the same disk,
/// the converted one and the dump come on top: a quarter of the database each, as measured.
fn wanted(database: u64, shared: bool) -> u64 {
    let archives = if shared { database / 2 } else { 0 };
    database.saturating_add(database / 2).saturating_add(archives).saturating_add(LOG_RESERVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_holds_both_must_have_room_for_both() {
        let gigabyte = 1_000_000_000;
        assert_eq!(wanted(2 * gigabyte, false), 3 * gigabyte + LOG_RESERVE);
        assert_eq!(wanted(2 * gigabyte, true), 4 * gigabyte + LOG_RESERVE);
        assert_eq!(wanted(u64::MAX, true), u64::MAX);
        let tight = Room { free: 7, wanted: 8 };
        assert_eq!(tight.refuse().unwrap_err().code, "run-no-room-beside");
        Room { free: 8, wanted: 8 }.refuse().unwrap();
    }
}
