//! A resort that floods the program: with lists, availability over a long time, and new customers.

use std::sync::Arc;

use http::Method;
use jiff::civil::Date;
use rand::RngExt;
use rand::rngs::StdRng;
use serde::Deserialize;
use serde_json::json;

use super::{LIST, Mix};
use crate::client::Client;
use crate::request::{Request, User};
use crate::users::get;

/// The number of days of availability that a request asks for: the most that the API allows.
const DAYS: i64 = 92;

/// A mix of three lists to one request for availability and one new customer.
pub(crate) struct Flood {
    user: Arc<User>,
    look_ahead: String,
}

#[derive(Deserialize)]
struct Me {
    tenant: Resort,
}

#[derive(Deserialize)]
struct Resort {
    today: Date,
}

impl Flood {
    /// Reads the resort's date.
    ///
    /// # Errors
    /// When the program does not answer.
    pub(crate) async fn prepare(client: &Client, user: &Arc<User>) -> anyhow::Result<Self> {
        let me: Me = get(client, user, "/api/auth/me").await?;
        let (from, to) = (me.tenant.today, me.tenant.today.checked_add(jiff::Span::new().days(DAYS))?);
        Ok(Self { user: user.clone(), look_ahead: format!("/api/availability?from={from}&to={to}") })
    }
}

impl Mix for Flood {
    fn request(&self, dice: &mut StdRng) -> Request {
        match dice.random_range(0..5) {
            0 => {
                let name = format!("Flood {:08x}", dice.random::<u32>());
                let body = json!({ "firstName": "Noah", "lastName": name });
                Request::new("customer new", &self.user, Method::POST, "/api/customers".to_owned())
                    .body(&body)
            }
            1 => Request::get("look ahead", &self.user, self.look_ahead.clone()),
            _ => Request::get("customers list", &self.user, LIST.to_owned()),
        }
    }
}
