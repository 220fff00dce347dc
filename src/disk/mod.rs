//! Files that outlive the loss of power and that only their owner can read. Everything the program
//! writes in its own folders is written, moved and removed through here; it does not know what the
//! files mean.

mod folder;
mod part;
mod remove;
mod room;
mod write;

pub use folder::{make_private, sync_folder_of};
pub use part::{PART, PartError, PartFile, part_of};
pub use remove::remove;
pub use room::{Reserve, free_bytes, share_space};
pub use write::{write_private, write_private_apart, write_private_with};
