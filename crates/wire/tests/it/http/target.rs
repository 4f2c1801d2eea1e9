//! Targets and queries.

use landline_wire::http::{Host, query_value};
use landline_wire::name::segment_href;
use proptest::prelude::*;

use super::{head, refusal};

#[test]
fn rfc9112_3_2_1_origin_form_is_split_at_the_first_question_mark() {
    for (target, path, query) in [
        ("/", "/", None),
        ("/a/b%2Fc?", "/a/b%2Fc", Some("")),
        ("/a?b?c=/d", "/a", Some("b?c=/d")),
        ("//evil.example/x", "//evil.example/x", None),
        ("/../..", "/../..", None),
    ] {
        let head = head(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!((head.path(), head.query()), (path, query), "{target}");
        assert_eq!(head.host(), Host::parse(b"h"));
    }
}

#[test]
fn rfc9112_3_2_2_the_host_of_absolute_form_wins() {
    let request = head("GET http://a.example:81/x?y HTTP/1.1\r\nHost: b.example\r\n\r\n");
    assert_eq!((request.path(), request.query()), ("/x", Some("y")));
    assert_eq!(request.host(), Host::parse(b"a.example:81"));
    let bare = head("GET HTTPS://a.example?y HTTP/1.1\r\nHost: b\r\n\r\n");
    assert_eq!((bare.path(), bare.query()), ("/", Some("y")));
    let barest = head("GET http://a.example HTTP/1.1\r\nHost: b\r\n\r\n");
    assert_eq!((barest.path(), barest.query()), ("/", None));
    assert_eq!(barest.host(), Host::parse(b"a.example"));
    for target in [
        "ftp://a/x",
        "http:///x",
        "http://u@a/",
        "http:/a",
        "a/b",
        "http://a b/",
        "mailto:a",
    ] {
        assert_eq!(
            refusal(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")),
            400,
            "{target}"
        );
    }
    assert_eq!(refusal("GET http://a/ HTTP/1.1\r\n\r\n"), 400);
}

#[test]
fn rfc9112_3_2_3_authority_form_is_for_connect_alone() {
    let head = head("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
    assert_eq!((head.path(), head.query()), ("", None));
    assert_eq!(head.host(), Host::parse(b"a.example:443"));
    assert_eq!(
        refusal("GET a.example:443 HTTP/1.1\r\nHost: h\r\n\r\n"),
        400
    );
    assert_eq!(refusal("CONNECT / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    assert_eq!(
        refusal("CONNECT a.example HTTP/1.1\r\nHost: h\r\n\r\n"),
        400
    );
}

#[test]
fn rfc9112_3_2_4_asterisk_form_is_for_options_alone() {
    for target in ["*", "http://h"] {
        let head = head(format!("OPTIONS {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!((head.path(), head.query()), ("*", None));
    }
    let rooted = head("OPTIONS http://h/ HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(rooted.path(), "/");
    let asked = head("OPTIONS http://h?q HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!((asked.path(), asked.query()), ("/", Some("q")));
    assert_eq!(refusal("GET * HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    assert_eq!(refusal("OPTIONS *? HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

#[test]
fn rfc3986_2_bytes_that_must_be_encoded_are_refused() {
    for target in ["/a#b", "/\u{e9}", "/a\u{7f}"] {
        assert_eq!(
            refusal(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")),
            400,
            "{target}"
        );
    }
    assert_eq!(refusal(b"GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

#[test]
fn a_query_is_decoded_as_a_form_writes_it() {
    let query = "download&key=a%20b+c&key=2&e%3Dq=%C3%A9&bad=%zz%ff&=x";
    for (name, value) in [
        ("download", Some("")),
        ("key", Some("a b c")),
        ("e=q", Some("\u{e9}")),
        ("bad", Some("%zz\u{fffd}")),
        ("none", None),
        ("", Some("x")),
    ] {
        assert_eq!(query_value(query, name).as_deref(), value, "{name}");
    }
    let head = head("GET /?a=1 HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(head.query_value("a").as_deref(), Some("1"));
}

proptest! {
    #[test]
    fn a_link_is_always_a_target(name in prop::collection::vec(any::<u8>(), 0..60)) {
        let link = format!("/{}", segment_href(&name));
        let head = head(format!("GET {link} HTTP/1.1\r\nHost: h\r\n\r\n"));
        prop_assert_eq!(head.path(), link);
        prop_assert_eq!(head.query(), None);
    }
}
