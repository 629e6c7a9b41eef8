//! Whether somebody could sign in at this moment, for `/readyz`.

use std::time::{Duration, Instant};

use base::problem::Problem;
use database::connect::Server;
use queries::client::Params;
use queries::queries::sessions;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;

/// How long the question may take before it counts as failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// How long a verdict on sign-ins holds: it costs a connection, and `/readyz` is asked every second, by anyone.
const HOLDS: Duration = Duration::from_secs(5);
const FAILURE_HOLDS: Duration = Duration::from_secs(1);

/// Asks what a sign-in asks first, on a connection of its own: connections that are kept still have what an upgrade has replaced.
#[derive(Debug)]
pub(crate) struct SignInCheck {
    server: Server,
    last: Mutex<Option<(Instant, Option<String>)>>,
}

impl SignInCheck {
    pub(crate) fn new(server: Server) -> Self {
        Self { server, last: Mutex::default() }
    }

    /// Why nobody can sign in. One connection at a time, however many ask.
    pub(crate) async fn trouble(&self) -> Option<String> {
        let mut last = self.last.lock().await;
        if let Some((at, trouble)) = &*last
            && at.elapsed() < if trouble.is_some() { FAILURE_HOLDS } else { HOLDS }
        {
            return trouble.clone();
        }
        let trouble = match timeout(PATIENCE, self.ask()).await {
            Ok(Ok(())) => None,
            // A moment with every connection in use says nothing of sign-ins.
            Ok(Err(error)) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) => None,
            Ok(Err(error)) => {
                let problem = Problem::from(error);
                tracing::error!(error = %problem, "a sign-in would fail");
                Some(if problem.status().as_u16() == 503 {
                    problem.detail().to_owned()
                } else {
                    "a sign-in would fail: the database refuses what it asks first; the program's log says why".to_owned()
                })
            }
            Err(_) => Some("the database did not answer in time".to_owned()),
        };
        *last = Some((Instant::now(), trouble.clone()));
        trouble
    }

    async fn ask(&self) -> std::result::Result<(), tokio_postgres::Error> {
        let (client, _) = self.server.open().await?;
        let nobody: (Option<&str>, Option<&[u8]>) = (None, None);
        let now = jiff::Timestamp::UNIX_EPOCH;
        sessions::identify()
            .params(
                &client,
                &sessions::IdentifyParams {
                    subdomain: nobody.0.as_ref(),
                    id: None,
                    session_tenant_id: None,
                    token_hash: nobody.1.as_ref(),
                    now,
                },
            )
            .opt()
            .await
            .map(|_| ())
    }
}
