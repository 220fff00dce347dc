//! Fault points: named places at every border of the journal and in every effect, at which a
//! rehearsal can be made to fail, to die, to wait or to do a thing twice.
//!
//! They are part of the program, so that what is rehearsed is what runs. Where no clinic file with
//! a rehearsal's clock has armed them, each costs one look at a value that was never set, and a
//! real clinic's run refuses to start with them. What a fault point does stands here alone; what
//! comes of it is the business of the place that has it.

mod arm;
mod point;
mod rule;
mod spot;

pub use arm::{FaultError, VARIABLE, arm, is_armed, refuse_real};
pub use point::{Place, Point};
pub use spot::{Injected, Spot, carried, here, hit, reach, within};
