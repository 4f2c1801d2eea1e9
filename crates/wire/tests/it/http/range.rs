//! Ranges and the texts that carry them.

use landline_wire::http::range::{self, unsatisfied_content_range};
use landline_wire::http::{ByteRange, ETag, FixDate, Multipart, Selection, Validators};
use landline_wire::limits::HTTP_RANGE_COUNT;
use proptest::prelude::*;

use super::{get, head};

const NOW: u64 = 1_763_659_000;

fn one(first: u64, last: u64) -> Selection {
    Selection::One(ByteRange { first, last })
}

fn many(ranges: &[(u64, u64)]) -> Selection {
    Selection::Many(
        ranges
            .iter()
            .map(|&(first, last)| ByteRange { first, last })
            .collect(),
    )
}

#[test]
fn rfc9110_14_1_1_malformed_ranges_are_ignored() {
    for value in [
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=5-4",
        "bytes=a-b",
        "bytes=5",
        "bytes=-",
        "bytes=--5",
        "bytes=+5-6",
        "bytes=1-2-3",
        "bytes=0-0,x",
        "bytes 0-4",
        "bytes = 0-4",
        "0-4",
        "bytes=0 1-4",
        "bytes=1 -4",
    ] {
        assert_eq!(
            range::parse(value.as_bytes(), 10),
            Selection::Whole,
            "{value}"
        );
    }
}

#[test]
fn rfc9110_14_1_other_units_are_ignored() {
    for value in ["lines=0-4", "byte=0-4", "none=1-2", ""] {
        assert_eq!(
            range::parse(value.as_bytes(), 10),
            Selection::Whole,
            "{value}"
        );
    }
    assert_eq!(range::parse(b"Bytes=0-4", 10), one(0, 4));
}

#[test]
fn rfc9110_14_1_2_first_and_last_pos() {
    for (value, expected) in [
        ("bytes=0-0", one(0, 0)),
        ("bytes=0-", one(0, 9)),
        ("bytes=9-", one(9, 9)),
        ("bytes= 2-4 ", one(2, 4)),
        ("bytes=10-", Selection::Unsatisfiable),
        ("bytes=10-20,30-", Selection::Unsatisfiable),
    ] {
        assert_eq!(range::parse(value.as_bytes(), 10), expected, "{value}");
    }
}

#[test]
fn rfc9110_14_1_2_last_pos_is_clamped() {
    assert_eq!(range::parse(b"bytes=5-20", 10), one(5, 9));
    assert_eq!(range::parse(b"bytes=5-18446744073709551615", 10), one(5, 9));
    assert_eq!(
        range::parse(b"bytes=5-99999999999999999999999", 10),
        one(5, 9)
    );
    assert_eq!(
        range::parse(b"bytes=18446744073709551615-", 10),
        Selection::Unsatisfiable
    );
    assert_eq!(
        range::parse(b"bytes=99999999999999999999999-", 10),
        Selection::Unsatisfiable
    );
    assert_eq!(range::parse(b"bytes=0-", u64::MAX), one(0, u64::MAX - 1));
}

#[test]
fn rfc9110_14_1_2_suffixes() {
    assert_eq!(range::parse(b"bytes=-3", 10), one(7, 9));
    assert_eq!(range::parse(b"bytes=-30", 10), one(0, 9));
    assert_eq!(
        range::parse(b"bytes=-99999999999999999999999", 10),
        one(0, 9)
    );
    assert_eq!(range::parse(b"bytes=-0", 10), Selection::Unsatisfiable);
}

#[test]
fn rfc9110_14_1_2_of_nothing_only_a_suffix_is_satisfiable() {
    assert_eq!(range::parse(b"bytes=0-", 0), Selection::Unsatisfiable);
    assert_eq!(range::parse(b"bytes=-0", 0), Selection::Unsatisfiable);
    assert_eq!(range::parse(b"bytes=-5", 0), Selection::Whole);
}

#[test]
fn rfc9110_14_2_only_get_has_ranges() {
    let range = "Range: bytes=0-4\r\n";
    let select = |method| {
        let head = head(format!("{method} / HTTP/1.1\r\nHost: h\r\n{range}\r\n"));
        range::select(&head, &Validators::default(), 10, NOW)
    };
    assert_eq!(select("GET"), one(0, 4));
    assert_eq!(select("HEAD"), Selection::Whole);
    assert_eq!(select("PUT"), Selection::Whole);
    let twice = get("Range: bytes=0-4\r\nRange: bytes=5-\r\n");
    assert_eq!(
        range::select(&twice, &Validators::default(), 10, NOW),
        Selection::Whole
    );
    assert_eq!(
        range::select(&get(""), &Validators::default(), 10, NOW),
        Selection::Whole
    );
}

#[test]
fn rfc9110_14_2_too_many_ranges_are_ignored() {
    let value = |count: u64| {
        let specs: Vec<String> = (0..count)
            .map(|at| format!("{}-{}", at * 10, at * 10))
            .collect();
        format!("bytes={}", specs.join(","))
    };
    let at_limit = range::parse(value(HTTP_RANGE_COUNT as u64).as_bytes(), 100_000);
    assert!(matches!(at_limit, Selection::Many(ranges) if ranges.len() == HTTP_RANGE_COUNT));
    assert_eq!(
        range::parse(value(HTTP_RANGE_COUNT as u64 + 1).as_bytes(), 100_000),
        Selection::Whole
    );
    assert_eq!(
        range::parse(value(1000).as_bytes(), 100_000),
        Selection::Whole
    );
}

