//! Entity tags and conditions.

use landline_wire::http::{ETag, FixDate, Outcome, RequestHead, Validators, condition};

use super::head;

const NOW: u64 = 1_763_659_000;
const CHANGED: u64 = 784_111_777;

fn tag(text: &str) -> ETag<'_> {
    ETag::parse(text.as_bytes()).unwrap()
}

fn request(method: &str, lines: &str) -> RequestHead {
    head(format!("{method} / HTTP/1.1\r\nHost: h\r\n{lines}\r\n"))
}

/// What the conditions come to, of something with the tag `"a"` that changed at `CHANGED`.
fn outcome(method: &str, lines: &str) -> Outcome {
    let current = Validators {
        etag: Some(tag("\"a\"")),
        last_modified: Some(CHANGED),
    };
    condition::evaluate(&request(method, lines), Some(&current), NOW)
}

fn dated(field: &str, seconds: u64) -> String {
    format!("{field}: {}\r\n", FixDate::new(seconds))
}

#[test]
fn rfc9110_8_8_3_tags_are_read_strictly() {
    for text in ["\"\"", "\"a\"", "W/\"a\"", "\"a\\\"", "\"a,b\"", "\"!~\""] {
        assert_eq!(tag(text).as_bytes(), text.as_bytes());
    }
    assert!(ETag::parse(b"\"\xff\"").is_some());
    for text in [
        "",
        "a",
        "\"a",
        "a\"",
        "w/\"a\"",
        "\"a b\"",
        "\"a\"b",
        "\"a\" ",
        "W/a",
        "\"a\x7f\"",
        "*",
    ] {
        assert!(ETag::parse(text.as_bytes()).is_none(), "{text}");
    }
}

#[test]
fn rfc9110_8_8_3_2_table_of_comparisons() {
    for (a, b, strong, weak) in [
        ("W/\"1\"", "W/\"1\"", false, true),
        ("W/\"1\"", "W/\"2\"", false, false),
        ("W/\"1\"", "\"1\"", false, true),
        ("\"1\"", "\"1\"", true, true),
    ] {
        assert_eq!(
            (
                tag(a).matches_strongly(tag(b)),
                tag(a).matches_weakly(tag(b))
            ),
            (strong, weak),
            "{a} {b}"
        );
        assert_eq!(
            (
                tag(b).matches_strongly(tag(a)),
                tag(b).matches_weakly(tag(a))
            ),
            (strong, weak),
            "{b} {a}"
        );
    }
}

#[test]
fn rfc9110_13_1_1_if_match() {
    for (value, expected) in [
        ("\"a\"", Outcome::Proceed),
        ("*", Outcome::Proceed),
        ("\"x\", \"a\"", Outcome::Proceed),
        ("\"x,\\\" , \"a\"", Outcome::Proceed),
        ("\"x\"", Outcome::PreconditionFailed),
        ("W/\"a\"", Outcome::PreconditionFailed),
        ("a", Outcome::PreconditionFailed),
        ("", Outcome::PreconditionFailed),
    ] {
        assert_eq!(
            outcome("PUT", &format!("If-Match: {value}\r\n")),
            expected,
            "{value}"
        );
    }
    assert_eq!(
        outcome("PUT", "If-Match: \"x\"\r\nIf-Match: \"a\"\r\n"),
        Outcome::Proceed
    );
}

#[test]
fn rfc9110_13_1_1_nothing_matches_what_is_not_there() {
    let evaluate = |lines| condition::evaluate(&request("PUT", lines), None, NOW);
    assert_eq!(evaluate("If-Match: *\r\n"), Outcome::PreconditionFailed);
    assert_eq!(evaluate("If-Match: \"a\"\r\n"), Outcome::PreconditionFailed);
    assert_eq!(evaluate("If-None-Match: *\r\n"), Outcome::Proceed);
    assert_eq!(evaluate(&dated("If-Unmodified-Since", 1)), Outcome::Proceed);
}

#[test]
fn rfc9110_13_1_2_if_none_match() {
    for value in ["\"a\"", "W/\"a\"", "*", "\"x\" , W/\"a\"", ",\"x\",\"a\""] {
        let line = format!("If-None-Match: {value}\r\n");
        assert_eq!(outcome("GET", &line), Outcome::NotModified, "{value}");
        assert_eq!(outcome("HEAD", &line), Outcome::NotModified, "{value}");
        assert_eq!(
            outcome("PUT", &line),
            Outcome::PreconditionFailed,
            "{value}"
        );
    }
    assert_eq!(outcome("GET", "If-None-Match: \"x\"\r\n"), Outcome::Proceed);
}

#[test]
fn rfc9110_13_1_3_if_modified_since() {
    assert_eq!(
        outcome("GET", &dated("If-Modified-Since", CHANGED)),
        Outcome::NotModified
    );
    assert_eq!(
        outcome("GET", &dated("If-Modified-Since", CHANGED + 1)),
        Outcome::NotModified
    );
    assert_eq!(
        outcome("GET", &dated("If-Modified-Since", CHANGED - 1)),
        Outcome::Proceed
    );
    assert_eq!(
        outcome("PUT", &dated("If-Modified-Since", CHANGED)),
        Outcome::Proceed
    );
    assert_eq!(
        outcome("GET", "If-Modified-Since: yesterday\r\n"),
        Outcome::Proceed
    );
    let twice = dated("If-Modified-Since", CHANGED).repeat(2);
    assert_eq!(outcome("GET", &twice), Outcome::Proceed);
    assert_eq!(
        condition::evaluate(
            &request("GET", &dated("If-Modified-Since", NOW)),
            Some(&Validators::default()),
            NOW
        ),
        Outcome::Proceed
    );
}

#[test]
fn rfc9110_13_1_4_if_unmodified_since() {
    assert_eq!(
        outcome("PUT", &dated("If-Unmodified-Since", CHANGED)),
        Outcome::Proceed
    );
    assert_eq!(
        outcome("PUT", &dated("If-Unmodified-Since", CHANGED - 1)),
        Outcome::PreconditionFailed
    );
    assert_eq!(
        outcome("GET", &dated("If-Unmodified-Since", CHANGED - 1)),
        Outcome::PreconditionFailed
    );
    assert_eq!(
        outcome(
            "PUT",
            "If-Unmodified-Since: Thu, 01 Jan 1960 00:00:00 GMT\r\n"
        ),
        Outcome::PreconditionFailed
    );
    assert_eq!(
        outcome("PUT", "If-Unmodified-Since: 1\r\n"),
        Outcome::Proceed
    );
}

#[test]
fn rfc9110_13_2_1_methods_that_select_nothing_ignore_conditions() {
    assert_eq!(outcome("OPTIONS", "If-Match: \"x\"\r\n"), Outcome::Proceed);
}

#[test]
fn rfc9110_13_2_2_tags_go_before_dates_and_match_before_none_match() {
    let stale = dated("If-Unmodified-Since", CHANGED - 1);
    assert_eq!(
        outcome("PUT", &format!("If-Match: \"a\"\r\n{stale}")),
        Outcome::Proceed
    );
    let fresh = dated("If-Modified-Since", CHANGED);
    assert_eq!(
        outcome("GET", &format!("If-None-Match: \"x\"\r\n{fresh}")),
        Outcome::Proceed
    );
    assert_eq!(
        outcome("GET", "If-Match: \"x\"\r\nIf-None-Match: \"a\"\r\n"),
        Outcome::PreconditionFailed
    );
    assert_eq!(
        outcome("GET", &format!("If-Match: \"a\"\r\n{fresh}")),
        Outcome::NotModified
    );
}
