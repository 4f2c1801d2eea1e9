//! How it is told what happens: not at all, as lines on stderr, or as JSON lines on stdout.

use std::io;

use landline_tools::base::printable;
use serde_json::{Value, json};

use crate::output;
use crate::scribe::Scribe;

/// Tells of events, and never waits for whoever is told.
pub(crate) enum Herald {
    Quiet,
    Text(Scribe),
    Json(Scribe),
}

impl Herald {
    /// Lines of text, on stderr.
    ///
    /// # Errors
    /// When there is no thread to be had, here and below.
    pub(crate) fn text() -> io::Result<Self> {
        Scribe::new("landline-events", io::stderr()).map(Self::Text)
    }

    /// Lines of JSON, on stdout.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub(crate) fn json() -> io::Result<Self> {
        Scribe::with("landline-events", io::stdout(), missed).map(Self::Json)
    }

    /// The ready line, on stdout: a script waits for it, so there is one in any case.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn ready(&self, url: &str) -> io::Result<()> {
        let line = match self {
            Self::Json(_) => json!({"event": "listening", "address": url}).to_string(),
            Self::Quiet | Self::Text(_) => format!("listening on {}", printable(url)),
        };
        output::write_stdout(format!("{line}\n").as_bytes())
    }

    /// Tells of one event, if there is something to tell of it in our form.
    pub(crate) fn tell(
        &self,
        text: impl FnOnce() -> Option<String>,
        json: impl FnOnce() -> Option<Value>,
    ) {
        let (scribe, line) = match self {
            Self::Quiet => return,
            Self::Text(scribe) => (scribe, text()),
            Self::Json(scribe) => (scribe, json().map(|event| event.to_string())),
        };
        if let Some(line) = line {
            scribe.write(line);
        }
    }
}

/// Says by an event how many others are missing.
pub(crate) fn missed(lines: u64) -> String {
    json!({"event": "missed", "lines": lines}).to_string()
}
