//! The server's side: a handshake with whoever connects.

use std::sync::Arc;
use std::time::Duration;

use landline_socket::AsyncSocket;
use rustls::ServerConfig;
use rustls::server::NoServerSessionStorage;
use rustls::sign::SingleCertAndKey;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::intake::Intake;
use super::stream::OUTGOING_BYTES;
use super::{Defect, Identity, Refusal, Stream, provider};

/// Makes TLS connections of sockets that were accepted.
///
/// Cheap to clone, and to be shared by all connections; each handshake is awaited by its own connection, so that
/// one that never ends holds nobody up.
#[derive(Clone)]
pub struct Acceptor {
    acceptor: TlsAcceptor,
    handshake: Duration,
}

impl Acceptor {
    /// One that shows `identity` and allows a handshake so long.
    ///
    /// # Errors
    /// When the crypto backend has nothing to offer.
    pub fn new(identity: &Identity, handshake: Duration) -> Result<Self, Defect> {
        let shown = SingleCertAndKey::from(identity.certified());
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| Defect::BadKey(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(shown));
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self {
            acceptor,
            handshake,
        })
    }

    /// The handshake on an accepted socket.
    ///
    /// # Errors
    /// When there is no TLS; the socket is closed then.
    pub async fn accept(&self, socket: AsyncSocket) -> Result<Stream, Refusal> {
        let handshake = self.acceptor.accept_with(Intake::new(socket), |session| {
            session.set_buffer_limit(Some(OUTGOING_BYTES));
        });
        match timeout(self.handshake, handshake).await {
            Ok(Ok(stream)) => Ok(Stream::new(stream)),
            Ok(Err(error)) => Err(Refusal::of(error, None)),
            Err(_) => Err(Refusal::Late(self.handshake)),
        }
    }
}
