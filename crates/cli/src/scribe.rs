//! Lines written by a thread of their own: who does not read them holds nobody up.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Takes lines and writes them in order. What comes faster than it can be written is counted, and
/// the count written in its place.
pub(crate) struct Scribe {
    lines: Option<SyncSender<String>>,
    lost: Arc<AtomicU64>,
    ended: Mutex<Receiver<()>>,
}

impl Scribe {
    /// Starts the thread, which writes to `out`; the name is the thread's.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(crate) fn new(name: &str, out: impl Write + Send + 'static) -> std::io::Result<Self> {
        Self::with(name, out, |missed| {
            format!("({missed} lines came too fast to be written)")
        })
    }

    /// The same, which says by a line of the caller's how many are missing.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn with(
        name: &str,
        out: impl Write + Send + 'static,
        missing: fn(u64) -> String,
    ) -> std::io::Result<Self> {
        let (lines, waiting) = sync_channel(LINES_WAITING);
        let (ending, ended) = sync_channel(1);
        let lost = Arc::new(AtomicU64::new(0));
        let missed = Arc::clone(&lost);
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                write_all(&waiting, &missed, missing, out);
                let _ = ending.send(());
            })?;
        let lines = Some(lines);
        let ended = Mutex::new(ended);
        Ok(Self { lines, lost, ended })
    }

    /// Gives a line, without its end, to be written. Never waits.
    pub(crate) fn write(&self, line: String) {
        let Some(lines) = &self.lines else { return };
        if let Err(TrySendError::Full(_)) = lines.try_send(line) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Scribe {
    /// Waits until everything is written, but not long for a reader who does not read.
    fn drop(&mut self) {
        drop(self.lines.take());
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = ended.recv_timeout(LAST_WORDS);
    }
}

fn write_all(
    lines: &Receiver<String>,
    lost: &AtomicU64,
    missing: fn(u64) -> String,
    mut out: impl Write,
) {
    let mut batch = String::new();
    while let Ok(line) = lines.recv() {
        batch.clear();
        for line in std::iter::once(line).chain(lines.try_iter()) {
            batch += &line;
            batch.push('\n');
            if batch.len() > BATCH_BYTES {
                break;
            }
        }
        let missed = lost.swap(0, Ordering::Relaxed);
        if missed > 0 {
            batch += &missing(missed);
            batch.push('\n');
        }
        // A full disk or a terminal that is gone must not stop the room: later lines may fit again.
        let _ = out.write_all(batch.as_bytes()).and_then(|()| out.flush());
    }
}

/// Lines that may wait to be written: a second's worth of a busy server.
const LINES_WAITING: usize = 16 * 1024;
/// About what is written at once.
const BATCH_BYTES: usize = 64 * 1024;
/// How long the last lines may take once all is over.
const LAST_WORDS: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::{LINES_WAITING, Scribe};
    use std::io::{Read, pipe};

    #[test]
    fn every_line_is_written_in_order() {
        let (mut reader, writer) = pipe().unwrap();
        let scribe = Scribe::new("test", writer).unwrap();
        (0..100).for_each(|n| scribe.write(n.to_string()));
        drop(scribe);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        let expected: String = (0..100).map(|n| format!("{n}\n")).collect();
        assert_eq!(text, expected);
    }

    #[test]
    fn a_reader_who_does_not_read_holds_nobody_up() {
        let (mut reader, writer) = pipe().unwrap();
        let missing = |lines| format!("{{\"missed\":{lines}}}");
        let scribe = Scribe::with("test", writer, missing).unwrap();
        let line = "x".repeat(100);
        (0..4 * LINES_WAITING).for_each(|_| scribe.write(line.clone()));
        // It gives up waiting here, with the pipe still full.
        drop(scribe);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        let said = text.lines().find(|line| line.starts_with("{\"missed\":"));
        assert!(said.is_some_and(|line| line.ends_with('}')), "{said:?}");
    }
}
