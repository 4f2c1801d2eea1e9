//! Values: as they were sent, and nothing that a stranger sends overflows, reserves or passes for another.

use std::collections::BTreeMap;
use std::fmt::Debug;

use bytes::BytesMut;
use landline_wire::codec::{Codec, Fault};
use landline_wire::frame::{FrameFormat, Frames};
use landline_wire::limits::VALUE_DEPTH;
use landline_wire::value::{ValueFormat, Values, dump, load};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::chunks::{chunks, messages};

const BOTH: [ValueFormat; 2] = [ValueFormat::Json, ValueFormat::Cbor];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Message {
    Ping,
    Say { who: String, text: Option<String> },
    Numbers(Vec<i64>, Vec<f64>),
    Bytes(Vec<u8>),
    Map(BTreeMap<String, u128>),
    Nested(Vec<Message>),
    Unit(()),
    Pair((u8, char), bool),
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().filter(|digit| !digit.is_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&String::from_iter(pair), 16).unwrap())
        .collect()
}

fn refused<T: DeserializeOwned + Debug>(format: ValueFormat, bytes: &[u8]) -> String {
    match load::<T>(format, bytes) {
        Err(Fault::Value(why)) => why,
        other => panic!("{:x?} gave {other:?}", &bytes[..bytes.len().min(40)]),
    }
}

