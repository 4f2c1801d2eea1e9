//! `selectors`: what is ready is told, to whom it belongs, and nothing else.

use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use landline_socket::{Cause, Event, Interest, Key, Selector, Shutdown, Socket, Timeout};
use rustix::io::Errno;

use crate::{tcp_server, tcp_socket, unix_pair};

const SHORT: Duration = Duration::from_millis(20);

fn both_ways() -> Interest {
    Interest::READABLE | Interest::WRITABLE
}

/// What is ready now.
fn ready<D>(selector: &mut Selector<D>) -> Vec<(Key, Interest)> {
    let mut events = Vec::new();
    assert!(!selector.wait(&mut events, Timeout::Zero).unwrap());
    events.sort_by_key(|event: &Event| event.key);
    events
        .iter()
        .map(|event| (event.key, event.ready))
        .collect()
}

#[test]
fn readiness_is_told_with_its_data_until_it_is_dealt_with() {
    let (one, other) = unix_pair();
    let mut selector = Selector::new().unwrap();
    let reads = selector
        .register(&one, Interest::READABLE, "reads".to_owned())
        .unwrap();
    let both = selector
        .register(&other, both_ways(), "both".to_owned())
        .unwrap();
    assert_eq!(ready(&mut selector), [(both, Interest::WRITABLE)]);
    other.send(b"x").unwrap();
    for _ in 0..2 {
        let expected = [(reads, Interest::READABLE), (both, Interest::WRITABLE)];
        assert_eq!(ready(&mut selector), expected, "level-triggered");
    }
    one.recv(&mut [0]).unwrap();
    one.send(b"y").unwrap();
    assert_eq!(ready(&mut selector), [(both, both_ways())]);
    assert_eq!(selector.get(reads).unwrap().data, "reads");
    selector.get_mut(reads).unwrap().push_str(" on");
    assert_eq!(selector.get(reads).unwrap().data, "reads on");
}

#[test]
fn modify_and_unregister_take_effect_at_once() {
    let (one, other) = unix_pair();
    let mut selector = Selector::new().unwrap();
    let key = selector.register(&one, Interest::READABLE, 1).unwrap();
    assert_eq!(ready(&mut selector), []);
    selector.modify(key, Interest::WRITABLE).unwrap();
    assert_eq!(ready(&mut selector), [(key, Interest::WRITABLE)]);
    assert_eq!(selector.get(key).unwrap().interest, Interest::WRITABLE);
    let registration = selector.unregister(key).unwrap();
    assert_eq!(
        (registration.data, registration.descriptor),
        (1, one.descriptor())
    );
    other.send(b"x").unwrap();
    assert_eq!(ready(&mut selector), []);
    let again = selector.register(&one, both_ways(), 2).unwrap();
    assert_ne!(again, key);
    assert_eq!(ready(&mut selector), [(again, both_ways())]);
    let all: Vec<_> = selector.registrations().map(|(key, _)| key).collect();
    assert_eq!((all, selector.key_of(&one)), (vec![again], Some(again)));
    selector.close().unwrap();
}

#[test]
fn an_end_an_error_and_a_new_connection_are_readiness() {
    let (one, other) = unix_pair();
    let (server, address) = tcp_server();
    let mut selector = Selector::new().unwrap();
    let end = selector.register(&one, Interest::READABLE, ()).unwrap();
    let listening = selector.register(&server, Interest::READABLE, ()).unwrap();
    assert_eq!(ready(&mut selector), []);
    other.shutdown(Shutdown::Write).unwrap();
    assert_eq!(ready(&mut selector), [(end, Interest::READABLE)]);
    drop(other);
    assert_eq!(
        ready(&mut selector),
        [(end, Interest::READABLE)],
        "no more than asked for"
    );
    selector.modify(end, Interest::WRITABLE).unwrap();
    assert_eq!(ready(&mut selector), [(end, Interest::WRITABLE)]);
    selector.unregister(end).unwrap();
    tcp_socket().connect(&address).unwrap();
    assert_eq!(ready(&mut selector), [(listening, Interest::READABLE)]);
}

#[test]
fn refusals_are_those_of_python() {
    let (one, other) = unix_pair();
    let mut selector = Selector::new().unwrap();
    let key = selector
        .register(&one, Interest::READABLE, "first")
        .unwrap();
    let error = selector
        .register(&one, Interest::WRITABLE, "again")
        .unwrap_err();
    assert_eq!(error.errno(), Some(Errno::EXIST.raw_os_error()));
    assert_eq!(error.to_string(), "register a descriptor: file exists");
    assert_eq!(selector.get(key).unwrap().data, "first");

    let file = tempfile::tempfile().unwrap();
    let error = selector
        .register(&file, Interest::READABLE, "file")
        .unwrap_err();
    assert_eq!(error.errno(), Some(Errno::PERM.raw_os_error()));

    selector.unregister(key).unwrap();
    let unknown = Cause::Invalid("it is not registered");
    assert_eq!(selector.unregister(key).unwrap_err().cause(), &unknown);
    let error = selector.modify(key, Interest::READABLE).unwrap_err();
    assert_eq!(error.cause(), &unknown);
    assert!(selector.get(key).is_none() && selector.get_mut(key).is_none());
    assert!(selector.key_of(&other).is_none());
    assert_eq!(
        selector.registrations().count(),
        0,
        "what was refused is not there"
    );
}

