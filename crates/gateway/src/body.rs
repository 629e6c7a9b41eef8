//! Reading request bodies: within their limits, and within one budget for all that are in memory at a time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use bytes::BytesMut;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::extract::RequestBody;
use crate::identity::is_signed_in;
use crate::settings::Settings;
use base::problem::{Problem, Result};

/// How long a client may take to send a request's head, and then its body.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// The largest body of a request without a session, such as a login.
const STRANGERS_LIMIT: usize = 16 * 1024;

/// The room for bodies; copies share it.
#[derive(Clone, Debug)]
pub(crate) struct Bodies {
    limit: usize,
    budget: usize,
    room: Arc<Semaphore>,
}

/// A body's part of the room, in the extensions of its request for as long as that has the body.
#[derive(Clone)]
struct Held(#[expect(dead_code, reason = "held until it is dropped")] Arc<OwnedSemaphorePermit>);

impl Bodies {
    pub(crate) fn new(settings: &Settings) -> Self {
        let budget = settings.body_memory_bytes;
        Self { limit: settings.body_limit_bytes, budget, room: Arc::new(Semaphore::new(budget)) }
    }

    /// Reads the body before anything else is held for the request, so that a slow sender keeps nobody waiting but itself.
    ///
    /// # Errors
    /// 400, 408, 413, and 503 when there is no room at this moment.
    pub(crate) async fn read(&self, request: Request) -> Result<Request> {
        let (mut parts, body) = request.into_parts();
        let signed_in = is_signed_in(&parts.extensions);
        let limit = if signed_in { self.limit } else { self.limit.min(STRANGERS_LIMIT) };
        // Strangers leave half of the room to those who signed in.
        let spare = if signed_in { 0 } else { self.budget / 2 };
        if body.size_hint().lower() > limit as u64 {
            return Err(Problem::too_large(limit));
        }
        let read = timeout(PATIENCE, self.collect(Limited::new(body, limit), limit, spare));
        let (bytes, held) = read.await.map_err(|_| Problem::too_slow())??;
        parts.extensions.insert(RequestBody(bytes.freeze()));
        if let Some(held) = held {
            parts.extensions.insert(Held(Arc::new(held)));
        }
        Ok(Request::from_parts(parts, Body::empty()))
    }

    /// Takes room for what has arrived, not for what was announced.
    async fn collect(
        &self,
        mut body: Limited<Body>,
        limit: usize,
        spare: usize,
    ) -> Result<(BytesMut, Option<OwnedSemaphorePermit>)> {
        let (mut bytes, mut held) = (BytesMut::new(), None::<OwnedSemaphorePermit>);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Problem::too_large(limit)
                } else {
                    Problem::malformed("the body broke off: send it again")
                }
            })?;
            let Ok(data) = frame.into_data() else { continue };
            let full = || {
                Problem::unavailable(
                    "too many request bodies are being read: send it again a little later",
                    1,
                )
            };
            if self.room.available_permits() < spare {
                return Err(full());
            }
            let length = u32::try_from(data.len()).map_err(|_| full())?;
            let more = self.room.clone().try_acquire_many_owned(length).map_err(|_| full())?;
            match &mut held {
                Some(held) => held.merge(more),
                None => held = Some(more),
            }
            bytes.extend_from_slice(&data);
        }
        Ok((bytes, held))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;

    fn bodies() -> Bodies {
        let config = Settings::standard();
        Bodies::new(&Settings { body_memory_bytes: 20_000, ..config })
    }

    fn request(length: usize) -> Request {
        Request::new(Body::from(vec![b'x'; length]))
    }

    #[tokio::test]
    async fn the_bodies_of_strangers_are_small_and_leave_half_of_the_room_to_others() {
        let bodies = bodies();
        let status = async |length| bodies.read(request(length)).await.err().map(|problem| problem.status());
        assert_eq!(status(STRANGERS_LIMIT + 1).await, Some(StatusCode::PAYLOAD_TOO_LARGE));
        let first = bodies.read(request(8_000)).await.unwrap();
        let second = bodies.read(request(8_000)).await.unwrap();
        assert_eq!(status(1).await, Some(StatusCode::SERVICE_UNAVAILABLE));
        drop(first);
        assert_eq!(status(1).await, None);
        drop(second);
        assert_eq!(bodies.room.available_permits(), 20_000);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_only_announced_takes_no_room() {
        let bodies = bodies();
        let silent = Body::from_stream(futures_util::stream::pending::<std::io::Result<bytes::Bytes>>());
        let reading = tokio::spawn({
            let bodies = bodies.clone();
            async move { bodies.read(Request::new(silent)).await.err().map(|problem| problem.status()) }
        });
        tokio::task::yield_now().await;
        assert_eq!(bodies.room.available_permits(), 20_000);
        assert_eq!(reading.await.unwrap(), Some(StatusCode::REQUEST_TIMEOUT));
    }
}
