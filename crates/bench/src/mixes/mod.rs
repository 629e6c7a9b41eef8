//! Mixes: each draws requests at random, one after the other.

pub(crate) mod choice;
pub(crate) mod desk;
pub(crate) mod flood;

use std::sync::Arc;

use rand::rngs::StdRng;

use crate::request::{Request, User};
use crate::zipf::Zipf;

/// The list for which there are targets: a page of customers with their pets.
pub(crate) const LIST: &str = "/api/customers?limit=20&include=pets";

/// A source of random requests.
pub(crate) trait Mix: Send + Sync {
    fn request(&self, dice: &mut StdRng) -> Request;
}

/// The same path every time, for users drawn by Zipf's law.
pub(crate) struct Fixed {
    class: &'static str,
    path: String,
    users: Vec<Arc<User>>,
    zipf: Zipf,
}

impl Fixed {
    /// Needs at least one user.
    pub(crate) fn new(class: &'static str, path: &str, users: &[Arc<User>], exponent: f64) -> Self {
        Self { class, path: path.to_owned(), users: users.to_vec(), zipf: Zipf::new(users.len(), exponent) }
    }
}

impl Mix for Fixed {
    fn request(&self, dice: &mut StdRng) -> Request {
        Request::get(self.class, &self.users[self.zipf.draw(dice)], self.path.clone())
    }
}
