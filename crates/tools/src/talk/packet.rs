//! Packets: a peer on a Unix socket that keeps messages apart and has an end, `SOCK_SEQPACKET`.

use std::io;
use std::sync::Arc;

use landline_socket::{Ancillary, AsyncSocket, MsgFlags, ancillary_space};

use super::datagram::{next_bytes, pieces};
use super::peer::{Inlet, Outlet, Peer, Received};

impl Peer {
    /// A peer on a connected `SOCK_SEQPACKET` socket, called `name`: each send is one packet, an empty one too, and
    /// each packet is one message; a send of more than 65,507 bytes is several.
    ///
    /// # Errors
    /// When the socket is not of the Unix family.
    pub fn packets(socket: AsyncSocket, name: String) -> io::Result<Self> {
        // Every packet brings its sender's credentials then, and the end does not: nothing else tells the end
        // from an empty packet, `unix(7)`.
        socket.socket().set_receive_credentials(true)?;
        let socket = Arc::new(socket);
        Ok(Self {
            inlet: Inlet::Packet(Arc::clone(&socket)),
            outlet: Outlet::Packet(socket),
            name,
        })
    }
}

/// `recvmsg(2)`: one packet, or the end.
pub(super) async fn receive(socket: &AsyncSocket, into: &mut Vec<u8>) -> io::Result<Received> {
    // Not received where it is to be: whoever stops waiting here would find zeros there.
    let mut packet = vec![0; next_bytes(socket).await?];
    let credentials = ancillary_space(CREDENTIAL_BYTES);
    let received = socket.recv_msg(&mut packet, credentials, MsgFlags::NONE);
    let message = received.await?;
    into.extend(&packet[..message.bytes.min(packet.len())]);
    let is_packet = |brought: &Ancillary| matches!(brought, Ancillary::Credentials(_));
    Ok(if message.ancillary.iter().any(is_packet) {
        Received::Data
    } else {
        Received::End
    })
}

/// `send(2)`: one packet, or several where it is too long for one.
pub(super) async fn send(socket: &AsyncSocket, data: &[u8]) -> io::Result<()> {
    for piece in pieces(data) {
        socket.send(piece).await?;
    }
    Ok(())
}

/// C's `struct ucred`: three numbers of 32 bits.
const CREDENTIAL_BYTES: usize = 12;

#[cfg(test)]
mod tests {
    use landline_socket::{AsyncSocket, Family, Kind, Protocol};

    use super::{Peer, Received};

    #[tokio::test]
    async fn an_empty_packet_is_not_the_end() {
        let pair = AsyncSocket::pair(Family::UNIX, Kind::SEQPACKET, Protocol::DEFAULT).unwrap();
        // One was sent before anybody asked for credentials.
        pair.1.send(b"").await.unwrap();
        let mut one = Peer::packets(pair.0, "other".into()).unwrap();
        let mut other = Peer::packets(pair.1, "one".into()).unwrap();
        let long = vec![7; 65_507];
        for message in [&b"x"[..], b"", &long[..], b""] {
            other.outlet.send(message).await.unwrap();
        }
        other.outlet.finish().await.unwrap();
        for message in [&b""[..], b"x", b"", &long[..], b""] {
            let mut packet = Vec::new();
            let received = one.inlet.receive(&mut packet).await.unwrap();
            assert_eq!((received, &packet[..]), (Received::Data, message));
        }
        let end = one.inlet.receive(&mut Vec::new()).await.unwrap();
        assert_eq!(end, Received::End);
        // Our side is still open.
        one.outlet.send(b"yes").await.unwrap();
        let mut packet = Vec::new();
        let received = other.inlet.receive(&mut packet).await.unwrap();
        assert_eq!((received, &packet[..]), (Received::Data, &b"yes"[..]));
    }
}
