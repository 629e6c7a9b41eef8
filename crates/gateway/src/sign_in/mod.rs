//! Proving a password and a second factor, for the login and wherever they are asked for again.

mod account;
mod attempts;
mod code;
mod device;
#[expect(clippy::module_inception, reason = "the way of a login")]
mod sign_in;
mod visitor;

pub use account::Account;
pub use attempts::{Attempt, FORGOTTEN};
pub use code::{CodeGuess, Passed, invalid_code, wrong_code};
pub use device::DeviceCookie;
pub use sign_in::{CurrentPassword, Guess, Proof, SignIn, ended_by_guesses, wrong};
