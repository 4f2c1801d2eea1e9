//! What a page says about itself in the address of the room: `after=12&epoch=f3a1&name=Bob&client=TOKEN`.

use alloc::string::String;
use core::fmt;

use crate::limits::CHAT_ID_BYTES;
use crate::query::query_value;

/// A page's first words. Whatever it leaves out is as on a first visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hello {
    /// The last event that it has seen…
    pub after: Option<u64>,
    /// …in this life of the room.
    pub epoch: Option<String>,
    /// The name that it wants; not yet judged.
    pub name: Option<String>,
    /// A random token that the tab keeps: only who has it is the same member again.
    pub client: Option<String>,
}

impl Hello {
    /// Reads a URL's query, which may be empty; unknown parameters and empty values do not matter.
    ///
    /// # Errors
    /// [`HelloError`]: a wrong `after`, or a `client` that is not 8 to 64 letters, digits, `-` and `_`.
    pub fn parse(query: &str) -> Result<Self, HelloError> {
        let value = |name| query_value(query, name).filter(|value| !value.is_empty());
        let after = value("after").map(|after| after.parse().map_err(|_| HelloError::After));
        let client = value("client").map(|client| match is_token(&client) {
            true => Ok(client),
            false => Err(HelloError::Client),
        });
        Ok(Self {
            after: after.transpose()?,
            epoch: value("epoch"),
            name: value("name"),
            client: client.transpose()?,
        })
    }
}

fn is_token(value: &str) -> bool {
    (8..=CHAT_ID_BYTES).contains(&value.len())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Why an address does not lead into the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelloError {
    /// `after` is not a number.
    After,
    /// `client` is not a token.
    Client,
}

impl fmt::Display for HelloError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::After => "The parameter after must be a number.",
            Self::Client => {
                "The parameter client must be 8 to 64 letters, digits, hyphens and underscores."
            }
        })
    }
}

impl core::error::Error for HelloError {}
