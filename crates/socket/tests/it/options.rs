//! Options: each differs at first, is set, and is read back; or its exact error.

use std::fmt::Debug;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use landline_socket::{
    Address, Error, Family, FilterInstruction, GroupSources, IcmpFilter, Kind, Level, PacketFanout,
    PacketMembership, PathMtu, Protocol, Result, Socket, SocketOption, TcpState, TimestampingFlags,
    TransmitTime,
};
use proptest::prelude::*;
use rustix::io::Errno;
use rustix::thread::CapabilitySet;

use crate::{any_port, has_ipv6, holds, tcp_pair, tcp_server};

/// What a socket is made of, and the capability that it takes.
struct Of(Family, Kind, Protocol, CapabilitySet);

const TCP: Of = Of(
    Family::INET,
    Kind::STREAM,
    Protocol::TCP,
    CapabilitySet::empty(),
);
const UDP: Of = Of(
    Family::INET,
    Kind::DGRAM,
    Protocol::UDP,
    CapabilitySet::empty(),
);
const TCP6: Of = Of(
    Family::INET6,
    Kind::STREAM,
    Protocol::TCP,
    CapabilitySet::empty(),
);
const UDP6: Of = Of(
    Family::INET6,
    Kind::DGRAM,
    Protocol::UDP,
    CapabilitySet::empty(),
);
const UNIX: Of = Of(
    Family::UNIX,
    Kind::STREAM,
    Protocol::DEFAULT,
    CapabilitySet::empty(),
);
const NETLINK: Of = Of(
    Family::NETLINK,
    Kind::RAW,
    Protocol::DEFAULT,
    CapabilitySet::empty(),
);
const UDPLITE: Of = Of(
    Family::INET,
    Kind::DGRAM,
    Protocol::UDPLITE,
    CapabilitySet::empty(),
);
const VSOCK: Of = Of(
    Family::VSOCK,
    Kind::STREAM,
    Protocol::DEFAULT,
    CapabilitySet::empty(),
);
const ICMP: Of = Of(
    Family::INET,
    Kind::RAW,
    Protocol::ICMP,
    CapabilitySet::NET_RAW,
);
const RAW6: Of = Of(
    Family::INET6,
    Kind::RAW,
    Protocol::UDP,
    CapabilitySet::NET_RAW,
);
const ICMPV6: Of = Of(
    Family::INET6,
    Kind::RAW,
    Protocol::ICMPV6,
    CapabilitySet::NET_RAW,
);
/// 1 is `CAN_RAW`.
const CAN: Of = Of(
    Family::CAN,
    Kind::RAW,
    Protocol::from_raw(1),
    CapabilitySet::empty(),
);
const TIPC: Of = Of(
    Family::TIPC,
    Kind::RDM,
    Protocol::DEFAULT,
    CapabilitySet::empty(),
);
const PACKET: Of = Of(
    Family::PACKET,
    Kind::RAW,
    Protocol::DEFAULT,
    CapabilitySet::NET_RAW,
);

/// The socket, or `None` when it was refused for the one reason that there may be.
fn made(of: &Of) -> Option<Socket> {
    let Of(family, kind, protocol, capability) = of;
    match Socket::new(*family, *kind, *protocol) {
        Ok(socket) => Some(socket),
        Err(error) if !holds(*capability) => {
            assert_eq!(error.errno(), Some(Errno::PERM.raw_os_error()), "{error}");
            assert!(error.hint().is_some());
            None
        }
        Err(error) => {
            // A machine without IPv6, virtual machines or UDP-Lite.
            let absent = [Errno::AFNOSUPPORT, Errno::PROTONOSUPPORT].map(Errno::raw_os_error);
            assert!(absent.contains(&error.errno().unwrap()), "{error}");
            assert!(
                [Family::INET6, Family::VSOCK, Family::CAN, Family::TIPC].contains(family)
                    || *protocol == Protocol::UDPLITE,
                "{error}"
            );
            None
        }
    }
}

/// A kernel that is too old for an option says so, by one of these.
fn is_absent(error: &Error) -> bool {
    let absent = [Errno::NOPROTOOPT, Errno::OPNOTSUPP].map(Errno::raw_os_error);
    absent.contains(&error.errno().unwrap_or(0))
}

/// Initial value differs, set, read back. An error must be `may`, or the lack of `capability`.
#[track_caller]
fn tried<T: PartialEq + Debug>(
    socket: &Socket,
    get: impl Fn(&Socket) -> Result<T>,
    set: impl Fn(&Socket) -> Result<()>,
    expected: &T,
    lenient: (bool, CapabilitySet, Errno),
) {
    let (newer, capability, refusal) = lenient;
    let initial = match get(socket) {
        Err(error) if newer => return assert!(is_absent(&error), "{error}"),
        initial => initial.unwrap(),
    };
    assert_ne!(&initial, expected, "the initial value differs");
    match set(socket) {
        Err(error) if !holds(capability) => {
            assert_eq!(error.errno(), Some(refusal.raw_os_error()), "{error}");
            assert_eq!(get(socket).unwrap(), initial);
        }
        outcome => {
            outcome.unwrap();
            assert_eq!(&get(socket).unwrap(), expected);
        }
    }
}

/// RFC 8200 section 4.2: an options header with nothing but four bytes of padding.
const PADDING: [u8; 8] = [0, 0, 1, 4, 0, 0, 0, 0];

/// One line an option: its name, a socket, reader, writer, value. `reads` where the kernel gives back another one;
/// `newer` where an older kernel lacks it; `needs` the capability without which it is an error.
macro_rules! option_test {
    ($name:ident, $of:ident, $get:ident, $set:ident, $value:expr
        $(, reads $read:expr)? $(, newer $newer:literal)? $(, needs $capability:ident else $refusal:ident)?
    ) => {
        #[test]
        fn $name() {
            let Some(socket) = made(&$of) else { return };
            let expected = option_test!(@read $value $(, $read)?);
            let lenient = (
                option_test!(@newer $($newer)?),
                CapabilitySet::empty() $(| CapabilitySet::$capability)?,
                option_test!(@refusal $($refusal)?),
            );
            tried(&socket, Socket::$get, |socket| socket.$set($value), &expected, lenient);
        }
    };
    (@read $value:expr) => { $value };
    (@read $value:expr, $read:expr) => { $read };
    (@newer) => { false };
    (@newer $newer:literal) => { $newer == "kernel" };
    (@refusal) => { Errno::PERM };
    (@refusal $refusal:ident) => { Errno::$refusal };
}

/// One line an option that is on or off: what it was not, and back again.
macro_rules! flag_test {
    ($name:ident, $of:ident, $get:ident, $set:ident $(, newer $newer:literal)? $(, needs $capability:ident else $refusal:ident)?) => {
        #[test]
        fn $name() {
            let Some(socket) = made(&$of) else { return };
            let lenient = (
                option_test!(@newer $($newer)?),
                CapabilitySet::empty() $(| CapabilitySet::$capability)?,
                option_test!(@refusal $($refusal)?),
            );
            let initial = socket.$get().unwrap_or(false);
            tried(&socket, Socket::$get, |socket| socket.$set(!initial), &!initial, lenient);
            if socket.$get().is_ok_and(|now| now != initial) {
                tried(&socket, Socket::$get, |socket| socket.$set(initial), &initial, lenient);
            }
        }
    };
}

