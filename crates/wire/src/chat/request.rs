//! What a page asks for: one JSON object a message.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::{CHAT_ID_BYTES, CHAT_TEXT_BYTES, CHAT_TEXT_LINES, NAME_BYTES};

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
    /// [`RequestError`], when it is not the JSON of a request, or over a limit.
    pub fn parse(json: &str) -> Result<Self, RequestError> {
        let request: Self = serde_json::from_str(json).map_err(|_| RequestError {
            verb: None,
            id: None,
            detail: "That is not a request that this room knows.".into(),
        })?;
        match &request {
            Self::Say { text, .. } if text.len() > CHAT_TEXT_BYTES => {
                Err(request.refused("A message has at most 4096 bytes."))
            }
            Self::Say { text, .. } if text.lines().count() > CHAT_TEXT_LINES => {
                Err(request.refused("A message has at most 100 lines."))
            }
            Self::Say { id: Some(id), .. } if id.is_empty() || id.len() > CHAT_ID_BYTES => {
                Err(request.refused("A message's id has 1 to 64 bytes."))
            }
            Self::Watch { path } if path.len() > NAME_BYTES + 1 => {
                Err(request.refused("A folder's path has at most 4096 bytes."))
            }
            _ => Ok(request),
        }
    }

    /// The refusal of this request.
    #[must_use]
    pub fn refused(&self, detail: impl Into<String>) -> RequestError {
        let (verb, id) = match self {
            Self::Say { id, .. } => ("say", id.clone()),
            Self::Name { .. } => ("name", None),
            Self::Watch { .. } => ("watch", None),
        };
        RequestError {
            verb: Some(verb),
            id,
            detail: detail.into(),
        }
    }
}

/// Why a request from a page is refused, and which one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestError {
    /// What was to be done: `say`, `name` or `watch`; `None` where that cannot be told.
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    pub verb: Option<&'static str>,
    /// The page's own number for the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A sentence for the page's user.
    pub detail: String,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl core::error::Error for RequestError {}
