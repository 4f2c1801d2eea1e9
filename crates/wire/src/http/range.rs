//! Byte ranges: which parts of a thing are asked for, and the texts that carry them (RFC 9110 §14 and §15.3.7).

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::condition::{Validators, allows_range};
use super::syntax::{members, saturating_number};
use super::{Method, RequestHead};
use crate::limits::HTTP_RANGE_COUNT;

/// Bytes from `first` to `last`, both included; from [`select`], `first <= last < length`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte's offset.
    pub first: u64,
    /// The last byte's offset.
    pub last: u64,
}

impl ByteRange {
    /// How many bytes it spans.
    #[must_use]
    pub const fn size_bytes(self) -> u64 {
        self.last - self.first + 1
    }

    /// The value of Content-Range: `bytes 0-4/10`, where the whole thing has `length` bytes.
    #[must_use]
    pub fn content_range(self, length: u64) -> String {
        format!("bytes {}-{}/{length}", self.first, self.last)
    }

    /// Whether the two overlap or have no byte between them.
    const fn touches(self, other: Self) -> bool {
        self.first <= other.last.saturating_add(1) && other.first <= self.last.saturating_add(1)
    }
}

/// What a request asks to have of a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of it: answer 200.
    Whole,
    /// One part: answer 206 with Content-Range.
    One(ByteRange),
    /// Several parts, none touching another: answer 206 with [`Multipart`].
    Many(Vec<ByteRange>),
    /// Nothing that is there: answer 416 with [`unsatisfied_content_range`].
    Unsatisfiable,
}

/// What a GET asks for, of something `length` bytes long. Range counts only if If-Range lets it, and comes
/// after the other conditions (RFC 9110 §13.2.2); other methods, HEAD too, ask for the whole.
#[must_use]
pub fn select(head: &RequestHead, current: &Validators<'_>, length: u64, now: u64) -> Selection {
    match head.headers().get("range") {
        Ok(Some(value))
            if head.method() == Method::Get && allows_range(head.headers(), current, now) =>
        {
            parse(value, length)
        }
        _ => Selection::Whole,
    }
}

/// What the value of Range asks for. Another unit, a malformed range, and more than [`HTTP_RANGE_COUNT`]
/// ranges are ignored, which gives the whole (RFC 9110 §14.2).
///
/// Ranges that overlap or touch become one, in the place of the first of them, so no byte is sent twice
/// whatever is asked (RFC 9110 §15.3.7.2 allows it, §17.15 is why); otherwise their order is kept.
#[must_use]
pub fn parse(value: &[u8], length: u64) -> Selection {
    let Some(specs) = strip_unit(value) else {
        return Selection::Whole;
    };
    let mut ranges = Vec::new();
    let mut count = 0;
    for spec in members(specs, b',') {
        count += 1;
        if count > HTTP_RANGE_COUNT {
            return Selection::Whole;
        }
        match Spec::parse(spec) {
            // RFC 9110 §14.1.2 calls a suffix of nothing satisfiable, but no Content-Range can say so.
            Some(Spec::Suffix(1..)) if length == 0 => return Selection::Whole,
            Some(spec) => ranges.extend(spec.within(length)),
            None => return Selection::Whole,
        }
    }
    coalesce(&mut ranges);
    match ranges.as_slice() {
        [] if count == 0 => Selection::Whole,
        [] => Selection::Unsatisfiable,
        [range] => Selection::One(*range),
        _ => Selection::Many(ranges),
    }
}

/// The value of Content-Range in a 416: `bytes */10`.
#[must_use]
pub fn unsatisfied_content_range(length: u64) -> String {
    format!("bytes */{length}")
}

/// RFC 9110 §14.1: the unit's name is compared without case.
fn strip_unit(value: &[u8]) -> Option<&[u8]> {
    let (unit, specs) = value.split_at_checked(b"bytes=".len())?;
    unit.eq_ignore_ascii_case(b"bytes=").then_some(specs)
}

