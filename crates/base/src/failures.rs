//! The errors that become a 500 by `?`: what cannot fail unless the program or what is stored is at fault. Any other error has to
//! be given its meaning where it occurs.

use crate::problem::Problem;

macro_rules! internal {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Problem {
            fn from(error: $error) -> Self {
                Problem::internal(error)
            }
        })*
    };
}

internal! {
    // Our own values, written or read back.
    serde_json::Error,
    strum::ParseError,
    jiff::Error,
    http::header::InvalidHeaderValue,
    // The body of an answer of our own.
    axum::Error,
    // A task that panicked.
    tokio::task::JoinError,
}
