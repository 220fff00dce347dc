//! What every TLS client of this program shares: the clock that certificates are judged by, the
//! roots that are believed, and what a failure is called.
//!
//! A leaf. It opens no connection, and there is no way to skip a check.

mod clock;
mod failure;
mod roots;

pub(crate) use clock::by_clock;
pub(crate) use failure::{find, innermost, word};
pub(crate) use roots::{of_file, of_system};