option_test!(
    icmp6_filter,
    ICMPV6,
    icmp_filter_v6,
    set_icmp_filter_v6,
    IcmpFilter::BLOCK_ALL.pass(129)
);
option_test!(
    icmp_filter,
    ICMP,
    icmp_filter_v4,
    set_icmp_filter_v4,
    IcmpFilter::PASS_ALL.block(8)
);
flag_test!(
    ip_bind_address_no_port,
    TCP,
    bind_without_port,
    set_bind_without_port
);
flag_test!(ip_checksum, UDP, receive_checksum, set_receive_checksum);
flag_test!(ip_freebind, UDP, free_bind_v4, set_free_bind_v4);
flag_test!(ip_hdrincl, ICMP, header_included_v4, set_header_included_v4);
option_test!(ip_local_port_range, TCP, local_port_range, set_local_port_range, Some(40_000..=40_100), newer "kernel");
option_test!(ip_minttl, TCP, min_ttl, set_min_ttl, 255);
option_test!(
    ip_mtu_discover,
    UDP,
    path_mtu_discovery_v4,
    set_path_mtu_discovery_v4,
    PathMtu::PROBE
);
flag_test!(
    ip_multicast_all,
    UDP,
    multicast_all_v4,
    set_multicast_all_v4
);
option_test!(
    ip_multicast_if,
    UDP,
    multicast_interface_v4,
    set_multicast_interface_v4,
    Ipv4Addr::LOCALHOST
);
flag_test!(
    ip_multicast_loop,
    UDP,
    multicast_loop_v4,
    set_multicast_loop_v4
);
option_test!(ip_multicast_ttl, UDP, multicast_ttl, set_multicast_ttl, 200);
flag_test!(ip_nodefrag, ICMP, leave_fragments, set_leave_fragments);
option_test!(ip_options, UDP, header_options, set_header_options, &[1, 1, 1, 0], reads vec![1, 1, 1, 0]);
flag_test!(
    ip_passsec,
    UDP,
    receive_ip_security,
    set_receive_ip_security
);
flag_test!(
    ip_pktinfo,
    UDP,
    receive_packet_info_v4,
    set_receive_packet_info_v4
);
flag_test!(ip_recverr, UDP, receive_errors_v4, set_receive_errors_v4);
flag_test!(
    ip_recverr_rfc4884,
    UDP,
    receive_error_extensions_v4,
    set_receive_error_extensions_v4
);
flag_test!(
    ip_recvfragsize,
    ICMP,
    receive_fragment_size_v4,
    set_receive_fragment_size_v4
);
flag_test!(
    ip_recvopts,
    UDP,
    receive_header_options,
    set_receive_header_options
);
flag_test!(
    ip_recvorigdstaddr,
    UDP,
    receive_original_destination_v4,
    set_receive_original_destination_v4
);
flag_test!(ip_recvtos, UDP, receive_tos, set_receive_tos);
flag_test!(ip_recvttl, UDP, receive_ttl, set_receive_ttl);
flag_test!(
    ip_retopts,
    UDP,
    receive_raw_header_options,
    set_receive_raw_header_options
);
option_test!(ip_tos, UDP, tos, set_tos, 0xb8);
flag_test!(ip_transparent, UDP, transparent_v4, set_transparent_v4, needs NET_ADMIN else PERM);
option_test!(ip_ttl, UDP, ttl, set_ttl, 9);
option_test!(
    ip_unicast_if,
    UDP,
    unicast_interface_v4,
    set_unicast_interface_v4,
    1
);
flag_test!(
    ipv6_autoflowlabel,
    UDP6,
    auto_flow_label,
    set_auto_flow_label
);
option_test!(ipv6_dstopts, UDP6, destination_options, set_destination_options, &PADDING, reads PADDING.to_vec(), needs NET_RAW else PERM);
option_test!(ipv6_hopopts, UDP6, hop_options, set_hop_options, &PADDING, reads PADDING.to_vec(), needs NET_RAW else PERM);
option_test!(ipv6_rthdrdstopts, UDP6, router_options, set_router_options, &PADDING, reads PADDING.to_vec(), needs NET_RAW else PERM);
option_test!(tcp_fastopen_key, TCP, fast_open_keys, set_fast_open_keys, &[[1; 16], [2; 16]], reads vec![[1; 16], [2; 16]]);
option_test!(
    ipv6_checksum,
    RAW6,
    checksum_offset,
    set_checksum_offset,
    Some(6)
);
flag_test!(ipv6_dontfrag, UDP6, dont_fragment_v6, set_dont_fragment_v6);
flag_test!(
    ipv6_flowinfo,
    UDP6,
    receive_flow_info,
    set_receive_flow_info
);
flag_test!(ipv6_flowinfo_send, UDP6, send_flow_info, set_send_flow_info);
flag_test!(ipv6_freebind, UDP6, free_bind_v6, set_free_bind_v6);
flag_test!(
    ipv6_hdrincl,
    RAW6,
    header_included_v6,
    set_header_included_v6
);
option_test!(
    ipv6_minhopcount,
    TCP6,
    min_hop_limit,
    set_min_hop_limit,
    255
);
option_test!(
    ipv6_mtu_discover,
    UDP6,
    path_mtu_discovery_v6,
    set_path_mtu_discovery_v6,
    PathMtu::DO
);
flag_test!(
    ipv6_multicast_all,
    UDP6,
    multicast_all_v6,
    set_multicast_all_v6
);
option_test!(
    ipv6_multicast_hops,
    UDP6,
    multicast_hops,
    set_multicast_hops,
    200
);
option_test!(
    ipv6_multicast_if,
    UDP6,
    multicast_interface_v6,
    set_multicast_interface_v6,
    1
);
flag_test!(
    ipv6_multicast_loop,
    UDP6,
    multicast_loop_v6,
    set_multicast_loop_v6
);
flag_test!(
    ipv6_recvdstopts,
    UDP6,
    receive_destination_options,
    set_receive_destination_options
);
flag_test!(ipv6_recverr, UDP6, receive_errors_v6, set_receive_errors_v6);
flag_test!(
    ipv6_recverr_rfc4884,
    UDP6,
    receive_error_extensions_v6,
    set_receive_error_extensions_v6
);
flag_test!(
    ipv6_recvfragsize,
    RAW6,
    receive_fragment_size_v6,
    set_receive_fragment_size_v6
);
flag_test!(
    ipv6_recvhoplimit,
    UDP6,
    receive_hop_limit,
    set_receive_hop_limit
);
flag_test!(
    ipv6_recvhopopts,
    UDP6,
    receive_hop_options,
    set_receive_hop_options
);
flag_test!(
    ipv6_recvorigdstaddr,
    UDP6,
    receive_original_destination_v6,
    set_receive_original_destination_v6
);
flag_test!(
    ipv6_recvpathmtu,
    UDP6,
    receive_path_mtu,
    set_receive_path_mtu
);
flag_test!(
    ipv6_recvpktinfo,
    UDP6,
    receive_packet_info_v6,
    set_receive_packet_info_v6
);
flag_test!(
    ipv6_recvrthdr,
    UDP6,
    receive_routing_header,
    set_receive_routing_header
);
flag_test!(
    ipv6_recvtclass,
    UDP6,
    receive_traffic_class,
    set_receive_traffic_class
);
option_test!(ipv6_tclass, UDP6, traffic_class, set_traffic_class, 0xb8);
flag_test!(ipv6_transparent, UDP6, transparent_v6, set_transparent_v6, needs NET_ADMIN else PERM);
option_test!(ipv6_unicast_hops, UDP6, hop_limit, set_hop_limit, 9);
option_test!(
    ipv6_unicast_if,
    UDP6,
    unicast_interface_v6,
    set_unicast_interface_v6,
    1
);
flag_test!(ipv6_v6only, TCP6, ipv6_only, set_ipv6_only);
flag_test!(
    netlink_broadcast_error,
    NETLINK,
    netlink_broadcast_error,
    set_netlink_broadcast_error
);
flag_test!(
    netlink_cap_ack,
    NETLINK,
    netlink_short_answer,
    set_netlink_short_answer
);
flag_test!(
    netlink_ext_ack,
    NETLINK,
    netlink_error_words,
    set_netlink_error_words
);
flag_test!(
    netlink_get_strict_chk,
    NETLINK,
    netlink_strict,
    set_netlink_strict
);
flag_test!(netlink_listen_all_nsid, NETLINK, netlink_all_namespaces, set_netlink_all_namespaces, needs NET_BROADCAST else PERM);
flag_test!(
    netlink_no_enobufs,
    NETLINK,
    netlink_silent_loss,
    set_netlink_silent_loss
);
flag_test!(
    netlink_pktinfo,
    NETLINK,
    netlink_packet_info,
    set_netlink_packet_info
);
flag_test!(packet_auxdata, PACKET, packet_details, set_packet_details);
flag_test!(
    packet_ignore_outgoing,
    PACKET,
    ignore_outgoing,
    set_ignore_outgoing
);
flag_test!(packet_origdev, PACKET, original_device, set_original_device);
flag_test!(packet_qdisc_bypass, PACKET, bypass_queue, set_bypass_queue);
option_test!(
    packet_timestamp,
    PACKET,
    packet_timestamp,
    set_packet_timestamp,
    64
);
option_test!(so_bindtoifindex, TCP, device_index, set_device_index, 1);
flag_test!(so_broadcast, UDP, broadcast, set_broadcast);
option_test!(so_busy_poll, UDP, busy_poll, set_busy_poll, Duration::from_micros(50), needs NET_ADMIN else PERM);
flag_test!(so_debug, TCP, debug, set_debug, needs NET_ADMIN else ACCESS);
flag_test!(so_dontroute, UDP, dont_route, set_dont_route);
option_test!(so_incoming_cpu, TCP, incoming_cpu, set_incoming_cpu, 1);
flag_test!(so_keepalive, TCP, keep_alive, set_keep_alive);
option_test!(so_linger, TCP, linger, set_linger, Some(Duration::from_millis(1500)), reads Some(Duration::from_secs(2)));
option_test!(
    so_linger_zero,
    TCP,
    linger,
    set_linger,
    Some(Duration::ZERO)
);
option_test!(so_mark, TCP, mark, set_mark, 0x8000_0001, needs NET_ADMIN else PERM);
option_test!(
    so_max_pacing_rate,
    TCP,
    pacing_bytes_per_second,
    set_pacing_bytes_per_second,
    Some(1 << 33)
);
flag_test!(
    so_no_check,
    UDP,
    udp_without_checksum,
    set_udp_without_checksum
);
flag_test!(so_oobinline, TCP, oob_inline, set_oob_inline);
flag_test!(
    so_passcred,
    UNIX,
    receive_credentials,
    set_receive_credentials
);
flag_test!(so_passpidfd, UNIX, receive_process, set_receive_process, newer "kernel");
flag_test!(so_passrights, UNIX, receive_descriptors_allowed, set_receive_descriptors_allowed, newer "kernel");
flag_test!(so_passsec, UNIX, receive_security, set_receive_security);
option_test!(so_peek_off, UNIX, peek_offset, set_peek_offset, Some(3));
flag_test!(so_prefer_busy_poll, UDP, prefer_busy_poll, set_prefer_busy_poll, needs NET_ADMIN else PERM);
option_test!(so_priority, UDP, priority, set_priority, 5);
option_test!(so_rcvbuf, TCP, receive_buffer_bytes, set_receive_buffer_bytes, 10_000, reads 20_000);
option_test!(
    so_rcvlowat,
    TCP,
    receive_low_water_bytes,
    set_receive_low_water_bytes,
    100
);
flag_test!(so_rcvmark, UDP, receive_mark, set_receive_mark, newer "kernel");
flag_test!(so_rcvpriority, UDP, receive_priority, set_receive_priority, newer "kernel");
flag_test!(so_reuseaddr, TCP, reuse_address, set_reuse_address);
flag_test!(so_reuseport, TCP, reuse_port, set_reuse_port);
flag_test!(so_rxq_ovfl, UDP, receive_drop_count, set_receive_drop_count);
flag_test!(
    so_select_err_queue,
    UDP,
    error_queue_is_priority,
    set_error_queue_is_priority
);
option_test!(so_sndbuf, TCP, send_buffer_bytes, set_send_buffer_bytes, 10_000, reads 20_000);
flag_test!(so_timestamp, UDP, timestamp, set_timestamp);
option_test!(
    so_timestamping,
    UDP,
    timestamping,
    set_timestamping,
    TimestampingFlags::RX_SOFTWARE | TimestampingFlags::SOFTWARE
);
flag_test!(
    so_timestampns,
    UDP,
    timestamp_nanoseconds,
    set_timestamp_nanoseconds
);
flag_test!(so_txrehash, TCP, rehash, set_rehash, newer "kernel");
option_test!(
    so_txtime,
    UDP,
    transmit_time,
    set_transmit_time,
    TransmitTime {
        clock: 1,
        is_deadline: true,
        report_errors: true
    }
);
flag_test!(so_zerocopy, TCP, zero_copy, set_zero_copy);
flag_test!(tcp_cork, TCP, cork, set_cork);
option_test!(
    tcp_defer_accept,
    TCP,
    defer_accept,
    set_defer_accept,
    Duration::from_secs(1)
);
option_test!(tcp_delack_max_us, TCP, delayed_ack_max, set_delayed_ack_max, Duration::from_millis(100), newer "kernel");
option_test!(tcp_fastopen, TCP, fast_open, set_fast_open, 5);
flag_test!(
    tcp_fastopen_connect,
    TCP,
    fast_open_connect,
    set_fast_open_connect
);
flag_test!(
    tcp_fastopen_no_cookie,
    TCP,
    fast_open_without_cookie,
    set_fast_open_without_cookie
);
flag_test!(tcp_inq, TCP, receive_queued_bytes, set_receive_queued_bytes);
option_test!(
    tcp_keepcnt,
    TCP,
    keep_alive_probes,
    set_keep_alive_probes,
    3
);
option_test!(tcp_keepidle, TCP, keep_alive_idle, set_keep_alive_idle, Duration::from_millis(59_001), reads Duration::from_secs(60));
option_test!(
    tcp_keepintvl,
    TCP,
    keep_alive_interval,
    set_keep_alive_interval,
    Duration::from_secs(7)
);
option_test!(tcp_linger2, TCP, fin_timeout, set_fin_timeout, None);
option_test!(
    tcp_linger2_time,
    TCP,
    fin_timeout,
    set_fin_timeout,
    Some(Duration::from_secs(9))
);
option_test!(tcp_maxseg, TCP, segment_bytes, set_segment_bytes, 1000);
flag_test!(tcp_nodelay, TCP, no_delay, set_no_delay);
option_test!(
    tcp_notsent_lowat,
    TCP,
    unsent_limit_bytes,
    set_unsent_limit_bytes,
    65_536
);
flag_test!(tcp_repair, TCP, repair, set_repair, needs NET_ADMIN else PERM);
flag_test!(tcp_quickack, TCP, quick_ack, set_quick_ack);
option_test!(tcp_rto_max_ms, TCP, retransmission_timeout_max, set_retransmission_timeout_max, Duration::from_secs(5), newer "kernel");
option_test!(tcp_rto_min_us, TCP, retransmission_timeout_min, set_retransmission_timeout_min, Duration::from_millis(100), newer "kernel");
option_test!(tcp_save_syn, TCP, save_syn_headers, set_save_syn_headers, 1);
option_test!(tcp_syncnt, TCP, syn_retries, set_syn_retries, 2);
option_test!(
    can_raw_err_filter,
    CAN,
    can_error_classes,
    set_can_error_classes,
    4
);
flag_test!(can_raw_fd_frames, CAN, can_fd_frames, set_can_fd_frames);
flag_test!(
    can_raw_join_filters,
    CAN,
    can_joined_filters,
    set_can_joined_filters
);
flag_test!(can_raw_loopback, CAN, can_loopback, set_can_loopback);
flag_test!(
    can_raw_recv_own_msgs,
    CAN,
    can_own_frames,
    set_can_own_frames
);
option_test!(
    tipc_conn_timeout,
    TIPC,
    tipc_connect_timeout,
    set_tipc_connect_timeout,
    Duration::from_secs(3)
);
flag_test!(
    tipc_dest_droppable,
    TIPC,
    tipc_destination_droppable,
    set_tipc_destination_droppable
);
option_test!(
    tipc_importance,
    TIPC,
    tipc_importance,
    set_tipc_importance,
    3
);
flag_test!(
    tipc_src_droppable,
    TIPC,
    tipc_source_droppable,
    set_tipc_source_droppable
);
flag_test!(
    tcp_thin_linear_timeouts,
    TCP,
    thin_linear_timeouts,
    set_thin_linear_timeouts
);
option_test!(tcp_tx_delay, TCP, transmit_delay, set_transmit_delay, Duration::from_micros(1500), needs NET_ADMIN else PERM);
option_test!(
    tcp_user_timeout,
    TCP,
    user_timeout,
    set_user_timeout,
    Duration::from_millis(1500)
);
option_test!(
    tcp_window_clamp,
    TCP,
    window_clamp_bytes,
    set_window_clamp_bytes,
    60_000
);
flag_test!(udp_cork, UDP, udp_cork, set_udp_cork);
option_test!(udp_encap, UDP, udp_encapsulation, set_udp_encapsulation, 2);
flag_test!(udp_gro, UDP, udp_gro, set_udp_gro);
flag_test!(
    udp_no_check6_rx,
    UDP6,
    receive_udp_v6_without_checksum,
    set_receive_udp_v6_without_checksum
);
flag_test!(
    udp_no_check6_tx,
    UDP6,
    send_udp_v6_without_checksum,
    set_send_udp_v6_without_checksum
);
option_test!(
    udp_segment,
    UDP,
    udp_segment_bytes,
    set_udp_segment_bytes,
    1000
);
option_test!(
    udplite_recv_cscov,
    UDPLITE,
    receive_coverage_bytes,
    set_receive_coverage_bytes,
    20
);
option_test!(
    udplite_send_cscov,
    UDPLITE,
    send_coverage_bytes,
    set_send_coverage_bytes,
    20
);
option_test!(
    vm_sockets_buffer_max_size,
    VSOCK,
    vsock_buffer_max_bytes,
    set_vsock_buffer_max_bytes,
    1 << 20
);
option_test!(
    vm_sockets_buffer_min_size,
    VSOCK,
    vsock_buffer_min_bytes,
    set_vsock_buffer_min_bytes,
    4096
);
option_test!(
    vm_sockets_buffer_size,
    VSOCK,
    vsock_buffer_bytes,
    set_vsock_buffer_bytes,
    4096
);
#[test]
fn tcp_congestion() {
    let socket = made(&TCP).unwrap();
    assert!(!socket.congestion_control().unwrap().contains('\0'));
    socket.set_congestion_control("reno").unwrap();
    assert_eq!(socket.congestion_control().unwrap(), "reno");
    let error = socket.set_congestion_control("no such").unwrap_err();
    assert_eq!(
        error.to_string(),
        "set TCP_CONGESTION: no such file or directory"
    );
}

