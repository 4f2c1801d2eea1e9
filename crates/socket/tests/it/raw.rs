//! Below the transports: ICMP, IGMP, headers of one's own, frames, netlink; and their refusal without the privilege.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::thread;
use std::time::Duration;

use landline_socket::{
    Address, Family, FilterInstruction, IcmpFilter, Kind, MsgFlags, OtherAddress, PacketAddress,
    PacketFanout, Protocol, Socket,
};
use rustix::io::Errno;
use rustix::thread::{CapabilitySet, UnshareFlags};

use crate::{any_port, has_ipv6, holds};

const LOOPBACK: u32 = 1;
const PATIENCE: Duration = Duration::from_secs(2);

/// A raw socket; or, without the privilege, nothing but the right error.
fn raw(family: Family, kind: Kind, protocol: Protocol) -> Option<Socket> {
    match Socket::new(family, kind, protocol) {
        Ok(socket) if family == Family::INET6 && !has_ipv6() => {
            let outcome = socket.send_to(&[128; 8], &at(Ipv6Addr::LOCALHOST));
            assert!(outcome.is_err(), "there is no ::1");
            None
        }
        Ok(socket) => {
            socket.set_timeout(PATIENCE).unwrap();
            Some(socket)
        }
        Err(error) if family == Family::INET6 && !has_ipv6() => {
            assert!(error.errno().is_some());
            None
        }
        Err(error) => {
            assert!(!holds(CapabilitySet::NET_RAW), "{error}");
            assert_eq!(
                error.to_string(),
                "create a socket: operation not permitted"
            );
            assert!(error.hint().unwrap().contains("CAP_NET_RAW"));
            None
        }
    }
}

fn at(ip: impl Into<std::net::IpAddr>) -> Address {
    SocketAddr::new(ip.into(), 0).into()
}

/// RFC 1071: the checksum of the internet protocols. Zero over what bears a right one.
fn checksum(data: &[u8]) -> u16 {
    let sum = data.chunks(2).fold(0_u32, |sum, pair| {
        sum + u32::from(pair[0]) * 256 + u32::from(pair.get(1).copied().unwrap_or(0))
    });
    let folded = (sum >> 16) + (sum & 0xffff);
    !((folded + (folded >> 16)) as u16)
}

/// RFC 792: an echo request.
fn echo_request(id: u16, text: &[u8]) -> Vec<u8> {
    let mut message = vec![8, 0, 0, 0];
    message.extend(id.to_be_bytes());
    message.extend([0, 1]);
    message.extend(text);
    let checksum = checksum(&message);
    message[2..4].copy_from_slice(&checksum.to_be_bytes());
    message
}

#[test]
fn rfc792_an_echo_comes_back_from_loopback() {
    let Some(socket) = raw(Family::INET, Kind::RAW, Protocol::ICMP) else {
        return;
    };
    // Not the request, which loopback shows too.
    socket
        .set_icmp_filter_v4(IcmpFilter::BLOCK_ALL.pass(0))
        .unwrap();
    let request = echo_request(0xbeef, b"over there");
    socket.send_to(&request, &at(Ipv4Addr::LOCALHOST)).unwrap();
    let mut buffer = [0; 256];
    // Echoes of the other tests arrive here too.
    let (received, sender) = loop {
        let (received, sender) = socket.recv_from(&mut buffer).unwrap();
        if buffer[24..26] == [0xbe, 0xef] {
            break (received, sender);
        }
    };
    assert_eq!(sender, at(Ipv4Addr::LOCALHOST));
    assert_eq!((buffer[0], buffer[9]), (0x45, 1), "with the IP header");
    assert_eq!(buffer[20], 0, "a reply");
    assert_eq!(checksum(&buffer[20..received]), 0);
    assert_eq!(&buffer[28..received], b"over there");
}

#[test]
fn an_echo_by_a_datagram_socket_where_the_group_may() {
    let ping = || Socket::new(Family::INET, Kind::DGRAM, Protocol::ICMP);
    let pings = |socket: Socket| {
        socket.set_timeout(PATIENCE).unwrap();
        socket
            .send_to(&echo_request(0, b"hello"), &at(Ipv4Addr::LOCALHOST))
            .unwrap();
        let mut buffer = [0; 64];
        let (received, _) = socket.recv_from(&mut buffer).unwrap();
        assert_eq!(buffer[0], 0, "a reply, without the IP header");
        assert_eq!(&buffer[8..received], b"hello");
        let id = socket.local_address().unwrap().port().unwrap();
        assert_eq!(buffer[4..6], id.to_be_bytes(), "the kernel's identifier");
    };
    match ping() {
        Ok(socket) => pings(socket),
        Err(error) => {
            assert_eq!(error.errno(), Some(Errno::ACCESS.raw_os_error()));
            assert!(error.hint().unwrap().contains("ping_group_range"));
        }
    }
    in_a_network_of_its_own(move || {
        std::fs::write("/proc/sys/net/ipv4/ping_group_range", "0 2147483647").unwrap();
        pings(ping().unwrap());
    });
}

