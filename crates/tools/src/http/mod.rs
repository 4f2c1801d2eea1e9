//! HTTP/1.1 over a socket: connections, replies, files, uploads, and who may ask.

mod archive;
mod connection;
mod file;
mod guard;
mod inbox;
mod listing;
mod log;
mod media;
mod pace;
mod refusal;
mod reply;
mod request;
mod share;
mod upload;

pub use archive::Archivist;
pub use connection::{Limits, Record, serve};
pub use guard::Guard;
pub use listing::{Listing, shown_path};
pub use pace::Floor;
pub use refusal::{Refusal, escape};
pub use reply::{Content, Part, Reply, Upgrade};
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
