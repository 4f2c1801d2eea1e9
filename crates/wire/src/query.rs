//! What a form writes: the values in the query of an address.

use alloc::string::String;

use percent_encoding::percent_decode_str;

/// The first value of `name` in a query, as a form writes it: `+` is a space, `%xx` a byte, bytes that are
/// not UTF-8 become replacement characters. A name without `=` has the empty value.
#[doc(alias = "parse_qs")]
#[must_use]
pub fn query_value(query: &str, name: &str) -> Option<String> {
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find(|(key, _)| decoded(key) == name)
        .map(|(_, value)| decoded(value))
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}
