//! HTTP/1.1 over a socket: connections, replies, files, uploads, and who may ask.

mod archive;
mod connection;
mod file;
mod floor;
mod guard;
mod html;
mod inbox;
mod listing;
mod log;
mod media;
mod refusal;
mod reply;
mod request;
mod share;
mod upload;

pub use connection::{Limits, Record, serve};
pub use floor::Floor;
pub use guard::{Guard, Hosts};
pub use html::escape;
pub use listing::{Listing, shown_path};
pub use refusal::Refusal;
pub use reply::{Content, Reply, Upgrade};
pub use request::{Body, Request};
pub use share::{Found, Share};
pub use upload::{Taken, Uploaded, created};

/// Whatever answers requests.
pub trait Service: Send + Sync + 'static {
    /// The answer to one request; an `Err` is answered as what it is.
    fn answer(
        &self,
        request: &mut Request<'_, '_>,
    ) -> impl Future<Output = Result<Reply, Refusal>> + Send;

    /// Told what became of each request, after the answer was sent.
    fn answered(&self, record: &Record<'_>);
}
