//! HTTP/1.1 for a server, as pure rules: bytes to requests, answers to bytes.
//!
//! Nothing here reads, writes or asks the time. What a peer sent is judged once, in
//! [`RequestHead::parse`], and a [`Fault`] says which status answers it; whoever gets one
//! from a head or a body must close the connection, since the framing is no longer known.
//!
//! ```
//! use landline_wire::http::{BodyLength, HeadLimits, HeadScanner, ResponseHead, Status};
//!
//! let mut scanner = HeadScanner::new();
//! let limits = HeadLimits::default();
//! let arrived = b"GET /a.txt?download HTTP/1.1\r\nHost: localhost\r\n\r\n";
//! assert!(scanner.parse(&arrived[..20], &limits)?.is_none());
//! let (head, consumed) = scanner.parse(arrived, &limits)?.unwrap();
//! assert_eq!((head.path(), head.query(), consumed), ("/a.txt", Some("download"), arrived.len()));
//!
//! let mut answer = Vec::new();
//! ResponseHead::new(Status::OK)
//!     .with("Content-Type", "text/plain")
//!     .write(BodyLength::Known(2), head.connection(false), &mut answer);
//! answer.extend_from_slice(b"hi");
//! assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
//! # Ok::<(), landline_wire::http::Fault>(())
//! ```

pub mod accept;
pub mod authorization;
mod body;
pub mod condition;
mod connection;
pub mod cookie;
pub mod date;
pub mod disposition;
mod head;
mod header;
mod method;
mod origin;
pub mod range;
mod response;
mod scan;
mod status;
mod syntax;
mod target;
mod version;

pub use accept::Wanted;
pub use body::{BodyDecoder, BodyFraming, BodyLimits, Step};
pub use condition::{ETag, Outcome, Validators};
pub use connection::Connection;
pub use date::FixDate;
pub use disposition::Disposition;
pub use head::{HeadLimits, RequestHead};
pub use header::Headers;
pub use method::Method;
pub use origin::{FetchSite, Host, HostName, Origin, SecFetch};
pub use range::{ByteRange, Multipart, Selection};
pub use response::{BodyLength, CHUNK_END, CONTINUE, LAST_CHUNK, ResponseHead, chunk_head};
pub use scan::HeadScanner;
pub use status::{Fault, Status};
pub use version::Version;

pub use crate::query::query_value;
