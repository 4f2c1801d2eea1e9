//! Fuzz target: fields of ranges and conditions, in a request that is otherwise plain.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use landline_wire::http::{
    ByteRange, ETag, HeadLimits, Method, Multipart, Outcome, RequestHead, Selection, Validators,
    condition, range,
};
use landline_wire::limits::HTTP_RANGE_COUNT;

pub(crate) fn run(data: &[u8]) {
    for length in [0, 1, 10, 1000, u64::MAX] {
        check_selection(&range::parse(data, length), length);
    }
    if let Some(tag) = ETag::parse(data) {
        assert_eq!(tag.as_bytes(), data);
        assert!(tag.matches_weakly(tag));
        assert_eq!(tag.matches_strongly(tag), !tag.is_weak());
    }
    for method in ["GET", "PUT"] {
        let request = [
            method.as_bytes(),
            b" / HTTP/1.1\r\nHost: h\r\n",
            data,
            b"\r\n\r\n",
        ]
        .concat();
        if let Ok(Some((head, _))) = RequestHead::parse(&request, &HeadLimits::default()) {
            check_request(&head);
        }
    }
}

fn check_request(head: &RequestHead) {
    let now = 1_763_659_000;
    let etag = ETag::parse(b"\"a\"");
    let weak = ETag::parse(b"W/\"a\"");
    for validators in [
        Validators::default(),
        Validators {
            etag,
            last_modified: Some(784_111_777),
        },
        Validators {
            etag: weak,
            last_modified: Some(now),
        },
    ] {
        let outcome = condition::evaluate(head, Some(&validators), now);
        assert!(outcome != Outcome::NotModified || head.method() == Method::Get);
        check_selection(&range::select(head, &validators, 1000, now), 1000);
    }
    assert_ne!(condition::evaluate(head, None, now), Outcome::NotModified);
}

fn check_selection(selection: &Selection, length: u64) {
    let ranges: &[ByteRange] = match selection {
        Selection::Whole | Selection::Unsatisfiable => return,
        Selection::One(range) => core::slice::from_ref(range),
        Selection::Many(ranges) => ranges,
    };
    assert!(ranges.len() <= HTTP_RANGE_COUNT);
    for (index, range) in ranges.iter().enumerate() {
        assert!(range.first <= range.last && range.last < length);
        // Two ranges with not even a byte between them would have been one.
        assert!(ranges[index + 1..].iter().all(|other| {
            (range.last < other.first && other.first - range.last > 1)
                || (other.last < range.first && range.first - other.last > 1)
        }));
    }
    if length <= 1000 {
        check_multipart(ranges, length);
    }
}

fn check_multipart(ranges: &[ByteRange], length: u64) {
    let multipart = Multipart::new("boundary", "text/plain", ranges, length);
    let parts: u64 = multipart
        .parts()
        .map(|(head, range)| head.len() as u64 + range.size_bytes())
        .sum();
    assert_eq!(
        multipart.total_bytes(),
        parts + multipart.end().len() as u64
    );
}
