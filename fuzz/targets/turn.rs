//! Fuzz target: whatever happens, a line leaves once, in order, in our turn, and what waits is bounded.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use bytes::Bytes;
use landline_wire::turn::{Heard, Holder, Step, Turn};

const LIMIT: usize = 16;

/// Each byte is something that happens: the low three bits say what, the rest is its detail.
pub(crate) fn run(data: &[u8]) {
    let mut turn = Turn::new(Holder::Them, LIMIT);
    let (mut taken, mut sent) = (Vec::new(), Vec::new());
    let mut finished = false;
    for (at, &byte) in data.iter().enumerate() {
        let before = turn.holder();
        match byte & 7 {
            0 | 1 => {
                let line = Bytes::copy_from_slice(
                    &data[at..data.len().min(at + 1 + usize::from(byte >> 5))],
                );
                let held = match byte & 0x18 {
                    0x18 => turn.hold_last(line.clone()),
                    _ => turn.hold(line.clone()),
                };
                if held.is_ok() {
                    taken.push(line);
                }
            }
            2 => {
                let heard =
                    turn.receive(&data[at..data.len().min(at + 1 + usize::from(byte >> 5))]);
                assert_eq!(heard == Heard::OutOfTurn, before == Holder::Us);
            }
            3 => drop(turn.receive(b"\n")),
            4 => assert!(!turn.quiet() || before == Holder::Them),
            5 => assert!(!turn.take() || before == Holder::Them),
            6 => turn.finish(),
            _ => turn.end(),
        }
        while let Some(step) = turn.next_step() {
            assert!(!finished, "nothing follows the end");
            match step {
                Step::Send(line) => sent.push(line),
                Step::Finish => finished = true,
            }
        }
        assert!(turn.holder() == Holder::Them || turn.unsent() == 0);
        assert_eq!(taken[..sent.len()], sent);
        assert_eq!(taken.len() - sent.len(), turn.unsent());
        let waiting: usize = taken[sent.len()..].iter().map(Bytes::len).sum();
        assert!(waiting <= LIMIT);
    }
}
