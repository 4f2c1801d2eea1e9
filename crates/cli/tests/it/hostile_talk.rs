//! Turns that go wrong: both talk at once, and a turn that is lost on the way.

use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};

use rustix::process::Signal;

use crate::talker::Talker;
use crate::up::PATIENCE;

#[test]
fn what_comes_out_of_turn_is_shown_and_the_turn_stays() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut talker = Talker::start(&["connect", &address, "--half"]);
    let (mut peer, _) = listener.accept().unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut heard = [0; 4];

    // The first turn is ours, and the peer does not wait for it.
    peer.write_all(b"me first\nme again\n").unwrap();
    talker.expect(b"me first\nme again\n");
    talker.send(b"one\ntwo\n");
    peer.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"one\n");
    // What it said out of turn was no answer: only this is.
    peer.set_nonblocking(true).unwrap();
    assert!(peer.peek(&mut heard).is_err(), "it is their turn");
    peer.set_nonblocking(false).unwrap();
    peer.write_all(b"yes?\n").unwrap();
    peer.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"two\n");
    talker.expect(b"yes?\n");
    talker.finish();
    drop(peer);
    assert_eq!(talker.code(), 0);
}

#[test]
fn a_turn_that_is_lost_is_waited_for_as_long_as_the_user_likes() {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    let url = format!("udp://{}", peer.local_addr().unwrap());
    let mut buffer = [0; 16];

    // What it answered never arrives: so our second line never leaves.
    let mut talker = Talker::start(&["connect", &url, "--half", "--idle", "200ms"]);
    talker.send(b"one\ntwo\n");
    assert_eq!(peer.recv(&mut buffer).unwrap(), 4);
    assert_eq!(talker.code(), 4);

    let mut talker = Talker::start(&["connect", &url, "--half"]);
    talker.send(b"one\ntwo\n");
    assert_eq!(peer.recv(&mut buffer).unwrap(), 4);
    talker.signal(Signal::INT);
    assert_eq!(talker.code(), 130);
    peer.set_nonblocking(true).unwrap();
    assert!(peer.recv(&mut buffer).is_err(), "nothing else was sent");
}
