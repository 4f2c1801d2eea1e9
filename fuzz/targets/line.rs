//! Fuzz target: lines are the same however the bytes are cut, and within their limit.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use bytes::BytesMut;
use landline_wire::line::{Line, LineDecoder};

const LIMIT: usize = 16;

pub(crate) fn run(data: &[u8]) {
    let whole = lines(data, data.len().max(1));
    for step in [1, 3, 7] {
        assert_eq!(whole, lines(data, step));
    }
    for line in &whole {
        assert!(!matches!(line, Line::Whole(line) if line.len() > LIMIT || line.contains(&b'\n')));
    }
    partial(data);
}

fn lines(data: &[u8], step: usize) -> Vec<Line> {
    let mut decoder = LineDecoder::new(LIMIT);
    let mut buffer = BytesMut::new();
    let mut lines = Vec::new();
    for chunk in data.chunks(step) {
        buffer.extend_from_slice(chunk);
        while let Some(line) = decoder.decode(&mut buffer) {
            lines.push(line);
        }
        assert!(buffer.len() <= LIMIT + 1);
    }
    lines.extend(decoder.take_rest(&mut buffer));
    lines
}

/// What is taken of an unfinished line and what stays make up the whole, cut between characters.
fn partial(data: &[u8]) {
    let mut decoder = LineDecoder::new(data.len());
    let mut buffer = BytesMut::from(data);
    while decoder.decode(&mut buffer).is_some() {}
    let before = buffer.clone();
    let taken = decoder.take_partial(&mut buffer).unwrap_or_default();
    assert!(buffer.len() <= 3);
    assert_eq!([&taken[..], &buffer[..]].concat(), before);
    if str::from_utf8(&before).is_ok() {
        assert!(str::from_utf8(&taken).is_ok());
    }
}
