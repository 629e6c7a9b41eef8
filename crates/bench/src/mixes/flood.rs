//! One resort that asks for much and does not stop: lists, long looks ahead, and new customers.

use std::sync::Arc;

use http::Method;
use jiff::civil::Date;
use rand::RngExt;
use rand::rngs::StdRng;
use serde::Deserialize;
use serde_json::json;

use super::{Ask, LIST, Mix};
use crate::client::Client;
use crate::users::{User, get};

/// The days of a look ahead: the most that may be asked for.
const DAYS: i64 = 92;

/// Draws three lists for a look ahead and a write.
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
    /// # Errors
    /// When the program does not tell the date.
    pub(crate) async fn prepare(client: &Client, user: &Arc<User>) -> anyhow::Result<Self> {
        let me: Me = get(client, user, "/api/auth/me").await?;
        let (from, to) = (me.tenant.today, me.tenant.today.checked_add(jiff::Span::new().days(DAYS))?);
        Ok(Self { user: user.clone(), look_ahead: format!("/api/availability?from={from}&to={to}") })
    }
}

impl Mix for Flood {
    fn ask(&self, dice: &mut StdRng) -> Ask {
        match dice.random_range(0..5) {
            0 => {
                let name = format!("Flood {:08x}", dice.random::<u32>());
                let body = json!({ "firstName": "Noah", "lastName": name });
                Ask::new("customer new", &self.user, Method::POST, "/api/customers".to_owned()).body(&body)
            }
            1 => Ask::get("look ahead", &self.user, self.look_ahead.clone()),
            _ => Ask::get("customers list", &self.user, LIST.to_owned()),
        }
    }
}
