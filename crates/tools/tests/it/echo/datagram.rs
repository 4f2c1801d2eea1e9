//! Datagrams: one answer each, never more than was sent, and none to who would answer it.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use landline_socket::server::Model;
use landline_socket::{Address, Kind, Protocol, Socket, UnixAddress};
use landline_tools::echo::Behaviour;

use super::{DATAGRAMS, Echo, Home, MODELS, expect, pairs, reply};
use crate::peer::PATIENCE;

/// An answer, whole.
#[track_caller]
fn answer(client: &Socket) -> Vec<u8> {
    let mut buffer = vec![0; 300_000];
    let received = client.recv(&mut buffer).unwrap();
    buffer.truncate(received);
    buffer
}

fn socket_address(address: &Address) -> SocketAddr {
    SocketAddr::new(address.ip().unwrap(), address.port().unwrap())
}

#[test]
fn each_datagram_comes_back_whole_also_an_empty_and_the_longest_one() {
    for (home, model) in pairs(DATAGRAMS) {
        let echo = Echo::start(home, model, Behaviour::Echo);
        let client = echo.call();
        for length in [0, 1, 1400, 65_507] {
            let datagram: Vec<u8> = (0..=255).cycle().take(length).collect();
            assert_eq!(client.send(&datagram).unwrap(), length);
            assert!(answer(&client) == datagram, "{home:?}, {model:?}, {length}");
        }
    }
}

#[test]
fn a_long_datagram_between_unix_sockets_comes_back_whole_too() {
    let echo = Echo::start(Home::UnixDatagram, Model::Tasks, Behaviour::Upper);
    let client = echo.call();
    let datagram = vec![b'a'; 150_000];
    client.send(&datagram).unwrap();
    assert!(answer(&client) == vec![b'A'; 150_000]);
}

#[test]
fn an_answer_by_udp_is_never_longer_than_what_it_answers() {
    for model in MODELS {
        for behaviour in [
            Behaviour::Echo,
            Behaviour::Upper,
            Behaviour::Greet(b"a long greeting for everybody who sends one byte".to_vec()),
            reply("{peer} {peer} {data}{data}{data} {count}"),
        ] {
            let echo = Echo::start(Home::Udp, model, behaviour);
            let client = echo.call();
            for length in [0, 1, 20, 500] {
                client.send(&vec![b'x'; length]).unwrap();
                assert!(answer(&client).len() <= length, "{model:?}");
            }
            let report = echo.end();
            assert!(report.sent_bytes <= report.received_bytes, "{report:?}");
        }
    }
}

#[test]
fn between_unix_sockets_nobody_lies_about_the_sender_so_answers_are_whole() {
    let echo = Echo::start(
        Home::UnixDatagram,
        Model::Readiness,
        reply("{count}: {data}"),
    );
    let client = echo.call();
    for count in 1..=3 {
        client.send(b"x\n").unwrap();
        expect(&client, format!("{count}: x\n"));
    }
}

#[test]
fn our_own_port_is_not_answered_whatever_its_address() {
    for model in MODELS {
        let echo = Echo::start(Home::Udp, model, Behaviour::Echo);
        let address = socket_address(&echo.address);
        // Another machine's echo at the same port, as far as ours can tell.
        let twin = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), address.port())).unwrap();
        twin.send_to(b"to and fro", address).unwrap();
        echo.expect(&format!(
            "ignored: port {} would answer the answer",
            address.port()
        ));
        // Everybody else is, and so the twin's answer would have come before this one.
        let client = echo.call();
        client.send(b"here").unwrap();
        expect(&client, "here");
        twin.set_nonblocking(true).unwrap();
        assert!(twin.recv(&mut [0; 16]).is_err(), "{model:?}");
        let report = echo.end();
        assert_eq!(
            (report.accepted, report.refused, report.sent_bytes),
            (1, 1, 4)
        );
    }
}

#[test]
fn a_unix_sender_without_a_name_is_not_answered_and_hurts_nobody() {
    let echo = Echo::start(Home::UnixDatagram, Model::Single, Behaviour::Echo);
    let nameless = Socket::new(echo.address.family(), Kind::DGRAM, Protocol::DEFAULT).unwrap();
    nameless.send_to(b"x", &echo.address).unwrap();
    echo.expect("ignored: it has no address to answer to");
    let client = echo.call();
    assert!(matches!(
        client.local_address().unwrap(),
        Address::Unix(UnixAddress::Abstract(_))
    ));
    client.send(b"y").unwrap();
    expect(&client, "y");
    assert_eq!(echo.end().failed, 0);
}

#[test]
fn a_datagram_of_whom_nobody_hears_any_more_hurts_nobody() {
    for model in MODELS {
        let echo = Echo::start(Home::Udp, model, Behaviour::Echo);
        let address = socket_address(&echo.address);
        for _ in 0..10 {
            // Gone before its answer comes: the kernel says so to the next call on our socket.
            let gone = UdpSocket::bind("127.0.0.1:0").unwrap();
            gone.send_to(b"x", address).unwrap();
        }
        let client = echo.call();
        client.set_timeout(PATIENCE).unwrap();
        client.send(b"still there").unwrap();
        expect(&client, "still there");
    }
}
