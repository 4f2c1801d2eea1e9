//! The key that a client shows with a request (RFC 9110 §11.6.2, RFC 6750 §2.1).

use super::syntax::trim;
use super::{Fault, Headers};

/// The token of `Authorization: Bearer TOKEN`; `None` without the field, with another scheme, or with
/// anything but one word after it. Compare it in constant time.
///
/// # Errors
/// `400 Bad Request` when the field came twice.
pub fn bearer(headers: &Headers) -> Result<Option<&[u8]>, Fault> {
    Ok(headers.get("authorization")?.and_then(token_of))
}

fn token_of(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(b"Bearer".len())?;
    let token = trim(rest.strip_prefix(b" ")?);
    let is_word = !token.is_empty() && token.iter().all(u8::is_ascii_graphic);
    (scheme.eq_ignore_ascii_case(b"Bearer") && is_word).then_some(token)
}
