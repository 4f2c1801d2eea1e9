//! Fuzz target: frames are the same however the bytes are cut, within their limit, and say how they were cut short.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use bytes::BytesMut;
use landline_wire::codec::{Codec as _, Fault};
use landline_wire::frame::{FrameFormat, Frames};

const LIMIT: usize = 200;

/// The first byte says the format, the others are the stream.
pub(crate) fn run(data: &[u8]) {
    let Some((&first, data)) = data.split_first() else {
        return;
    };
    let formats = FrameFormat::ALL;
    let format = formats[usize::from(first) % formats.len()];
    let (whole, fault) = frames(format, data, data.len().max(1));
    for step in [1, 3, 64] {
        let (cut_whole, cut_fault) = frames(format, data, step);
        assert_eq!((&whole, &fault), (&cut_whole, &cut_fault));
    }
    assert!(whole.iter().all(|payload| payload.len() <= LIMIT));

    // What was understood was in its only form: sent again it is the same bytes, and what is left is what was not.
    let mut again = BytesMut::new();
    for payload in &whole {
        Frames::new(format, LIMIT)
            .encode(payload, &mut again)
            .expect("it is within the limit");
    }
    let rest = data.strip_prefix(&again[..]).expect("the same bytes");
    match fault {
        None => assert!(rest.is_empty()),
        Some(Fault::Cut { came, whole }) => {
            assert_eq!(came, rest.len() as u64);
            assert!(whole.is_none_or(|whole| came < whole));
        }
        Some(fault) => assert!(fault.is_final() && !rest.is_empty()),
    }
}

/// All whole frames, and why there are no more, if that is not the end.
fn frames(format: FrameFormat, data: &[u8], step: usize) -> (Vec<Vec<u8>>, Option<Fault>) {
    let mut codec = Frames::new(format, LIMIT);
    let mut buffer = BytesMut::new();
    let mut payloads = Vec::new();
    for chunk in data.chunks(step) {
        buffer.extend_from_slice(chunk);
        loop {
            match codec.decode(&mut buffer) {
                Ok(Some(payload)) => payloads.push(payload),
                Ok(None) => break,
                Err(fault) => return (payloads, Some(fault)),
            }
        }
        assert!(buffer.len() < LIMIT + 10, "no more than a frame waits");
    }
    (payloads, codec.end(&mut buffer).err())
}
