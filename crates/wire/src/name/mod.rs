//! A peer's path that cannot escape: parsing it is the only way to have one.

mod portable;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use crate::limits::{NAME_BYTES, NAME_SEGMENT_BYTES, NAME_SEGMENTS};

/// What stands for itself in a path's segment; `:` does not, so that a segment is a relative
/// link and never a scheme (RFC 3986, section 4.2).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'(')
    .remove(b')')
    .remove(b'!')
    .remove(b',')
    .remove(b'@');

/// Beyond this a file's "extension" is part of its name.
const EXTENSION_BYTES: usize = 32;

/// A path below some folder, as bytes: no `.` and no `..`, no separator within a segment, no NUL
/// and no other ASCII control, at most 255 bytes a segment, 4096 bytes and 64 segments in all.
///
/// Joined to a folder, it lies in that folder. (Links inside the folder are the file system's
/// matter: open it beneath the folder.) The empty name is the folder itself.
///
/// `Display` is lossy and not yet safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelativeName {
    /// The segments with `/` between them.
    bytes: Vec<u8>,
    folder: bool,
}

impl RelativeName {
    /// The name of the folder itself.
    #[must_use]
    pub const fn root() -> Self {
        Self {
            bytes: Vec::new(),
            folder: true,
        }
    }

    /// Parses a name as it is: `docs/a b.txt`. A final `/` says that it is a folder; the empty
    /// name is the root.
    ///
    /// # Errors
    /// [`NameError`], when it is absolute, or breaks any rule of [`RelativeName`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NameError> {
        if bytes.first() == Some(&b'/') {
            return Err(NameError::Absolute);
        }
        Self::from_segments(bytes, Self::push)
    }

    /// Parses the path of a URL, without its query: `/docs/a%20b.txt`, the first `/` may be missing.
    /// Each segment is decoded exactly once, after the path was split.
    ///
    /// # Errors
    /// [`NameError`], when an escape is malformed, or the decoded name breaks any rule of [`RelativeName`].
    pub fn parse_path(path: &str) -> Result<Self, NameError> {
        let relative = path.strip_prefix('/').unwrap_or(path);
        Self::from_segments(relative.as_bytes(), |name, segment| {
            name.push(&percent_decoded(segment)?)
        })
    }

    fn from_segments(
        bytes: &[u8],
        push: impl Fn(&mut Self, &[u8]) -> Result<(), NameError>,
    ) -> Result<Self, NameError> {
        let mut name = Self::root();
        if bytes.is_empty() {
            return Ok(name);
        }
        let body = bytes.strip_suffix(b"/").unwrap_or(bytes);
        for segment in body.split(|&byte| byte == b'/') {
            push(&mut name, segment)?;
        }
        name.folder = body.len() < bytes.len();
        Ok(name)
    }

    /// The one place where a segment is judged.
    fn push(&mut self, segment: &[u8]) -> Result<(), NameError> {
        match segment {
            b"" => return Err(NameError::EmptySegment),
            b"." | b".." => return Err(NameError::Dots),
            _ if segment.len() > NAME_SEGMENT_BYTES => return Err(NameError::SegmentTooLong),
            _ if segment.iter().any(|byte| matches!(byte, b'/' | b'\\')) => {
                return Err(NameError::Separator);
            }
            _ if segment.iter().any(u8::is_ascii_control) => return Err(NameError::Control),
            _ => {}
        }
        if self.segments().count() == NAME_SEGMENTS {
            return Err(NameError::TooDeep);
        }
        let separator = usize::from(!self.is_root());
        if self.bytes.len() + separator + segment.len() > NAME_BYTES {
            return Err(NameError::TooLong);
        }
        if separator == 1 {
            self.bytes.push(b'/');
        }
        self.bytes.extend_from_slice(segment);
        self.folder = false;
        Ok(())
    }

    /// The segments with `/` between them and neither before nor behind; empty for the root.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The segments from the outermost folder to the file; none for the root.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.bytes
            .split(|&byte| byte == b'/')
            .filter(|segment| !segment.is_empty())
    }

    /// Whether this is the shared folder itself.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether the name was given as a folder's, by a final `/`; the root is one.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.folder
    }

    /// Python: `PurePath.name`. The last segment; `None` for the root.
    #[must_use]
    pub fn file_name(&self) -> Option<&[u8]> {
        self.segments().next_back()
    }

    /// Python: `PurePath.parent`. The folder that this lies in; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let inner = self.file_name()?.len();
        let outer = self.bytes.len() - inner;
        Some(Self {
            bytes: self.bytes[..outer.saturating_sub(1)].to_vec(),
            folder: true,
        })
    }

    /// Python: `PurePath.joinpath`. The name of something in this folder, given as one raw segment.
    ///
    /// # Errors
    /// [`NameError`], when the segment or the whole breaks any rule of [`RelativeName`].
    pub fn join(&self, segment: &[u8]) -> Result<Self, NameError> {
        let mut joined = self.clone();
        joined.push(segment)?;
        Ok(joined)
    }

    /// The same name, as a folder's.
    #[must_use]
    pub fn as_folder(mut self) -> Self {
        self.folder = true;
        self
    }

    /// The same name with a number before its extension: `a.txt`, 2 gives `a (2).txt`. A segment
    /// that grows beyond 255 bytes is cut before the number, between characters.
    ///
    /// # Errors
    /// [`NameError::TooLong`], when the whole grows beyond its limit; [`NameError::EmptySegment`] for the root.
    pub fn numbered(&self, number: u32) -> Result<Self, NameError> {
        let (Some(last), Some(parent)) = (self.file_name(), self.parent()) else {
            return Err(NameError::EmptySegment);
        };
        let suffix = alloc::format!(" ({number})");
        let (stem, extension) = last.split_at(stem_length(last));
        let room = NAME_SEGMENT_BYTES - suffix.len() - extension.len();
        let mut segment = cut(stem, room).to_vec();
        segment.extend_from_slice(suffix.as_bytes());
        segment.extend_from_slice(extension);
        let mut numbered = parent.join(&segment)?;
        numbered.folder = self.folder;
        Ok(numbered)
    }

    /// Whether this can be created on every system that files travel to: UTF-8, no control and no
    /// format characters, none of `<>:"|?*`, no final dot or space, no device of Windows (`CON`, `COM1`…).
    ///
    /// # Errors
    /// [`NameError::NotUtf8`] or [`NameError::NotPortable`].
    pub fn check_portable(&self) -> Result<(), NameError> {
        self.segments().try_for_each(portable::check)
    }

    /// The path of a URL: `/docs/a%20b.txt`, a folder with its final `/`.
    /// [`parse_path`](Self::parse_path) gives the same name back.
    #[must_use]
    pub fn href(&self) -> String {
        let mut href = String::new();
        for segment in self.segments() {
            href.push('/');
            href.extend(percent_encode(segment, SEGMENT));
        }
        if self.folder {
            href.push('/');
        }
        href
    }
}

