//! Where a message ends and the next begins: nothing of a body is ever taken for a request.

use landline_tools::http::Limits;

use super::Site;
use crate::peer::{Peer, field, status};

const NEXT: &str = "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// A request in the body of another, as whoever smuggles would put it.
const HIDDEN: &str = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

fn put(path: &str, fields: &str, body: &str) -> String {
    format!("PUT {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n{body}")
}

fn put_sized(path: &str, body: &str) -> String {
    put(path, &format!("Content-Length: {}\r\n", body.len()), body)
}

/// What was answered, in order.
async fn requests(site: &mut Site, count: usize) -> Vec<String> {
    let mut requests = Vec::new();
    for _ in 0..count {
        requests.push(site.told().await.request);
    }
    assert!(site.told.try_recv().is_err(), "more than {requests:?}");
    requests
}

#[tokio::test]
async fn a_small_refused_body_does_not_cost_the_connection() {
    let mut site = Site::open(Limits::default());
    let mut peer = site.peer().await;
    peer.send(put_sized("/refuse", &HIDDEN.repeat(100))).await;
    let (head, _) = peer.answer().await;
    assert_eq!((status(&head), field(&head, "connection")), (403, None));
    peer.send(NEXT).await;
    assert_eq!(status(&peer.rest().await), 200);
    assert_eq!(requests(&mut site, 2).await, ["PUT /refuse", "GET /next"]);
}

#[tokio::test]
async fn rfc9112_9_3_after_a_refused_upload_its_body_is_no_request() {
    let mut site = Site::open(Limits::default());
    let large = HIDDEN.repeat(5000);
    let chunked = format!(
        "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n",
        large.len()
    );
    for request in [
        put_sized("/refuse", &large) + NEXT,
        put("/refuse", &chunked, "") + NEXT,
        // Announced and not sent: what comes instead is still body.
        put("/refuse", "Content-Length: 1000000\r\n", NEXT),
    ] {
        let answers = site.exchange(&request).await;
        assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{answers}");
        assert_eq!(
            (status(&answers), field(&answers, "connection")),
            (403, Some("close"))
        );
        assert_eq!(requests(&mut site, 1).await, ["PUT /refuse"]);
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order_behind_read_bodies() {
    let mut site = Site::open(Limits::default());
    let chunked = "Transfer-Encoding: chunked\r\n";
    let sent = put_sized("/read", HIDDEN)
        + &put("/read", chunked, "5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n")
        + &put_sized("/refuse", HIDDEN)
        + NEXT;
    // Byte by byte too, since a reader that trusts packets falls only there.
    for size in [sent.len(), 1] {
        let mut peer = site.peer().await;
        for piece in sent.as_bytes().chunks(size) {
            peer.send(piece).await;
        }
        for expected in [HIDDEN.len(), "hello".len()] {
            assert_eq!(peer.answer().await.1, expected.to_string());
        }
        assert_eq!(status(&peer.answer().await.0), 403);
        assert!(peer.rest().await.ends_with("hello"));
        assert_eq!(
            requests(&mut site, 4).await,
            ["PUT /read", "PUT /read", "PUT /refuse", "GET /next"]
        );
    }
}

#[tokio::test]
async fn rfc9112_6_3_two_framings_are_refused_and_nothing_after_them_is_read() {
    let mut site = Site::open(Limits::default());
    for fields in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
    ] {
        let answers = site
            .exchange(put("/read", fields, "0\r\n\r\n") + NEXT)
            .await;
        assert_eq!(
            answers.matches("HTTP/1.1 ").count(),
            1,
            "{fields}: {answers}"
        );
        assert_eq!(status(&answers), 400, "{fields}");
        requests(&mut site, 1).await;
    }
}

#[tokio::test]
async fn rfc9110_10_1_1_who_asks_first_is_refused_before_the_body() {
    let mut site = Site::open(Limits::default());
    let asks = "Content-Length: 1000\r\nExpect: 100-continue\r\n";
    // Whether it sends the body after all cannot be known, so nothing that follows is understood.
    let answers = site.exchange(put("/refuse", asks, NEXT)).await;
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{answers}");
    assert_eq!(
        (status(&answers), field(&answers, "connection")),
        (403, Some("close"))
    );
    assert_eq!(requests(&mut site, 1).await, ["PUT /refuse"]);

    let mut peer = site.peer().await;
    peer.send(put("/read", asks, "")).await;
    assert_eq!(status(&peer.head().await), 100, "who is welcome is told so");
    peer.send([b'x'; 1000]).await;
    assert_eq!(peer.answer().await.1, "1000");
    peer.send(put(
        "/read",
        "Content-Length: 0\r\nExpect: 100-continue\r\n",
        "",
    ))
    .await;
    assert_eq!(
        peer.answer().await.1,
        "0",
        "nothing to wait for, nothing said"
    );
    let unknown = put("/read", "Content-Length: 1\r\nExpect: miracles\r\n", "x");
    assert_eq!(status(&site.exchange(unknown).await), 417);
}

#[tokio::test]
async fn rfc9112_7_1_only_http_1_1_gets_chunks() {
    let site = Site::open(Limits::default());
    let new = site
        .exchange("GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await;
    assert_eq!(field(&new, "transfer-encoding"), Some("chunked"));
    assert!(
        new.ends_with("\r\n\r\n5\r\none, \r\n3\r\ntwo\r\n0\r\n\r\n"),
        "{new}"
    );
    for asks in ["", "Connection: keep-alive\r\n"] {
        let old = site
            .exchange(format!("GET /stream HTTP/1.0\r\n{asks}\r\n"))
            .await;
        assert_eq!(field(&old, "transfer-encoding"), None, "{old}");
        assert_eq!(
            field(&old, "connection"),
            Some("close"),
            "its end is the body's end"
        );
        assert!(old.ends_with("\r\n\r\none, two"), "{old}");
    }
}

#[tokio::test]
async fn rfc9112_9_3_http_1_0_is_kept_only_when_it_asks() {
    let site = Site::open(Limits::default());
    let answer = site.exchange("GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(field(&answer, "connection"), Some("close"));
    let mut peer = site.peer().await;
    for _ in 0..2 {
        peer.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            .await;
        let (head, content) = peer.answer().await;
        assert_eq!(field(&head, "connection"), Some("keep-alive"));
        assert_eq!(content, "hello");
    }
}

#[tokio::test]
async fn rfc9112_6_3_answers_to_head_and_304_have_no_body() {
    let site = Site::open(Limits::default());
    let mut peer: Peer = site.peer().await;
    let ask = |method: &str, path: &str| format!("{method} {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    // Were there a body, the next answer would not begin where it must.
    for (path, expected) in [
        ("/", 200),
        ("/big", 200),
        ("/stream", 200),
        ("/same", 304),
        ("/refuse", 403),
    ] {
        peer.send(ask("HEAD", path)).await;
        let head = peer.head().await;
        assert_eq!(status(&head), expected, "{path}");
    }
    peer.send(ask("GET", "/same")).await;
    let head = peer.head().await;
    assert_eq!(
        (status(&head), field(&head, "transfer-encoding")),
        (304, None)
    );
    peer.send(NEXT).await;
    let (head, content) = peer.answer().await;
    assert_eq!((status(&head), content.as_str()), (200, "hello"));
}

#[tokio::test]
async fn half_a_stream_never_looks_whole() {
    let mut site = Site::open(Limits::default());
    let answer = site.exchange("GET /cut HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(answer.contains("4\r\nhalf"), "{answer}");
    assert!(!answer.contains("\r\n0\r\n"), "no last chunk: {answer}");
    assert_eq!(site.told().await.sent, 4);
}
