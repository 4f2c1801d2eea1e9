//! Which form of an answer a client would rather have (RFC 9110 §12.5.1).

use super::Headers;
use super::syntax::{members, trim};
use crate::limits::HTTP_ACCEPT_COUNT;

/// The forms that answers come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `text/html`, or `application/xhtml+xml`.
    Html,
    /// `application/json`
    Json,
    /// `text/plain`
    Text,
}

/// How well a form is liked: by quality, then by how exactly it was named, then by how early.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Liking {
    quality: u16,
    exactness: u8,
    earliness: usize,
}

/// The form that Accept likes best, of all its lines together.
///
/// A form named outright goes before one that a wildcard lets in at the same quality, an earlier name before
/// a later one, and among what only wildcards let in `default` goes first. `default` too when Accept is
/// absent, or allows none of the three. Members after [`HTTP_ACCEPT_COUNT`] do not count.
#[must_use]
pub fn wanted(headers: &Headers, default: Wanted) -> Wanted {
    let likings = likings(headers);
    let liking = |form: Wanted| likings[form as usize];
    let mut best = default;
    for form in FORMS {
        if liking(form) > liking(best) {
            best = form;
        }
    }
    best
}

/// How well each form is liked: the quality of the range that names it most exactly counts, whatever the
/// others say; a quality of 0 is no better than not being named at all.
fn likings(headers: &Headers) -> [Liking; FORMS.len()] {
    let mut likings = [Liking::default(); FORMS.len()];
    for (index, member) in headers.list("accept").take(HTTP_ACCEPT_COUNT).enumerate() {
        let mut parts = members(member, b';');
        let range = parts.next().unwrap_or_default();
        let Some(quality) = quality_of(parts) else {
            continue;
        };
        for (form, found) in FORMS.into_iter().zip(&mut likings) {
            let exactness = exactness_of(range, form);
            if exactness > found.exactness {
                // Wildcards say nothing about an order.
                let earliness = if exactness == NAMED {
                    HTTP_ACCEPT_COUNT - index
                } else {
                    0
                };
                *found = Liking {
                    quality,
                    exactness,
                    earliness,
                };
            }
        }
    }
    likings.map(|liking| {
        if liking.quality == 0 {
            Liking::default()
        } else {
            liking
        }
    })
}

/// How exactly a media range names a form; 0 when it does not.
fn exactness_of(range: &[u8], form: Wanted) -> u8 {
    let (names, family): (&[&[u8]], &[u8]) = match form {
        Wanted::Html => (&[b"text/html", b"application/xhtml+xml"], b"text/*"),
        Wanted::Json => (&[b"application/json"], b"application/*"),
        Wanted::Text => (&[b"text/plain"], b"text/*"),
    };
    if names.iter().any(|name| range.eq_ignore_ascii_case(name)) {
        NAMED
    } else if range.eq_ignore_ascii_case(family) {
        2
    } else {
        u8::from(range == b"*/*")
    }
}

/// The weight in thousandths, 1000 when there is none; `None` when it is malformed (RFC 9110 §12.4.2).
fn quality_of<'a>(parameters: impl Iterator<Item = &'a [u8]>) -> Option<u16> {
    for parameter in parameters {
        if let [b'q' | b'Q', rest @ ..] = parameter
            && let Some(weight) = trim(rest).strip_prefix(b"=")
        {
            return parse_quality(trim(weight));
        }
    }
    Some(1000)
}

fn parse_quality(text: &[u8]) -> Option<u16> {
    let (whole, fraction) = match text {
        [whole] | [whole, b'.'] => (whole, &[][..]),
        [whole, b'.', fraction @ ..] => (whole, fraction),
        _ => return None,
    };
    if fraction.len() > 3 || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |at: usize| fraction.get(at).map_or(0, |digit| u16::from(digit - b'0'));
    let thousandths = digit(0) * 100 + digit(1) * 10 + digit(2);
    match whole {
        b'0' => Some(thousandths),
        b'1' if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// In the order of their discriminants.
const FORMS: [Wanted; 3] = [Wanted::Html, Wanted::Json, Wanted::Text];

/// The exactness of a form's own name.
const NAMED: u8 = 3;
