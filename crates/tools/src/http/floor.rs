//! A floor under the speed of a peer: whoever moves less for long is let go.

use std::io;
use std::time::Duration;

use tokio::time::Instant;

/// The least a peer must move, in either direction, while there is something to move.
#[derive(Clone, Copy, Debug)]
pub struct Floor {
    /// Bytes …
    pub bytes: u64,
    /// … in each stretch of this length.
    pub stretch: Duration,
}

/// Counts what a peer moves against its [`Floor`].
pub(super) struct Progress {
    floor: Floor,
    moved: u64,
    until: Instant,
}

impl Progress {
    pub(super) fn new(floor: Floor) -> Self {
        Self {
            floor,
            moved: 0,
            until: Instant::now() + floor.stretch,
        }
    }

    /// Runs one step that moves bytes, within what is left of the stretch.
    pub(super) async fn step(
        &mut self,
        step: impl Future<Output = io::Result<usize>>,
    ) -> io::Result<usize> {
        let count = tokio::time::timeout_at(self.until, step)
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "the peer was too slow"))??;
        self.moved += count as u64;
        if self.moved >= self.floor.bytes {
            self.moved = 0;
            self.until = Instant::now() + self.floor.stretch;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::{Floor, Progress};
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_trickle_ends_and_a_stream_goes_on() {
        let floor = Floor {
            bytes: 10,
            stretch: Duration::from_secs(10),
        };
        let mut progress = Progress::new(floor);
        let slow = |bytes| async move {
            tokio::time::sleep(Duration::from_secs(4)).await;
            Ok(bytes)
        };
        for _ in 0..10 {
            assert_eq!(
                progress.step(slow(5)).await.unwrap(),
                5,
                "10 bytes in 8 s are enough"
            );
        }
        let mut progress = Progress::new(floor);
        assert_eq!(progress.step(slow(1)).await.unwrap(), 1);
        assert_eq!(progress.step(slow(1)).await.unwrap(), 1);
        let error = progress.step(slow(1)).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    }
}