/// One member of a Range, as written.
enum Spec {
    /// `first-` or `first-last`
    From { first: u64, last: u64 },
    /// `-size`
    Suffix(u64),
}

impl Spec {
    fn parse(text: &[u8]) -> Option<Self> {
        let dash = text.iter().position(|&byte| byte == b'-')?;
        let (first, last) = (&text[..dash], &text[dash + 1..]);
        if first.is_empty() {
            return saturating_number(last).map(Self::Suffix);
        }
        let first = saturating_number(first)?;
        let last = if last.is_empty() {
            u64::MAX
        } else {
            saturating_number(last)?
        };
        (first <= last).then_some(Self::From { first, last })
    }

    /// The bytes meant, clamped to what is there (RFC 9110 §14.1.2); `None` when nothing is.
    fn within(self, length: u64) -> Option<ByteRange> {
        let end = length.checked_sub(1)?;
        match self {
            Self::From { first, last } => (first <= end).then(|| ByteRange {
                first,
                last: last.min(end),
            }),
            Self::Suffix(0) => None,
            Self::Suffix(size) => Some(ByteRange {
                first: length.saturating_sub(size),
                last: end,
            }),
        }
    }
}

/// Makes one of those that touch; quadratic, over at most [`HTTP_RANGE_COUNT`].
fn coalesce(ranges: &mut Vec<ByteRange>) {
    let mut at = 0;
    while at < ranges.len() {
        let ByteRange { first, last } = ranges[at];
        match (at + 1..ranges.len()).find(|&other| ranges[other].touches(ranges[at])) {
            // Grown, it may touch another behind it, so it is looked at again.
            Some(other) => {
                let other = ranges.remove(other);
                ranges[at] = ByteRange {
                    first: first.min(other.first),
                    last: last.max(other.last),
                };
            }
            None => at += 1,
        }
    }
}

/// The texts of a `multipart/byteranges` body (RFC 9110 §14.6): for each part its head, then the bytes of its
/// range; after the last part the end.
#[derive(Clone, Debug)]
pub struct Multipart {
    boundary: String,
    parts: Vec<(String, ByteRange)>,
    end: String,
}

impl Multipart {
    /// The body for `ranges` of something `length` bytes long of that content type, which is written with
    /// control bytes as spaces.
    ///
    /// The boundary must not occur in the content: take a random one. Of it letters, digits, `-` and `_`
    /// count, at most 70.
    #[must_use]
    pub fn new(boundary: &str, content_type: &str, ranges: &[ByteRange], length: u64) -> Self {
        let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let boundary: String = boundary.chars().filter(is_plain).take(70).collect();
        let content_type = content_type.replace(|c: char| c.is_control(), " ");
        let mut before = "";
        let mut parts = vec![];
        for range in ranges {
            let content_range = range.content_range(length);
            let head = format!(
                "{before}--{boundary}\r\nContent-Type: {content_type}\r\nContent-Range: {content_range}\r\n\r\n"
            );
            parts.push((head, *range));
            before = "\r\n";
        }
        let end = format!("{before}--{boundary}--\r\n");
        Self {
            boundary,
            parts,
            end,
        }
    }

    /// The value of Content-Type of the whole answer.
    #[must_use]
    pub fn content_type(&self) -> String {
        format!("multipart/byteranges; boundary={}", self.boundary)
    }

    /// Each part's head, and the range whose bytes follow it.
    pub fn parts(&self) -> impl Iterator<Item = (&str, ByteRange)> {
        self.parts
            .iter()
            .map(|(head, range)| (head.as_str(), *range))
    }

    /// What follows the last part's bytes.
    #[must_use]
    pub fn end(&self) -> &str {
        &self.end
    }

    /// The value of Content-Length of the whole answer.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        let parts: u64 = self
            .parts
            .iter()
            .map(|(head, range)| head.len() as u64 + range.size_bytes())
            .sum();
        parts + self.end.len() as u64
    }
}
