//! How often may be signed in from one address, generously. What wrong passwords lead to is in `sign_in/`.

use std::net::IpAddr;

use base::problem::{Problem, Result};

use super::bounded::subject;
use super::limits::Limits;
use crate::client_address::network;

impl Limits {
    /// Counts an attempt to sign in from this address.
    ///
    /// # Errors
    /// 429 when it made too many in this window.
    pub(crate) fn sign_in_from(&self, address: IpAddr, limit: u32) -> Result<()> {
        let subject = subject(&format!("sign-ins from {}", network(address)));
        match self.judge(subject, limit) {
            Some(decision) if !decision.is_admitted => {
                self.0.counts.sign_ins_refused.inc();
                Err(Problem::too_many_sign_ins(decision.reset_seconds))
            }
            _ => Ok(()),
        }
    }

    /// Notes an attempt that was told to wait, after wrong passwords before it.
    pub(crate) fn sign_in_delayed(&self) {
        self.0.counts.sign_ins_slowed.inc();
    }
}
