//! Who is loading an answer at this moment.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// Those who are loading an answer at this moment; who comes meanwhile waits for it once.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<String, watch::Receiver<()>>>);

/// The one who loads; when it is done or gives up, those who wait look again.
pub(super) struct Flight<'a> {
    flights: &'a Flights,
    key: &'a str,
    _done: watch::Sender<()>,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(self.key);
    }
}

impl Flights {
    /// The flight, when there was none; else what to wait for.
    pub(super) fn board<'a>(&'a self, key: &'a str) -> std::result::Result<Flight<'a>, watch::Receiver<()>> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(under_way) = flights.get(key) {
            return Err(under_way.clone());
        }
        let (done, waiting) = watch::channel(());
        flights.insert(key.to_owned(), waiting);
        Ok(Flight { flights: self, key, _done: done })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_loads_and_the_others_wait_for_it() {
        let flights = Flights::default();
        let flight = flights.board("a").ok().unwrap();
        let Err(mut waiting) = flights.board("a") else { panic!("two flights for one key") };
        assert!(flights.board("b").is_ok());
        drop(flight);
        assert!(waiting.changed().await.is_err());
        assert!(flights.board("a").is_ok());
    }
}
