//! What a connection to the text port opens with, when it is not a person.

/// Who speaks, judged by the first bytes or the first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Somebody who chats.
    Text,
    /// The beginning of an HTTP request: a browser that a foreign page sent here, and whose body
    /// must not be taken for messages.
    Http,
    /// A TLS handshake (RFC 8446, section 5.1).
    Tls,
}

/// Judges a first line, or as much of it as came before its sender fell silent.
///
/// A request line (`METHOD target HTTP/x`, RFC 9112, section 3) is HTTP; as long as what came is not a whole line
/// (`ended`), a method and a target in origin, absolute or asterisk form are enough.
#[must_use]
pub fn opening(bytes: &[u8], ended: bool) -> Opening {
    if bytes.starts_with(&[0x16, 0x03]) {
        return Opening::Tls;
    }
    let line = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let mut words = line.splitn(2, |&byte| byte == b' ');
    let (Some(method), Some(rest)) = (words.next(), words.next()) else {
        return Opening::Text;
    };
    let is_method = method.len() >= 3
        && method
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || *byte == b'-');
    let has_version = rest
        .rsplitn(2, |&byte| byte == b' ')
        .next()
        .is_some_and(|last| last.len() < rest.len() && last.starts_with(b"HTTP/"));
    let has_target = [&b"/"[..], b"*", b"http:", b"https:"]
        .iter()
        .any(|form| rest.starts_with(form));
    let is_request = is_method && (has_version || (!ended && has_target));
    if is_request {
        Opening::Http
    } else {
        Opening::Text
    }
}