/// RFC 8949, appendix A: what others write.
#[test]
fn rfc8949_appendix_a_examples_are_read() {
    fn reads<T: DeserializeOwned + PartialEq + Debug>(hex: &str, value: T) {
        assert_eq!(load(ValueFormat::Cbor, &bytes(hex)), Ok(value), "{hex}");
    }
    reads("00", 0u8);
    reads("1818", 24u8);
    reads("1bffffffffffffffff", u64::MAX);
    reads("c249010000000000000000", 1u128 << 64);
    reads("3bffffffffffffffff", -1i128 - i128::from(u64::MAX));
    reads("3903e7", -1000i32);
    reads("f93c00", 1.0f64);
    reads("f93e00", 1.5f32);
    reads("f90001", 5.960_464_477_539_063e-8_f64);
    reads("fa47c35000", 100_000.0f64);
    reads("fb3ff199999999999a", 1.1f64);
    reads("f97c00", f64::INFINITY);
    reads("f4", false);
    reads("f6", None::<u8>);
    reads("f7", None::<u8>);
    reads("6449455446", "IETF".to_owned());
    reads("4401020304", vec![1u8, 2, 3, 4]);
    reads("8301820203820405", (1u8, [2u8, 3], [4u8, 5]));
    reads(
        "a26161016162820203",
        BTreeMap::from([
            ("a".to_owned(), Both::One(1)),
            ("b".to_owned(), Both::Many(vec![2, 3])),
        ]),
    );
    // Of indefinite length.
    reads("7f657374726561646d696e67ff", "streaming".to_owned());
    reads("5f42010243030405ff", vec![1u8, 2, 3, 4, 5]);
    reads(
        "9f018202039f0405ffff",
        vec![Both::One(1), Both::Many(vec![2, 3]), Both::Many(vec![4, 5])],
    );
    reads(
        "bf6346756ef563416d7421ff",
        BTreeMap::from([
            ("Fun".to_owned(), Loose::Flag(true)),
            ("Amt".to_owned(), Loose::Number(-2)),
        ]),
    );
    // Tagged: the tag says more than the type asks for.
    reads(
        "c074323031332d30332d32315432303a30343a30305a",
        "2013-03-21T20:04:00Z".to_owned(),
    );
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Both {
    One(u8),
    Many(Vec<u8>),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Loose {
    Flag(bool),
    Number(i64),
}

#[test]
fn values_are_written_as_others_expect_them() {
    let value = BTreeMap::from([("a", Some(1.5)), ("b", None)]);
    assert_eq!(
        dump(ValueFormat::Json, &value).unwrap(),
        br#"{"a":1.5,"b":null}"#
    );
    // The shortest form of each number, section 4.1.
    assert_eq!(
        hex(&dump(ValueFormat::Cbor, &value).unwrap()),
        "a26161f93e006162f6"
    );
    let nothing = serde_json::Value::Null;
    assert_eq!(hex(&dump(ValueFormat::Cbor, &nothing).unwrap()), "f6");
    assert_eq!(
        hex(&dump(ValueFormat::Cbor, &Message::Ping).unwrap()),
        "6450696e67"
    );
}

/// RFC 8949, appendix F, and what else is no data item or more than one.
#[test]
fn rfc8949_appendix_f_what_is_not_well_formed_is_refused() {
    for (hex, why) in [
        ("", "more is announced than there is"),
        ("18", "more is announced than there is"),
        ("1b010203040506 07", "more is announced than there is"),
        ("41", "more is announced than there is"),
        (
            "5bffffffffffffffff010203",
            "more is announced than there is",
        ),
        ("5f4100", "more is announced than there is"),
        ("81", "more is announced than there is"),
        ("818181818181818181", "more is announced than there is"),
        ("a20102", "more is announced than there is"),
        ("9bffffffffffffffff", "more is announced than there is"),
        ("bbffffffffffffffff", "more is announced than there is"),
        ("9f0102", "more is announced than there is"),
        ("c0", "more is announced than there is"),
        ("1c", "a byte that has no meaning"),
        ("fe", "a byte that has no meaning"),
        ("f818", "a byte that has no meaning"),
        ("1f", "a byte that has no meaning"),
        ("df00", "a byte that has no meaning"),
        ("5f6100ff", "a string with something else in it"),
        ("5f5f4100ffff", "a string with something else in it"),
        ("7f4100ff", "a string with something else in it"),
        ("ff", "a break where nothing can end"),
        ("81ff", "a break where nothing can end"),
        ("bf00ff", "a break where nothing can end"),
        ("a1ff", "more is announced than there is"),
        ("a100ff", "a break where nothing can end"),
        ("c0ff", "a break where nothing can end"),
        ("0000", "bytes behind the value"),
        ("8000", "bytes behind the value"),
        ("9fff01", "bytes behind the value"),
    ] {
        let said = refused::<serde::de::IgnoredAny>(ValueFormat::Cbor, &bytes(hex));
        assert_eq!(said, why, "{hex}");
    }
}

#[test]
fn what_is_no_json_is_refused_with_the_place() {
    let why = refused::<Vec<u8>>(ValueFormat::Json, b"[1,2");
    assert_eq!(why, "EOF while parsing a list at line 1 column 4");
    refused::<Vec<u8>>(ValueFormat::Json, b"[1] []");
    refused::<u8>(ValueFormat::Json, b"");
    refused::<String>(ValueFormat::Json, b"\"\xff\"");
}

/// An array that is longer than its type must not be taken for what follows it.
#[test]
fn what_has_more_in_it_than_its_type_is_refused() {
    for format in BOTH {
        let more = |value: &dyn Fn() -> Vec<u8>| value();
        let three = more(&|| dump(format, &(1, 2, 3)).unwrap());
        refused::<(u8, u8)>(format, &three);
        let inner = more(&|| dump(format, &vec![vec![1, 2, 3], vec![4, 5]]).unwrap());
        refused::<Vec<(u8, u8)>>(format, &inner);
        refused::<(u8, u8, u8, u8)>(format, &three);
        let unit = more(&|| dump(format, &BTreeMap::from([("Ping", 5)])).unwrap());
        refused::<Message>(format, &unit);
    }
}

/// Nor may one without a length: its break is its own.
#[test]
fn a_list_up_to_a_break_is_as_long_as_its_type_or_refused() {
    type Pairs = Vec<(u8, u8)>;
    let read = |hex: &str| load::<Pairs>(ValueFormat::Cbor, &bytes(hex));
    for good in [
        "9f 820102 820304 ff",
        "82 9f0102ff 9f0304ff",
        "9f 9f0102ff 9f0304ff ff",
    ] {
        assert_eq!(read(good), Ok(vec![(1, 2), (3, 4)]), "{good}");
    }
    assert_eq!(load(ValueFormat::Cbor, &bytes("9f0102ff")), Ok((1u8, 2u8)));
    for bad in [
        "9f 830102820304 820506 ff",
        "9f 9f0102820304ff 820506 ff",
        "9f 9f010203ff 820405 ff",
        "9f 9f01ff ff",
        "9f 9f0102ff ff ff",
    ] {
        refused::<Pairs>(ValueFormat::Cbor, &bytes(bad));
    }
    // Every form of the length that stands in the place of a break.
    for count in [0, 1, 23, 24, 255, 256, 65_535, 65_536] {
        let list = [vec![0x9f], vec![0; count], vec![0xff]].concat();
        assert_eq!(load(ValueFormat::Cbor, &list), Ok(vec![0u8; count]));
        let pair = [bytes("82"), list.clone(), list].concat();
        let both = (vec![0u8; count], vec![0u8; count]);
        assert_eq!(load(ValueFormat::Cbor, &pair), Ok(both));
    }
}

#[test]
fn the_reason_is_the_types_own() {
    #[derive(Debug, Deserialize)]
    struct Point {
        #[expect(dead_code, reason = "only asked for")]
        x: i32,
    }
    for format in BOTH {
        let why = refused::<Point>(format, &dump(format, &BTreeMap::from([("y", 1)])).unwrap());
        assert!(why.starts_with("missing field `x`"), "{why}");
    }
}

/// How many more items are promised to whoever reads a list: by that much is room made.
#[derive(Debug)]
struct Promise(Option<usize>);

impl<'de> Deserialize<'de> for Promise {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> serde::de::Visitor<'de> for Reader {
            type Value = Promise;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> Result<Promise, A::Error> {
                let promise = Promise(list.size_hint());
                while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                Ok(promise)
            }
        }
        deserializer.deserialize_seq(Reader)
    }
}