#[test]
fn rfc791_a_header_of_ones_own() {
    let Some(sender) = raw(Family::INET, Kind::RAW, Protocol::RAW) else {
        return;
    };
    assert!(
        sender.header_included_v4().unwrap(),
        "IPPROTO_RAW implies it"
    );
    let sender = raw(Family::INET, Kind::RAW, Protocol::ICMP).unwrap();
    sender.set_header_included_v4(true).unwrap();
    let receiver = raw(Family::INET, Kind::RAW, Protocol::ICMP).unwrap();

    let message = echo_request(0xcafe, b"mine");
    let (source, destination) = ([127, 7, 7, 7], [127, 0, 0, 1]);
    let mut packet = vec![
        0x45,
        0,
        0,
        (20 + message.len()) as u8,
        0x12,
        0x34,
        0,
        0,
        33,
        1,
        0,
        0,
    ];
    packet.extend(source);
    packet.extend(destination);
    packet.extend(&message);
    sender.send_to(&packet, &at(Ipv4Addr::LOCALHOST)).unwrap();

    let mut buffer = [0; 256];
    let (received, from) = loop {
        let (received, from) = receiver.recv_from(&mut buffer).unwrap();
        if buffer[20] == 8 && buffer[24..26] == [0xca, 0xfe] {
            break (received, from);
        }
    };
    assert_eq!(from, at(Ipv4Addr::from(source)));
    assert_eq!(buffer[8], 33, "its time to live is ours");
    assert_eq!(
        checksum(&buffer[..20]),
        0,
        "the kernel fills the checksum in"
    );
    assert_eq!(&buffer[20..received], message);
}

#[test]
fn rfc3376_joining_a_group_is_reported() {
    let outcome = in_a_network_of_its_own(|| {
        let member = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT).unwrap();
        // Where membership reports of IGMP version 3 go; or loopback would not take them.
        member
            .join_group_v4(Ipv4Addr::new(224, 0, 0, 22), Ipv4Addr::LOCALHOST)
            .unwrap();
        let listener = raw(Family::INET, Kind::RAW, Protocol::IGMP).unwrap();
        let group = Ipv4Addr::new(239, 1, 2, 3);
        member.join_group_v4(group, Ipv4Addr::LOCALHOST).unwrap();
        // Among several reports one tells of the group.
        let mut buffer = [0; 256];
        loop {
            let received = listener.recv(&mut buffer).unwrap();
            let report = &buffer[usize::from(buffer[0] & 0xf) * 4..received];
            assert_eq!(
                (buffer[9], report[0]),
                (2, 0x22),
                "IGMP, version 3's report"
            );
            assert_eq!(checksum(report), 0);
            if report.windows(4).any(|four| four == group.octets()) {
                break;
            }
        }
    });
    if outcome.is_none() {
        assert!(!holds(CapabilitySet::SYS_ADMIN));
    }
}

#[test]
fn rfc3542_the_kernel_computes_and_checks_a_checksum() {
    // A protocol for experiments (RFC 3692), whose checksum is where we say.
    let protocol = Protocol::from_raw(253);
    let Some(socket) = raw(Family::INET6, Kind::RAW, protocol) else {
        return;
    };
    socket.set_checksum_offset(Some(2)).unwrap();
    socket
        .send_to(&[1, 2, 0, 0, 5, 6], &at(Ipv6Addr::LOCALHOST))
        .unwrap();
    let mut buffer = [0; 64];
    let (received, sender) = socket.recv_from(&mut buffer).unwrap();
    assert_eq!(sender.ip(), Some(Ipv6Addr::LOCALHOST.into()));
    assert_eq!(received, 6, "without the IP header");
    // RFC 8200 section 8.1: a header of addresses, length and protocol is part of it.
    let mut covered = [Ipv6Addr::LOCALHOST.octets(), Ipv6Addr::LOCALHOST.octets()].concat();
    covered.extend([0, 0, 0, 6, 0, 0, 0, 253]);
    covered.extend(&buffer[..received]);
    assert_eq!(checksum(&covered), 0);
    assert_ne!(buffer[2..4], [0, 0]);
    assert_eq!(
        socket.set_checksum_offset(Some(3)).unwrap_err().to_string(),
        "set IPV6_CHECKSUM: invalid argument"
    );
}

