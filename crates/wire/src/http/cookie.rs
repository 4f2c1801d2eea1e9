//! Reading cookies (RFC 6265 §4.2).

use super::Headers;
use super::syntax::trim;

/// The value of every cookie of that name, in the order sent, without the quotes around it.
///
/// Cookies know no ports: a server on another port of the same machine can set one of the same name. Take
/// the request as good if any of the values is.
pub fn values<'a>(headers: &'a Headers, name: &str) -> impl Iterator<Item = &'a [u8]> {
    headers
        .all("cookie")
        .flat_map(|line| line.split(|&byte| byte == b';'))
        .filter_map(move |pair| trim(pair).strip_prefix(name.as_bytes())?.strip_prefix(b"="))
        .map(|value| {
            value
                .strip_prefix(b"\"")
                .and_then(|rest| rest.strip_suffix(b"\""))
                .unwrap_or(value)
        })
}
