//! Events as they are told: a line on stderr, a JSON line on stdout, a line in the log.

use std::fs::OpenOptions;
use std::io;

use landline_tools::base::{Size, clock};
use landline_tools::chat::ChatEvent;
use landline_tools::hub::{Direction, Event, Report};
use serde_json::json;

use crate::args::Output;
use crate::herald::Herald;
use crate::output;
use crate::scribe::Scribe;

/// Tells of events as the user asked, and never waits for whoever is told.
pub(crate) struct Journal {
    herald: Herald,
    log: Option<Scribe>,
}

impl Journal {
    /// # Errors
    /// When the log file cannot be opened.
    pub(crate) fn new(wanted: &Output) -> io::Result<Self> {
        let log = wanted.log.as_ref().map(|path| {
            let file = OpenOptions::new().create(true).append(true).open(path)?;
            Scribe::new("landline-log", file)
        });
        let herald = if wanted.json {
            Herald::json()?
        } else if wanted.quiet {
            Herald::Quiet
        } else {
            Herald::text()?
        };
        let log = log.transpose()?;
        Ok(Self { herald, log })
    }

    /// Tells of one event.
    pub(crate) fn tell(&self, event: &Event<'_>) {
        if let (Event::Answered(record), Some(log)) = (event, &self.log) {
            log.write(record.combined(clock::seconds()));
        }
        self.herald.tell(|| as_text(event), || as_json(event));
    }

    /// Tells how it was, when it is over.
    pub(crate) fn conclude(&self, report: &Report) {
        let Report {
            requests,
            uploads,
            downloads,
        } = report;
        self.herald.tell(
            || {
                Some(format!(
                    "the room is closed: {uploads} uploads, {downloads} downloads, {requests} requests in all"
                ))
            },
            || Some(json!({"event": "closed", "uploads": uploads, "downloads": downloads, "requests": requests})),
        );
    }
}

fn as_text(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Answered(_) => None,
        Event::Chat(event) => Some(event.to_string()),
        Event::Transferred {
            direction,
            peer,
            path,
            size,
            took,
        } => {
            let did = deed(*direction);
            let (size, took) = (Size(*size), output::time(*took));
            Some(format!("{peer} {did} {path} ({size} in {took})"))
        }
    }
}

fn as_json(event: &Event<'_>) -> Option<serde_json::Value> {
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
        Event::Transferred {
            direction,
            peer,
            path,
            size,
            took,
        } => {
            let did = deed(*direction);
            json!({"event": did, "peer": peer.to_string(), "path": path, "size": size, "seconds": took.as_secs_f64()})
        }
    })
}

fn deed(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "uploaded",
        Direction::Down => "downloaded",
    }
}
