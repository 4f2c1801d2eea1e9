//! The opening handshake (RFC 6455, section 4.2).

use alloc::string::String;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

/// RFC 6455, section 1.3.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The value of `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key`.
#[must_use]
pub fn accept_key(key: &str) -> String {
    let digest = Sha1::new()
        .chain_update(key.as_bytes())
        .chain_update(GUID)
        .finalize();
    STANDARD.encode(digest)
}

/// What a request says about becoming a WebSocket; header lines of one name are joined by commas.
#[derive(Clone, Copy, Debug, Default)]
pub struct Handshake<'a> {
    /// The request's method.
    pub method: &'a str,
    /// `Upgrade`.
    pub upgrade: Option<&'a str>,
    /// `Connection`.
    pub connection: Option<&'a str>,
    /// `Sec-WebSocket-Version`.
    pub version: Option<&'a str>,
    /// `Sec-WebSocket-Key`.
    pub key: Option<&'a str>,
}

impl Handshake<'_> {
    /// Judges the request (section 4.2.1) and gives the `Sec-WebSocket-Accept` of a 101.
    ///
    /// # Errors
    /// [`HandshakeError`], which names the status of the answer.
    pub fn accept(&self) -> Result<String, HandshakeError> {
        if !has_token(self.upgrade, "websocket") || !has_token(self.connection, "upgrade") {
            return Err(HandshakeError::NotUpgrade);
        }
        if self.method != "GET" {
            return Err(HandshakeError::Method);
        }
        if self.version.map(str::trim) != Some("13") {
            return Err(HandshakeError::Version);
        }
        let key = self.key.map(str::trim).ok_or(HandshakeError::Key)?;
        match STANDARD.decode(key) {
            Ok(nonce) if nonce.len() == 16 => Ok(accept_key(key)),
            _ => Err(HandshakeError::Key),
        }
    }
}

fn has_token(list: Option<&str>, token: &str) -> bool {
    list.is_some_and(|list| {
        list.split(',')
            .any(|item| item.trim().eq_ignore_ascii_case(token))
    })
}

/// Why a request does not become a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeError {
    /// Not a GET.
    Method,
    /// It does not ask for the upgrade.
    NotUpgrade,
    /// Another version than 13: the answer says `Sec-WebSocket-Version: 13`.
    Version,
    /// The key is not 16 bytes in base64.
    Key,
}

impl HandshakeError {
    /// The status of the answer (sections 4.2.2 and 4.4).
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Method => 405,
            Self::Version | Self::NotUpgrade => 426,
            Self::Key => 400,
        }
    }
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Method => "A WebSocket is opened by GET.",
            Self::NotUpgrade => "This address speaks WebSocket only.",
            Self::Version => "Only WebSocket version 13 is spoken here.",
            Self::Key => "Sec-WebSocket-Key must be 16 bytes in base64.",
        })
    }
}

impl core::error::Error for HandshakeError {}