#[test]
fn rfc9110_15_3_7_2_order_is_kept_and_what_overlaps_is_one() {
    assert_eq!(range::parse(b"bytes=8-9,0-1", 10), many(&[(8, 9), (0, 1)]));
    assert_eq!(range::parse(b"bytes=0-0,,-1", 10), many(&[(0, 0), (9, 9)]));
    assert_eq!(range::parse(b"bytes=0-4,2-6", 10), one(0, 6));
    assert_eq!(range::parse(b"bytes=0-1,2-3", 10), one(0, 3));
    assert_eq!(range::parse(b"bytes=0-1,8-9,2-7", 10), one(0, 9));
    assert_eq!(range::parse(b"bytes=0-,0-,0-,0-", 10), one(0, 9));
    assert_eq!(
        range::parse(b"bytes=6-6,0-0,5-5,20-", 10),
        many(&[(5, 6), (0, 0)])
    );
}

#[test]
fn rfc9110_13_1_5_if_range() {
    let changed = 784_111_777;
    let etag = |text: &'static str| ETag::parse(text.as_bytes());
    let current = Validators {
        etag: etag("\"a\""),
        last_modified: Some(changed),
    };
    let select = |value: &str, current: &Validators<'_>, now| {
        range::select(
            &get(&format!("Range: bytes=0-4\r\nIf-Range: {value}\r\n")),
            current,
            10,
            now,
        )
    };
    let date = |seconds| FixDate::new(seconds).to_string();
    assert_eq!(select("\"a\"", &current, NOW), one(0, 4));
    assert_eq!(select("\"b\"", &current, NOW), Selection::Whole);
    assert_eq!(select("W/\"a\"", &current, NOW), Selection::Whole);
    assert_eq!(select("\"a\", \"b\"", &current, NOW), Selection::Whole);
    assert_eq!(select(&date(changed), &current, NOW), one(0, 4));
    assert_eq!(select(&date(changed + 1), &current, NOW), Selection::Whole);
    assert_eq!(select(&date(changed - 1), &current, NOW), Selection::Whole);
    // Within its own second a date does not tell two states apart.
    assert_eq!(select(&date(changed), &current, changed), Selection::Whole);
    let weak = Validators {
        etag: etag("W/\"a\""),
        last_modified: None,
    };
    assert_eq!(select("W/\"a\"", &weak, NOW), Selection::Whole);
    assert_eq!(select(&date(changed), &weak, NOW), Selection::Whole);
}

#[test]
fn rfc9110_14_4_content_range() {
    assert_eq!(
        ByteRange { first: 0, last: 4 }.content_range(10),
        "bytes 0-4/10"
    );
    assert_eq!(ByteRange { first: 0, last: 4 }.size_bytes(), 5);
    assert_eq!(unsatisfied_content_range(10), "bytes */10");
}

#[test]
fn rfc9110_14_6_multipart() {
    let content = b"0123456789";
    let ranges = [
        ByteRange { first: 8, last: 9 },
        ByteRange { first: 0, last: 1 },
    ];
    let multipart = Multipart::new("b-1_\r\n\"", "text/plain\r\nX: y", &ranges, 10);
    assert_eq!(
        multipart.content_type(),
        "multipart/byteranges; boundary=b-1_"
    );
    let mut body = String::new();
    for (head, range) in multipart.parts() {
        body.push_str(head);
        body.push_str(
            core::str::from_utf8(&content[range.first as usize..=range.last as usize]).unwrap(),
        );
    }
    body.push_str(multipart.end());
    assert_eq!(body.len() as u64, multipart.total_bytes());
    assert_eq!(
        body,
        "--b-1_\r\nContent-Type: text/plain  X: y\r\nContent-Range: bytes 8-9/10\r\n\r\n89\r\n\
         --b-1_\r\nContent-Type: text/plain  X: y\r\nContent-Range: bytes 0-1/10\r\n\r\n01\r\n--b-1_--\r\n"
    );
}

fn spec() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_u64..30, 0_u64..30).prop_map(|(first, size)| format!("{first}-{}", first + size)),
        (0_u64..30).prop_map(|first| format!("{first}-")),
        (0_u64..30).prop_map(|size| format!("-{size}")),
    ]
}

proptest! {
    #[test]
    fn exactly_the_bytes_that_were_asked_for_and_each_once(specs in prop::collection::vec(spec(), 1..8), length in 0_u64..25) {
        let asked = |at: u64| specs.iter().any(|spec| {
            let (first, last) = spec.split_once('-').unwrap();
            match (first.parse::<u64>(), last.parse::<u64>()) {
                (Err(_), Ok(size)) => at + size >= length,
                (Ok(first), Ok(last)) => (first..=last).contains(&at),
                (Ok(first), Err(_)) => first <= at,
                _ => false,
            }
        });
        let ranges = match range::parse(format!("bytes={}", specs.join(",")).as_bytes(), length) {
            Selection::Whole => { prop_assert_eq!(length, 0); vec![] }
            Selection::Unsatisfiable => vec![],
            Selection::One(range) => vec![range],
            Selection::Many(ranges) => { prop_assert!(ranges.len() > 1); ranges }
        };
        prop_assert!(ranges.iter().all(|range| range.first <= range.last && range.last < length));
        for at in 0..length {
            let times = ranges.iter().filter(|range| (range.first..=range.last).contains(&at)).count();
            prop_assert_eq!(times, usize::from(asked(at)), "byte {}", at);
        }
    }
}
