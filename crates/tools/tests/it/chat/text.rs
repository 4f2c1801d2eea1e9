//! The room for `nc` and for first scripts.

use std::time::Duration;

use landline_tools::base::Key;
use landline_tools::chat::{TextOptions, serve_text};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep, timeout};

use super::House;

#[tokio::test(start_paused = true)]
async fn the_greeting_is_one_line_with_the_name_and_the_commands() {
    let house = House::new();
    let (mut nc, _) = house.open();
    let greeting = nc.line().await;
    let name = house.room.members()[0].name.clone();
    assert!(
        greeting.starts_with(&format!("* you are {name} in Landline: ")),
        "{greeting}"
    );
    for command in ["/name", "/who", "/files", "/help", "/quit"] {
        assert!(greeting.contains(command));
    }
    assert_eq!(house.events(), [format!("{name} joined by text")]);
}

#[tokio::test(start_paused = true)]
async fn a_line_reaches_everybody_else() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    let mut ann = house.nc("ann").await;
    ann.send("hi\r\nyou 世界\n\n  \n").await;
    assert_eq!(bob.said().await, "ann: hi");
    assert_eq!(bob.said().await, "ann: you 世界");
    bob.send("back\n").await;
    assert_eq!(
        ann.said().await,
        "bob: back",
        "its own lines do not come back"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_newline_what_came_counts_after_a_moment() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    let (mut script, _) = house.open();
    let start = Instant::now();
    script.send("hel").await;
    sleep(Duration::from_millis(60)).await;
    script.send("lo \u{4f60}").await;
    assert!(bob.said().await.ends_with(": hello \u{4f60}"));
    assert_eq!(
        start.elapsed().as_millis() / 10,
        16,
        "100 ms after the last byte"
    );
    script.send("again").await;
    assert!(
        bob.said().await.ends_with(": again"),
        "until it has sent a newline"
    );
    script.send_bytes(b"h\xc3").await;
    assert!(bob.said().await.ends_with(": h"));
    script.send_bytes(b"\xa9\n").await;
    assert!(
        bob.said().await.ends_with(": é"),
        "a character is kept whole"
    );
    script.send("unfin").await;
    assert!(
        timeout(Duration::from_secs(60), bob.said()).await.is_err(),
        "now it knows how"
    );
    script.send("ished\n").await;
    assert!(bob.said().await.ends_with(": unfinished"));
}

