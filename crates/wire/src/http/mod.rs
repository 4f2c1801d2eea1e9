//! HTTP/1.1 for a server, as pure rules: bytes to requests, answers to bytes.
//!
//! Nothing here reads, writes or asks the time. What a peer sent is judged once, in
//! [`RequestHead::parse`], and a [`Fault`] says which status answers it; whoever gets one
//! from a head or a body must close the connection, since the framing is no longer known.

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
pub use target::{Form, Target, percent_encode_path, percent_encode_segment, query_value};
pub use version::Version;
