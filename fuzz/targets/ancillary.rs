//! Fuzz target: any bytes are a control buffer; nothing in it is made up, and it is the same wherever it lies.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use std::time::SystemTime;

use landline_socket::{Ancillary, ancillary_length, ancillary_space};

pub(crate) fn run(data: &[u8]) {
    let all = Ancillary::decode(data);
    let least: usize = all
        .iter()
        .map(|one| ancillary_length(least_bytes(one)))
        .sum();
    assert!(least <= data.len(), "more than there is: {all:?}");
    for one in &all {
        check(one);
    }
    let whole: Vec<_> = all.iter().map(|one| format!("{one:?}")).collect();
    // At another place in memory, and cut short: the same, but for the last.
    let moved = [&[0; 3], data].concat();
    let again: Vec<_> = Ancillary::decode(&moved[3..])
        .iter()
        .map(|one| format!("{one:?}"))
        .collect();
    assert_eq!(whole, again);
    let short: Vec<_> = Ancillary::decode(&data[..data.len() / 2])
        .iter()
        .map(|one| format!("{one:?}"))
        .collect();
    assert!(short.len() <= whole.len());
    let same = short.len().saturating_sub(1);
    assert_eq!(short[..same], whole[..same]);
    // One message by itself.
    if let Some((head, rest)) = data.split_first_chunk::<2>() {
        check(&Ancillary::from_bytes(head[0].into(), head[1].into(), rest));
    }
    let bytes = data.len();
    assert!(ancillary_length(bytes) <= ancillary_space(bytes));
}

/// How many bytes at least a message of this kind has.
fn least_bytes(one: &Ancillary) -> usize {
    match one {
        Ancillary::Other { data, .. } => data.len(),
        Ancillary::TypeOfService(_) => 1,
        Ancillary::TimeToLive(_) | Ancillary::HopLimit(_) | Ancillary::TrafficClass(_) => 4,
        Ancillary::SegmentSize(_) => 4,
        Ancillary::Credentials(_) | Ancillary::PacketInfo(_) => 12,
        Ancillary::Timestamp(_) | Ancillary::ErrorQueue(_) => 16,
        Ancillary::PacketInfo6(_) => 20,
        Ancillary::Timestamping(_) => 48,
        _ => 0,
    }
}

fn check(one: &Ancillary) {
    match one {
        Ancillary::Rights(_) | Ancillary::Process(_) => panic!("a descriptor out of bytes"),
        Ancillary::SegmentSize(size) => assert!(*size > 0),
        Ancillary::Timestamp(time) => assert!(*time >= SystemTime::UNIX_EPOCH),
        Ancillary::ErrorQueue(error) => assert!((0..256).contains(&error.origin.as_raw())),
        _ => {}
    }
}
