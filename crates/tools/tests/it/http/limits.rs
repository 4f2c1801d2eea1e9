//! What a peer may send, and how slowly: each limit answered, and the connection ended.

use std::time::{Duration, Instant};

use landline_tools::http::Limits;
use tokio::io::AsyncReadExt as _;
use tokio::time::interval;

use super::{BIG_BYTES, SHORT, Site, short};
use crate::peer::{Peer, field, soon, status};

/// Limits of which only these are short.
fn with(change: impl FnOnce(&mut Limits, Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits, short());
    limits
}

/// Sends `start`, then byte after byte so that there is always progress, until an answer comes;
/// the answer, and how long it took.
async fn trickle(site: &Site, start: &str, bytes: u8) -> (String, Duration) {
    let mut peer = site.peer().await;
    let began = Instant::now();
    peer.send(start).await;
    let mut ticks = interval(Duration::from_millis(20));
    loop {
        tokio::select! {
            biased;
            readable = peer.0.readable() => {
                readable.unwrap();
                return (peer.rest().await, began.elapsed());
            }
            _ = ticks.tick() => peer.send([bytes]).await,
        }
        assert!(began.elapsed() < crate::peer::PATIENCE, "it never ends");
    }
}

#[tokio::test]
async fn a_slow_head_is_408_however_steadily_it_comes() {
    let mut site = Site::open(with(|limits, short| limits.head_time = short.head_time));
    let (answer, took) = trickle(&site, "GET / HTTP/1.1\r\nHost: ", b'a').await;
    assert_eq!(status(&answer), 408, "{answer}");
    assert_eq!(field(&answer, "connection"), Some("close"));
    assert!(took >= SHORT, "{took:?}");
    assert_eq!(site.told().await.status, 408);
}

#[tokio::test]
async fn a_slow_body_is_408_however_steadily_it_comes() {
    let mut site = Site::open(with(|limits, short| limits.floor = short.floor));
    let start = "PUT /read HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    let (answer, took) = trickle(&site, start, b'x').await;
    assert_eq!(status(&answer), 408, "{answer}");
    assert_eq!(field(&answer, "connection"), Some("close"));
    assert!(took >= SHORT, "{took:?}");
    assert_eq!(site.told().await.status, 408);
    let start = "PUT /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n";
    let (answer, _) = trickle(&site, start, b'x').await;
    assert_eq!(status(&answer), 408, "chunked: {answer}");
}

#[tokio::test]
async fn one_that_takes_an_answer_too_slowly_is_cut() {
    let mut site = Site::open(with(|limits, short| {
        limits.answer_floor = short.answer_floor;
    }));
    let mut peer = Peer::narrow(site.address).await;
    peer.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let began = Instant::now();
    let head = peer.head().await;
    assert_eq!(
        field(&head, "content-length"),
        Some(&*BIG_BYTES.to_string())
    );
    let told = site.told().await;
    assert!(told.sent < BIG_BYTES as u64, "{told:?}");
    assert!(began.elapsed() >= SHORT);
    let mut got = Vec::new();
    // It ends, cleanly or not; what counts is that it is not taken for the whole.
    let _ = soon(peer.0.read_to_end(&mut got)).await;
    assert!(got.len() < BIG_BYTES, "{} bytes", got.len());
    // And nobody else is the worse for it.
    assert!(site.exchange(ONE).await.ends_with("hello"));
}

#[tokio::test]
async fn an_idle_connection_is_closed_without_a_word() {
    let site = Site::open(with(|limits, short| limits.idle_time = short.idle_time));
    let began = Instant::now();
    assert_eq!(site.peer().await.rest().await, "", "before any request");
    assert!(began.elapsed() >= SHORT);
    let mut peer = site.peer().await;
    peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(peer.answer().await.1, "hello");
    let began = Instant::now();
    assert_eq!(peer.rest().await, "", "after one");
    assert!(began.elapsed() >= SHORT / 2);
}

#[tokio::test]
async fn an_idle_connection_ends_at_once_when_the_server_stops() {
    let site = Site::open(Limits::default());
    let (mut fresh, mut used) = (site.peer().await, site.peer().await);
    used.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    used.answer().await;
    site.stop.stop();
    assert_eq!((fresh.rest().await, used.rest().await), <_>::default());
    soon(site.serving).await.unwrap();
}

#[tokio::test]
async fn rfc9112_3_a_head_or_target_too_large_is_told_before_it_is_whole() {
    let mut site = Site::open(Limits::default());
    let long = "x".repeat(20_000);
    let many = "A: b\r\n".repeat(101);
    for (request, expected) in [
        // Without their ends: nobody waits for those.
        (format!("GET / HTTP/1.1\r\nHost: a\r\nA: {long}"), 431),
        (format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n"), 431),
        (format!("GET /{long}"), 414),
        (
            format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", &long[..9000]),
            414,
        ),
    ] {
        let answer = site.exchange(&request).await;
        assert_eq!(status(&answer), expected, "{answer}");
        assert_eq!(field(&answer, "connection"), Some("close"));
        let told = site.told().await;
        assert_eq!((told.request.as_str(), told.status), ("", expected));
    }
    let fits = format!(
        "GET /{} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        &long[..8000]
    );
    assert_eq!(status(&site.exchange(&fits).await), 200);
}

const ONE: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
