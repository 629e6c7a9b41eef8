//! A place in line for the database: who asks much waits for itself, not for its neighbours.

mod class;
mod classes;
mod limit;
mod line;
mod queue;

pub use class::Class;
pub(crate) use class::Work;
pub use classes::Classes;
pub(crate) use classes::{NeedsSession, declare};
pub use line::{ClassStats, Line, Stats, WAIT_BOUNDS_MS, register};
pub(crate) use line::{Flow, Place};