#[test]
fn rfc4443_an_echo_over_ipv6_with_a_filter() {
    let Some(socket) = raw(Family::INET6, Kind::RAW, Protocol::ICMPV6) else {
        return;
    };
    socket
        .set_icmp_filter_v6(IcmpFilter::BLOCK_ALL.pass(129))
        .unwrap();
    assert_eq!(socket.checksum_offset().unwrap(), Some(2));
    let request = [&[128, 0, 0, 0, 0xab, 0xcd, 0, 1], b"six".as_slice()].concat();
    socket.send_to(&request, &at(Ipv6Addr::LOCALHOST)).unwrap();
    let mut buffer = [0; 64];
    let received = socket.recv(&mut buffer).unwrap();
    assert_eq!(buffer[0], 129, "the filter shows replies alone");
    assert_eq!(&buffer[4..received], &request[4..]);
}

/// What passes on loopback with this EtherType.
fn frames_of_loopback(protocol: u16) -> Option<Socket> {
    let socket = raw(
        Family::PACKET,
        Kind::RAW,
        Protocol::from_raw(protocol.to_be().into()),
    )?;
    let address = PacketAddress {
        protocol,
        interface: LOOPBACK,
        hardware_type: 0,
        packet_type: 0,
        hardware_address: Vec::new(),
    };
    socket.bind(&Address::Packet(address)).unwrap();
    Some(socket)
}

#[test]
fn packets_of_loopback_are_seen_with_their_frames() {
    let Some(frames) = frames_of_loopback(0x0800) else {
        return;
    };
    frames.set_ignore_outgoing(true).unwrap();
    let receiver = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT).unwrap();
    receiver.bind(&any_port()).unwrap();
    let [high, low] = receiver
        .local_address()
        .unwrap()
        .port()
        .unwrap()
        .to_be_bytes();
    // The port of UDP is at 14 (Ethernet) + 20 (IP) + 2: `ldh [36]; jeq #port, 0, 1; ret #-1; ret #0`.
    let instruction = |code, if_true, if_false, value| FilterInstruction {
        code,
        if_true,
        if_false,
        value,
    };
    let port = u32::from(u16::from_be_bytes([high, low]));
    frames
        .attach_filter(&[
            instruction(0x28, 0, 0, 36),
            instruction(0x15, 0, 1, port),
            instruction(0x06, 0, 0, u32::MAX),
            instruction(0x06, 0, 0, 0),
        ])
        .unwrap();
    let mut buffer = [0; 256];
    // What came before the filter was there may fill the queue.
    while frames.recv_with(&mut buffer, MsgFlags::DONTWAIT).is_ok() {}
    let sender = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT).unwrap();
    sender
        .send_to(b"seen", &receiver.local_address().unwrap())
        .unwrap();
    let (received, from) = loop {
        let (received, from) = frames.recv_from(&mut buffer).unwrap();
        if buffer[36..38] == [high, low] {
            break (received, from);
        }
    };
    assert_eq!(&buffer[received - 4..received], b"seen");
    let Address::Packet(from) = from else {
        panic!("{from}")
    };
    assert_eq!((from.protocol, from.interface), (0x0800, LOOPBACK));
    assert_eq!(from.hardware_type, 772, "ARPHRD_LOOPBACK");
    assert!(frames.take_packet_statistics().unwrap().packets >= 1);
    frames.set_packet_fanout(77, PacketFanout::HASH).unwrap();
}

/// A question to the kernel, `rtnetlink(7)`: header (length, kind, flags, sequence, port), then the body.
fn netlink(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
    let mut message = ((16 + body.len()) as u32).to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    message.extend([0; 8]);
    message.extend(body);
    message
}

#[test]
fn netlink_tells_the_links() {
    let socket = Socket::new(Family::NETLINK, Kind::RAW, Protocol::DEFAULT).unwrap();
    socket.set_timeout(PATIENCE).unwrap();
    // C's `sockaddr_nl`: padding, port (0: the kernel chooses), groups.
    let any = Address::Other(OtherAddress {
        family: Family::NETLINK,
        data: vec![0; 10],
    });
    socket.bind(&any).unwrap();
    assert_eq!(socket.local_address().unwrap().family(), Family::NETLINK);
    // RTM_GETLINK with NLM_F_REQUEST | NLM_F_DUMP, about every link.
    socket.send_to(&netlink(18, 0x301, &[0; 16]), &any).unwrap();
    let mut answer = vec![0; 1 << 16];
    let (received, from) = socket.recv_from(&mut answer).unwrap();
    assert_eq!(from.family(), Family::NETLINK);
    // RTM_NEWLINK, and among its attributes IFLA_IFNAME (3) of 4 + 3 bytes.
    assert_eq!(answer[4..6], 16_u16.to_ne_bytes());
    let name = [7_u16.to_ne_bytes(), 3_u16.to_ne_bytes(), *b"lo"].concat();
    assert!(
        answer[..received]
            .windows(name.len())
            .any(|bytes| bytes == name)
    );
}

