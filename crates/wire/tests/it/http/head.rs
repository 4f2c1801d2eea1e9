//! Request line and fields: what is read, what is refused, however the stream is cut.

use landline_wire::http::{BodyFraming, HeadLimits, HeadScanner, Method, RequestHead, Version};
use proptest::prelude::*;

use super::{fault, get, get_fault, head, refusal};

#[test]
fn a_head_is_taken_apart_and_the_rest_is_left() {
    let stream = b"PUT /a%20b/c.txt?x=1 HTTP/1.1\r\nHost: example.org:8080\r\nX-Empty:\r\nContent-Length: 5\r\n\r\nhello";
    let (head, consumed) = RequestHead::parse(stream, &HeadLimits::default())
        .unwrap()
        .unwrap();
    assert_eq!(&stream[consumed..], b"hello");
    assert_eq!(
        (head.method(), head.method_text(), head.version()),
        (Method::Put, "PUT", Version::Http11)
    );
    assert_eq!((head.path(), head.query()), ("/a%20b/c.txt", Some("x=1")));
    assert_eq!(head.target_text(), "/a%20b/c.txt?x=1");
    assert_eq!(head.framing(), BodyFraming::Length(5));
    let fields: Vec<_> = head.headers().iter().collect();
    assert_eq!(
        fields,
        [
            ("Host", &b"example.org:8080"[..]),
            ("X-Empty", &b""[..]),
            ("Content-Length", &b"5"[..])
        ]
    );
}

#[test]
fn rfc9110_5_1_field_names_have_no_case() {
    let head = get("X-ONE: 1\r\n");
    assert_eq!(head.headers().get("x-one"), Ok(Some(&b"1"[..])));
    assert!(head.headers().contains("X-One"));
    assert_eq!(head.headers().get("x-on"), Ok(None));
}

#[test]
fn rfc9110_5_3_a_repeated_single_value_is_seen() {
    let head = get("X: 1\r\nx: 2\r\n");
    assert_eq!(head.headers().get("x").unwrap_err().status.code(), 400);
    assert!(head.headers().all("X").eq([b"1", b"2"]));
}

#[test]
fn rfc9110_5_5_values_are_trimmed_and_may_hold_other_bytes_than_ascii() {
    let head = head(b"GET / HTTP/1.1\r\nHost: h\r\nX: \t a\tb\xe9 \t\r\n\r\n");
    assert_eq!(head.headers().get("x"), Ok(Some(&b"a\tb\xe9"[..])));
}

#[test]
fn rfc9110_5_5_control_bytes_are_refused() {
    for byte in (0..=0x1f).chain([0x7f]).filter(|&byte| byte != b'\t') {
        let request = [
            &b"GET / HTTP/1.1\r\nHost: h\r\nX: a"[..],
            &[byte],
            b"b\r\n\r\n",
        ]
        .concat();
        assert_eq!(refusal(request), 400, "{byte:#x}");
    }
}

#[test]
fn rfc9110_5_6_1_lists_span_lines_and_keep_quoted_commas() {
    let head = get("L: a, ,\"b,\\\"c\" ,\r\nL: d\r\n");
    let members: Vec<_> = head.headers().list("l").collect();
    assert_eq!(members, [&b"a"[..], b"\"b,\\\"c\"", b"d"]);
    assert!(head.headers().has_token("L", "D"));
    assert!(!head.headers().has_token("L", "b"));
}

