//! Fuzz target: a body gives the same data, end and fault however the stream is cut, within its limits.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use landline_wire::http::{BodyDecoder, BodyFraming, BodyLimits, Fault};

pub(crate) fn run(data: &[u8]) {
    let small = BodyLimits {
        body_bytes: 100,
        extension_bytes: 20,
        trailer_bytes: 40,
    };
    for limits in [BodyLimits::default(), small] {
        for framing in [
            BodyFraming::Chunked,
            BodyFraming::Length(data.first().map_or(0, |&byte| byte.into())),
        ] {
            let whole = decode(framing, &limits, data, data.len().max(1));
            for step in [1, 3, 16] {
                assert_eq!(whole, decode(framing, &limits, data, step));
            }
            if let Ok(body) = whole {
                assert!(body.data.len() as u64 <= limits.body_bytes);
                assert!(body.consumed <= data.len());
                assert!(body.done || body.consumed == data.len());
            }
        }
    }
}

#[derive(Debug, PartialEq)]
struct Body {
    data: Vec<u8>,
    consumed: usize,
    done: bool,
}

fn decode(
    framing: BodyFraming,
    limits: &BodyLimits,
    input: &[u8],
    step: usize,
) -> Result<Body, Fault> {
    let mut decoder = BodyDecoder::new(framing, limits)?;
    let mut body = Body {
        data: Vec::new(),
        consumed: 0,
        done: decoder.is_done(),
    };
    for mut piece in input.chunks(step) {
        while !body.done && !piece.is_empty() {
            let found = decoder.step(piece)?;
            assert!(found.consumed > 0);
            body.data.extend_from_slice(found.data);
            body.consumed += found.consumed;
            body.done = found.done;
            piece = &piece[found.consumed..];
        }
    }
    assert_eq!(decoder.received_bytes(), body.data.len() as u64);
    assert_eq!(decoder.is_done(), body.done);
    Ok(body)
}
