//! The head of a request: parsed once, strictly, and kept in one piece.

use alloc::boxed::Box;
use alloc::string::String;
use core::mem::MaybeUninit;

use super::body::BodyFraming;
use super::header::{Field, Span};
use super::scan::{HeadScanner, TARGET_TOO_LONG};
use super::target::query_value;
use super::{Fault, Headers, Host, Method, Status, Target, Version};
use crate::limits::{HTTP_HEAD_BYTES, HTTP_HEADER_COUNT, HTTP_TARGET_BYTES};

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
        let fields = request.headers.iter().map(|header| Field {
            name: Span::of(bytes, header.name.as_bytes()),
            value: Span::of(bytes, header.value),
        });
        let mut head = Self {
            method: Method::of(method_text),
            version: if request.version == Some(0) {
                Version::Http10
            } else {
                Version::Http11
            },
            framing: BodyFraming::None,
            method_text: Span::of(bytes, method_text.as_bytes()),
            target_text: Span::of(bytes, target_text.as_bytes()),
            headers: Headers {
                fields: fields.collect(),
                bytes: Box::from(bytes),
            },
        };
        Target::parse(head.target_text(), head.method)?;
        head.check_host()?;
        head.framing = BodyFraming::of(head.version, &head.headers)?;
        Ok(head)
    }

    /// RFC 9112 §3.2: exactly one valid Host on HTTP/1.1, at most one on HTTP/1.0.
    fn check_host(&self) -> Result<(), Fault> {
        match self.headers.get("host")? {
            Some(value) if Host::parse(value).is_some() => Ok(()),
            Some(_) => Err(Fault::bad("The Host field names no host.")),
            None if self.version == Version::Http10 => Ok(()),
            None => Err(Fault::bad("The Host field is missing.")),
        }
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

    /// What it is asked of, taken apart (RFC 9112 §3.2).
    #[must_use]
    pub fn target(&self) -> Target<'_> {
        Target::parse(self.target_text(), self.method).unwrap_or(Target::ROOT)
    }

    /// The target as it was written: printable ASCII without spaces.
    #[must_use]
    pub fn target_text(&self) -> &str {
        self.text(self.target_text)
    }

    /// The target's path, still percent-encoded, from its first slash; `*` for `OPTIONS *`, empty for CONNECT.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target().path
    }

    /// What follows the target's `?`, still encoded.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.target().query
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
        match self.target().authority {
            Some(authority) => Host::parse(authority.as_bytes()),
            None => Host::parse(self.headers.all("host").next()?),
        }
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
