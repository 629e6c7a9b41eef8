//! The mixes that can be chosen on the command line.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::desk::Desk;
use super::{Fixed, LIST, Mix};
use crate::client::Client;
use crate::request::User;

/// A mix, by its name on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    List,
    Desk,
    One(String),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "list" => Ok(Self::List),
            None if text == "desk" => Ok(Self::Desk),
            Some(("one", path)) if path.starts_with('/') => Ok(Self::One(path.to_owned())),
            _ => Err("must be list, desk or one:/a/path".to_owned()),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("list"),
            Self::Desk => f.write_str("desk"),
            Self::One(path) => f.write_str(path),
        }
    }
}

impl Choice {
    /// Whether its requests need a session.
    pub(crate) fn needs_users(&self) -> bool {
        !matches!(self, Self::One(path) if !path.starts_with("/api/"))
    }

    /// # Errors
    /// When the program does not answer what the mix needs to know.
    pub(crate) async fn prepare(
        &self,
        client: &Arc<Client>,
        users: &[Arc<User>],
        exponent: f64,
    ) -> anyhow::Result<Arc<dyn Mix>> {
        Ok(match self {
            Self::List => Arc::new(Fixed::new("customers list", LIST, users, exponent)),
            Self::One(path) => Arc::new(Fixed::new("one", path, users, exponent)),
            Self::Desk => Arc::new(Desk::prepare(client, users, exponent).await?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_is_named_on_the_command_line() {
        assert_eq!("list".parse(), Ok(Choice::List));
        assert_eq!("one:/livez?a=b:c".parse(), Ok(Choice::One("/livez?a=b:c".to_owned())));
        assert!("one:livez".parse::<Choice>().is_err());
        assert!("desks".parse::<Choice>().is_err());
        assert!(!Choice::One("/livez".to_owned()).needs_users());
        assert!(Choice::One("/api/auth/me".to_owned()).needs_users());
    }
}
