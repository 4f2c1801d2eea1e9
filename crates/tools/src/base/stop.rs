//! Stop: one switch that ends a server, seen by every task that waits for it.

use std::sync::Arc;

use tokio::sync::watch;

/// A switch that is thrown once; clones share it.
#[derive(Clone, Debug)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    /// A switch not yet thrown.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Throws the switch; throwing it again changes nothing.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether the switch has been thrown.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the switch is thrown; safe to cancel and to call again.
    pub async fn stopped(&self) {
        let mut seen = self.0.subscribe();
        // The sender lives in `self`, so the only way out is the value.
        let _ = seen.wait_for(|stopped| *stopped).await;
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Stop;

    #[tokio::test]
    async fn every_clone_sees_it_thrown() {
        let stop = Stop::new();
        let clone = stop.clone();
        let waiter = tokio::spawn(async move { clone.stopped().await });
        assert!(!stop.is_stopped());
        stop.stop();
        stop.stop();
        waiter.await.unwrap();
        assert!(stop.is_stopped());
        stop.stopped().await;
    }
}