#[test]
fn a_virtual_machine_that_is_not_there_refuses() {
    match Socket::new(Family::VSOCK, Kind::STREAM, Protocol::DEFAULT) {
        Err(error) => assert_eq!(error.errno(), Some(Errno::AFNOSUPPORT.raw_os_error())),
        Ok(socket) => {
            socket.set_timeout(Duration::from_millis(300)).unwrap();
            assert_eq!(socket.family().unwrap(), Family::VSOCK);
            // C's `sockaddr_vm`: padding, port, context; a context that no machine has.
            let mut data = vec![0, 0];
            data.extend(9_u32.to_ne_bytes());
            data.extend(0x7fff_fff0_u32.to_ne_bytes());
            data.extend([0; 4]);
            let nowhere = Address::Other(OtherAddress {
                family: Family::VSOCK,
                data,
            });
            let error = socket.connect(&nowhere).unwrap_err();
            assert_eq!(error.address(), Some(&nowhere));
            let expected = [
                Errno::NODEV,
                Errno::CONNRESET,
                Errno::TIMEDOUT,
                Errno::NETUNREACH,
                Errno::ADDRNOTAVAIL,
            ];
            assert!(
                error
                    .errno()
                    .is_none_or(|errno| expected.map(Errno::raw_os_error).contains(&errno)),
                "{error}"
            );
        }
    }
}

#[test]
fn what_this_kernel_lacks_is_said() {
    let families = [
        (Family::CAN, Kind::RAW, 1),
        (Family::ALG, Kind::SEQPACKET, 0),
        (Family::TIPC, Kind::RDM, 0),
        (Family::BLUETOOTH, Kind::SEQPACKET, 0),
        (Family::QIPCRTR, Kind::DGRAM, 0),
        (Family::RDS, Kind::SEQPACKET, 0),
        (Family::INET, Kind::STREAM, Protocol::SCTP.as_raw()),
    ];
    for (family, kind, protocol) in families {
        match Socket::new(family, kind, Protocol::from_raw(protocol)) {
            // Another kernel may have it.
            Ok(socket) => assert_eq!(socket.kind().unwrap(), kind),
            Err(error) => {
                let lacking = [
                    "create a socket: address family not supported by protocol",
                    "create a socket: protocol not supported",
                ];
                assert!(
                    lacking.contains(&error.to_string().as_str()),
                    "{family:?}: {error}"
                );
                assert_eq!(error.hint(), None);
            }
        }
    }
}

#[test]
fn without_the_privilege_the_error_says_what_to_do() {
    let refused = thread::spawn(|| {
        let mut sets = rustix::thread::capabilities(None).unwrap();
        sets.effective.remove(CapabilitySet::NET_RAW);
        rustix::thread::set_capabilities(None, sets).unwrap();
        assert!(!holds(CapabilitySet::NET_RAW));
        [
            Socket::new(Family::INET, Kind::RAW, Protocol::ICMP),
            Socket::new(Family::INET6, Kind::RAW, Protocol::ICMPV6),
            Socket::new(Family::PACKET, Kind::RAW, Protocol::DEFAULT),
        ]
    });
    for outcome in refused.join().unwrap() {
        let error = outcome.unwrap_err();
        if error.errno() == Some(Errno::AFNOSUPPORT.raw_os_error()) {
            assert!(!has_ipv6());
            continue;
        }
        assert_eq!(
            error.to_string(),
            "create a socket: operation not permitted"
        );
        assert!(error.hint().unwrap().contains("CAP_NET_RAW"));
        assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
    }
}

/// Runs it in a thread with a network namespace of its own, whose loopback is up; `None` where that is not allowed.
fn in_a_network_of_its_own(run: impl FnOnce() + Send + 'static) -> Option<()> {
    let ran = thread::spawn(|| {
        #[expect(
            deprecated,
            reason = "unsafe for descriptor tables, which stay shared here"
        )]
        let unshared = rustix::thread::unshare(UnshareFlags::NEWNET);
        if let Err(errno) = unshared {
            assert_eq!(errno, Errno::PERM);
            return None;
        }
        // RTM_NEWLINK with NLM_F_REQUEST | NLM_F_ACK: IFF_UP for loopback.
        let mut body = vec![0; 4];
        body.extend(LOOPBACK.to_ne_bytes());
        body.extend([1_u32.to_ne_bytes(), 1_u32.to_ne_bytes()].concat());
        let socket = Socket::new(Family::NETLINK, Kind::RAW, Protocol::DEFAULT).unwrap();
        socket.set_timeout(PATIENCE).unwrap();
        socket.send(&netlink(16, 5, &body)).unwrap();
        let mut answer = [0; 64];
        let received = socket.recv(&mut answer).unwrap();
        assert_eq!(
            answer[16..20],
            [0; 4],
            "no error: {:?}",
            &answer[..received]
        );
        run();
        Some(())
    });
    ran.join().unwrap()
}
