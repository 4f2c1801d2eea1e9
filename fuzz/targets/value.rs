//! Fuzz target: values of JSON and CBOR are refused, or read, written and read as the same.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use std::collections::BTreeMap;
use std::fmt::Debug;

use landline_wire::codec::Fault;
use landline_wire::value::{ValueFormat, dump, load};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

/// The first byte says the format, the others are the value.
pub(crate) fn run(data: &[u8]) {
    let Some((&first, data)) = data.split_first() else {
        return;
    };
    let format = match first % 2 {
        0 => ValueFormat::Json,
        _ => ValueFormat::Cbor,
    };
    read::<serde_json::Value>(format, data);
    read::<BTreeMap<String, Option<Vec<(u8, String)>>>>(format, data);
    read::<Result<(i128, char), [Option<bool>; 2]>>(format, data);
    read::<Vec<u8>>(format, data);
    let _ = load::<IgnoredAny>(format, data);
}

fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(format: ValueFormat, data: &[u8]) {
    match load::<T>(format, data) {
        Ok(value) => {
            let again = dump(format, &value).expect("what is read can be written");
            assert_eq!(load(format, &again), Ok(value));
        }
        Err(fault) => assert!(matches!(fault, Fault::Value(_))),
    }
}
