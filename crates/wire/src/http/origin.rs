//! Whom a browser was told to talk to, and on whose behalf it does: Host, Origin and Sec-Fetch.
//! Facts only; what to refuse is the server's to decide.

use core::net::{Ipv4Addr, Ipv6Addr};

use super::{Fault, Headers};

/// A host as an authority names it (RFC 3986 §3.2.2).
#[derive(Clone, Copy, Debug, Eq)]
pub enum HostName<'a> {
    /// A name, not empty; compared without case.
    Name(&'a str),
    /// Four numbers with dots.
    V4(Ipv4Addr),
    /// An address in brackets.
    V6(Ipv6Addr),
}

impl PartialEq<HostName<'_>> for HostName<'_> {
    fn eq(&self, other: &HostName<'_>) -> bool {
        match (self, other) {
            (Self::Name(a), HostName::Name(b)) => a.eq_ignore_ascii_case(b),
            (Self::V4(a), HostName::V4(b)) => a == b,
            (Self::V6(a), HostName::V6(b)) => a == b,
            _ => false,
        }
    }
}

/// The value of Host, or the authority of a target: a host and perhaps a port (RFC 9110 §7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host<'a> {
    /// The host.
    pub name: HostName<'a>,
    /// The port, if one is named; an empty one (`host:`) is none.
    pub port: Option<u16>,
}

impl<'a> Host<'a> {
    /// Reads `name`, `1.2.3.4` or `[::1]`, each with `:port` or without; `None` for anything else, also for
    /// an empty host, a user before an `@`, and a zone in an address.
    #[must_use]
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let text = str::from_utf8(text).ok()?;
        if let Some(rest) = text.strip_prefix('[') {
            let (address, after) = rest.split_once(']')?;
            let port = if after.is_empty() {
                None
            } else {
                parse_port(after.strip_prefix(':')?)?
            };
            return Some(Self {
                name: HostName::V6(address.parse().ok()?),
                port,
            });
        }
        let (name, port) = match text.split_once(':') {
            Some((name, port)) => (name, parse_port(port)?),
            None => (text, None),
        };
        if let Ok(address) = name.parse() {
            return Some(Self {
                name: HostName::V4(address),
                port,
            });
        }
        is_registered_name(name).then_some(Self {
            name: HostName::Name(name),
            port,
        })
    }

    /// The port, or the one that `scheme` stands for; `None` for a scheme that is not known.
    #[must_use]
    pub fn port_or_default(self, scheme: &str) -> Option<u16> {
        self.port.or_else(|| {
            DEFAULT_PORTS
                .iter()
                .find(|(name, _)| scheme.eq_ignore_ascii_case(name))
                .map(|(_, port)| *port)
        })
    }
}

/// The number after a colon; `Some(None)` when there is nothing, as RFC 3986 §3.2.3 allows.
fn parse_port(text: &str) -> Option<Option<u16>> {
    if text.is_empty() {
        return Some(None);
    }
    // `parse` alone would take a plus sign.
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
        .map(Some)
}

/// RFC 3986 §3.2.2 reg-name, but never empty; a percent sign is not checked further, since no host of ours
/// has one.
fn is_registered_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&byte);
    !name.is_empty() && name.bytes().all(is_allowed)
}

/// The value of Origin: who makes a browser send this (RFC 6454 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'a> {
    /// `null`: a sandboxed page, a local file, a redirect across sites. Equal to nothing.
    Opaque,
    /// A page of that place.
    Tuple {
        /// `http`, `https` or another, as written.
        scheme: &'a str,
        /// Where it came from.
        host: Host<'a>,
    },
}

impl<'a> Origin<'a> {
    /// Reads `null` or `scheme://host[:port]`; `None` for anything else, a list of several too.
    #[must_use]
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        if text == b"null" {
            return Some(Self::Opaque);
        }
        let (scheme, rest) = str::from_utf8(text).ok()?.split_once("://")?;
        let is_scheme_byte =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            || !scheme.bytes().all(is_scheme_byte)
        {
            return None;
        }
        Some(Self::Tuple {
            scheme,
            host: Host::parse(rest.as_bytes())?,
        })
    }

    /// Whether it is the origin of what is served by `scheme` under `host`: same scheme, same host, and the
    /// same port, where a port left out is the scheme's own.
    #[must_use]
    pub fn is_same(self, scheme: &str, host: Host<'_>) -> bool {
        match self {
            Self::Opaque => false,
            Self::Tuple {
                scheme: ours,
                host: own,
            } => {
                ours.eq_ignore_ascii_case(scheme)
                    && own.name == host.name
                    && own.port_or_default(scheme) == host.port_or_default(scheme)
            }
        }
    }
}

/// Sec-Fetch-Site: how the page that asks relates to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchSite {
    /// One of our own pages.
    SameOrigin,
    /// A page of the same site; ports do not count, so not one of ours.
    SameSite,
    /// Somebody else's page.
    CrossSite,
    /// No page: the person typed the address or used a bookmark.
    None,
    /// A value that is not known.
    Other,
}

/// What a browser says of itself about a request (W3C Fetch Metadata Request Headers). Pages cannot set
/// these fields; other programs send none, or whatever they like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecFetch<'a> {
    /// `Sec-Fetch-Site`
    pub site: Option<FetchSite>,
    /// `Sec-Fetch-Mode`: `navigate`, `cors`, `no-cors`, `websocket`…
    pub mode: Option<&'a [u8]>,
    /// `Sec-Fetch-Dest`: `document`, `iframe`, `script`, `empty`…
    pub dest: Option<&'a [u8]>,
}

impl<'a> SecFetch<'a> {
    /// Reads the three fields.
    ///
    /// # Errors
    /// `400 Bad Request` when one of them came twice.
    pub fn of(headers: &'a Headers) -> Result<Self, Fault> {
        let site = headers.get("sec-fetch-site")?.map(|value| match value {
            b"same-origin" => FetchSite::SameOrigin,
            b"same-site" => FetchSite::SameSite,
            b"cross-site" => FetchSite::CrossSite,
            b"none" => FetchSite::None,
            _ => FetchSite::Other,
        });
        Ok(Self {
            site,
            mode: headers.get("sec-fetch-mode")?,
            dest: headers.get("sec-fetch-dest")?,
        })
    }

    /// Whether a whole tab goes to this address, as by a link, and not a frame or a script.
    #[must_use]
    pub fn is_top_level_navigation(&self) -> bool {
        self.mode == Some(b"navigate") && self.dest == Some(b"document")
    }
}

const DEFAULT_PORTS: [(&str, u16); 4] = [("http", 80), ("https", 443), ("ws", 80), ("wss", 443)];