#[tokio::test(start_paused = true)]
async fn what_is_said_before_the_end_of_the_stream_is_delivered() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    for text in ["hi\n", "hi", "one\nhi"] {
        let (mut nc, serving) = house.open();
        nc.send(text).await;
        nc.end().await;
        bob.until(|line| line.ends_with(": hi")).await;
        assert!(nc.rest().await.starts_with("* you are "));
        serving.await.unwrap();
    }
    let (mut nc, _) = house.open();
    nc.send("/who\n").await;
    nc.end().await;
    assert!(
        nc.rest().await.contains("2 here: bob, "),
        "what was asked is answered"
    );
    assert_eq!(house.room.members().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_commands_answer_only_who_asked() {
    let house = House::with(TextOptions {
        key: None,
        files: Box::new(|| {
            Box::pin(async {
                sleep(Duration::from_secs(3)).await;
                vec!["docs/".to_owned(), "a\u{1b}b.txt".to_owned()]
            })
        }),
    });
    let mut bob = house.nc("bob").await;
    let mut ann = house.nc("ann").await;
    bob.until(|line| line == "* ann joined" || line.ends_with("is now ann"))
        .await;
    ann.send("/who\n/files\n/help\n/kick bob\n//slash\n/name BOB\n/name a:b\n/name Ann B\n")
        .await;
    assert_eq!(ann.line().await, "* 2 here: bob, ann (you)");
    assert_eq!(ann.line().await, "* docs/");
    assert_eq!(ann.line().await, "* a\u{fffd}b.txt");
    assert!(ann.line().await.starts_with("* /name NEW, /who"));
    assert!(
        ann.line()
            .await
            .starts_with("* there is no /kick; there are /name NEW")
    );
    assert_eq!(ann.line().await, "* That name is taken.");
    assert!(ann.line().await.starts_with("* A name has no control"));
    assert_eq!(ann.line().await, "* ann is now Ann B");
    assert_eq!(bob.line().await, "ann: /slash");
    assert_eq!(bob.line().await, "* ann is now Ann B");
    ann.send("/quit\nnever said\n").await;
    assert_eq!(ann.rest().await, "");
    assert_eq!(bob.line().await, "* Ann B left");
}

#[tokio::test(start_paused = true)]
async fn files_that_are_never_listed_hold_up_nobody_else_and_no_closing() {
    let house = House::with(TextOptions {
        files: Box::new(|| Box::pin(std::future::pending())),
        ..TextOptions::default()
    });
    let mut bob = house.nc("bob").await;
    let mut ann = house.nc("ann").await;
    ann.send("before\n/files\n").await;
    assert_eq!(bob.said().await, "ann: before");
    house.stop.stop();
    assert!(ann.rest().await.ends_with("* the room is closing\n"));
}

#[tokio::test(start_paused = true)]
async fn the_key_comes_first_and_there_is_one_guess() {
    let house = House::with(TextOptions {
        key: Some(Key::new("s3cret".to_owned()).unwrap()),
        ..TextOptions::default()
    });
    let (mut nc, _) = house.open();
    assert_eq!(nc.line().await, "key?");
    nc.send("s3cr").await;
    sleep(Duration::from_secs(1)).await;
    nc.send("et\r\nhi\n").await;
    assert!(
        nc.line().await.starts_with("* you are "),
        "a slow typist's key is one key"
    );
    for wrong in [
        "s3cre\n",
        "s3cret \n",
        "\n",
        "S3CRET\ns3cret\n",
        "s3cret2\n",
    ] {
        let (mut nc, _) = house.open();
        nc.send(wrong).await;
        assert_eq!(nc.rest().await, "* that is not the key\n");
    }
    let (mut silent, _) = house.open();
    silent.send("s3cret").await;
    let start = Instant::now();
    assert_eq!(silent.rest().await, "key?\n* that is not the key\n");
    assert!((60..62).contains(&start.elapsed().as_secs()));
    let (mut quick, _) = house.open();
    quick.send("s3cret\n").await;
    assert!(
        quick.line().await.starts_with("* you are "),
        "no question for who knows"
    );
    assert_eq!(house.room.members().len(), 2);
    assert_eq!(
        house.events()[1],
        "refused peer\u{fffd}: it did not say the key"
    );
}

#[tokio::test(start_paused = true)]
async fn http_is_answered_in_its_own_words_and_nothing_of_it_is_published() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    for request in [
        "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n/name bob2\nbuy\nthis\n",
        "POST /a HTTP/1.0\n",
        "GET /half",
    ] {
        let (mut browser, serving) = house.open();
        browser.send(request).await;
        browser.end().await;
        let answer = browser.rest().await;
        assert!(
            answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
            "{answer}"
        );
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let length = format!("content-length: {}\r\n", body.len());
        assert!(head.contains(&length) && head.ends_with("connection: close"));
        serving.await.unwrap();
    }
    let (mut late, _) = house.open();
    late.line().await;
    late.send("GET / HTTP/1.1\r\nX: y\r\n").await;
    assert!(
        late.rest().await.starts_with("HTTP/1.1 400 "),
        "also behind the greeting"
    );
    let (mut tls, _) = house.open();
    tls.send_bytes(b"\x16\x03\x01\x02\x00\x01\x00").await;
    assert_eq!(tls.rest().await, "");
    assert_eq!(house.room.members().len(), 1);
    house.stop.stop();
    let heard = bob.rest().await;
    assert_eq!(
        heard.lines().filter(|line| !line.starts_with("* ")).count(),
        0,
        "{heard}"
    );
    assert_eq!(
        heard.lines().count(),
        3,
        "one joined, one left, the room closes: {heard}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_line_too_long_is_told_to_its_sender_only() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    let mut ann = house.nc("ann").await;
    ann.send(&format!("{}\nshort\n", "x".repeat(4097))).await;
    assert!(ann.line().await.ends_with("and was not sent"));
    assert_eq!(bob.said().await, "ann: short");
    ann.send(&format!("{}\n", "y".repeat(4096))).await;
    assert_eq!(bob.said().await.len(), "ann: ".len() + 4096);
    let (mut first, _) = house.open();
    first
        .send(&format!("POST /{} HTTP/1.1\r\nspam\r\n", "x".repeat(5000)))
        .await;
    assert!(
        first.rest().await.contains("was not sent"),
        "a first line that cannot be judged ends it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_line_without_end_takes_no_memory_and_its_sender_its_time() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    let mut ann = house.nc("ann").await;
    let start = Instant::now();
    let chunk = vec![b'x'; 64 * 1024];
    for _ in 0..64 {
        ann.send_bytes(&chunk).await;
    }
    ann.send("\nstill here\n").await;
    assert_eq!(bob.said().await, "ann: still here");
    assert!(
        start.elapsed() > Duration::from_secs(50),
        "4 MiB at 64 KiB a second"
    );
    assert!(ann.line().await.ends_with("and was not sent"));
}

#[tokio::test(start_paused = true)]
async fn who_talks_too_fast_is_read_at_a_pace() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    let mut ann = house.nc("ann").await;
    let start = Instant::now();
    ann.send(&"spam\n".repeat(1000)).await;
    for _ in 0..1000 {
        assert_eq!(bob.said().await, "ann: spam");
    }
    let took = start.elapsed().as_millis();
    assert!(
        (4900..5300).contains(&took),
        "500 at once, then 100 a second: {took} ms"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_not_utf8_or_acts_on_a_terminal_is_replaced() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    let mut ann = house.nc("ann").await;
    ann.send_bytes(b"a\xff\xfeb\xc3\n\x1b]52;c;eA==\x07 \xe2\x80\xae\xff\xfd\x06\n")
        .await;
    assert_eq!(bob.said().await, "ann: a\u{fffd}\u{fffd}b\u{fffd}");
    assert_eq!(
        bob.said().await,
        "ann: \u{fffd}]52;c;eA==\u{fffd} \u{fffd}\u{fffd}\u{fffd}\u{fffd}"
    );
    ann.send("/name e\x1b[31mvil\n").await;
    assert!(ann.line().await.starts_with("* A name has no control"));
    ann.send("/\x1bx\n").await;
    assert!(ann.line().await.starts_with("* there is no /\u{fffd}x;"));
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_dropped_and_the_others_go_on() {
    let house = House::new();
    let mut deaf = house.nc("deaf").await;
    let mut bob = house.nc("bob").await;
    let mut ann = house.nc("ann").await;
    let text = "z".repeat(2000);
    for number in 0..300 {
        ann.send(&format!("{number} {text}\n")).await;
        assert!(bob.said().await.starts_with(&format!("ann: {number} ")));
    }
    bob.until(|line| line == "* deaf left").await;
    assert!(
        house
            .events()
            .contains(&"deaf was dropped: you read too slowly".to_owned())
    );
    let heard = deaf.rest().await;
    assert!(heard.len() < super::PIPE_BYTES * 2, "{}", heard.len());
}

#[tokio::test(start_paused = true)]
async fn when_the_room_closes_everybody_is_told() {
    let house = House::new();
    let mut bob = house.nc("bob").await;
    let (mut early, serving) = house.open();
    house.stop.stop();
    assert!(bob.rest().await.ends_with("* the room is closing\n"));
    assert_eq!(early.rest().await, "* the room is closing\n");
    timeout(Duration::from_secs(2), serving)
        .await
        .unwrap()
        .unwrap();
    assert!(house.room.members().is_empty());
}

#[tokio::test]
async fn over_tcp_a_client_that_resets_hurts_nobody() {
    let house = House::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (room, options, stop) = (
        house.room.clone(),
        house.options.clone(),
        house.stop.clone(),
    );
    tokio::spawn(async move {
        loop {
            let (stream, peer) = listener.accept().await.unwrap();
            let (room, options, stop) = (room.clone(), options.clone(), stop.clone());
            tokio::spawn(async move {
                serve_text(stream, &peer.to_string(), &room, &options, &stop).await;
            });
        }
    });
    let mut bob = house.nc("bob").await;
    let mut rude = tokio::net::TcpStream::connect(address).await.unwrap();
    rude.write_all(b"hello\nunfinished").await.unwrap();
    bob.until(|line| line.ends_with(": hello")).await;
    rude.set_zero_linger().unwrap();
    drop(rude);
    bob.until(|line| line.ends_with(" left")).await;
    let mut polite = tokio::net::TcpStream::connect(address).await.unwrap();
    polite.write_all("完\n".as_bytes()).await.unwrap();
    polite.shutdown().await.unwrap();
    assert!(bob.said().await.ends_with(": 完"));
    let mut heard = String::new();
    polite.read_to_string(&mut heard).await.unwrap();
    assert!(heard.starts_with("* you are "));
}