#[test]
fn no_room_is_made_for_what_is_only_announced() {
    let read = |hex: &str| load::<Vec<Promise>>(ValueFormat::Cbor, &bytes(hex));
    let promises = read("82 83010203 9b0000000000000002 0102").unwrap();
    assert!(
        matches!(promises[..], [Promise(Some(3)), Promise(Some(2))]),
        "{promises:?}"
    );
    // Were these read up to where they end, room for a million of each level would have been made before.
    struct Untouched;
    impl<'de> Deserialize<'de> for Untouched {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            panic!("what is not all there is handed on");
        }
    }
    for announced in [
        "9a00100000 01",
        "ba00100000 0101",
        "82 9a00100000 01",
        "7a00100000 61",
        "5f 5a00100000 61",
    ] {
        let outcome = load::<Untouched>(ValueFormat::Cbor, &bytes(announced));
        assert!(matches!(outcome, Err(Fault::Value(_))), "{announced}");
    }
}

/// Recurses as deep as it is told to by whoever sends it, in lists, maps and tags.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Anything {
    List(Vec<Anything>),
    Map(BTreeMap<String, Anything>),
    Number(i64),
}

#[derive(Debug, Deserialize)]
struct Tree(#[expect(dead_code, reason = "only read")] Vec<Tree>);

#[test]
fn depth_is_limited_and_the_stack_holds_it() {
    let lists = |format: ValueFormat, depth: usize| match format {
        ValueFormat::Json => ["[".repeat(depth), "]".repeat(depth)].concat().into_bytes(),
        ValueFormat::Cbor => [vec![0x81; depth - 1], vec![0x80]].concat(),
    };
    for format in BOTH {
        let deepest = lists(format, VALUE_DEPTH);
        load::<Tree>(format, &deepest).unwrap();
        load::<Anything>(format, &deepest).unwrap();
        load::<serde::de::IgnoredAny>(format, &deepest).unwrap();
        load::<serde_json::Value>(format, &deepest).unwrap();
        for depth in [VALUE_DEPTH + 1, 1000, 1_000_000] {
            refused::<Tree>(format, &lists(format, depth));
            refused::<Anything>(format, &lists(format, depth));
            refused::<serde_json::Value>(format, &lists(format, depth));
        }
    }
    for begin in ["81", "9f", "a100", "bf00", "c0", "d818", "da00010000"] {
        let deep = [bytes(begin).repeat(100_000), vec![0]].concat();
        assert_eq!(
            refused::<serde_json::Value>(ValueFormat::Cbor, &deep),
            "nested too deeply"
        );
    }
    // What skips a field that it does not know is limited too: serde_json does that without recursion.
    let deep = [
        br#"{"a":"#.to_vec(),
        lists(ValueFormat::Json, 1_000_000),
        b"}".to_vec(),
    ]
    .concat();
    #[derive(Debug, Deserialize)]
    struct Empty {}
    let _ = load::<Empty>(ValueFormat::Json, &deep);
}

fn value_of(depth: u32) -> impl Strategy<Value = Message> {
    let leaf = prop_oneof![
        Just(Message::Ping),
        ("\\PC{0,8}", proptest::option::of("\\PC{0,8}"))
            .prop_map(|(who, text)| Message::Say { who, text }),
        (
            proptest::collection::vec(any::<i64>(), 0..4),
            proptest::collection::vec(
                proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL,
                0..4
            )
        )
            .prop_map(|(whole, broken)| Message::Numbers(whole, broken)),
        proptest::collection::vec(any::<u8>(), 0..16).prop_map(Message::Bytes),
        proptest::collection::btree_map("[a-z]{0,4}", any::<u128>(), 0..4).prop_map(Message::Map),
        Just(Message::Unit(())),
        (any::<(u8, char)>(), any::<bool>()).prop_map(|(pair, flag)| Message::Pair(pair, flag)),
    ];
    leaf.prop_recursive(depth, 24, 4, |inner| {
        proptest::collection::vec(inner, 0..4).prop_map(Message::Nested)
    })
}

proptest! {
    #[test]
    fn what_is_sent_is_received_in_any_chunking(
        format in proptest::sample::select(&BOTH[..]),
        sent in proptest::collection::vec(value_of(4), 0..4),
        cuts in proptest::collection::vec(0usize..400, 0..8),
    ) {
        let mut values = Values::<Message>::new(format, Frames::new(FrameFormat::Varint, 1 << 16));
        let mut buffer = BytesMut::new();
        for value in &sent {
            values.encode(value, &mut buffer).unwrap();
        }
        let came = messages(values, &chunks(&buffer, &cuts), usize::MAX);
        prop_assert_eq!(came, sent.into_iter().map(Ok).collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        for format in BOTH {
            let _ = load::<Message>(format, &bytes);
            let _ = load::<Anything>(format, &bytes);
            let _ = load::<serde_json::Value>(format, &bytes);
        }
    }

    /// What is read is written again, and read as the same.
    #[test]
    fn what_is_read_can_be_written(bytes in proptest::collection::vec(prop_oneof![0x60u8..0x64, 0x80u8..0x84, 0xA0u8..0xA3, any::<u8>()], 0..12)) {
        if let Ok(value) = load::<serde_json::Value>(ValueFormat::Cbor, &bytes) {
            let again = dump(ValueFormat::Cbor, &value).unwrap();
            prop_assert_eq!(load::<serde_json::Value>(ValueFormat::Cbor, &again), Ok(value));
        }
    }
}

#[test]
fn a_frame_that_is_no_value_does_not_end_the_stream() {
    let frames = Frames::new(FrameFormat::U8, 100);
    let mut buffer = BytesMut::from(&b"\x04true\x03yes\x05false"[..]);
    let mut values = Values::<bool>::json(frames);
    assert_eq!(values.decode(&mut buffer), Ok(Some(true)));
    let fault = values.decode(&mut buffer).unwrap_err();
    assert!(matches!(&fault, Fault::Value(_)) && !fault.is_final());
    assert_eq!(values.decode(&mut buffer), Ok(Some(false)));
    buffer.extend_from_slice(b"\x04tr");
    assert_eq!(values.decode(&mut buffer), Ok(None));
    let cut = Fault::Cut {
        came: 3,
        whole: Some(5),
    };
    assert_eq!(values.end(&mut buffer), Err(cut));
}

#[test]
fn a_value_that_exceeds_the_limit_or_the_format_is_not_written() {
    let mut buffer = BytesMut::new();
    let mut text = Values::<String>::cbor(Frames::new(FrameFormat::U8, 4));
    assert_eq!(
        text.encode(&"four".to_owned(), &mut buffer),
        Err(Fault::FrameTooLong {
            length: 5,
            limit: 4
        })
    );
    // JSON's keys are text.
    let mut map = Values::<BTreeMap<Vec<u8>, u8>>::json(Frames::new(FrameFormat::U8, 100));
    let keys = BTreeMap::from([(vec![1], 1)]);
    assert!(matches!(
        map.encode(&keys, &mut buffer),
        Err(Fault::Value(_))
    ));
    assert!(buffer.is_empty());
}
