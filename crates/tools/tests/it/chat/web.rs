//! The room for pages, with tokio-tungstenite as the browser, and raw bytes as the hostile one.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::House;

const CLIENT: &str = "token-of-a-tab";

/// A client's frame whose mask is zero, so that the payload is as it is written here.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ ..126 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0xFE);
            frame.extend((length as u16).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

#[tokio::test(start_paused = true)]
async fn a_page_is_welcomed_and_brought_up_to_date() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    bob.send("first\n").await;
    sleep(Duration::from_secs(1)).await;
    let mut page = house.page(CLIENT).await;
    let welcome = page.event().await;
    assert_eq!(welcome["event"], "welcome");
    assert_eq!(welcome["name"], "Page");
    assert_eq!(welcome["resumed"], false);
    assert_eq!(
        welcome["members"].as_array().unwrap().len(),
        2,
        "itself included"
    );
    let history = page.event().await;
    assert_eq!(
        (&history["event"], &history["text"]),
        (&json!("said"), &json!("first"))
    );
    assert_eq!(page.event().await, json!({"event": "caught-up"}));
    bob.until(|line| line == "* Page joined").await;
}

#[tokio::test(start_paused = true)]
async fn browser_and_nc_hear_each_other() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    let mut page = house.page(CLIENT).await;
    page.until("caught-up").await;
    page.send(json!({"do": "say", "id": "4", "text": "one\n\u{1b}]52;c;x\u{7}\u{202e}<script>"}))
        .await;
    assert_eq!(bob.said().await, "Page: one");
    assert_eq!(
        bob.said().await,
        "Page: \u{fffd}]52;c;x\u{fffd}\u{fffd}<script>"
    );
    let own = page.until("said").await;
    assert_eq!((&own["client"], &own["id"]), (&json!(CLIENT), &json!("4")));
    bob.send_bytes(b"\x1b[2J caf\xc3\xa9 \xff\n").await;
    let said = page.until("said").await;
    assert_eq!(said["text"], "\u{fffd}[2J café \u{fffd}");
    assert!(said.get("client").is_none());
    page.send(json!({"do": "name", "name": "BOB"})).await;
    assert_eq!(
        page.event().await,
        json!({"event": "refused", "do": "name", "detail": "That name is taken."})
    );
    page.send(json!({"do": "name", "name": "Robin"})).await;
    let renamed = page.until("renamed").await;
    assert_eq!(
        (&renamed["name"], &renamed["was"]),
        (&json!("Robin"), &json!("Page"))
    );
    bob.until(|line| line == "* Page is now Robin").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_request_is_refused_and_the_connection_stays() {
    let house = House::new();
    let mut page = house.page(CLIENT).await;
    page.until("caught-up").await;
    for (request, refused) in [
        (
            json!({"do": "dance"}),
            json!({"detail": "That is not a request that this room knows."}),
        ),
        (
            json!({"do": "say", "id": "7", "text": "x".repeat(4097)}),
            json!({"do": "say", "id": "7", "detail": "A message has at most 4096 bytes."}),
        ),
        (
            json!({"do": "watch", "path": "../etc/"}),
            json!({"do": "watch", "detail": "The parts . and .. are not allowed in a name."}),
        ),
        (
            json!({"do": "watch", "path": "/etc/"}),
            json!({"do": "watch", "detail": "The name must not start with a slash."}),
        ),
        // Blank to Rust, and not to a page's script.
        (
            json!({"do": "say", "id": "8", "text": "\u{85}"}),
            json!({"do": "say", "id": "8", "detail": "There is nothing to read in that message."}),
        ),
        (
            json!({"do": "name", "name": " "}),
            json!({"do": "name", "detail": "A name needs at least one character."}),
        ),
    ] {
        page.send(request).await;
        let mut expected = refused;
        expected["event"] = json!("refused");
        assert_eq!(page.event().await, expected);
    }
    page.send(json!({"do": "say", "text": "still here"})).await;
    assert_eq!(page.event().await["text"], "still here");
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_the_name_that_it_has_is_answered_alone() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    let mut page = house.page(CLIENT).await;
    page.until("caught-up").await;
    page.send(json!({"do": "name", "name": " \u{a0}Page  "}))
        .await;
    let mut renamed = page.event().await;
    assert!(renamed["at"].take().is_u64());
    let me = house.room.members()[1].id;
    assert_eq!(
        renamed,
        json!({"event": "renamed", "at": null, "member": me, "name": "Page", "was": "Page"})
    );
    bob.send("/name  bob\n").await;
    assert_eq!(bob.line().await, "* Page joined");
    assert_eq!(bob.line().await, "* you are bob");
}

