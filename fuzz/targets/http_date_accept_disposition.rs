//! Fuzz target: dates, what Accept asks for, and file names in Content-Disposition.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use landline_wire::http::disposition::content_disposition;
use landline_wire::http::{
    Disposition, FixDate, HeadLimits, RequestHead, Wanted, accept, date, query_value,
};
use landline_wire::name::segment_href;

pub(crate) fn run(data: &[u8]) {
    let now = 1_763_659_000;
    if let Some(seconds) = date::parse(data, now) {
        assert_eq!(
            date::parse(FixDate::new(seconds).as_ref(), now),
            Some(seconds)
        );
    }
    if let Some(bytes) = data.first_chunk::<8>() {
        let seconds = u64::from_le_bytes(*bytes) % 253_402_300_800;
        assert_eq!(
            date::parse(FixDate::new(seconds).as_ref(), now),
            Some(seconds)
        );
    }
    check_accept(data);
    for kind in [Disposition::Inline, Disposition::Attachment] {
        check_disposition(&content_disposition(kind, data));
    }
    let name = String::from_utf8_lossy(data);
    let link = format!("x=y&name={}", segment_href(name.as_bytes()));
    assert_eq!(query_value(&link, "name").as_deref(), Some(&*name));
}

fn check_accept(data: &[u8]) {
    let request = [b"GET / HTTP/1.1\r\nHost: h\r\nAccept: ", data, b"\r\n\r\n"].concat();
    if let Ok(Some((head, _))) = RequestHead::parse(&request, &HeadLimits::default()) {
        let forms = [Wanted::Html, Wanted::Json, Wanted::Text];
        let chosen = forms.map(|default| accept::wanted(head.headers(), default));
        // The default decides between equals; it never makes something else win.
        assert!(
            chosen
                .iter()
                .zip(forms)
                .all(|(chosen, default)| chosen == &default || chosen_without(&head, *chosen))
        );
    }
}

/// Whether `form` is the answer also when it is itself the default.
fn chosen_without(head: &RequestHead, form: Wanted) -> bool {
    accept::wanted(head.headers(), form) == form
}

/// `kind`, perhaps a quoted string without quotes in it, perhaps an encoded name: nothing else.
fn check_disposition(value: &str) {
    assert!(
        value.bytes().all(|byte| matches!(byte, b' '..=b'~')),
        "{value:?}"
    );
    let rest = value
        .strip_prefix("inline")
        .or_else(|| value.strip_prefix("attachment"))
        .unwrap();
    if rest.is_empty() {
        return;
    }
    let (plain, rest) = rest
        .strip_prefix("; filename=\"")
        .unwrap()
        .split_once('"')
        .unwrap();
    assert!(!plain.contains(['\\', '%', '/']), "{value:?}");
    if let Some(encoded) = rest.strip_prefix("; filename*=UTF-8''") {
        assert!(
            encoded
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)),
            "{value:?}"
        );
    } else {
        assert_eq!(rest, "");
    }
}
