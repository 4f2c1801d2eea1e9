//! What a page asks for: one JSON object a message.

use alloc::string::String;
use core::fmt;

use serde::Deserialize;

use crate::limits::{CHAT_ID_BYTES, CHAT_TEXT_BYTES, NAME_BYTES};

/// A request from a page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Request {
    /// A text for everybody; with the page's own `id` it is never published twice.
    Say {
        /// The page's number for the message.
        id: Option<String>,
        /// At most 4096 bytes; may have several lines.
        text: String,
    },
    /// Another name.
    Name {
        /// The name wanted.
        name: String,
    },
    /// The folder on show, `docs/` or empty for the root.
    Watch {
        /// The folder's name.
        path: String,
    },
}

impl Request {
    /// Reads one message.
    ///
    /// # Errors
    /// [`RequestError`], whose text is fit to be shown to the page's user.
    pub fn parse(json: &str) -> Result<Self, RequestError> {
        let request: Self = serde_json::from_str(json).map_err(|_| RequestError::Unknown)?;
        match &request {
            Self::Say { text, .. } if text.len() > CHAT_TEXT_BYTES => {
                Err(RequestError::TextTooLong)
            }
            Self::Say { id: Some(id), .. } if id.is_empty() || id.len() > CHAT_ID_BYTES => {
                Err(RequestError::Id)
            }
            Self::Watch { path } if path.len() > NAME_BYTES + 1 => Err(RequestError::PathTooLong),
            _ => Ok(request),
        }
    }
}

/// Why a message from a page is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// Not the JSON of a request.
    Unknown,
    /// A text of more than 4096 bytes.
    TextTooLong,
    /// An id that is empty or longer than 64 bytes.
    Id,
    /// A path of more than 4096 bytes.
    PathTooLong,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "That is not a request that this room knows.",
            Self::TextTooLong => "A message has at most 4096 bytes.",
            Self::Id => "A message's id has 1 to 64 bytes.",
            Self::PathTooLong => "A folder's path has at most 4096 bytes.",
        })
    }
}

impl core::error::Error for RequestError {}