#[tokio::test(start_paused = true)]
async fn a_page_hears_of_the_folder_that_it_shows() {
    let house = House::new();
    let mut page = house.page(CLIENT).await;
    page.until("caught-up").await;
    page.send(json!({"do": "watch", "path": "docs"})).await;
    page.send(json!({"do": "say", "text": "done"})).await;
    page.until("said").await;
    assert_eq!(house.room.watched(), ["docs/"]);
    house.room.watching_changed().notified().await;
    house.room.changed("");
    house.room.changed("docs/");
    assert_eq!(
        page.event().await,
        json!({"event": "changed", "path": "docs/"})
    );
    page.send(json!({"do": "watch", "path": ""})).await;
    house.room.watching_changed().notified().await;
    assert_eq!(house.room.watched(), [""]);
    drop(page);
    house.room.watching_changed().notified().await;
    assert!(house.room.watched().is_empty());
}

#[tokio::test(start_paused = true)]
async fn loading_the_page_again_is_no_news_and_nothing_is_lost() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    let mut page = house.page(CLIENT).await;
    page.until("caught-up").await;
    page.send(json!({"do": "say", "id": "1", "text": "before"}))
        .await;
    page.until("said").await;
    drop(page.socket);
    sleep(Duration::from_secs(4)).await;
    let mut again = house.page(CLIENT).await;
    assert_eq!(again.event().await["name"], "Page");
    again
        .send(json!({"do": "say", "id": "1", "text": "before"}))
        .await;
    again
        .send(json!({"do": "say", "id": "2", "text": "after"}))
        .await;
    assert_eq!(again.until("said").await["id"], "1", "from the history");
    again.until("caught-up").await;
    assert_eq!(
        again.event().await["id"],
        "1",
        "acknowledged, not published"
    );
    assert_eq!(again.event().await["id"], "2");
    page.serving.await.unwrap();
    sleep(Duration::from_secs(10)).await;
    let start = Instant::now();
    drop(again.socket);
    let mut heard = Vec::new();
    while heard.last().is_none_or(|line| line != "* Page left") {
        heard.push(bob.line().await);
    }
    assert_eq!(start.elapsed().as_secs(), 5, "the grace");
    assert_eq!(
        heard,
        [
            "* Page joined",
            "Page: before",
            "Page: after",
            "* Page left"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_page_that_answers_pings_stays_and_one_that_does_not_goes() {
    let house = House::new();
    let mut page = house.page(CLIENT).await;
    page.until("caught-up").await;
    // Reading answers pings.
    let unheard = timeout(Duration::from_secs(300), page.event()).await;
    assert!(unheard.is_err(), "{unheard:?}");
    page.send(json!({"do": "say", "text": "still here"})).await;
    page.until("said").await;
    let (mut mute, serving) = house.raw("another-token");
    let start = Instant::now();
    let mut heard = Vec::new();
    mute.read_to_end(&mut heard).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 75);
    assert_eq!(
        heard
            .windows(2)
            .filter(|bytes| bytes == b"\x89\x00")
            .count(),
        2,
        "pinged twice"
    );
    drop(mute);
    serving.await.unwrap();
    assert!(
        house
            .events()
            .iter()
            .any(|event| event.ends_with("did not answer pings"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_page_that_closes_is_answered_with_its_code() {
    let house = House::new();
    let mut page = house.page(CLIENT).await;
    page.until("caught-up").await;
    page.socket.close(None).await.unwrap();
    assert!(matches!(page.message().await, Message::Close(_)));
    page.serving.await.unwrap();
    let (mut raw, _) = house.raw(CLIENT);
    raw.write_all(&frame(0x88, b"\x0b\xb8bye")).await.unwrap();
    let mut heard = Vec::new();
    raw.read_to_end(&mut heard).await.unwrap();
    assert!(heard.ends_with(b"\x88\x02\x0b\xb8"));
}

#[tokio::test(start_paused = true)]
async fn when_the_room_closes_pages_are_told_with_1001() {
    let house = House::new();
    let mut page = house.page(CLIENT).await;
    page.until("caught-up").await;
    house.stop.stop();
    assert_eq!(
        page.event().await,
        json!({"event": "closing", "detail": "The room is closing."})
    );
    let Message::Close(Some(close)) = page.message().await else {
        panic!("not closed");
    };
    assert_eq!(close.code, CloseCode::Away);
    let start = Instant::now();
    drop(page.socket);
    page.serving.await.unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "without the grace"
    );
}

/// What the bytes make the server answer last.
async fn answer(bytes: &[u8]) -> (u16, House) {
    let house = House::new();
    let (mut raw, serving) = house.raw(CLIENT);
    raw.write_all(bytes).await.unwrap();
    let mut heard = Vec::new();
    raw.read_to_end(&mut heard).await.unwrap();
    drop(raw);
    serving.await.unwrap();
    let at = heard
        .windows(2)
        .rposition(|bytes| bytes[0] == 0x88)
        .expect("closed");
    (u16::from_be_bytes([heard[at + 2], heard[at + 3]]), house)
}

#[tokio::test(start_paused = true)]
async fn who_breaks_the_protocol_is_told_how_and_put_out() {
    let huge = b"\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00";
    for (bytes, code) in [
        (&b"\x81\x02hi"[..], 1002),
        (&frame(0xC1, b"deflated"), 1002),
        (&frame(0x83, b""), 1002),
        (&frame(0x88, b"\x00\x00"), 1002),
        (&frame(0x80, b"continuation of nothing"), 1002),
        (&frame(0x81, b"\xff"), 1007),
        (huge, 1009),
        (&frame(0x82, b"bytes"), 1003),
    ] {
        let (answered, house) = answer(bytes).await;
        assert_eq!(answered, code, "{bytes:x?}");
        assert_eq!(
            house
                .events()
                .iter()
                .filter(|event| event.contains("dropped"))
                .count(),
            1
        );
    }
}

#[tokio::test(start_paused = true)]
async fn fragments_that_never_end_are_bounded() {
    let mut bytes = frame(0x01, &[b' '; 10_000]);
    bytes.extend(frame(0x00, &[b' '; 10_000]).repeat(2));
    let (code, _) = answer(&bytes).await;
    assert_eq!(code, 1009);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_pings_is_read_at_a_pace_and_hurts_nobody() {
    let house = House::new();
    let mut page = house.page("another-token").await;
    page.until("caught-up").await;
    let (flood, _) = house.raw(CLIENT);
    let (mut answers, mut pings) = tokio::io::split(flood);
    let flooding = tokio::spawn(async move {
        let ping = frame(0x89, &[b'p'; 100]).repeat(100);
        loop {
            pings.write_all(&ping).await.unwrap();
        }
    });
    let reading = tokio::spawn(async move {
        let mut bytes = vec![0; 65_536];
        let mut total = 0;
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) {
            total += answers.read(&mut bytes).await.unwrap();
        }
        total / 102
    });
    page.until("joined").await;
    page.send(json!({"do": "say", "text": "unhurt"})).await;
    page.until("said").await;
    let pongs = reading.await.unwrap();
    assert!(
        (3300..3700).contains(&pongs),
        "500 and 100 a second: {pongs}"
    );
    flooding.abort();
}
