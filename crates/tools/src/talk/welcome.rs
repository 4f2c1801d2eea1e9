//! What a socket that was accepted goes through before there is a peer.

use landline_socket::{AsyncSocket, Kind};

use super::{Event, Peer, Talk};

impl Talk {
    /// Makes a peer of whoever came: at once, or by a handshake where there is TLS. `None`, which has been told, when
    /// that fails.
    pub(super) async fn welcome(&self, socket: AsyncSocket, name: String) -> Option<Peer> {
        let Some(acceptor) = &self.tls else {
            return match socket.socket().kind() {
                Ok(Kind::SEQPACKET) => Peer::packets(socket, name).ok(),
                _ => Some(Peer::stream(socket, name)),
            };
        };
        match acceptor.accept(socket).await {
            Ok(stream) => Some(Peer::tls(stream, name)),
            Err(refusal) => {
                (self.tell)(&Event::Insecure {
                    peer: &name,
                    refusal: &refusal,
                });
                None
            }
        }
    }
}
