//! The doors through which handlers reach rows.

mod later;
mod platform;
mod request;
mod resort;
mod setup;

pub use later::{Door, Glance, Later};
pub use platform::{Lobby, Operator, PlatformScope};
pub(crate) use request::layer;
pub use resort::{Anyone, Manager, Owner, Permission, Read, Scope, Staff, Write};
pub use setup::OperatorInSetup;
