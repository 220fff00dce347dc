//! Mail: letters are written by an allow-list, spooled durably, then sent by SMTP.
//!
//! ```text
//! compose (notice -> Letter) ─ letter (Letter -> RFC 5322) ─ outbox (spool, back-off)
//!                                                          ─ transport (SMTP, TLS required)
//! ```
//! This room must not decide what is to be told, and must not send anything that was not spooled
//! first: a mail that says "it failed" must survive the crash that it tells of.

mod compose;
mod delivery;
mod entry;
mod error;
mod letter;
mod outbox;
mod reader;
mod spool;
mod transport;
mod work_letter;

pub use compose::{Contact, FailureNotice, FinishedNotice, StateOfClinic, TestNotice};
pub use compose::{failure, finished, test_letter};
pub use delivery::Delivery;
pub use entry::{Cancellation, Enclosed, Entry, Place, Recipient, RecipientState};
pub use error::{MailError, Stage};
pub use letter::{Attachment, Letter, MessageId};
pub use outbox::{Held, Listing, Outbox};
pub use reader::{ReadMail, read_mail};
pub use transport::{SmtpConfig, reach};
pub use work_letter::{WorkNotice, work};

#[cfg(test)]
mod spool_tests;
#[cfg(test)]
mod tests;
