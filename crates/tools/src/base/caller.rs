//! Who a peer is, in words: its address as it is shown, the same by every tool.

use landline_socket::Address;

/// A peer's address as it is shown: an IPv4 address that came through a socket for both stacks as what it is.
pub(crate) fn name_of(peer: &Address) -> String {
    match (peer, peer.ip()) {
        (Address::Inet6(through), Some(ip)) if ip.is_ipv4() => format!("{ip}:{}", through.port()),
        _ => peer.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

    use super::name_of;

    #[test]
    fn an_ipv4_peer_is_named_so_on_both_stacks() {
        let name = |ip: Ipv6Addr| name_of(&SocketAddr::from((ip, 7)).into());
        assert_eq!(name(Ipv4Addr::LOCALHOST.to_ipv6_mapped()), "127.0.0.1:7");
        assert_eq!(name(Ipv6Addr::LOCALHOST), "[::1]:7");
    }
}
