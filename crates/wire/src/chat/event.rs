//! What a member is told, once as JSON and once as a line of text.

use alloc::format;
use alloc::string::String;

use serde::Serialize;

use super::RequestError;
use crate::size::Size;

/// How somebody is in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// By the page.
    Browser,
    /// By lines of text, as from `nc`.
    Text,
}

/// One of those who are here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberView {
    /// Rising, never used again in a room's life.
    pub id: u64,
    /// Unique among those who are here.
    pub name: String,
    /// How they are in the room.
    pub via: Via,
}

/// Something that a member is told. All text in it has been made printable before; `seq` rises by one
/// with each event that everybody is told, `at` is in milliseconds since 1970.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[expect(
    missing_docs,
    reason = "the fields are the protocol's, each said once in the variant's words"
)]
pub enum Event<'a> {
    /// The first thing a page hears: the room, itself and who else is here. `resumed` means that only what it missed follows.
    Welcome {
        room: &'a str,
        epoch: &'a str,
        you: u64,
        name: &'a str,
        members: &'a [MemberView],
        writable: bool,
        resumed: bool,
    },
    /// A message. `client` and `id` are the sender's own and only in the sender's copy.
    Said {
        seq: u64,
        at: u64,
        member: u64,
        name: &'a str,
        text: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        client: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
    },
    /// Somebody came.
    Joined {
        seq: u64,
        at: u64,
        member: u64,
        name: &'a str,
        via: Via,
    },
    /// Somebody went.
    Left {
        seq: u64,
        at: u64,
        member: u64,
        name: &'a str,
    },
    /// Somebody has another name. Without `seq` it answers who asked for the name that it has, and nobody else is told.
    Renamed {
        #[serde(skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
        at: u64,
        member: u64,
        name: &'a str,
        was: &'a str,
    },
    /// A file arrived and is whole; who brought it, where that is known.
    Shared {
        seq: u64,
        at: u64,
        member: Option<u64>,
        name: Option<&'a str>,
        path: &'a str,
        href: &'a str,
        size: u64,
    },
    /// What was there before has been told.
    CaughtUp,
    /// The content of the folder on show changed.
    Changed { path: &'a str },
    /// A request of the member's own was refused.
    Refused(&'a RequestError),
    /// The connection is about to be closed.
    Closing { detail: &'a str },
}

impl Event<'_> {
    /// One JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Fields of plain types under plain names: there is nothing in them that JSON cannot hold.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Lines for a terminal, each with its LF; empty for what only a page needs. `origin`, such as
    /// `http://127.0.0.1:8080`, is put before a file's address; without one the address is left out.
    #[must_use]
    pub fn to_text(&self, origin: &str) -> String {
        match self {
            Self::Said { name, text, .. } => text
                .lines()
                .map(|line| format!("{name}: {line}\n"))
                .collect(),
            Self::Joined { name, .. } => announcement(&format!("{name} joined")),
            Self::Left { name, .. } => announcement(&format!("{name} left")),
            Self::Renamed { name, was, .. } => announcement(&format!("{was} is now {name}")),
            Self::Shared {
                name,
                path,
                href,
                size,
                ..
            } => {
                let size = Size(*size);
                let mut notice = match name {
                    Some(name) => format!("{name} shared {path} ({size})"),
                    None => format!("new file {path} ({size})"),
                };
                if !origin.is_empty() {
                    notice = format!("{notice} {origin}{href}");
                }
                announcement(&notice)
            }
            Self::Refused(error) => announcement(&error.detail),
            Self::Closing { detail } => announcement(detail),
            Self::Welcome { .. } | Self::CaughtUp | Self::Changed { .. } => String::new(),
        }
    }
}

/// A line that no member can have said: names never start with `*`.
#[must_use]
pub fn announcement(detail: &str) -> String {
    format!("* {detail}\n")
}
