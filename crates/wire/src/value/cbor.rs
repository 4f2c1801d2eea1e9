//! CBOR (RFC 8949): what is not well-formed is found before anything is made of it.

use alloc::borrow::{Cow, ToOwned as _};
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use ciborium::de::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits::VALUE_DEPTH;

pub(super) fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).map_err(|why| why.to_string())?;
    Ok(bytes)
}

pub(super) fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    // ciborium hands announced lengths on, and by them serde would make room, up to 1 MiB at each level.
    let definite = definite(bytes)?;
    let mut rest = &definite[..];
    let value = ciborium::from_reader(&mut rest).map_err(|why| match why {
        Error::Semantic(_, why) => why,
        why => why.to_string(),
    })?;
    // A list with more in it than its type takes leaves as much at the end, however deep inside it is.
    if !rest.is_empty() {
        return Err("a list or a variant holds more than its type".to_owned());
    }
    Ok(value)
}

/// These bytes if they are one data item (section 5.3.1, appendix C), no deeper than the limit, all that it announces
/// included; lists and maps up to a break with their length instead. ciborium leaves the break of a list of which a
/// type has taken all it wants, or what else is in it, to the list around it.
fn definite(bytes: &[u8]) -> Result<Cow<'_, [u8]>, &'static str> {
    let mut rest = bytes;
    // What is begun and not at its end, the innermost last.
    let mut open: Vec<Open> = Vec::new();
    let mut changes = Vec::new();
    loop {
        let at = bytes.len() - rest.len();
        let (major, argument) = head(&mut rest)?;
        let is_break = (major, argument) == (7, None);
        match open.last_mut() {
            Some(Open::Counted(left)) => *left -= 1,
            Some(Open::ToBreak { items, .. }) if !is_break => *items += 1,
            Some(Open::ToBreak { .. }) | None => {}
        }
        let begun = match (major, argument) {
            (0 | 1 | 7, Some(_)) => None,
            (2 | 3, Some(length)) => {
                skip(&mut rest, length)?;
                None
            }
            (2 | 3, None) => {
                skip_chunks(&mut rest, major)?;
                None
            }
            (4, Some(items)) => Some(Open::counted(items, rest)?),
            (5, Some(pairs)) => Some(Open::counted(pairs.saturating_mul(2), rest)?),
            (4 | 5, None) => {
                let change = changes.len();
                changes.push(Change { at, head: None });
                Some(Open::ToBreak { items: 0, change })
            }
            (6, Some(_)) => Some(Open::Counted(1)),
            (7, None) => {
                let last = open.pop().ok_or(NO_END)?;
                last.end(bytes, at, &mut changes)?;
                None
            }
            _ => return Err(RESERVED),
        };
        if let Some(begun) = begun {
            if open.len() == VALUE_DEPTH {
                return Err("nested too deeply");
            }
            open.push(begun);
        }
        while open.last() == Some(&Open::Counted(0)) {
            open.pop();
        }
        if open.is_empty() {
            return if rest.is_empty() {
                Ok(changed(bytes, &changes))
            } else {
                Err("bytes behind the value")
            };
        }
    }
}

/// A data item of which others are parts.
#[derive(PartialEq, Eq)]
enum Open {
    /// So many more belong to it.
    Counted(u64),
    /// Up to a break; so many so far, and which change is to be its length.
    ToBreak { items: u64, change: usize },
}

impl Open {
    /// Each item has a byte at least, so more of them than bytes are not there.
    fn counted(items: u64, rest: &[u8]) -> Result<Self, &'static str> {
        if items > rest.len() as u64 {
            return Err(SHORT);
        }
        Ok(Self::Counted(items))
    }

    /// Ends it by the break that is there; in a map none follows a key.
    fn end(self, bytes: &[u8], at: usize, changes: &mut Vec<Change>) -> Result<(), &'static str> {
        let Self::ToBreak { items, change } = self else {
            return Err(NO_END);
        };
        let head = &mut changes[change];
        let major = bytes[head.at] >> 5;
        head.head = match major {
            5 if items % 2 == 1 => return Err(NO_END),
            5 => Some((major, items / 2)),
            _ => Some((major, items)),
        };
        changes.push(Change { at, head: None });
        Ok(())
    }
}

/// What stands in the place of a byte: a head with a length, or, where a break was, nothing.
struct Change {
    at: usize,
    head: Option<(u8, u64)>,
}

fn changed<'a>(bytes: &'a [u8], changes: &[Change]) -> Cow<'a, [u8]> {
    if changes.is_empty() {
        return Cow::Borrowed(bytes);
    }
    let mut definite = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for change in changes {
        definite.extend_from_slice(&bytes[from..change.at]);
        if let Some((major, argument)) = change.head {
            put_head(major, argument, &mut definite);
        }
        from = change.at + 1;
    }
    definite.extend_from_slice(&bytes[from..]);
    Cow::Owned(definite)
}

/// The head of a data item in its shortest form.
fn put_head(major: u8, argument: u64, into: &mut Vec<u8>) {
    let (short, count) = match argument {
        0..24 => (argument as u8, 0),
        24..0x100 => (24, 1),
        0x100..0x1_0000 => (25, 2),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 8),
    };
    into.push(major << 5 | short);
    into.extend_from_slice(&argument.to_be_bytes()[8 - count..]);
}

const NO_END: &str = "a break where nothing can end";
const SHORT: &str = "more is announced than there is";
const RESERVED: &str = "a byte that has no meaning";

/// The head of a data item (section 3): its major type and its argument, `None` for an indefinite length or a break.
fn head(rest: &mut &[u8]) -> Result<(u8, Option<u64>), &'static str> {
    let (&first, behind) = rest.split_first().ok_or(SHORT)?;
    *rest = behind;
    let (major, short) = (first >> 5, first & 0x1F);
    let argument = match short {
        0..24 => u64::from(short),
        24..28 => {
            let bytes = skip(rest, 1 << (short - 24))?;
            bytes
                .iter()
                .fold(0, |value, &byte| value << 8 | u64::from(byte))
        }
        28..31 => return Err(RESERVED),
        _ => return Ok((major, None)),
    };
    // Section 3.3: a simple value below 32 has no second byte.
    if (major, short) == (7, 24) && argument < 32 {
        return Err(RESERVED);
    }
    Ok((major, Some(argument)))
}

/// Section 3.2.3: strings of the same type, each of a length that is said, up to a break.
fn skip_chunks(rest: &mut &[u8], major: u8) -> Result<(), &'static str> {
    loop {
        match head(rest)? {
            (7, None) => return Ok(()),
            (chunk, Some(length)) if chunk == major => skip(rest, length)?,
            _ => return Err("a string with something else in it"),
        };
    }
}

fn skip<'a>(rest: &mut &'a [u8], length: u64) -> Result<&'a [u8], &'static str> {
    let length = usize::try_from(length).map_err(|_| SHORT)?;
    let (skipped, behind) = rest.split_at_checked(length).ok_or(SHORT)?;
    *rest = behind;
    Ok(skipped)
}
