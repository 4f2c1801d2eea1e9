//! What a page says about itself in the address of the room: `after=12&epoch=f3a1&name=Bob&client=TOKEN`.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use core::fmt;

use percent_encoding::percent_decode_str;

use crate::limits::CHAT_ID_BYTES;

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
    /// Reads a URL's query, which may be empty; unknown parameters do not matter.
    ///
    /// # Errors
    /// [`HelloError`]: a wrong `after`, or a `client` that is not 8 to 64 letters, digits, `-` and `_`.
    pub fn parse(query: &str) -> Result<Self, HelloError> {
        let mut hello = Self::default();
        for pair in query.trim_start_matches('?').split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if value.is_empty() {
                continue;
            }
            match key {
                "after" => hello.after = Some(value.parse().map_err(|_| HelloError::After)?),
                "epoch" => hello.epoch = Some(value.to_owned()),
                "name" => hello.name = Some(decoded(value)),
                "client" if is_token(value) => hello.client = Some(value.to_owned()),
                "client" => return Err(HelloError::Client),
                _ => {}
            }
        }
        Ok(hello)
    }
}

/// `application/x-www-form-urlencoded`, as `URLSearchParams` writes it.
fn decoded(value: &str) -> String {
    let spaced = value.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
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