#[test]
fn rfc9112_2_2_a_few_empty_lines_before_the_request_are_skipped() {
    let head = head("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(head.method(), Method::Get);
    assert_eq!(refusal("\r\n".repeat(5)), 400);
    assert!(
        RequestHead::parse(b"\r\n\r", &HeadLimits::default())
            .unwrap()
            .is_none()
    );
}

#[test]
fn rfc9112_2_2_bare_line_feed_and_carriage_return_are_refused_before_the_head_is_whole() {
    for text in [
        "GET / HTTP/1.1\n",
        "\n",
        "GET / HTTP/1.1\r\nHost: h\n",
        "GET / HTTP/1.1\rX",
        "GET / HTTP/1.1\r\nA: b\rc",
    ] {
        assert_eq!(refusal(text), 400, "{text:?}");
    }
}

#[test]
fn rfc9112_2_2_white_space_before_the_first_field_is_refused() {
    assert_eq!(refusal("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), 400);
}

#[test]
fn rfc9112_2_3_only_two_versions_are_spoken() {
    assert_eq!(head("GET / HTTP/1.0\r\n\r\n").version(), Version::Http10);
    for version in ["HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/3.1"] {
        assert_eq!(
            refusal(format!("GET / {version}\r\nHost: h\r\n\r\n")),
            505,
            "{version}"
        );
    }
    for version in [
        "http/1.1",
        "HTTP/1.10",
        "HTTP/1",
        "HTP/1.1",
        "HTTP/11",
        "HTTP/1.1 ",
    ] {
        assert_eq!(
            refusal(format!("GET / {version}\r\nHost: h\r\n\r\n")),
            400,
            "{version}"
        );
    }
}

#[test]
fn rfc9112_3_a_malformed_request_line_is_refused() {
    for line in [
        "GET /",
        "GET  / HTTP/1.1",
        " GET / HTTP/1.1",
        "GET /\tHTTP/1.1",
        "G(T / HTTP/1.1",
        "/ HTTP/1.1",
        "GET / a HTTP/1.1",
    ] {
        assert_eq!(refusal(format!("{line}\r\nHost: h\r\n\r\n")), 400, "{line}");
    }
}

#[test]
fn rfc9112_3_1_an_unknown_method_is_named_and_case_counts() {
    for name in ["PROPFIND", "get", "M-SEARCH"] {
        let head = head(format!("{name} / HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!((head.method(), head.method_text()), (Method::Other, name));
    }
}

#[test]
fn rfc9112_3_2_host_must_be_there_once_and_name_a_host() {
    assert_eq!(refusal("GET / HTTP/1.1\r\n\r\n"), 400);
    assert_eq!(refusal("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"), 400);
    assert_eq!(refusal("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n"), 400);
    for host in [
        "",
        " ",
        ":80",
        "a b",
        "a/b",
        "u@a",
        "a:b",
        "a:+80",
        "a:65536",
        "a, b",
        "[::1",
        "[::1]x",
        "[fe80::1%25eth0]",
        "<x>",
        "a\"",
        "a\u{e9}",
    ] {
        assert_eq!(
            refusal(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")),
            400,
            "{host:?}"
        );
    }
    assert!(head("GET / HTTP/1.0\r\n\r\n").host().is_none());
}

#[test]
fn rfc9112_5_1_white_space_before_the_colon_is_refused() {
    for line in [
        "X : 1\r\n",
        "X\t: 1\r\n",
        ": 1\r\n",
        "X\r\n",
        "X y: 1\r\n",
        "X(y): 1\r\n",
    ] {
        assert_eq!(get_fault(line).status.code(), 400, "{line:?}");
    }
}

#[test]
fn rfc9112_5_2_folded_lines_are_refused() {
    for line in ["X: 1\r\n 2\r\n", "X: 1\r\n\t2\r\n", "X:\r\n \r\n"] {
        assert_eq!(get_fault(line).status.code(), 400, "{line:?}");
    }
}

#[test]
fn rfc9112_6_1_transfer_encoding_is_chunked_or_refused() {
    for value in ["chunked", "Chunked", " CHUNKED "] {
        assert_eq!(
            get(&format!("Transfer-Encoding: {value}\r\n")).framing(),
            BodyFraming::Chunked,
            "{value:?}"
        );
    }
    for value in ["gzip", "gzip, chunked", "xchunked", "identity", "gzip;q=1"] {
        assert_eq!(
            get_fault(&format!("Transfer-Encoding: {value}\r\n"))
                .status
                .code(),
            501,
            "{value:?}"
        );
    }
    for value in [
        "",
        ",",
        "chunked, chunked",
        "chunked, gzip",
        "chunked;a=b",
        "\"chunked\"",
        "chunked,",
        ", chunked",
        "chun ked",
        "\u{b}chunked",
    ] {
        assert_eq!(
            get_fault(&format!("Transfer-Encoding: {value}\r\n"))
                .status
                .code(),
            400,
            "{value:?}"
        );
    }
    assert_eq!(
        get_fault("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")
            .status
            .code(),
        400
    );
    assert_eq!(
        refusal("PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        400
    );
}

#[test]
fn rfc9112_6_3_content_length_is_one_plain_number() {
    assert_eq!(get("").framing(), BodyFraming::None);
    assert_eq!(
        get("Content-Length: 0\r\n").framing(),
        BodyFraming::Length(0)
    );
    assert_eq!(
        get("Content-Length: 18446744073709551615\r\n").framing(),
        BodyFraming::Length(u64::MAX)
    );
    for value in [
        "+5",
        "-5",
        "",
        "5, 5",
        "5,5",
        "0x5",
        "5 5",
        "5.0",
        "18446744073709551616",
        "\u{665}",
    ] {
        assert_eq!(
            get_fault(&format!("Content-Length: {value}\r\n"))
                .status
                .code(),
            400,
            "{value:?}"
        );
    }
    for second in ["5", "6"] {
        assert_eq!(
            get_fault(&format!(
                "Content-Length: 5\r\nContent-Length: {second}\r\n"
            ))
            .status
            .code(),
            400
        );
    }
}

#[test]
fn rfc9112_6_3_content_length_beside_transfer_encoding_is_refused() {
    assert_eq!(
        get_fault("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")
            .status
            .code(),
        400
    );
}

#[test]
fn limits_hold_and_name_their_status() {
    let limits = HeadLimits {
        head_bytes: 200,
        target_bytes: 20,
        header_count: 3,
    };
    let status = |text: &str| {
        RequestHead::parse(text.as_bytes(), &limits).map_err(|fault| fault.status.code())
    };
    let with_target = |length: usize| {
        format!(
            "GET /{} HTTP/1.1\r\nHost: h\r\n\r\n",
            "a".repeat(length - 1)
        )
    };
    assert!(status(&with_target(20)).is_ok());
    assert_eq!(status(&with_target(21)).unwrap_err(), 414);
    // Without waiting for the end of the line.
    assert_eq!(
        status(&format!("GET /{}", "a".repeat(100))).unwrap_err(),
        414
    );
    assert!(status("GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\n\r\n").is_ok());
    assert_eq!(
        status("GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n").unwrap_err(),
        431
    );
    let with_length = |length: usize| {
        format!(
            "GET / HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n",
            "a".repeat(length - 32)
        )
    };
    assert_eq!(with_length(200).len(), 200);
    assert!(status(&with_length(200)).unwrap().is_some());
    assert_eq!(status(&with_length(201)).unwrap_err(), 431);
    assert_eq!(status(&with_length(300)[..201]).unwrap_err(), 431);
}

#[test]
fn no_more_fields_than_there_is_room_for_whatever_the_limit_says() {
    let limits = HeadLimits {
        header_count: usize::MAX,
        ..HeadLimits::default()
    };
    let request = format!(
        "GET / HTTP/1.1\r\nHost: h\r\n{}\r\n",
        "X: y\r\n".repeat(100)
    );
    assert_eq!(
        RequestHead::parse(request.as_bytes(), &limits)
            .unwrap_err()
            .status
            .code(),
        431
    );
}

#[test]
fn a_greeting_of_another_protocol_is_refused_at_once() {
    assert_eq!(refusal(b"\x16\x03\x01\x02\x00\x01"), 400);
    assert_eq!(
        fault("GET / HTTP/1.1\0").to_string(),
        "A control byte in the head."
    );
}

#[test]
fn pipelined_heads_come_one_after_another_from_one_scanner() {
    let stream = b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n";
    let mut scanner = HeadScanner::new();
    let (first, consumed) = scanner
        .parse(stream, &HeadLimits::default())
        .unwrap()
        .unwrap();
    let (second, rest) = scanner
        .parse(&stream[consumed..], &HeadLimits::default())
        .unwrap()
        .unwrap();
    assert_eq!(
        (first.path(), second.path(), consumed + rest),
        ("/1", "/2", stream.len())
    );
}

#[test]
fn a_head_that_comes_byte_by_byte_is_looked_at_once() {
    let limits = HeadLimits {
        head_bytes: 512 * 1024,
        ..HeadLimits::default()
    };
    let request = format!(
        "GET / HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n",
        "a".repeat(256 * 1024)
    );
    let mut scanner = HeadScanner::new();
    // Looking at everything each time would take 2^35 steps, and the test minutes.
    for end in 0..request.len() {
        assert!(
            scanner
                .parse(&request.as_bytes()[..end], &limits)
                .unwrap()
                .is_none()
        );
    }
    assert!(
        scanner
            .parse(request.as_bytes(), &limits)
            .unwrap()
            .is_some()
    );
}

/// Pieces of requests, well formed and not, so that a random text of them is often nearly a request.
fn request_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "GET / HTTP/1.1\r\n",
        "PUT /a?b HTTP/1.0\r\n",
        "Host: h\r\n",
        "Content-Length: 5\r\n",
        "X: ",
        "\u{e9}",
        "y\r\n",
        "Transfer-Encoding: chunked\r\n",
        "\r\n",
        "\r",
        "\n",
        "\t",
        " ",
        ":",
        "a",
        "\0",
        "OPTIONS * HTTP/1.1\r\n",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_cut_of_the_stream_gives_the_same_head(text in request_text(), cuts in prop::collection::vec(0_usize..120, 0..6)) {
        let bytes = text.as_bytes();
        let limits = HeadLimits { head_bytes: 100, target_bytes: 10, header_count: 4 };
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|&cut| cut < bytes.len()).collect();
        cuts.sort_unstable();
        cuts.push(bytes.len());
        let mut scanner = HeadScanner::new();
        let pieces = cuts.iter().map(|&cut| scanner.parse(&bytes[..cut], &limits)).find(|answer| !matches!(answer, Ok(None)));
        let facts = |(head, consumed): (RequestHead, usize)| (consumed, head.target_text().to_owned(), head.headers().iter().count());
        let whole = RequestHead::parse(bytes, &limits).map(|found| found.map(facts));
        prop_assert_eq!(whole, pieces.unwrap_or(Ok(None)).map(|found| found.map(facts)));
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = RequestHead::parse(&bytes, &HeadLimits::default());
    }

    #[test]
    fn any_field_comes_back(name in "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}", value in "[ -~]{0,40}") {
        prop_assume!(!["host", "content-length", "transfer-encoding"].contains(&&*name.to_ascii_lowercase()));
        let head = get(&format!("{name}: {value}\r\n"));
        prop_assert_eq!(head.headers().get(&name).unwrap(), Some(value.trim_matches(' ').as_bytes()));
    }
}