#[test]
fn so_domain_type_protocol() {
    let socket = made(&UDP).unwrap();
    assert_eq!(socket.family().unwrap(), Family::INET);
    assert_eq!(socket.kind().unwrap(), Kind::DGRAM);
    assert_eq!(socket.protocol().unwrap(), Protocol::UDP);
}

#[test]
fn so_error_is_taken_once() {
    let (client, server) = tcp_pair();
    client.send(b"unread").unwrap();
    server.set_linger(Some(Duration::ZERO)).unwrap();
    server.close().unwrap();
    let error = client.take_error().unwrap();
    let reset = rustix::io::Errno::CONNRESET.raw_os_error();
    assert_eq!(error, Some(landline_socket::Cause::Os(reset)));
    assert_eq!(client.take_error().unwrap(), None);
}

#[test]
fn an_option_of_another_level_is_an_error_that_names_it() {
    let socket = made(&UNIX).unwrap();
    let error = socket.set_no_delay(true).unwrap_err().to_string();
    assert!(error.starts_with("set TCP_NODELAY: "), "{error}");
}

#[test]
fn a_size_beyond_c_is_capped_not_wrapped() {
    let socket = made(&TCP).unwrap();
    socket.set_send_buffer_bytes(4096).unwrap();
    let small = socket.send_buffer_bytes().unwrap();
    socket.set_send_buffer_bytes(usize::MAX).unwrap();
    assert!(socket.send_buffer_bytes().unwrap() > small);
}

