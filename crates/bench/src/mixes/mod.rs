//! What is asked: a mix draws one request after the other.

pub(crate) mod desk;
pub(crate) mod flood;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use http::Method;
use rand::rngs::StdRng;
use serde_json::Value;

use crate::client::{Answer, Client};
use crate::users::User;
use crate::zipf::Zipf;

use desk::Desk;

/// The list that the plan's targets are about: a page of customers with their pets.
pub(crate) const LIST: &str = "/api/customers?limit=20&include=pets";

/// One request to send.
pub(crate) struct Ask {
    /// What the report counts it under.
    pub(crate) class: &'static str,
    pub(crate) user: Arc<User>,
    pub(crate) method: Method,
    /// With its query.
    pub(crate) path: String,
    pub(crate) body: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    /// An answer that is right, too, beside a success.
    pub(crate) also: Option<u16>,
    /// What to do with the answer.
    pub(crate) then: Option<Then>,
}

pub(crate) type Then = Box<dyn FnOnce(Option<Answer>) + Send + Sync>;

impl Ask {
    pub(crate) fn new(class: &'static str, user: &Arc<User>, method: Method, path: String) -> Self {
        let user = user.clone();
        Self { class, user, method, path, body: None, idempotency_key: None, also: None, then: None }
    }

    pub(crate) fn get(class: &'static str, user: &Arc<User>, path: String) -> Self {
        Self::new(class, user, Method::GET, path)
    }

    pub(crate) fn body(self, body: &Value) -> Self {
        Self { body: Some(body.to_string()), ..self }
    }

    pub(crate) fn also(self, status: u16) -> Self {
        Self { also: Some(status), ..self }
    }

    pub(crate) fn then(self, then: impl FnOnce(Option<Answer>) + Send + Sync + 'static) -> Self {
        Self { then: Some(Box::new(then)), ..self }
    }
}

/// Draws requests.
pub(crate) trait Mix: Send + Sync {
    fn ask(&self, dice: &mut StdRng) -> Ask;
}

/// Always the same path, for users by Zipf's law.
pub(crate) struct Fixed {
    class: &'static str,
    path: String,
    users: Vec<Arc<User>>,
    zipf: Zipf,
}

impl Fixed {
    /// For at least one user.
    pub(crate) fn new(class: &'static str, path: &str, users: &[Arc<User>], exponent: f64) -> Self {
        Self { class, path: path.to_owned(), users: users.to_vec(), zipf: Zipf::new(users.len(), exponent) }
    }
}

impl Mix for Fixed {
    fn ask(&self, dice: &mut StdRng) -> Ask {
        Ask::get(self.class, &self.users[self.zipf.draw(dice)], self.path.clone())
    }
}

/// A mix, as the command line names it.
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
    /// Whether anybody has to sign in for it.
    pub(crate) fn needs_users(&self) -> bool {
        !matches!(self, Self::One(path) if !path.starts_with("/api/"))
    }

    /// # Errors
    /// When the program does not tell what the mix needs to know.
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
