//! The target of a request: its four forms (RFC 9112 §3.2).

use super::{Fault, Host, Method};

/// A target taken apart, each part a slice of its text; nothing in it is decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    /// The host it names, if it does.
    pub(super) authority: Option<&'a str>,
    /// From the first slash to the query; `*` in asterisk form, empty in authority form and where an
    /// absolute target has none.
    pub(super) path: &'a str,
    /// What follows the first `?`.
    pub(super) query: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Takes a target apart, which must have the form that its method allows.
    ///
    /// # Errors
    /// `400 Bad Request` for any other text, for bytes that are not printable ASCII, and for a fragment.
    pub(super) fn parse(text: &'a str, method: Method) -> Result<Self, Fault> {
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'#')
        {
            return Err(Fault::bad(
                "The address asked for has a byte that must be percent-encoded.",
            ));
        }
        match method {
            Method::Connect => Self::of_authority(text),
            Method::Options if text == "*" => Some(Self::of_path(text)),
            _ if text.starts_with('/') => Some(Self::of_path(text)),
            _ => Self::of_absolute(text),
        }
        .ok_or(Fault::bad(
            "The address asked for has no form that HTTP knows.",
        ))
    }

    fn of_path(text: &'a str) -> Self {
        let (path, query) = match text.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (text, None),
        };
        Self {
            authority: None,
            path,
            query,
        }
    }

    fn of_authority(text: &'a str) -> Option<Self> {
        Host::parse(text.as_bytes())?.port?;
        Some(Self {
            authority: Some(text),
            path: &text[..0],
            query: None,
        })
    }

    fn of_absolute(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return None;
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        Host::parse(authority.as_bytes())?;
        Some(Self {
            authority: Some(authority),
            ..Self::of_path(path)
        })
    }
}