impl fmt::Display for RelativeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.bytes))?;
        f.write_str(if self.folder && !self.is_root() {
            "/"
        } else {
            ""
        })
    }
}

/// One segment, percent-encoded: a link relative to the folder that it lies in.
#[must_use]
pub fn segment_href(segment: &[u8]) -> String {
    percent_encode(segment, SEGMENT).collect()
}

fn percent_decoded(segment: &[u8]) -> Result<Vec<u8>, NameError> {
    let mut decoded = Vec::with_capacity(segment.len().min(NAME_SEGMENT_BYTES));
    let mut rest = segment.iter();
    while let Some(&byte) = rest.next() {
        if decoded.len() > NAME_SEGMENT_BYTES {
            return Err(NameError::SegmentTooLong);
        }
        decoded.push(if byte == b'%' {
            let mut digit = || (*rest.next()? as char).to_digit(16);
            let (high, low) = (digit(), digit());
            high.zip(low)
                .map(|(high, low)| (high * 16 + low) as u8)
                .ok_or(NameError::Percent)?
        } else {
            byte
        });
    }
    Ok(decoded)
}

/// Where the extension starts, `.tar` before another one included; a leading dot starts none.
fn stem_length(name: &[u8]) -> usize {
    let dot = |bytes: &[u8]| {
        let at = bytes.iter().rposition(|&byte| byte == b'.')?;
        (at > 0 && name.len() - at <= EXTENSION_BYTES).then_some(at)
    };
    let Some(at) = dot(name) else {
        return name.len();
    };
    match dot(&name[..at]) {
        Some(outer) if &name[outer..at] == b".tar" => outer,
        _ => at,
    }
}

/// The beginning of at most `limit` bytes that does not end within a character.
fn cut(text: &[u8], limit: usize) -> &[u8] {
    if text.len() <= limit {
        return text;
    }
    let is_boundary = |&at: &usize| text[at] & 0xC0 != 0x80;
    let at = (limit.saturating_sub(3)..=limit)
        .rev()
        .find(is_boundary)
        .unwrap_or(limit);
    &text[..at]
}

/// Why bytes are not a [`RelativeName`], or not a portable one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// It starts with `/`.
    Absolute,
    /// Two separators follow each other.
    EmptySegment,
    /// A segment is `.` or `..`.
    Dots,
    /// A segment contains `/` or `\`.
    Separator,
    /// A segment contains NUL or another ASCII control character.
    Control,
    /// A `%` is not followed by two hexadecimal digits.
    Percent,
    /// A segment has more than 255 bytes.
    SegmentTooLong,
    /// The name has more than 4096 bytes.
    TooLong,
    /// The name has more than 64 segments.
    TooDeep,
    /// A new name is not UTF-8.
    NotUtf8,
    /// A new name would not work on every system.
    NotPortable,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absolute => "The name must not start with a slash.",
            Self::EmptySegment => "The name has an empty part.",
            Self::Dots => "The parts . and .. are not allowed in a name.",
            Self::Separator => "A part of the name must not contain a slash or backslash.",
            Self::Control => "The name must not contain control characters.",
            Self::Percent => "A % in the address must be followed by two hexadecimal digits.",
            Self::SegmentTooLong => "A part of the name is longer than 255 bytes.",
            Self::TooLong => "The name is longer than 4096 bytes.",
            Self::TooDeep => "The name has more than 64 parts.",
            Self::NotUtf8 => "A new name must be UTF-8.",
            Self::NotPortable => {
                "The name would not work on every system: it must not contain < > : \" | ? * or invisible characters, \
                 end in a dot or space, or be a device such as CON."
            }
        })
    }
}

impl core::error::Error for NameError {}
