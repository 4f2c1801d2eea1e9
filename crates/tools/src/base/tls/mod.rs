//! TLS on a socket: who is trusted, who we are, the handshake under its deadline, and a stream that tells a cut from an end.
//!
//! rustls with AWS-LC, versions 1.3 and 1.2, handed to every configuration and never installed for the
//! process. There is no ALPN and no session is resumed: every connection is judged anew, and a client that
//! sends and closes does not find unread tickets in its socket, for which its kernel would reset the stream.

mod client;
mod defect;
mod fingerprint;
mod identity;
mod intake;
mod judge;
mod refusal;
mod server;
mod stream;
mod trust;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rustls::crypto::CryptoProvider;

pub use client::Connector;
pub use defect::Defect;
pub use fingerprint::Fingerprint;
pub use identity::Identity;
pub use intake::Opening;
pub use refusal::{Flaw, Refusal};
pub use server::Acceptor;
pub use stream::{Session, Stream};
pub use trust::{Anchors, Trust};

/// How long a handshake may take unless somebody says otherwise. What it may hold in memory is
/// rustls's: 64 KiB for a message, and each message once.
pub const HANDSHAKE_DEFAULT: Duration = Duration::from_secs(10);

/// The one crypto backend.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    Arc::clone(&PROVIDER)
}
