//! Options: each differs at first, is set, and is read back.

use std::time::Duration;

use landline_socket::{Family, Kind, Protocol, Socket};

/// One line an option: family, reader, writer, value; `reads` where the kernel gives back another one.
macro_rules! option_test {
    ($name:ident, $family:ident, $get:ident, $set:ident, $value:expr) => {
        option_test!($name, $family, $get, $set, $value, reads $value);
    };
    ($name:ident, $family:ident, $get:ident, $set:ident, $value:expr, reads $read:expr) => {
        #[test]
        fn $name() {
            let Ok(socket) = Socket::new(Family::$family, Kind::STREAM, Protocol::DEFAULT) else {
                return; // A machine without this family.
            };
            assert_ne!(socket.$get().unwrap(), $read, "the initial value differs");
            socket.$set($value).unwrap();
            assert_eq!(socket.$get().unwrap(), $read);
        }
    };
}

option_test!(ipv6_v6only, INET6, ipv6_only, set_ipv6_only, true);
option_test!(so_keepalive, INET, keep_alive, set_keep_alive, true);
option_test!(so_linger, INET, linger, set_linger, Some(Duration::from_millis(1500)), reads Some(Duration::from_secs(2)));
option_test!(
    so_linger_zero,
    INET,
    linger,
    set_linger,
    Some(Duration::ZERO)
);
option_test!(so_rcvbuf, INET, receive_buffer_bytes, set_receive_buffer_bytes, 10_000, reads 20_000);
option_test!(so_reuseaddr, INET, reuse_address, set_reuse_address, true);
option_test!(so_sndbuf, INET, send_buffer_bytes, set_send_buffer_bytes, 10_000, reads 20_000);
option_test!(tcp_nodelay, INET, no_delay, set_no_delay, true);
option_test!(
    tcp_notsent_lowat,
    INET,
    unsent_limit_bytes,
    set_unsent_limit_bytes,
    65_536
);

#[test]
fn tcp_congestion() {
    let socket = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
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
    let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT).unwrap();
    assert_eq!(socket.family().unwrap(), Family::INET);
    assert_eq!(socket.kind().unwrap(), Kind::DGRAM);
    assert_eq!(socket.protocol().unwrap(), Protocol::UDP);
}

#[test]
fn so_error_is_taken_once() {
    let (client, server) = crate::tcp_pair();
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
    let socket = Socket::new(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
    let error = socket.set_no_delay(true).unwrap_err().to_string();
    assert!(error.starts_with("set TCP_NODELAY: "), "{error}");
}

#[test]
fn a_size_beyond_c_is_capped_not_wrapped() {
    let socket = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
    socket.set_send_buffer_bytes(4096).unwrap();
    let small = socket.send_buffer_bytes().unwrap();
    socket.set_send_buffer_bytes(usize::MAX).unwrap();
    assert!(socket.send_buffer_bytes().unwrap() > small);
}
