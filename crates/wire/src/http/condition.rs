//! Conditional requests: entity tags, and the five conditions in their order (RFC 9110 §8.8 and §13).

use super::syntax::trim;
use super::{Headers, Method, RequestHead, date};

/// An entity tag, borrowed from the text it was written in (RFC 9110 §8.8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ETag<'a> {
    text: &'a [u8],
}

impl<'a> ETag<'a> {
    /// Reads `"…"` or `W/"…"`; `None` for anything else, also for anything after it.
    #[must_use]
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let (tag, rest) = Self::parse_first(text)?;
        rest.is_empty().then_some(tag)
    }

    /// Reads the tag that `text` starts with, and gives what follows it.
    fn parse_first(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let prefix = if text.starts_with(b"W/") { 2 } else { 0 };
        let opaque = text[prefix..].strip_prefix(b"\"")?;
        // RFC 9110 §8.8.3: no spaces, no control bytes, and a backslash escapes nothing.
        let size = opaque
            .iter()
            .position(|&byte| byte <= b' ' || byte == b'"' || byte == 0x7f)?;
        if opaque[size] != b'"' {
            return None;
        }
        let (text, rest) = text.split_at(prefix + size + 2);
        Some((Self { text }, rest))
    }

    /// Whether it only says "equivalent", not "the same bytes".
    #[must_use]
    pub fn is_weak(self) -> bool {
        self.text.starts_with(b"W/")
    }

    /// The tag as it is written, quotes and all.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        self.text
    }

    /// Strong comparison: the same bytes, and neither is weak (RFC 9110 §8.8.3.2).
    #[must_use]
    pub fn matches_strongly(self, other: ETag<'_>) -> bool {
        !self.is_weak() && self.text == other.text
    }

    /// Weak comparison: the same but for `W/` (RFC 9110 §8.8.3.2).
    #[must_use]
    pub fn matches_weakly(self, other: ETag<'_>) -> bool {
        self.opaque() == other.opaque()
    }

    fn opaque(self) -> &'a [u8] {
        self.text.strip_prefix(b"W/").unwrap_or(self.text)
    }
}

/// What is known of the thing as it is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validators<'a> {
    /// Its entity tag.
    pub etag: Option<ETag<'a>>,
    /// When it last changed, in seconds since the epoch.
    pub last_modified: Option<u64>,
}

/// What the conditions of a request come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Do what is asked.
    Proceed,
    /// Answer `304 Not Modified`.
    NotModified,
    /// Answer `412 Precondition Failed` and do nothing.
    PreconditionFailed,
}

/// Judges If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of RFC 9110
/// §13.2.2; If-Range is [`super::range::select`]'s. Ask only when the answer would otherwise be 2xx.
///
/// `current` is `None` when nothing is there now; `now` is in seconds since the epoch.
#[must_use]
pub fn evaluate(head: &RequestHead, current: Option<&Validators<'_>>, now: u64) -> Outcome {
    if matches!(
        head.method(),
        Method::Connect | Method::Options | Method::Trace
    ) {
        return Outcome::Proceed;
    }
    let headers = head.headers();
    if !is_as_expected(headers, current, now) {
        return Outcome::PreconditionFailed;
    }
    let is_read = matches!(head.method(), Method::Get | Method::Head);
    match (is_known(headers, is_read, current, now), is_read) {
        (false, _) => Outcome::Proceed,
        (true, true) => Outcome::NotModified,
        (true, false) => Outcome::PreconditionFailed,
    }
}

/// Steps 1 and 2, against lost updates: If-Match, or without it If-Unmodified-Since.
fn is_as_expected(headers: &Headers, current: Option<&Validators<'_>>, now: u64) -> bool {
    if headers.contains("if-match") {
        return names_current(headers, "if-match", current, |tag, etag| {
            tag.matches_strongly(etag)
        });
    }
    match (
        single_date(headers, "if-unmodified-since", now),
        last_modified(current),
    ) {
        (Some(since), Some(changed)) => changed <= since,
        _ => true,
    }
}

/// Steps 3 and 4, against needless transfers: If-None-Match, or without it, for reads, If-Modified-Since.
fn is_known(headers: &Headers, is_read: bool, current: Option<&Validators<'_>>, now: u64) -> bool {
    if headers.contains("if-none-match") {
        return names_current(headers, "if-none-match", current, |tag, etag| {
            tag.matches_weakly(etag)
        });
    }
    match (
        single_date(headers, "if-modified-since", now),
        last_modified(current),
    ) {
        (Some(since), Some(changed)) => is_read && changed <= since,
        _ => false,
    }
}

fn last_modified(current: Option<&Validators<'_>>) -> Option<u64> {
    current.and_then(|validators| validators.last_modified)
}

/// Whether the tags of If-Match or If-None-Match name what is there: `*` names anything that is.
fn names_current(
    headers: &Headers,
    field: &str,
    current: Option<&Validators<'_>>,
    matches: fn(ETag<'_>, ETag<'_>) -> bool,
) -> bool {
    let Some(current) = current else {
        return false;
    };
    headers.all(field).any(|value| {
        trim(value) == b"*"
            || current
                .etag
                .is_some_and(|etag| tags(value).any(|tag| matches(tag, etag)))
    })
}

/// The tags of a list, up to the first thing that is none. The generic list rule would not do: in a tag a
/// backslash is a character like another.
fn tags(value: &[u8]) -> impl Iterator<Item = ETag<'_>> {
    let mut rest = value;
    core::iter::from_fn(move || {
        let start = rest
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b','))?;
        let (tag, after) = ETag::parse_first(&rest[start..])?;
        rest = after;
        Some(tag)
    })
}

/// RFC 9110 §13.1.3: a date that came twice, or is none, is as if it had not come.
fn single_date(headers: &Headers, field: &str, now: u64) -> Option<u64> {
    date::parse(headers.get(field).ok()??, now)
}

/// Whether If-Range lets Range count (RFC 9110 §13.1.5): it is absent, or holds exactly what is there now.
///
/// A date counts only when its second is over: before that the thing may change again under the same date
/// (RFC 9110 §8.8.2.2).
pub(super) fn allows_range(headers: &Headers, current: &Validators<'_>, now: u64) -> bool {
    match headers.get("if-range") {
        Ok(None) => true,
        Ok(Some(value)) => match ETag::parse(value) {
            Some(tag) => current.etag.is_some_and(|etag| tag.matches_strongly(etag)),
            None => date::parse(value, now)
                .is_some_and(|date| current.last_modified == Some(date) && date < now),
        },
        Err(_) => false,
    }
}