#[test]
fn what_can_only_be_read() {
    let (client, server) = tcp_pair();
    let (listener, _) = tcp_server();
    assert!(listener.is_listening().unwrap());
    assert!(!client.is_listening().unwrap());
    assert_ne!(client.cookie().unwrap(), server.cookie().unwrap());
    assert_eq!(
        client.namespace_cookie().unwrap(),
        server.namespace_cookie().unwrap()
    );
    assert_eq!(client.send_low_water_bytes().unwrap(), 1);
    assert_eq!(client.incoming_napi_id().unwrap(), 0, "loopback has none");
    assert!(!client.is_multipath().unwrap());
    let before = client.tcp_timestamp().unwrap();
    assert!(client.tcp_timestamp().unwrap().wrapping_sub(before) < u32::MAX / 2);
    assert!(!client.congestion_control().unwrap().is_empty());
    client.set_congestion_control("reno").unwrap();
    assert_eq!(client.congestion_info().unwrap(), [], "reno tells nothing");
}

#[test]
fn so_meminfo() {
    let (one, other) = Socket::pair(Family::UNIX, Kind::DGRAM, Protocol::DEFAULT).unwrap();
    assert_eq!(other.memory().unwrap().received_bytes, 0);
    one.send(&[7; 1000]).unwrap();
    let memory = one.memory().unwrap();
    assert!(memory.sent_bytes >= 1000, "{memory:?}");
    assert_eq!(memory.send_limit_bytes, one.send_buffer_bytes().unwrap());
    assert_eq!(
        memory.receive_limit_bytes,
        one.receive_buffer_bytes().unwrap()
    );
}

#[test]
fn so_bindtodevice() {
    let socket = made(&UDP).unwrap();
    assert_eq!(socket.device().unwrap(), None);
    socket.set_device(Some("lo")).unwrap();
    assert_eq!(socket.device().unwrap().as_deref(), Some("lo"));
    let error = socket.set_device(Some("no such")).unwrap_err();
    assert_eq!(error.to_string(), "set SO_BINDTODEVICE: no such device");
    let outcome = socket.set_device(None);
    if holds(CapabilitySet::NET_RAW) {
        outcome.unwrap();
        assert_eq!(socket.device().unwrap(), None);
    } else {
        assert_eq!(errno_of(outcome), Some(Errno::PERM.raw_os_error()));
        assert_eq!(socket.device().unwrap().as_deref(), Some("lo"));
    }
    for name in ["sixteen_letters_", "lo\0"] {
        assert_eq!(
            socket.set_device(Some(name)).unwrap_err().to_string(),
            "set SO_BINDTODEVICE: a device's name has at most 15 bytes, none of them NUL"
        );
    }
}

