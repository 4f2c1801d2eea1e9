//! What a request says about its connection: whether it stays, and what it should become (RFC 9110 §7.6 to §7.8).

use super::{Fault, RequestHead, Status, Version};

/// What an answer says about its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// It stays, as HTTP/1.1 assumes: nothing is said.
    Persist,
    /// It stays, as an HTTP/1.0 client asked: `Connection: keep-alive`.
    PersistAsked,
    /// It ends after this answer: `Connection: close`.
    Close,
    /// It becomes something else after this answer: `Connection: upgrade`.
    Upgrade,
}

impl RequestHead {
    /// Whether the client leaves the connection open after the answer (RFC 9112 §9.3): `close` ends it,
    /// HTTP/1.1 keeps it, HTTP/1.0 keeps it only with `keep-alive`.
    #[must_use]
    pub fn keeps_alive(&self) -> bool {
        let asks = |option| self.headers().has_token("connection", option);
        !asks("close") && (self.version() == Version::Http11 || asks("keep-alive"))
    }

    /// What the answer has to say; `close` when the server wants to end the connection.
    #[must_use]
    pub fn connection(&self, close: bool) -> Connection {
        match (close || !self.keeps_alive(), self.version()) {
            (true, _) => Connection::Close,
            (false, Version::Http10) => Connection::PersistAsked,
            (false, Version::Http11) => Connection::Persist,
        }
    }

    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1); an HTTP/1.0
    /// client never does.
    ///
    /// # Errors
    /// `417 Expectation Failed` for an expectation that is not known.
    pub fn expects_continue(&self) -> Result<bool, Fault> {
        if self.version() == Version::Http10 {
            return Ok(false);
        }
        let mut expects = false;
        for expectation in self.headers().list("expect") {
            if !expectation.eq_ignore_ascii_case(b"100-continue") {
                return Err(Fault::new(
                    Status::EXPECTATION_FAILED,
                    "The only expectation known is 100-continue.",
                ));
            }
            expects = true;
        }
        Ok(expects)
    }

    /// Whether the client offers to go on in `protocol` (RFC 9110 §7.8): HTTP/1.1, `Connection: upgrade`, and
    /// the name in Upgrade, compared without case.
    #[must_use]
    pub fn upgrades_to(&self, protocol: &str) -> bool {
        self.version() == Version::Http11
            && self.headers().has_token("connection", "upgrade")
            && self.headers().has_token("upgrade", protocol)
    }
}
