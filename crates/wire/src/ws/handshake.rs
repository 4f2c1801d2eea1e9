//! The opening handshake (RFC 6455, section 4.2).

use alloc::string::String;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use crate::http::{BodyFraming, Fault, Method, RequestHead, ResponseHead, Status};

/// RFC 6455, section 1.3.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// What a refusal of [`accept`] says beside its status: it holds for the address, whatever was wrong.
pub const OFFER: [(&str, &str); 3] = [
    ("Allow", "GET"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
];

/// The `101` that makes a WebSocket of the request's connection (section 4.2.1).
///
/// # Errors
/// `405` for another method than GET, `426` for a request that does not offer the upgrade (HTTP/1.0 cannot)
/// or another version than 13, `400` for a body or for a key that is not 16 bytes in base64; the answer has
/// the fields of [`OFFER`] too.
pub fn accept(head: &RequestHead) -> Result<ResponseHead, Fault> {
    let upgrade_required = |detail| Fault::new(Status::UPGRADE_REQUIRED, detail);
    let bad = |detail| Fault::new(Status::BAD_REQUEST, detail);
    if head.method() != Method::Get {
        return Err(Fault::new(
            Status::METHOD_NOT_ALLOWED,
            "A WebSocket is opened by GET.",
        ));
    }
    if !head.upgrades_to("websocket") {
        return Err(upgrade_required("This address speaks WebSocket only."));
    }
    if !matches!(head.framing(), BodyFraming::None | BodyFraming::Length(0)) {
        return Err(bad("A request that opens a WebSocket has no body."));
    }
    if head.headers().get("sec-websocket-version")? != Some(b"13") {
        return Err(upgrade_required(
            "Only WebSocket version 13 is spoken here.",
        ));
    }
    let key = head.headers().get("sec-websocket-key")?.unwrap_or_default();
    if STANDARD.decode(key).map_or(0, |nonce| nonce.len()) != 16 {
        return Err(bad("Sec-WebSocket-Key must be 16 bytes in base64."));
    }
    Ok(ResponseHead::new(Status::SWITCHING_PROTOCOLS)
        .with("Upgrade", "websocket")
        .with("Sec-WebSocket-Accept", accept_key(key)))
}

/// The value of `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key`.
fn accept_key(key: &[u8]) -> String {
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    STANDARD.encode(digest)
}