#[test]
fn so_buffers_beyond_the_limit() {
    let socket = made(&UDP).unwrap();
    let beyond = 64 << 20;
    socket.set_receive_buffer_bytes(beyond).unwrap();
    assert!(socket.receive_buffer_bytes().unwrap() < beyond, "capped");
    let outcomes = [
        socket.force_receive_buffer_bytes(beyond),
        socket.force_send_buffer_bytes(beyond),
    ];
    for outcome in outcomes {
        if holds(CapabilitySet::NET_ADMIN) {
            outcome.unwrap();
            assert_eq!(socket.receive_buffer_bytes().unwrap(), 2 * beyond);
        } else {
            let error = outcome.unwrap_err();
            assert_eq!(error.errno(), Some(Errno::PERM.raw_os_error()), "{error}");
        }
    }
}

#[test]
fn so_busy_poll_budget() {
    let socket = made(&UDP).unwrap();
    let outcome = socket.set_busy_poll_packets(64);
    if holds(CapabilitySet::NET_ADMIN) {
        outcome.unwrap();
    } else {
        let error = outcome.unwrap_err();
        assert_eq!(error.errno(), Some(Errno::PERM.raw_os_error()), "{error}");
    }
    let error = socket.set_busy_poll_packets(70_000).unwrap_err();
    let expected = [Errno::INVAL, Errno::PERM].map(Errno::raw_os_error);
    assert!(expected.contains(&error.errno().unwrap()), "{error}");
}

#[test]
fn so_reserve_mem_is_for_control_groups() {
    let socket = made(&TCP).unwrap();
    assert_eq!(socket.reserved_bytes().unwrap(), 0);
    match socket.set_reserved_bytes(4096) {
        Ok(()) => assert_eq!(socket.reserved_bytes().unwrap(), 4096),
        Err(error) => assert_eq!(
            error.to_string(),
            "set SO_RESERVE_MEM: operation not supported"
        ),
    }
}

/// `BPF_RET | BPF_K`: keep this many bytes.
fn keep(bytes: u32) -> FilterInstruction {
    FilterInstruction {
        code: 6,
        if_true: 0,
        if_false: 0,
        value: bytes,
    }
}

#[test]
fn so_attach_filter() {
    let (one, other) = Socket::pair(Family::UNIX, Kind::DGRAM, Protocol::DEFAULT).unwrap();
    assert_eq!(other.filter().unwrap(), []);
    other.attach_filter(&[keep(2)]).unwrap();
    one.send(b"hello").unwrap();
    assert_eq!(other.recv(&mut [0; 16]).unwrap(), 2);
    assert_eq!(other.filter().unwrap(), [keep(2)]);
    other.detach_filter().unwrap();
    let error = other.detach_filter().unwrap_err();
    assert_eq!(error.errno(), Some(Errno::NOENT.raw_os_error()));
    one.send(b"hello").unwrap();
    assert_eq!(other.recv(&mut [0; 16]).unwrap(), 5);

    other.attach_filter(&[keep(3)]).unwrap();
    assert!(!other.filter_is_locked().unwrap());
    other.lock_filter().unwrap();
    assert!(other.filter_is_locked().unwrap());
    let error = other.attach_filter(&[keep(4)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "set SO_ATTACH_FILTER: operation not permitted"
    );
}

#[test]
fn a_program_that_is_none_or_too_long_is_refused() {
    let socket = made(&UDP).unwrap();
    for program in [vec![], vec![keep(0); 2][..1].to_vec()] {
        let outcome = socket.attach_filter(&program);
        assert_eq!(outcome.is_ok(), program.len() == 1);
    }
    let error = socket.attach_filter(&vec![keep(0); 4097]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "set SO_ATTACH_FILTER: a program has at most 4096 instructions (BPF_MAXINSNS)"
    );
    socket.attach_filter(&vec![keep(0); 4096]).unwrap();
    assert_eq!(socket.filter().unwrap().len(), 4096);
}

#[test]
fn a_descriptor_that_is_no_program_is_refused() {
    let socket = made(&UDP).unwrap();
    let invalid = Some(Errno::INVAL.raw_os_error());
    assert_eq!(errno_of(socket.attach_bpf(&socket)), invalid);
    assert_eq!(errno_of(socket.attach_reuse_port_bpf(&socket)), invalid);
}

#[test]
fn a_filter_is_measured_in_instructions_and_never_overruns() {
    let socket = made(&UDP).unwrap();
    let program: Vec<FilterInstruction> = (0..9).map(keep).collect();
    socket.attach_filter(&program).unwrap();
    // Linux would write 72 bytes here for a length of 71, taking it for 71 instructions.
    let error = socket
        .option_bytes(SocketOption::SO_ATTACH_FILTER, 71)
        .unwrap_err();
    assert_eq!(error.errno(), Some(Errno::INVAL.raw_os_error()));
    let bytes = socket
        .option_bytes(SocketOption::SO_ATTACH_FILTER, 72)
        .unwrap();
    assert_eq!(bytes.len(), 72);
    assert_eq!(bytes[64..68], [6, 0, 0, 0]);
}

#[test]
fn so_attach_reuseport_cbpf() {
    let one = made(&UDP).unwrap();
    one.set_reuse_port(true).unwrap();
    one.bind(&any_port()).unwrap();
    let other = made(&UDP).unwrap();
    other.set_reuse_port(true).unwrap();
    other.bind(&one.local_address().unwrap()).unwrap();
    // Always the second.
    one.attach_reuse_port_filter(&[keep(1)]).unwrap();
    let sender = made(&UDP).unwrap();
    for _ in 0..8 {
        sender.send_to(b"x", &one.local_address().unwrap()).unwrap();
        assert_eq!(other.recv(&mut [0; 4]).unwrap(), 1);
    }
    one.detach_reuse_port_filter().unwrap();
    let error = one.detach_reuse_port_filter();
    assert_eq!(errno_of(error), Some(Errno::NOENT.raw_os_error()));
}

const GROUP: Ipv4Addr = Ipv4Addr::new(239, 77, 1, 2);
const GROUP6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0x77, 0x12);
const LOOPBACK: u32 = 1;

#[track_caller]
fn errno_of(outcome: Result<()>) -> Option<i32> {
    outcome.unwrap_err().errno()
}

#[test]
fn groups_of_ipv4_by_address() {
    let not_there = Some(Errno::ADDRNOTAVAIL.raw_os_error());
    let (interface, source) = (Ipv4Addr::LOCALHOST, Ipv4Addr::new(127, 0, 0, 9));
    let socket = made(&UDP).unwrap();
    assert_eq!(errno_of(socket.leave_group_v4(GROUP, interface)), not_there);
    socket.join_group_v4(GROUP, interface).unwrap();
    assert_eq!(
        errno_of(socket.join_group_v4(GROUP, interface)),
        Some(Errno::ADDRINUSE.raw_os_error())
    );
    socket.block_source_v4(GROUP, source, interface).unwrap();
    assert_eq!(
        errno_of(socket.block_source_v4(GROUP, source, interface)),
        not_there
    );
    socket.unblock_source_v4(GROUP, source, interface).unwrap();
    assert_eq!(
        errno_of(socket.unblock_source_v4(GROUP, source, interface)),
        not_there
    );
    socket.leave_group_v4(GROUP, interface).unwrap();
    socket
        .join_source_group_v4(GROUP, source, interface)
        .unwrap();
    socket
        .leave_source_group_v4(GROUP, source, interface)
        .unwrap();
    assert!(
        socket
            .leave_source_group_v4(GROUP, source, interface)
            .is_err()
    );
    assert_eq!(
        errno_of(socket.join_group_v4(Ipv4Addr::LOCALHOST, interface)),
        Some(Errno::INVAL.raw_os_error()),
        "no group"
    );
}

