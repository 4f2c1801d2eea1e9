//! The client's side: a handshake with whoever is trusted.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use landline_socket::AsyncSocket;
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::intake::Intake;
use super::judge::Judge;
use super::stream::OUTGOING_BYTES;
use super::{Refusal, Stream, Trust, provider};

/// Makes TLS connections to servers of one kind of trust.
///
/// # Examples
/// ```
/// use landline_socket::{AsyncSocket, Family, Kind, Protocol};
/// use landline_tools::base::tls::{Acceptor, Connector, HANDSHAKE_DEFAULT, Identity, Trust};
/// use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
///
/// let identity = Identity::made(&["localhost"])?;
/// let trust = Trust::Pin(identity.fingerprint());
/// let acceptor = Acceptor::new(&identity, HANDSHAKE_DEFAULT)?;
/// let connector = Connector::new(trust, HANDSHAKE_DEFAULT);
///
/// let (near, far) = AsyncSocket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// let (server, client) = tokio::join!(acceptor.accept(far), connector.connect(None, near));
/// let (mut server, mut client) = (server?, client?);
/// client.write_all(b"hello").await?;
/// client.shutdown().await?;
/// let mut said = String::new();
/// server.read_to_string(&mut said).await?;
/// assert_eq!(said, "hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Connector {
    trust: Trust,
    handshake: Duration,
}

impl Connector {
    /// One that believes `trust` and allows a handshake so long.
    #[must_use]
    pub fn new(trust: Trust, handshake: Duration) -> Self {
        Self { trust, handshake }
    }

    /// Python's `wrap_socket`: the handshake on a connected socket. `name` is what the server is asked for and
    /// must have a certificate for: a host name or an IP address; none is needed where the name is not verified.
    ///
    /// # Errors
    /// When there is no TLS, or not with somebody who is trusted; the socket is closed then.
    #[doc(alias = "wrap_socket")]
    pub async fn connect(
        &self,
        name: Option<&str>,
        socket: AsyncSocket,
    ) -> Result<Stream, Refusal> {
        let name = match (name, &self.trust) {
            (Some(name), _) => ServerName::try_from(name.to_owned())
                .map_err(|_| Refusal::Broken(format!("`{name}` is not the name of a host")))?,
            (None, Trust::Anchors(_)) => return Err(Refusal::Nameless),
            // An address is never sent, and nobody verifies it here.
            (None, Trust::Pin(_) | Trust::Anybody) => {
                ServerName::from(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
            }
        };
        // A judge and so a configuration for each connection: it remembers whom it has seen.
        let judge = Judge::new(self.trust.clone());
        let config = configuration(Arc::clone(&judge))?;
        let handshake =
            TlsConnector::from(config).connect_with(name, Intake::new(socket), |session| {
                session.set_buffer_limit(Some(OUTGOING_BYTES));
            });
        match timeout(self.handshake, handshake).await {
            Ok(Ok(stream)) => Ok(Stream::new(stream)),
            Ok(Err(error)) => Err(Refusal::of(error, judge.seen())),
            Err(_) => Err(Refusal::Late(self.handshake)),
        }
    }
}

fn configuration(judge: Arc<Judge>) -> Result<Arc<ClientConfig>, Refusal> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Refusal::Broken(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(judge)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}
