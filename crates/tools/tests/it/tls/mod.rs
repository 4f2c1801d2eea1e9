//! TLS on real sockets: who is believed, what an end is and what a cut, and peers that are wrong in every way.

pub(crate) mod authority;
mod hostile;
mod stream;
mod trust;

use std::time::Duration;

use landline_socket::{AsyncSocket, Family, Kind, Protocol};
use landline_tools::base::tls::{Acceptor, Connector, Identity, Refusal, Stream, Trust};

use crate::peer::{PATIENCE, soon};

/// Two ends of a stream.
fn pair() -> (AsyncSocket, AsyncSocket) {
    AsyncSocket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap()
}

fn acceptor(identity: &Identity) -> Acceptor {
    Acceptor::new(identity, PATIENCE).unwrap()
}

/// A handshake between ours and ours: what each comes to.
async fn meet(
    identity: &Identity,
    trust: Trust,
    name: Option<&str>,
) -> (Result<Stream, Refusal>, Result<Stream, Refusal>) {
    let (near, far) = pair();
    let (acceptor, connector) = (acceptor(identity), Connector::new(trust, PATIENCE));
    let both = async { tokio::join!(connector.connect(name, near), acceptor.accept(far)) };
    soon(both).await
}

/// A client and a server that believe each other.
async fn friends() -> (Stream, Stream) {
    let identity = Identity::made(&["localhost"]).unwrap();
    let trust = Trust::Pin(identity.fingerprint());
    let (client, server) = meet(&identity, trust, None).await;
    (client.unwrap(), server.unwrap())
}

/// Far shorter than anything here is patient, and longer than a handshake of two who want it.
const BRIEF: Duration = Duration::from_millis(100);