/// A group of either family: joined, a source stopped and let in, left; then one source alone.
#[track_caller]
fn joins_and_leaves(of: &Of, group: std::net::IpAddr, source: std::net::IpAddr) {
    let Some(socket) = made(of) else { return };
    assert!(socket.leave_group(group, LOOPBACK).is_err());
    socket.join_group(group, LOOPBACK).unwrap();
    assert_eq!(
        errno_of(socket.join_group(group, LOOPBACK)),
        Some(Errno::ADDRINUSE.raw_os_error())
    );
    socket.block_source(group, source, LOOPBACK).unwrap();
    assert!(socket.block_source(group, source, LOOPBACK).is_err());
    socket.unblock_source(group, source, LOOPBACK).unwrap();
    assert!(socket.unblock_source(group, source, LOOPBACK).is_err());
    socket.leave_group(group, LOOPBACK).unwrap();
    socket.join_source_group(group, source, LOOPBACK).unwrap();
    socket.leave_source_group(group, source, LOOPBACK).unwrap();
    assert!(socket.leave_source_group(group, source, LOOPBACK).is_err());
    let error = socket.join_group(group, 9_999_999).unwrap_err();
    assert_eq!(error.to_string(), "set MCAST_JOIN_GROUP: no such device");
}

#[test]
fn groups_of_either_family_by_index() {
    joins_and_leaves(&UDP, GROUP.into(), [127, 0, 0, 9].into());
    joins_and_leaves(&UDP6, GROUP6.into(), Ipv6Addr::LOCALHOST.into());
}

#[test]
fn groups_of_ipv6() {
    let Some(socket) = made(&UDP6) else { return };
    socket.join_group_v6(GROUP6, LOOPBACK).unwrap();
    assert_eq!(
        errno_of(socket.join_group_v6(GROUP6, LOOPBACK)),
        Some(Errno::ADDRINUSE.raw_os_error())
    );
    socket.leave_group_v6(GROUP6, LOOPBACK).unwrap();
    assert_eq!(
        errno_of(socket.leave_group_v6(GROUP6, LOOPBACK)),
        Some(Errno::ADDRNOTAVAIL.raw_os_error())
    );
    let error = socket.leave_anycast(Ipv6Addr::LOCALHOST, LOOPBACK);
    assert_eq!(errno_of(error), Some(Errno::NOENT.raw_os_error()));
    let error = socket.join_anycast(GROUP6, LOOPBACK).unwrap_err();
    let expected = [Errno::INVAL, Errno::PERM].map(Errno::raw_os_error);
    assert!(
        expected.contains(&error.errno().unwrap()),
        "a group is no anycast address: {error}"
    );
}

#[test]
fn what_is_sent_to_a_group_arrives_unless_its_source_is_blocked() {
    let receiver = made(&UDP).unwrap();
    receiver.set_timeout(Duration::from_secs(2)).unwrap();
    receiver.bind(&any_port()).unwrap();
    let port = receiver.local_address().unwrap().port().unwrap();
    receiver.join_group(GROUP.into(), LOOPBACK).unwrap();
    drop(receiver);
    let receiver = made(&UDP).unwrap();
    receiver.set_timeout(Duration::from_secs(2)).unwrap();
    receiver
        .bind(&SocketAddr::from((GROUP, port)).into())
        .unwrap();
    receiver.join_group(GROUP.into(), LOOPBACK).unwrap();
    let group = Address::from(SocketAddr::from((GROUP, port)));
    let sender = |last: u8| {
        let sender = made(&UDP).unwrap();
        sender
            .bind(&SocketAddr::from(([127, 0, 0, last], 0)).into())
            .unwrap();
        sender
            .set_multicast_interface_v4(Ipv4Addr::LOCALHOST)
            .unwrap();
        sender
    };
    let (blocked, heard) = (sender(9), sender(1));
    let ips: [std::net::IpAddr; 2] = [[127, 0, 0, 9].into(), [127, 0, 0, 1].into()];
    let ways: [&dyn Fn() -> Result<()>; 3] = [
        &|| receiver.block_source(GROUP.into(), ips[0], LOOPBACK),
        &|| receiver.set_group_sources(GROUP.into(), GroupSources::AllBut(&ips[..1]), LOOPBACK),
        &|| receiver.set_group_sources(GROUP.into(), GroupSources::Only(&ips[1..]), LOOPBACK),
    ];
    for block in ways {
        block().unwrap();
        blocked.send_to(b"no", &group).unwrap();
        heard.send_to(b"yes", &group).unwrap();
        let mut buffer = [0; 8];
        assert_eq!(receiver.recv(&mut buffer).unwrap(), 3);
        assert_eq!(&buffer[..3], b"yes");
    }
}

#[test]
fn the_largest_packet_of_a_path() {
    let socket = made(&UDP).unwrap();
    let error = socket.path_mtu_bytes_v4().unwrap_err();
    assert_eq!(
        error.to_string(),
        "get IP_MTU: transport endpoint is not connected"
    );
    socket.connect(&any_of(Ipv4Addr::LOCALHOST.into())).unwrap();
    assert_eq!(socket.path_mtu_bytes_v4().unwrap(), 65_535);
    if has_ipv6() {
        let socket = made(&UDP6).unwrap();
        socket.connect(&any_of(Ipv6Addr::LOCALHOST.into())).unwrap();
        assert_eq!(socket.path_mtu_bytes_v6().unwrap(), 65_536);
        assert_eq!(
            errno_of(socket.set_path_mtu_bytes_v6(100)),
            Some(Errno::INVAL.raw_os_error())
        );
        socket.set_path_mtu_bytes_v6(1280).unwrap();
        let error = made(&UDP6).unwrap().path_mtu_bytes_v6().unwrap_err();
        assert_eq!(error.errno(), Some(Errno::NOTCONN.raw_os_error()));
        let error = socket.set_routing_header(&[0, 2, 0, 1, 0, 0, 0, 0]);
        assert_eq!(
            errno_of(error),
            Some(Errno::INVAL.raw_os_error()),
            "type 0 is gone (RFC 5095)"
        );
        assert_eq!(socket.routing_header().unwrap(), []);
    }
}

/// The port of `discard`, to which nothing is sent here.
fn any_of(ip: std::net::IpAddr) -> Address {
    SocketAddr::new(ip, 9).into()
}

#[test]
fn so_original_dst_of_what_was_not_redirected() {
    let (client, _server) = tcp_pair();
    let error = client.original_destination_v4().unwrap_err();
    let expected = [Errno::NOENT, Errno::NOPROTOOPT].map(Errno::raw_os_error);
    assert!(expected.contains(&error.errno().unwrap()), "{error}");
    if has_ipv6() {
        let error = made(&TCP6).unwrap().original_destination_v6().unwrap_err();
        assert!(error.to_string().starts_with("get IP6T_SO_ORIGINAL_DST: "));
    }
}

#[test]
fn ip_protocol_and_router_alert_are_of_raw_sockets() {
    let Some(socket) = made(&ICMP) else { return };
    match socket.raw_protocol() {
        Ok(protocol) => assert_eq!(protocol, Protocol::ICMP),
        Err(error) => assert!(is_absent(&error), "{error}"),
    }
    socket.set_router_alert(true).unwrap();
    assert!(socket.router_alert().unwrap());
    let error = made(&UDP).unwrap().set_router_alert(true).unwrap_err();
    assert_eq!(error.to_string(), "set IP_ROUTER_ALERT: invalid argument");
}

