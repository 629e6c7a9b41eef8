//! The states of a stay, and the verbs between them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr, EnumIter,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[schemars(rename = "ReservationStatus")]
pub enum Status {
    Pending,
    Confirmed,
    CheckedIn,
    CheckedOut,
    Completed,
    Cancelled,
    NoShow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, EnumIter)]
#[strum(serialize_all = "kebab-case")]
pub enum Verb {
    Confirm,
    CheckIn,
    CheckOut,
    Complete,
    Cancel,
    NoShow,
}

impl Status {
    /// Whether a stay in this state holds its place.
    pub fn holds(self) -> bool {
        matches!(self, Self::Pending | Self::Confirmed | Self::CheckedIn)
    }

    /// The state after `verb`, if it may be done in this one.
    pub fn after(self, verb: Verb) -> Option<Self> {
        match (self, verb) {
            (Self::Pending, Verb::Confirm) => Some(Self::Confirmed),
            (Self::Confirmed, Verb::CheckIn) => Some(Self::CheckedIn),
            (Self::CheckedIn, Verb::CheckOut) => Some(Self::CheckedOut),
            (Self::CheckedOut, Verb::Complete) => Some(Self::Completed),
            (Self::Pending | Self::Confirmed, Verb::Cancel) => Some(Self::Cancelled),
            (Self::Confirmed, Verb::NoShow) => Some(Self::NoShow),
            _ => None,
        }
    }

    /// What may be done in this state, in words.
    pub fn possible(self) -> String {
        let verbs: Vec<&str> =
            Verb::iter().filter(|verb| self.after(*verb).is_some()).map(Into::into).collect();
        if verbs.is_empty() {
            "undo the last step".to_owned()
        } else {
            format!("{} or undo", verbs.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_the_one_that_was_agreed() {
        let mut paths = Vec::new();
        for status in Status::iter() {
            for verb in Verb::iter() {
                if let Some(after) = status.after(verb) {
                    let (from, by, to): (&str, &str, &str) = (status.into(), verb.into(), after.into());
                    paths.push(format!("{from} {by} {to}"));
                }
            }
        }
        assert_eq!(
            paths,
            [
                "PENDING confirm CONFIRMED",
                "PENDING cancel CANCELLED",
                "CONFIRMED check-in CHECKED_IN",
                "CONFIRMED cancel CANCELLED",
                "CONFIRMED no-show NO_SHOW",
                "CHECKED_IN check-out CHECKED_OUT",
                "CHECKED_OUT complete COMPLETED",
            ]
        );
    }

    #[test]
    fn a_place_is_given_free_for_good_by_every_way_out() {
        for status in Status::iter().filter(|status| !status.holds()) {
            for verb in Verb::iter() {
                assert!(status.after(verb).is_none_or(|after| !after.holds()));
            }
        }
    }
}
