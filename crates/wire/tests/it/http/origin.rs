//! Host, Origin, Sec-Fetch, cookies and bearer keys.

use landline_wire::http::{FetchSite, Host, HostName, Origin, SecFetch, authorization, cookie};
use proptest::prelude::*;

use super::{get, get_fault};

fn host(text: &str) -> Host<'_> {
    Host::parse(text.as_bytes()).expect(text)
}

#[test]
fn rfc9110_7_2_hosts_are_names_or_addresses_with_a_port_or_without() {
    for (text, name, port) in [
        ("localhost", HostName::Name("localhost"), None),
        (
            "Example.ORG:8080",
            HostName::Name("example.org"),
            Some(8080),
        ),
        ("a_b-c.example:", HostName::Name("a_b-c.example"), None),
        (
            "127.0.0.1:80",
            HostName::V4([127, 0, 0, 1].into()),
            Some(80),
        ),
        ("[::1]", HostName::V6(1_u128.into()), None),
        (
            "[::FFFF:1.2.3.4]:65535",
            HostName::V6("::ffff:1.2.3.4".parse().unwrap()),
            Some(65_535),
        ),
        // Not the four numbers that they seem to be.
        ("127.1", HostName::Name("127.1"), None),
        ("0x7f000001", HostName::Name("0x7f000001"), None),
        ("127.0.0.01", HostName::Name("127.0.0.01"), None),
        ("localhost.", HostName::Name("localhost."), None),
    ] {
        assert_eq!((host(text).name, host(text).port), (name, port), "{text}");
    }
    for text in [
        "::1",
        "[1.2.3.4]",
        "[]",
        "[::1",
        "::1]",
        "[::1]80",
        "a:-1",
        "a:8 0",
        "a:80:80",
        "a@b",
        "a?b",
        "a\\b",
        "\u{e9}",
    ] {
        assert!(Host::parse(text.as_bytes()).is_none(), "{text}");
    }
    assert_ne!(host("localhost").name, host("localhost.").name);
}

#[test]
fn rfc9110_4_2_default_ports() {
    assert_eq!(host("h").port_or_default("HTTP"), Some(80));
    assert_eq!(host("h").port_or_default("https"), Some(443));
    assert_eq!(host("h:81").port_or_default("https"), Some(81));
    assert_eq!(host("h").port_or_default("gopher"), None);
}

#[test]
fn rfc6454_5_same_origin_is_scheme_host_and_port() {
    let same = |origin: &str, scheme, served| {
        Origin::parse(origin.as_bytes())
            .expect(origin)
            .is_same(scheme, host(served))
    };
    assert!(same("http://LOCALHOST:8080", "http", "localhost:8080"));
    assert!(same("http://h", "http", "h:80"));
    assert!(same("https://[::1]:443", "https", "[0::1]"));
    assert!(!same("http://localhost:8081", "http", "localhost:8080"));
    assert!(!same("https://localhost", "http", "localhost"));
    assert!(!same("http://127.0.0.1:8080", "http", "localhost:8080"));
    assert!(!same("null", "http", "h"));
    assert!(!same("foo://h", "http", "h"));
}

#[test]
fn rfc6454_7_what_is_no_origin() {
    for text in [
        "",
        "http://",
        "h",
        "http:h",
        "http://h/",
        "http://h/x",
        "http://u@h",
        "http://a http://b",
        "NULL",
        "file://",
        "://h",
        "1http://h",
        "ht tp://h",
    ] {
        assert!(Origin::parse(text.as_bytes()).is_none(), "{text}");
    }
    assert_eq!(Origin::parse(b"null"), Some(Origin::Opaque));
}

#[test]
fn fetch_metadata_is_read() {
    let head = get(
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n",
    );
    let fetch = SecFetch::of(head.headers()).unwrap();
    assert_eq!(fetch.site, Some(FetchSite::CrossSite));
    assert!(fetch.is_top_level_navigation());
    let framed = get(
        "Sec-Fetch-Site: Same-Origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n",
    );
    let fetch = SecFetch::of(framed.headers()).unwrap();
    assert_eq!(fetch.site, Some(FetchSite::Other));
    assert!(!fetch.is_top_level_navigation());
    let none = get("");
    assert_eq!(
        SecFetch::of(none.headers()),
        Ok(SecFetch {
            site: None,
            mode: None,
            dest: None
        })
    );
    let twice = get("Sec-Fetch-Site: none\r\nSec-Fetch-Site: none\r\n");
    assert_eq!(
        SecFetch::of(twice.headers()).unwrap_err().status.code(),
        400
    );
}

#[test]
fn rfc6265_4_2_every_cookie_of_a_name() {
    let head = get(
        "Cookie: a=1; key-8080=x=y;key-8080x=2; key-8080=\"q\" ; Key-8080=3\r\nCookie: key-8080=\r\nCookie: key-8080\r\n",
    );
    let values: Vec<_> = cookie::values(head.headers(), "key-8080").collect();
    assert_eq!(values, [&b"x=y"[..], b"q", b""]);
    assert_eq!(cookie::values(head.headers(), "b").count(), 0);
    let quote = get("Cookie: k=\"\r\n");
    assert!(cookie::values(quote.headers(), "k").eq([b"\""]));
}

#[test]
fn rfc6750_2_1_bearer_keys() {
    let key = |value: &str| {
        let head = get(&format!("Authorization: {value}\r\n"));
        authorization::bearer(head.headers())
            .unwrap()
            .map(<[u8]>::to_vec)
    };
    for value in ["Bearer abc+/=", "bearer   abc+/=", "BEARER abc+/= "] {
        assert_eq!(key(value).as_deref(), Some(&b"abc+/="[..]), "{value}");
    }
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Bearerabc",
        "Basic abc",
        "Digest abc",
        "Bearer a b",
        "Bearer\tabc",
        "Be",
    ] {
        assert_eq!(key(value), None, "{value}");
    }
    assert_eq!(authorization::bearer(get("").headers()), Ok(None));
    let twice = get("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n");
    assert_eq!(
        authorization::bearer(twice.headers())
            .unwrap_err()
            .status
            .code(),
        400
    );
    assert_eq!(get_fault("Authorization : Bearer a\r\n").status.code(), 400);
}

proptest! {
    #[test]
    fn any_bytes_are_a_host_and_an_origin_or_not(bytes in prop::collection::vec(any::<u8>(), 0..30)) {
        let _ = (Host::parse(&bytes), Origin::parse(&bytes));
    }
}
