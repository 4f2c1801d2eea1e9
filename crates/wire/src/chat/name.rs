//! A member's name: what it may be, and which names count as the same.

use alloc::string::String;
use core::fmt;

use unicode_normalization::UnicodeNormalization as _;

use crate::character::{acts, invisible};
use crate::limits::CHAT_NAME_CHARS;

/// Names that would read as if the room itself spoke.
const RESERVED: [&str; 10] = [
    "server",
    "system",
    "you",
    "me",
    "room",
    "landline",
    "admin",
    "root",
    "everybody",
    "everyone",
];

/// A name that a member may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Trims the name, makes each run of blanks one space, and judges what is left.
    ///
    /// # Errors
    /// [`NameError`], when it is empty, longer than 32 characters, contains what [acts] or a `:`
    /// (which ends a name in `name: text`), starts with `*` (or what looks like it) or `/`, or belongs
    /// to the room.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.len() > 16 * CHAT_NAME_CHARS {
            return Err(NameError::TooLong);
        }
        // What looks the same is the same from here on: composed, and wide letters made plain (NFKC).
        let text: String = text.nfkc().collect();
        if text.trim().contains(|c| acts(c) || c == ':') {
            return Err(NameError::Character);
        }
        let mut name = String::new();
        for word in text.split_whitespace() {
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(word);
        }
        if name.chars().count() > CHAT_NAME_CHARS {
            return Err(NameError::TooLong);
        }
        if name.starts_with(['*', '/', '\u{2217}', '\u{204E}']) {
            return Err(NameError::Character);
        }
        let name = Self(name);
        match name.key().as_str() {
            "" => Err(NameError::Empty),
            key if RESERVED.contains(&key) => Err(NameError::Reserved),
            _ => Ok(name),
        }
    }

    /// The name as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What names are compared by: without case, and without what cannot be seen.
    #[must_use]
    pub fn key(&self) -> String {
        // Upper case first: it makes one of what several lower-case letters (ß, ς, ſ) stand for.
        self.0
            .chars()
            .filter(|&c| !invisible(c))
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase)
            .collect()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Nothing is left of it.
    Empty,
    /// More than 32 characters.
    TooLong,
    /// A character that names do not have.
    Character,
    /// It belongs to the room.
    Reserved,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "A name needs at least one character.",
            Self::TooLong => "A name has at most 32 characters.",
            Self::Character => {
                "A name has no control or invisible characters and no colon, and does not start with * or /."
            }
            Self::Reserved => "That name belongs to the room.",
        })
    }
}

impl core::error::Error for NameError {}
