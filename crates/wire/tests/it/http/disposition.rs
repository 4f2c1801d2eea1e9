//! File names in Content-Disposition, of which none gets out of its quotes.

use landline_wire::http::Disposition;
use landline_wire::http::disposition::content_disposition;
use proptest::prelude::*;

fn attachment(name: impl AsRef<[u8]>) -> String {
    content_disposition(Disposition::Attachment, name.as_ref())
}

#[test]
fn rfc6266_4_plain_names_are_said_once() {
    assert_eq!(attachment("a b.txt"), "attachment; filename=\"a b.txt\"");
    assert_eq!(
        content_disposition(Disposition::Inline, b"a;b=c'.txt"),
        "inline; filename=\"a;b=c'.txt\""
    );
    assert_eq!(attachment(""), "attachment");
}

#[test]
fn rfc8187_3_2_other_names_are_said_twice() {
    assert_eq!(
        attachment("\u{20ac} r\u{e9}.txt"),
        "attachment; filename=\"_ r_.txt\"; filename*=UTF-8''%E2%82%AC%20r%C3%A9.txt"
    );
    assert_eq!(
        attachment("100%41.txt"),
        "attachment; filename=\"100_41.txt\"; filename*=UTF-8''100%2541.txt"
    );
    assert_eq!(
        attachment("a\"b"),
        "attachment; filename=\"a_b\"; filename*=UTF-8''a%22b"
    );
    assert_eq!(
        attachment(b"\xff.txt"),
        "attachment; filename=\"_.txt\"; filename*=UTF-8''%EF%BF%BD.txt"
    );
}

#[test]
fn what_would_deceive_is_replaced_in_both() {
    assert_eq!(
        attachment("a\r\nX: y\x1b[31m\0"),
        "attachment; filename=\"a__X: y_[31m_\""
    );
    assert_eq!(
        attachment("a\u{202e}gpj.exe"),
        "attachment; filename=\"a_gpj.exe\""
    );
    assert_eq!(attachment("../a\\b"), "attachment; filename=\".._a_b\"");
    assert_eq!(
        attachment("\u{85}\u{2028}\u{200b}\u{feff}"),
        "attachment; filename=\"____\""
    );
}

#[test]
fn a_name_of_255_bytes_is_whole() {
    let name = "\u{e9}".repeat(127) + "x";
    assert!(attachment(&name).ends_with(&("%C3%A9".repeat(127) + "x")));
}

proptest! {
    #[test]
    fn no_name_breaks_out(name in prop::collection::vec(any::<u8>(), 0..255)) {
        let value = attachment(&name);
        prop_assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')));
        if !name.is_empty() {
            let quoted = value.strip_prefix("attachment; filename=\"").unwrap();
            let (plain, rest) = quoted.split_once('"').unwrap();
            prop_assert!(!plain.contains(['\\', '%', '/']));
            let encoded = rest.strip_prefix("; filename*=UTF-8''").unwrap_or(rest);
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        }
    }
}
