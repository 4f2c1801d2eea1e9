//! Events as they are told: a line on stderr, a JSON line on stdout, a line in the log.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use landline_tools::chat::ChatEvent;
use landline_tools::hub::Event;
use serde_json::json;

use crate::args::Output;
use crate::output;

/// Tells of events as the user asked.
pub(crate) struct Journal {
    quiet: bool,
    json: bool,
    log: Option<Log>,
}

impl Journal {
    /// # Errors
    /// When the log file cannot be opened.
    pub(crate) fn new(wanted: &Output) -> io::Result<Self> {
        let log = wanted.log.as_deref().map(Log::open).transpose()?;
        Ok(Self {
            quiet: wanted.quiet,
            json: wanted.json,
            log,
        })
    }

    /// Tells of one event.
    pub(crate) fn tell(&self, event: &Event<'_>) {
        if let Event::Answered(record) = event {
            if let Some(log) = &self.log {
                log.write(&record.combined(now()));
            }
            return;
        }
        if self.json {
            if let Some(line) = as_json(event) {
                // Where stdout is gone the room goes on: it is not the room's purpose.
                let _ = output::write_stdout(format!("{line}\n").as_bytes());
            }
        } else if !self.quiet
            && let Some(line) = as_text(event)
        {
            output::say(&line);
        }
    }
}

fn as_text(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::Chat(ChatEvent::Watching { .. }) | Event::Answered(_) => return None,
        Event::Chat(event) => event.to_string(),
        Event::Uploaded {
            peer,
            path,
            size,
            took,
        } => {
            format!(
                "{peer} uploaded {path} ({} in {})",
                output::size(*size),
                output::time(*took)
            )
        }
        Event::Downloaded {
            peer,
            path,
            size,
            took,
        } => {
            format!(
                "{peer} downloaded {path} ({} in {})",
                output::size(*size),
                output::time(*took)
            )
        }
    })
}

fn as_json(event: &Event<'_>) -> Option<serde_json::Value> {
    let moved = |what: &str, peer: &dyn ToString, path: &str, size: u64, took: Duration| json!({"event": what, "peer": peer.to_string(), "path": path, "size": size, "seconds": took.as_secs_f64()});
    Some(match event {
        Event::Answered(_) => return None,
        Event::Chat(event) => match event {
            ChatEvent::Joined { name, .. } => json!({"event": "joined", "name": name}),
            ChatEvent::Left { name, .. } => json!({"event": "left", "name": name}),
            ChatEvent::Renamed { was, name } => {
                json!({"event": "renamed", "was": was, "name": name})
            }
            ChatEvent::Dropped { name, reason } => {
                json!({"event": "dropped", "name": name, "reason": reason.to_string()})
            }
            ChatEvent::Refused { peer, reason } => {
                json!({"event": "refused", "peer": peer, "reason": reason.to_string()})
            }
            _ => return None,
        },
        Event::Uploaded {
            peer,
            path,
            size,
            took,
        } => moved("uploaded", peer, path, *size, *took),
        Event::Downloaded {
            peer,
            path,
            size,
            took,
        } => moved("downloaded", peer, path, *size, *took),
    })
}

/// A file that gets a line per request: buffered, on disk within a second, and at the end.
struct Log {
    file: Arc<Mutex<BufWriter<File>>>,
    end: Option<Sender<()>>,
    flusher: Option<JoinHandle<()>>,
}

impl Log {
    fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let file = Arc::new(Mutex::new(BufWriter::with_capacity(BUFFER_BYTES, file)));
        let (end, ended) = mpsc::channel();
        let flushed = Arc::clone(&file);
        let flusher = std::thread::Builder::new()
            .name("landline-log".to_owned())
            .spawn(move || {
                while ended.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                    // A full disk must not stop the room; what fits later is written later.
                    let _ = flushed
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .flush();
                }
            })?;
        Ok(Self {
            file,
            end: Some(end),
            flusher: Some(flusher),
        })
    }

    fn write(&self, line: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(file, "{line}");
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(flusher) = self.flusher.take() {
            let _ = flusher.join();
        }
        let _ = self
            .file
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .flush();
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

const BUFFER_BYTES: usize = 64 * 1024;
