//! Whether requests can be served at this moment: what `/readyz`, `/health`, the dashboard and `doctor` say of the database.

use base::problem::{Problem, Result};
use database::embedded::Fault;
use tokio::time::timeout;

use crate::pool::Database;
use crate::sign_in_check::PATIENCE;

impl Database {
    /// What the watch over a private server has found.
    pub fn fault(&self) -> Option<Fault> {
        self.address.standing.fault()
    }

    /// # Errors
    /// 503 when nobody can sign in, and why.
    pub async fn sign_ins(&self) -> Result<()> {
        self.sign_ins.trouble().await.map_or(Ok(()), |trouble| Err(Problem::unavailable(trouble, 5)))
    }

    /// What keeps the database from its work, in words for anyone.
    pub async fn trouble(&self) -> Option<String> {
        if let Some(fault) = self.fault() {
            return Some(fault.reason);
        }
        match timeout(PATIENCE, self.ping()).await {
            Ok(Ok(())) => self.sign_ins.trouble().await,
            Ok(Err(problem)) => Some(problem.detail().to_owned()),
            Err(_) => Some("the database did not answer in time".to_owned()),
        }
    }
}