#[test]
fn tcp_info() {
    let (client, server) = tcp_pair();
    client.send_all(&[1; 5000]).unwrap();
    let mut left = 5000;
    while left > 0 {
        left -= server.recv(&mut [0; 5000]).unwrap();
    }
    let info = client.tcp_info().unwrap();
    assert_eq!(info.state, Some(TcpState::ESTABLISHED));
    assert_eq!(info.bytes_sent.unwrap(), 5000);
    assert_eq!(server.tcp_info().unwrap().bytes_received, Some(5000));
    assert!(info.round_trip.unwrap() > Duration::ZERO);
    assert!(info.path_mtu_bytes.unwrap() >= 1280);
    let (listener, _) = tcp_server();
    assert_eq!(listener.tcp_info().unwrap().state, Some(TcpState::LISTEN));
    assert!(made(&UDP).unwrap().tcp_info().is_err());
}

#[test]
fn tcp_saved_syn_is_given_once() {
    let (listener, address) = tcp_server();
    listener.set_save_syn_headers(1).unwrap();
    let client = made(&TCP).unwrap();
    client.connect(&address).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    let headers = accepted.take_syn_headers().unwrap();
    assert_eq!(headers[0] >> 4, 4, "version 4");
    assert_eq!(headers[9], 6, "TCP");
    assert_eq!(accepted.take_syn_headers().unwrap(), []);
}

#[test]
fn tcp_repair_sets_sequence_numbers() {
    let socket = made(&TCP).unwrap();
    assert_eq!(
        errno_of(socket.set_repair_queue(2)),
        Some(Errno::PERM.raw_os_error()),
        "not in repair"
    );
    match socket.set_repair(true) {
        Err(error) => assert!(!holds(CapabilitySet::NET_ADMIN), "{error}"),
        Ok(()) => {
            socket.set_repair_queue(2).unwrap();
            assert_eq!(socket.repair_queue().unwrap(), 2);
            socket.set_queue_sequence(0x8000_0001).unwrap();
            assert_eq!(socket.queue_sequence().unwrap(), 0x8000_0001);
        }
    }
}

#[test]
fn tcp_repair_window_is_read_and_put_back() {
    let (socket, _peer) = tcp_pair();
    let perm = Some(Errno::PERM.raw_os_error());
    assert_eq!(
        errno_of(socket.repair_window().map(drop)),
        perm,
        "not in repair"
    );
    if let Err(error) = socket.set_repair(true) {
        return assert!(!holds(CapabilitySet::NET_ADMIN), "{error}");
    }
    let mut window = socket.repair_window().unwrap();
    assert!(window.receive_bytes > 0 && window.send_bytes <= window.send_max_bytes);
    window.send_bytes -= 1;
    socket.set_repair_window(window).unwrap();
    assert_eq!(socket.repair_window().unwrap(), window);
    window.send_max_bytes = 0;
    assert_eq!(
        errno_of(socket.set_repair_window(window)),
        Some(Errno::INVAL.raw_os_error())
    );
}

/// What no machine of ours has is refused by every other socket, by the option's own name.
#[test]
fn options_of_absent_families_are_refused_by_others() {
    let socket = made(&UDP).unwrap();
    let refused = |outcome: Result<()>, name: &str| {
        let error = outcome.unwrap_err();
        assert_eq!(error.operation(), format!("set {name}"));
        assert_eq!(
            error.errno(),
            Some(Errno::NOPROTOOPT.raw_os_error()),
            "{error}"
        );
    };
    refused(socket.set_can_error_classes(4), "CAN_RAW_ERR_FILTER");
    refused(socket.set_can_fd_frames(true), "CAN_RAW_FD_FRAMES");
    refused(socket.set_can_joined_filters(true), "CAN_RAW_JOIN_FILTERS");
    refused(socket.set_can_loopback(false), "CAN_RAW_LOOPBACK");
    refused(socket.set_can_own_frames(true), "CAN_RAW_RECV_OWN_MSGS");
    refused(
        socket.set_tipc_connect_timeout(Duration::from_secs(3)),
        "TIPC_CONN_TIMEOUT",
    );
    refused(
        socket.set_tipc_destination_droppable(false),
        "TIPC_DEST_DROPPABLE",
    );
    refused(socket.set_tipc_importance(3), "TIPC_IMPORTANCE");
    refused(socket.set_tipc_source_droppable(true), "TIPC_SRC_DROPPABLE");
}

#[test]
fn tcp_md5sig() {
    let (listener, address) = tcp_server();
    let peer = any_of(Ipv4Addr::LOCALHOST.into());
    match listener.set_md5_key(&peer, b"secret") {
        Err(error) => assert!(is_absent(&error), "{error}"),
        Ok(()) => {
            let client = made(&TCP).unwrap();
            client.set_md5_key(&address, b"secret").unwrap();
            client.connect(&address).unwrap();
            let stranger = made(&TCP).unwrap();
            stranger.set_timeout(Duration::from_millis(50)).unwrap();
            let error = stranger.connect(&address).unwrap_err();
            assert_eq!(error.cause(), &landline_socket::Cause::TimedOut);
            listener.set_md5_key(&peer, b"").unwrap();
        }
    }
    let error = listener.set_md5_key(&peer, &[0; 81]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "set TCP_MD5SIG: a key has at most 80 bytes (TCP_MD5SIG_MAXKEYLEN)"
    );
}

#[test]
fn tcp_ulp() {
    let (client, _server) = tcp_pair();
    assert_eq!(client.upper_protocol().unwrap(), None);
    let error = client.set_upper_protocol("no such").unwrap_err();
    assert_eq!(error.to_string(), "set TCP_ULP: no such file or directory");
}

#[test]
fn a_window_and_a_delay_out_of_bounds_say_so() {
    let socket = made(&TCP).unwrap();
    let invalid = Some(Errno::INVAL.raw_os_error());
    assert_eq!(
        errno_of(socket.set_keep_alive_idle(Duration::ZERO)),
        invalid
    );
    assert_eq!(errno_of(socket.set_keep_alive_probes(128)), invalid);
    assert_eq!(errno_of(socket.set_syn_retries(0)), invalid);
    assert_eq!(errno_of(socket.set_segment_bytes(1 << 20)), invalid);
    assert_eq!(errno_of(socket.set_ttl(0)), invalid);
    let (low, high) = (8, 9);
    assert_eq!(
        errno_of(socket.set_local_port_range(Some(high..=low))),
        invalid
    );
}

