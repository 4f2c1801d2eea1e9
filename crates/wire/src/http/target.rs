//! The target of a request: its four forms, and its query (RFC 9112 §3.2).

use alloc::string::String;
use alloc::vec::Vec;

use percent_encoding::percent_decode;

use super::{Fault, Host, Method};

/// Which of the four forms a target has (RFC 9112 §3.2.1 to §3.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `/path?query`
    Origin,
    /// `http://host/path?query`
    Absolute,
    /// `*`, of OPTIONS alone.
    Asterisk,
    /// `host:port`, of CONNECT alone.
    Authority,
}

/// A target taken apart; nothing in it is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The form that it was written in.
    pub form: Form,
    /// The host it names, if it does.
    pub authority: Option<&'a str>,
    /// From the first slash to the query; `*` in asterisk form, empty in authority form.
    pub path: &'a str,
    /// What follows the first `?`.
    pub query: Option<&'a str>,
}

impl<'a> Target<'a> {
    pub(super) const ROOT: Self = Self {
        form: Form::Origin,
        authority: None,
        path: "/",
        query: None,
    };

    /// Takes a target apart, which must have the form that its method allows.
    ///
    /// # Errors
    /// `400 Bad Request` for any other text, for bytes that are not printable ASCII, and for a fragment.
    pub fn parse(text: &'a str, method: Method) -> Result<Self, Fault> {
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'#')
        {
            return Err(Fault::bad(
                "The address asked for has a byte that must be percent-encoded.",
            ));
        }
        match method {
            Method::Connect => Self::parse_authority(text),
            Method::Options if text == "*" => Ok(Self {
                form: Form::Asterisk,
                path: text,
                ..Self::ROOT
            }),
            _ if text.starts_with('/') => Ok(Self::of_path(text)),
            _ => Self::parse_absolute(text, method),
        }
        .map_err(|()| Fault::bad("The address asked for has no form that HTTP knows."))
    }

    fn of_path(text: &'a str) -> Self {
        match text.split_once('?') {
            Some((path, query)) => Self {
                path,
                query: Some(query),
                ..Self::ROOT
            },
            None => Self {
                path: text,
                ..Self::ROOT
            },
        }
    }

    fn parse_authority(text: &'a str) -> Result<Self, ()> {
        let host = Host::parse(text.as_bytes()).ok_or(())?;
        host.port.ok_or(())?;
        Ok(Self {
            form: Form::Authority,
            authority: Some(text),
            path: "",
            query: None,
        })
    }

    fn parse_absolute(text: &'a str, method: Method) -> Result<Self, ()> {
        let (scheme, rest) = text.split_once("://").ok_or(())?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err(());
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        Host::parse(authority.as_bytes()).ok_or(())?;
        let mut target = Self::of_path(path);
        if target.path.is_empty() {
            // RFC 9112 §3.2.4: without path and query, OPTIONS asks about the server as a whole.
            let is_whole_server = method == Method::Options && target.query.is_none();
            target.path = if is_whole_server { "*" } else { "/" };
        }
        Ok(Self {
            form: Form::Absolute,
            authority: Some(authority),
            ..target
        })
    }
}

/// The first value of `name` in a query, as a form writes it: `+` is a space, `%xx` a byte, bytes that are
/// not UTF-8 become replacement characters. A name without `=` has the empty value.
#[doc(alias = "parse_qs")]
#[must_use]
pub fn query_value(query: &str, name: &str) -> Option<String> {
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find(|(key, _)| decode_form(key) == name)
        .map(|(_, value)| decode_form(value))
}

fn decode_form(text: &str) -> String {
    let spaced: Vec<u8> = text
        .bytes()
        .map(|byte| if byte == b'+' { b' ' } else { byte })
        .collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}
