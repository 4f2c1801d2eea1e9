//! Status codes with their reason phrases, and the refusal that carries one.

use core::fmt;

/// A three-digit status code (RFC 9110 §15), 100 to 599.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(u16);

macro_rules! statuses {
    ($($code:literal $($name:ident)? $reason:literal)*) => {
        impl Status {
            $($(
                #[doc = concat!("`", $code, " ", $reason, "`.")]
                pub const $name: Self = Self($code);
            )?)*

            /// The registered reason phrase; empty for a code without one.
            #[must_use]
            pub const fn reason(self) -> &'static str {
                match self.0 {
                    $($code => $reason,)*
                    _ => "",
                }
            }
        }
    };
}

statuses! {
    100 "Continue"
    101 SWITCHING_PROTOCOLS "Switching Protocols"
    103 "Early Hints"
    200 OK "OK"
    201 CREATED "Created"
    202 "Accepted"
    204 NO_CONTENT "No Content"
    205 "Reset Content"
    206 PARTIAL_CONTENT "Partial Content"
    300 "Multiple Choices"
    301 MOVED_PERMANENTLY "Moved Permanently"
    302 "Found"
    303 SEE_OTHER "See Other"
    304 NOT_MODIFIED "Not Modified"
    307 "Temporary Redirect"
    308 "Permanent Redirect"
    400 BAD_REQUEST "Bad Request"
    401 UNAUTHORIZED "Unauthorized"
    403 FORBIDDEN "Forbidden"
    404 NOT_FOUND "Not Found"
    405 METHOD_NOT_ALLOWED "Method Not Allowed"
    406 "Not Acceptable"
    408 REQUEST_TIMEOUT "Request Timeout"
    409 CONFLICT "Conflict"
    410 "Gone"
    411 "Length Required"
    412 PRECONDITION_FAILED "Precondition Failed"
    413 CONTENT_TOO_LARGE "Content Too Large"
    414 URI_TOO_LONG "URI Too Long"
    415 "Unsupported Media Type"
    416 RANGE_NOT_SATISFIABLE "Range Not Satisfiable"
    417 EXPECTATION_FAILED "Expectation Failed"
    421 MISDIRECTED_REQUEST "Misdirected Request"
    422 "Unprocessable Content"
    426 UPGRADE_REQUIRED "Upgrade Required"
    428 "Precondition Required"
    429 "Too Many Requests"
    431 REQUEST_HEADER_FIELDS_TOO_LARGE "Request Header Fields Too Large"
    500 INTERNAL_SERVER_ERROR "Internal Server Error"
    501 NOT_IMPLEMENTED "Not Implemented"
    503 SERVICE_UNAVAILABLE "Service Unavailable"
    505 HTTP_VERSION_NOT_SUPPORTED "HTTP Version Not Supported"
    507 INSUFFICIENT_STORAGE "Insufficient Storage"
}

impl Status {
    /// The status of that code; `None` outside 100 to 599.
    #[must_use]
    pub const fn new(code: u16) -> Option<Self> {
        if code >= 100 && code <= 599 {
            Some(Self(code))
        } else {
            None
        }
    }

    /// The code as a number.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }

    /// Whether this is an interim answer (1xx), after which another follows.
    #[must_use]
    pub const fn is_informational(self) -> bool {
        self.0 < 200
    }

    /// Whether an answer of this status may have content: not 1xx, 204 and 304 (RFC 9110 §6.4.1).
    #[must_use]
    pub const fn allows_content(self) -> bool {
        !self.is_informational() && self.0 != 204 && self.0 != 304
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.reason())
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a peer's bytes are refused, and the status that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The answer's status.
    pub status: Status,
    /// One sentence for the peer, without anything that the peer sent.
    pub detail: &'static str,
}

impl Fault {
    /// A refusal with that status.
    #[must_use]
    pub const fn new(status: Status, detail: &'static str) -> Self {
        Self { status, detail }
    }

    pub(super) const fn bad(detail: &'static str) -> Self {
        Self::new(Status::BAD_REQUEST, detail)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail)
    }
}

impl core::error::Error for Fault {}
