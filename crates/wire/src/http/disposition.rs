//! Content-Disposition for any name that a file can have (RFC 6266, RFC 8187).

use alloc::format;
use alloc::string::String;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::character::acts;

/// What a browser should do with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Show it.
    Inline,
    /// Save it.
    Attachment,
}

/// The value of Content-Disposition for a file of that name, which is bytes as the file system has them.
///
/// A name of plain characters is said once; any other as a plain stand-in and again in full as UTF-8.
/// Control characters, slashes, and what turns the direction of writing or cannot be seen become `_`
/// in both, so a browser saves `a_gpj.exe` and shows it as that; bytes that are not UTF-8 become U+FFFD.
#[must_use]
pub fn content_disposition(kind: Disposition, name: &[u8]) -> String {
    let kind = match kind {
        Disposition::Inline => "inline",
        Disposition::Attachment => "attachment",
    };
    let name = String::from_utf8_lossy(name).replace(is_deceptive, "_");
    if name.is_empty() {
        return String::from(kind);
    }
    let plain = name.replace(|c: char| !is_plain(c), "_");
    if plain == name {
        return format!("{kind}; filename=\"{plain}\"");
    }
    format!(
        "{kind}; filename=\"{plain}\"; filename*=UTF-8''{}",
        utf8_percent_encode(&name, ENCODED)
    )
}

/// What may stand in the quoted stand-in: no quote and no backslash, which end or escape, and no percent
/// sign, which some browsers decode there.
fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%')
}

fn is_deceptive(c: char) -> bool {
    acts(c) || matches!(c, '/' | '\\')
}

/// RFC 8187 §3.2.1: all but attr-char. `!#$&+^`|` are allowed there too, but encoded all the same.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