#[test]
fn so_peercred_and_its_like() {
    let (one, _other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
    let credentials = one.peer_credentials().unwrap();
    assert_eq!(credentials.pid.unsigned_abs(), std::process::id());
    assert_eq!(credentials.uid, rustix::process::getuid().as_raw());
    assert_eq!(credentials.gid, rustix::process::getgid().as_raw());
    let mut groups = one.peer_groups().unwrap();
    let mut expected: Vec<u32> = rustix::process::getgroups()
        .unwrap()
        .iter()
        .map(|group| group.as_raw())
        .collect();
    groups.sort_unstable();
    expected.sort_unstable();
    assert_eq!(groups, expected);
    match one.peer_process() {
        Ok(process) => assert!(rustix::io::fcntl_getfd(&process).is_ok()),
        Err(error) => assert!(is_absent(&error), "{error}"),
    }
    if let Err(error) = one.peer_security() {
        assert_eq!(error.to_string(), "get SO_PEERSEC: protocol not available");
    }

    let nobody = made(&UDP).unwrap();
    assert_eq!(nobody.peer_credentials().unwrap().uid, u32::MAX);
    let error = nobody.peer_groups().unwrap_err();
    assert_eq!(error.to_string(), "get SO_PEERGROUPS: no data available");
}

#[test]
fn a_process_descriptor_is_closed_with_its_owner() {
    let (one, _other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
    let Ok(process) = one.peer_process() else {
        let error = one.peer_process().unwrap_err();
        assert!(is_absent(&error), "{error}");
        return;
    };
    let flags = rustix::io::fcntl_getfd(&process).unwrap();
    assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
}

#[test]
fn netlink_groups() {
    let socket = made(&NETLINK).unwrap();
    assert_eq!(socket.netlink_groups().unwrap(), []);
    // RTNLGRP_LINK and RTNLGRP_ND_USEROPT.
    socket.join_netlink_group(1).unwrap();
    socket.join_netlink_group(20).unwrap();
    assert_eq!(socket.netlink_groups().unwrap(), [1, 20]);
    socket.leave_netlink_group(1).unwrap();
    assert_eq!(socket.netlink_groups().unwrap(), [20]);
    let error = socket.join_netlink_group(1_000_000).unwrap_err();
    assert_eq!(
        error.to_string(),
        "set NETLINK_ADD_MEMBERSHIP: invalid argument"
    );
}

#[test]
fn packet_membership_and_statistics() {
    let Some(socket) = made(&PACKET) else { return };
    let memberships = [
        PacketMembership::Promiscuous,
        PacketMembership::AllMulticast,
        PacketMembership::Multicast(vec![1, 0, 0x5e, 1, 2, 3]),
    ];
    for membership in &memberships {
        socket.add_packet_membership(LOOPBACK, membership).unwrap();
        socket.drop_packet_membership(LOOPBACK, membership).unwrap();
    }
    let error = socket.add_packet_membership(9_999_999, &memberships[0]);
    assert_eq!(errno_of(error), Some(Errno::NODEV.raw_os_error()));
    let long = PacketMembership::Unicast(vec![0; 9]);
    assert_eq!(
        socket
            .add_packet_membership(LOOPBACK, &long)
            .unwrap_err()
            .to_string(),
        "set PACKET_ADD_MEMBERSHIP: a hardware address has at most 8 bytes (packet(7))"
    );
    assert_eq!(socket.take_packet_statistics().unwrap().packets, 0);
    let error = socket.set_packet_fanout(1, PacketFanout::LB).unwrap_err();
    assert_eq!(
        error.to_string(),
        "set PACKET_FANOUT: invalid argument",
        "not bound to a protocol"
    );
}

#[test]
fn an_option_by_its_number() {
    let socket = made(&TCP).unwrap();
    let ttl = SocketOption::new(Level::IP, 2);
    assert_eq!(ttl, SocketOption::IP_TTL);
    socket.set_option(ttl, 9).unwrap();
    assert_eq!(socket.option(ttl).unwrap(), 9);
    assert_eq!(socket.option_bytes(ttl, 64).unwrap(), 9_i32.to_ne_bytes());
    assert_eq!(socket.option_bytes(ttl, 1).unwrap(), [9], "of one byte");
    socket.set_option_bytes(ttl, &[7]).unwrap();
    assert_eq!(socket.ttl().unwrap(), 7, "from one byte");
    assert_eq!(
        socket
            .option_bytes(SocketOption::SO_LINGER, 64)
            .unwrap()
            .len(),
        8
    );
    assert_eq!(
        socket.option(SocketOption::SO_BINDTODEVICE).unwrap(),
        0,
        "no bytes at all"
    );
    let unknown = SocketOption::new(Level::from_raw(77), 1);
    let error = socket.option(unknown).unwrap_err().to_string();
    assert!(error.starts_with("get an option: "), "{error}");
}

#[test]
fn a_length_for_a_value() {
    let socket = made(&TCP).unwrap();
    let error = socket
        .set_option_length(SocketOption::TCP_NODELAY, 4)
        .unwrap_err();
    assert_eq!(error.to_string(), "set TCP_NODELAY: bad address");
    let error = socket
        .set_option_length(SocketOption::ALG_SET_AEAD_AUTHSIZE, 16)
        .unwrap_err();
    assert!(is_absent(&error), "{error}");
}

#[test]
fn a_value_that_holds_an_address_is_not_taken_as_bytes() {
    let socket = made(&UDP).unwrap();
    let refused = [
        SocketOption::SO_ATTACH_FILTER,
        SocketOption::SO_ATTACH_REUSEPORT_CBPF,
        SocketOption::PACKET_FANOUT_DATA,
        SocketOption::RDS_GET_MR,
        SocketOption::RDS_GET_MR_FOR_DEST,
        SocketOption::XDP_UMEM_REG,
        // The tables of netfilter and, last, the counters of its bridges.
        SocketOption::new(Level::IP, 64),
        SocketOption::new(Level::IP, 96),
        SocketOption::new(Level::IP, 128),
        SocketOption::new(Level::IP, 129),
        SocketOption::new(Level::IPV6, 64),
    ];
    for option in refused {
        let error = socket.set_option_bytes(option, &[0; 64]).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with(": the value of this option holds an address of this process"),
            "{error}"
        );
    }
}

#[test]
fn a_value_that_is_a_new_descriptor_is_not_given_as_bytes() {
    let (one, _other) = crate::unix_pair();
    let refused = [
        SocketOption::SO_PEERPIDFD,
        // SCTP_SOCKOPT_PEELOFF, SCTP_SOCKOPT_PEELOFF_FLAGS.
        SocketOption::new(Level::SCTP, 102),
        SocketOption::new(Level::SCTP, 122),
    ];
    for option in refused {
        for error in [
            one.option(option).unwrap_err(),
            one.option_bytes(option, 64).unwrap_err(),
        ] {
            assert!(
                error
                    .to_string()
                    .ends_with(": the value of this option is a new descriptor, which nobody would own; peer_process() owns that of SO_PEERPIDFD"),
                "{error}"
            );
        }
    }
}

#[test]
fn more_bytes_than_any_option_has_are_refused() {
    let socket = made(&UDP).unwrap();
    let error = socket.option_bytes(SocketOption::IP_TTL, usize::MAX);
    assert_eq!(
        error.unwrap_err().to_string(),
        "get IP_TTL: max_bytes is over 1 MiB, which no option's value reaches"
    );
}

proptest! {
    #[test]
    fn any_option_answers_within_its_bounds(
        level in prop_oneof![Just(0), Just(1), Just(6), Just(17), Just(41), Just(255), any::<i32>()],
        number in prop_oneof![0..100_i32, any::<i32>()],
        max_bytes in 0..300_usize,
        of in 0..5_usize,
    ) {
        let option = SocketOption::new(Level::from_raw(level), number);
        if let Some(socket) = made([&TCP, &UDP, &UDP6, &UNIX, &NETLINK][of])
            && let Ok(bytes) = socket.option_bytes(option, max_bytes)
        {
            prop_assert!(bytes.len() <= max_bytes);
        }
    }

    #[test]
    fn any_value_is_taken_or_refused(
        level in prop_oneof![Just(0), Just(1), Just(6), Just(17), Just(41), any::<i32>()],
        number in prop_oneof![0..100_i32, any::<i32>()],
        value in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let option = SocketOption::new(Level::from_raw(level), number);
        if let Err(error) = made(&TCP).unwrap().set_option_bytes(option, &value) {
            prop_assert!(error.operation().starts_with("set "));
        }
    }
}
