//! The head of a request: parsed once, strictly, and kept in one piece.

use alloc::boxed::Box;
use alloc::string::String;
use core::mem::MaybeUninit;

use super::body::BodyFraming;
use super::header::{Field, Span};
use super::scan::{HeadScanner, TARGET_TOO_LONG};
use super::target::Target;
use super::{Fault, Headers, Host, Method, Status, Version};
use crate::limits::{HTTP_HEAD_BYTES, HTTP_HEADER_COUNT, HTTP_TARGET_BYTES};
use crate::query::query_value;

/// What a head may take at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Request line, fields and blank line together, in bytes. Default: [`HTTP_HEAD_BYTES`].
    pub head_bytes: usize,
    /// The request's target, in bytes. Default: [`HTTP_TARGET_BYTES`].
    pub target_bytes: usize,
    /// Fields. Default: [`HTTP_HEADER_COUNT`], which is also the most that is possible.
    pub header_count: usize,
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self {
            head_bytes: HTTP_HEAD_BYTES,
            target_bytes: HTTP_TARGET_BYTES,
            header_count: HTTP_HEADER_COUNT,
        }
    }
}

/// The head of a request (RFC 9112 §2 to §6): request line and fields, all rules of framing checked.
#[derive(Clone, Debug)]
pub struct RequestHead {
    method: Method,
    version: Version,
    framing: BodyFraming,
    method_text: Span,
    target_text: Span,
    path: Span,
    query: Option<Span>,
    host: Option<Span>,
    headers: Headers,
}

impl RequestHead {
    /// Parses the head at the start of `bytes`, and tells how many bytes it took; `Ok(None)` while it is not
    /// whole. Looks at everything again at each call: [`HeadScanner`] does not.
    ///
    /// # Errors
    /// `400` for what RFC 9112 forbids or lets a server forbid: bare CR or LF, control bytes, white space
    /// before a colon, folded lines, a Host that is missing (HTTP/1.1), twice or no authority, a target of
    /// no known form, Content-Length that is not one plain number, or beside Transfer-Encoding; `414` and
    /// `431` over a limit; `501` for an unknown transfer coding; `505` for another version.
    pub fn parse(bytes: &[u8], limits: &HeadLimits) -> Result<Option<(Self, usize)>, Fault> {
        HeadScanner::new().parse(bytes, limits)
    }

    /// Parses `bytes`, which the scanner found to be exactly one head.
    pub(super) fn from_whole(bytes: &[u8], limits: &HeadLimits) -> Result<Self, Fault> {
        let mut slots = [const { MaybeUninit::uninit() }; HTTP_HEADER_COUNT];
        let slots = &mut slots[..limits.header_count.min(HTTP_HEADER_COUNT)];
        let mut request = httparse::Request::new(&mut []);
        match request.parse_with_uninit_headers(bytes, slots) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => return Err(Fault::bad("The head is not a request.")),
            Err(error) => return Err(fault_of(error, bytes)),
        }
        let method_text = request.method.unwrap_or_default();
        let target_text = request.path.unwrap_or_default();
        if target_text.len() > limits.target_bytes {
            return Err(TARGET_TOO_LONG);
        }
        let version = match request.version {
            Some(0) => Version::Http10,
            _ => Version::Http11,
        };
        let place = |text: &str| Span::of(bytes, text.as_bytes());
        let fields = request.headers.iter().map(|header| Field {
            name: place(header.name),
            value: Span::of(bytes, header.value),
        });
        let headers = Headers {
            fields: fields.collect(),
            bytes: Box::from(bytes),
        };
        let method = Method::of(method_text);
        let target = Target::parse(target_text, method)?;
        let named = named_host(&headers, version)?;
        Ok(Self {
            method,
            version,
            framing: BodyFraming::of(version, &headers)?,
            method_text: place(method_text),
            target_text: place(target_text),
            path: place(target.path),
            query: target.query.map(place),
            host: target.authority.map(place).or(named),
            headers,
        })
    }

    /// What is asked to be done.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The method as it was written, also when it is none of the known ones.
    #[must_use]
    pub fn method_text(&self) -> &str {
        self.text(self.method_text)
    }

    /// The version that the client speaks.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The target as it was written: printable ASCII without spaces.
    #[must_use]
    pub fn target_text(&self) -> &str {
        self.text(self.target_text)
    }

    /// The target's path, still percent-encoded, from its first slash; `*` for `OPTIONS *`, empty for CONNECT.
    #[must_use]
    pub fn path(&self) -> &str {
        match self.text(self.path) {
            // RFC 9112 §3.2.4: without path and query, OPTIONS asks about the server as a whole.
            "" if self.method == Method::Options && self.query.is_none() => "*",
            "" if self.method != Method::Connect => "/",
            path => path,
        }
    }

    /// What follows the target's `?`, still encoded.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.query.map(|query| self.text(query))
    }

    /// The first value of that name in the query, decoded as a form's; see [`query_value`].
    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<String> {
        query_value(self.query()?, name)
    }

    /// The fields.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// Which host is asked: the target's own authority where it has one, else Host (RFC 9112 §3.2.2).
    /// `None` only when an HTTP/1.0 client named none.
    #[must_use]
    pub fn host(&self) -> Option<Host<'_>> {
        Host::parse(self.host?.within(&self.headers.bytes))
    }

    /// How the body that follows is delimited.
    #[must_use]
    pub fn framing(&self) -> BodyFraming {
        self.framing
    }

    fn text(&self, span: Span) -> &str {
        // Method and target were checked to be ASCII when they were parsed.
        str::from_utf8(span.within(&self.headers.bytes)).unwrap_or_default()
    }
}

/// RFC 9112 §3.2: exactly one valid Host on HTTP/1.1, at most one on HTTP/1.0.
fn named_host(headers: &Headers, version: Version) -> Result<Option<Span>, Fault> {
    match headers.get("host")? {
        Some(value) if Host::parse(value).is_some() => Ok(Some(Span::of(&headers.bytes, value))),
        Some(_) => Err(Fault::bad("The Host field names no host.")),
        None if version == Version::Http10 => Ok(None),
        None => Err(Fault::bad("The Host field is missing.")),
    }
}

fn fault_of(error: httparse::Error, bytes: &[u8]) -> Fault {
    match error {
        httparse::Error::HeaderName => Fault::bad("A header field's name is malformed."),
        httparse::Error::HeaderValue => Fault::bad("A header field's value is malformed."),
        httparse::Error::TooManyHeaders => Fault::new(
            Status::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "The request has too many header fields.",
        ),
        httparse::Error::Version if names_a_version(bytes) => Fault::new(
            Status::HTTP_VERSION_NOT_SUPPORTED,
            "Only HTTP/1.0 and HTTP/1.1 are spoken here.",
        ),
        _ => Fault::bad("The request line is malformed."),
    }
}

/// Whether the request line ends in a version of HTTP, even if not one of ours (RFC 9112 §2.3).
fn names_a_version(head: &[u8]) -> bool {
    let line = head.split(|&byte| byte == b'\r').next().unwrap_or_default();
    let mut words = line.split(|&byte| byte == b' ').skip(2);
    matches!((words.next(), words.next()), (Some([b'H', b'T', b'T', b'P', b'/', major, b'.', minor]), None)
        if major.is_ascii_digit() && minor.is_ascii_digit())
}
