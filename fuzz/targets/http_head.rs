//! Fuzz target: a request's head gives the same answer however it is cut, and what it gives is safe to use.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use landline_wire::http::{
    Fault, HeadLimits, HeadScanner, Method, Origin, RequestHead, SecFetch, authorization, cookie,
};

pub(crate) fn run(data: &[u8]) {
    let small = HeadLimits {
        head_bytes: 512,
        target_bytes: 64,
        header_count: 8,
    };
    for limits in [HeadLimits::default(), small] {
        let whole = RequestHead::parse(data, &limits);
        for step in [1, 7, 64] {
            assert_same(&whole, &in_pieces(data, &limits, step));
        }
        if let Ok(Some((head, consumed))) = whole {
            assert!(consumed <= data.len());
            assert!(head.target_text().len() <= limits.target_bytes);
            assert!(head.headers().iter().count() <= limits.header_count);
            check(&head);
        }
    }
}

type Parsed = Result<Option<(RequestHead, usize)>, Fault>;

/// Shows a scanner more and more of the same bytes, until it has an answer.
fn in_pieces(data: &[u8], limits: &HeadLimits, step: usize) -> Parsed {
    let mut scanner = HeadScanner::new();
    for end in (0..data.len()).step_by(step) {
        let answer = scanner.parse(&data[..end], limits);
        if !matches!(answer, Ok(None)) {
            return answer;
        }
    }
    scanner.parse(data, limits)
}

fn assert_same(whole: &Parsed, pieces: &Parsed) {
    match (whole, pieces) {
        (Ok(Some((head, consumed))), Ok(Some((other, other_consumed)))) => {
            assert_eq!(consumed, other_consumed);
            assert!(head.headers().iter().eq(other.headers().iter()));
            assert_eq!(
                (head.method(), head.target_text(), head.framing()),
                (other.method(), other.target_text(), other.framing())
            );
        }
        (Ok(None), Ok(None)) => {}
        (Err(fault), Err(other)) => assert_eq!(fault, other),
        _ => panic!("the cut of the stream changes the answer"),
    }
}

fn check(head: &RequestHead) {
    assert!(
        head.target_text()
            .bytes()
            .all(|byte| byte.is_ascii_graphic())
    );
    assert!(!head.method_text().is_empty());
    let path = head.path();
    assert!(path == "*" || path == "/" || head.target_text().contains(path));
    assert!(
        path.starts_with('/')
            || path == "*"
            || (path.is_empty() && head.method() == Method::Connect)
    );
    for (name, value) in head.headers().iter() {
        assert!(
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b':')
        );
        assert!(
            value
                .iter()
                .all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
        );
        assert!(head.headers().contains(name));
        head.headers()
            .list(name)
            .for_each(|member| assert!(!member.is_empty()));
    }
    let _ = (
        head.query_value("key"),
        head.keeps_alive(),
        head.expects_continue(),
        head.upgrades_to("websocket"),
    );
    let _ = (
        SecFetch::of(head.headers()),
        authorization::bearer(head.headers()),
    );
    cookie::values(head.headers(), "key").for_each(|value| assert!(!value.contains(&b';')));
    if let (Some(host), Some(origin)) = (
        head.host(),
        head.headers().all("origin").next().and_then(Origin::parse),
    ) {
        let _ = origin.is_same("http", host);
    }
}