#[test]
fn a_number_that_is_used_again_is_not_its_predecessor() {
    // Of its own process only this test's descriptors are certain, so the number is forced, not hoped for.
    let (one, other) = unix_pair();
    let (next, next_peer) = unix_pair();
    let mut selector = Selector::new().unwrap();
    let old = selector.register(&one, Interest::READABLE, "old").unwrap();
    other.send(b"x").unwrap();
    assert_eq!(ready(&mut selector), [(old, Interest::READABLE)]);

    // The first is closed, its file lives on by a duplicate, and another has its number.
    let living = one.duplicate().unwrap();
    let mut number = one.detach();
    rustix::io::dup2(&next, &mut number).unwrap();
    assert_eq!(
        selector.key_of(&number),
        None,
        "the number alone is not enough"
    );
    assert!(selector.modify(old, Interest::WRITABLE).is_err());
    let new = selector
        .register(&number, Interest::READABLE, "new")
        .unwrap();
    assert!(selector.get(old).is_none());

    // The old file is ready all the time, which nobody may be told, nor may it keep anyone busy.
    let start = Instant::now();
    let mut events = Vec::new();
    selector.wait(&mut events, SHORT).unwrap();
    assert_eq!(events, []);
    assert!(start.elapsed() >= SHORT);
    next_peer.send(b"y").unwrap();
    assert_eq!(ready(&mut selector), [(new, Interest::READABLE)]);
    assert_eq!(selector.get(new).unwrap().data, "new");
    drop(living);
}

#[test]
fn one_that_is_closed_is_told_of_no_more_and_can_be_unregistered() {
    let (one, other) = unix_pair();
    let (kept, kept_peer) = unix_pair();
    let mut selector = Selector::new().unwrap();
    let gone = selector.register(&one, Interest::READABLE, "gone").unwrap();
    let stays = selector
        .register(&kept, Interest::READABLE, "stays")
        .unwrap();
    let living = one.duplicate().unwrap();
    other.send(b"x").unwrap();
    drop(one);
    assert_eq!(selector.unregister(gone).unwrap().data, "gone");
    let before = processor_milliseconds();
    let mut events = Vec::new();
    selector.wait(&mut events, SHORT * 3).unwrap();
    assert_eq!(events, [], "its duplicate is not what was registered");
    let spent = processor_milliseconds() - before;
    assert!(spent < 20, "{spent} ms: it waits, and does not spin");
    kept_peer.send(b"x").unwrap();
    assert_eq!(ready(&mut selector), [(stays, Interest::READABLE)]);
    drop(living);
}

/// How much processor time this thread has had, in milliseconds.
fn processor_milliseconds() -> u128 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap().as_millis()
}

#[test]
fn it_waits_as_long_as_it_may() {
    let mut selector = Selector::<()>::new().unwrap();
    let mut events = vec![];
    let start = Instant::now();
    assert!(!selector.wait(&mut events, SHORT).unwrap());
    assert!(
        start.elapsed() >= SHORT,
        "nothing registered is no reason to hurry"
    );
    let start = Instant::now();
    selector.wait(&mut events, Duration::ZERO).unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));

    let (one, other) = unix_pair();
    let mut selector = Selector::new().unwrap();
    selector.register(&one, Interest::READABLE, ()).unwrap();
    let sender = thread::spawn(move || other.send(b"x").map(|_| other));
    selector.wait(&mut events, None).unwrap();
    assert_eq!(events.len(), 1);
    sender.join().unwrap().unwrap();
}

#[test]
fn wakes_end_a_wait_and_count_as_one() {
    let (one, other) = unix_pair();
    let mut selector = Selector::new().unwrap();
    let key = selector.register(&one, Interest::READABLE, ()).unwrap();
    let mut events = Vec::new();
    let waker = selector.waker();
    for _ in 0..1000 {
        waker.wake();
    }
    assert!(selector.wait(&mut events, Timeout::Never).unwrap());
    assert_eq!(ready(&mut selector), [], "all of them were one");

    let from_afar = thread::spawn(move || waker.wake());
    assert!(selector.wait(&mut events, Duration::from_secs(60)).unwrap());
    from_afar.join().unwrap();

    // A wake hides no event, and an event no wake.
    other.send(b"x").unwrap();
    selector.waker().wake();
    assert!(selector.wait(&mut events, Timeout::Zero).unwrap());
    assert_eq!(
        events.iter().map(|event| event.key).collect::<Vec<_>>(),
        [key]
    );

    let waker = selector.waker();
    drop(selector);
    waker.wake();
}

#[test]
fn any_descriptor_that_can_wait_can_be_watched() {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut selector = Selector::new().unwrap();
    let key = selector
        .register(reader.as_fd(), Interest::READABLE, ())
        .unwrap();
    assert_eq!(ready(&mut selector), []);
    drop(writer);
    assert_eq!(ready(&mut selector), [(key, Interest::READABLE)]);
}

#[test]
fn more_than_one_wait_reports_come_with_the_next() {
    let (one, _other) = unix_pair();
    let sockets: Vec<Socket> = (0..300).map(|_| one.duplicate().unwrap()).collect();
    let mut selector = Selector::new().unwrap();
    for (at, one) in sockets.iter().enumerate() {
        selector.register(one, Interest::WRITABLE, at).unwrap();
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut events = Vec::new();
    for _ in 0..4 {
        selector.wait(&mut events, Timeout::Zero).unwrap();
        seen.extend(
            events
                .iter()
                .map(|event| selector.get(event.key).unwrap().data),
        );
    }
    assert_eq!(seen.len(), sockets.len());
}

#[test]
fn a_selector_goes_to_another_thread() {
    let (one, other) = unix_pair();
    let mut selector = Selector::new().unwrap();
    selector.register(&one, Interest::READABLE, "one").unwrap();
    other.send(b"x").unwrap();
    let events = thread::spawn(move || {
        let mut events = Vec::new();
        selector.wait(&mut events, Duration::from_secs(5)).unwrap();
        events
    });
    assert_eq!(events.join().unwrap().len(), 1);
}
