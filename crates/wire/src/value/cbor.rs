//! CBOR (RFC 8949): what is not well-formed is found before anything is made of it.

use alloc::borrow::ToOwned as _;
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
    well_formed(bytes)?;
    let mut rest = bytes;
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

/// Whether these bytes are one data item (section 5.3.1, appendix C), no deeper than the limit, all that it
/// announces included.
fn well_formed(bytes: &[u8]) -> Result<(), &'static str> {
    let mut rest = bytes;
    // What is begun and not at its end, the innermost last.
    let mut open: Vec<Open> = Vec::new();
    loop {
        let (major, argument) = head(&mut rest)?;
        let is_break = (major, argument) == (7, None);
        match open.last_mut() {
            Some(Open::Counted(left)) => *left -= 1,
            Some(Open::Map { has_key }) if !is_break => *has_key = !*has_key,
            Some(Open::Array | Open::Map { .. }) | None => {}
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
            (4, None) => Some(Open::Array),
            (5, None) => Some(Open::Map { has_key: false }),
            (6, Some(_)) => Some(Open::Counted(1)),
            (7, None) => match open.pop() {
                Some(Open::Array | Open::Map { has_key: false }) => None,
                _ => return Err("a break where nothing can end"),
            },
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
                Ok(())
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
    /// Up to a break.
    Array,
    /// Up to a break, which must not follow a key.
    Map { has_key: bool },
}

impl Open {
    /// Each item has a byte at least, so more of them than bytes are not there.
    fn counted(items: u64, rest: &[u8]) -> Result<Self, &'static str> {
        if items > rest.len() as u64 {
            return Err(SHORT);
        }
        Ok(Self::Counted(items))
    }
}

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
