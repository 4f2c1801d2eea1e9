//! The record of a conversation: what passed, as a dump with its time and direction.
//!
//! ```text
//! # 14:03:05.123456Z > 127.0.0.1:9000 6 bytes
//! > 00000000: 6865 6c6c 6f0a                           hello.
//! ```
//!
//! A row without its first two characters is one of `xxd`'s: `sed -n 's/^> //p' record | xxd -r` gives what was sent,
//! and with `<` what came. Offsets count each direction of each conversation by itself, from 0.

use std::cell::Cell;
use std::fmt::{self, Write as _};
use std::rc::Rc;
use std::time::Duration;

use crate::base::{clock, printable};

/// Which way bytes passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// To the peer.
    Sent,
    /// From the peer.
    Received,
}

/// Where a record is kept: is called with pieces of it, each whole rows.
pub type Record = Rc<dyn Fn(&str)>;

/// One direction of a conversation that is recorded.
pub(super) struct Recorder {
    record: Record,
    direction: Direction,
    peer: String,
    offset: Cell<u64>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recorder({:?})", self.direction)
    }
}

impl Recorder {
    pub(super) fn new(record: &Record, direction: Direction, peer: &str) -> Self {
        Self {
            record: Rc::clone(record),
            direction,
            peer: printable(peer).into_owned(),
            offset: Cell::new(0),
        }
    }

    /// Keeps what passes now.
    pub(super) fn keep(&self, data: &[u8]) {
        let now = Duration::from_micros(clock::microseconds());
        let mark = match self.direction {
            Direction::Sent => '>',
            Direction::Received => '<',
        };
        let bytes = data.len();
        let head = format!("# {} {mark} {} {bytes} bytes\n", time(now), self.peer);
        (self.record)(&head);
        // However much passes at once, the text of it stays small.
        for piece in data.chunks(PIECE_BYTES) {
            (self.record)(&dump(mark, self.offset.get(), piece));
            self.offset.set(self.offset.get() + piece.len() as u64);
        }
    }
}

/// Rows of `xxd`, each after its mark.
fn dump(mark: char, mut offset: u64, data: &[u8]) -> String {
    let mut text = String::with_capacity(data.len() * 5);
    for row in data.chunks(ROW_BYTES) {
        let mut hex = String::with_capacity(HEX_COLUMNS);
        for pair in row.chunks(2) {
            for byte in pair {
                let _ = write!(hex, "{byte:02x}");
            }
            hex.push(' ');
        }
        let shown: String = row.iter().map(|&byte| shown(byte)).collect();
        let _ = writeln!(text, "{mark} {offset:08x}: {hex:HEX_COLUMNS$} {shown}");
        offset += row.len() as u64;
    }
    text
}

fn shown(byte: u8) -> char {
    match byte {
        b' '..=b'~' => byte.into(),
        _ => '.',
    }
}

/// The time of day in UTC.
fn time(since_epoch: Duration) -> String {
    let (seconds, micros) = (since_epoch.as_secs(), since_epoch.subsec_micros());
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// As many bytes as a row of `xxd` has.
const ROW_BYTES: usize = 16;
/// Four digits and a blank for every two bytes.
const HEX_COLUMNS: usize = ROW_BYTES / 2 * 5;
/// Bytes whose rows are made at once.
const PIECE_BYTES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::{Direction, Record, Recorder, dump, time};
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;

    #[test]
    fn a_row_is_one_of_xxd_after_its_mark() {
        assert_eq!(
            dump('>', 0x10, b"hello\n\x00\xff and so on"),
            "> 00000010: 6865 6c6c 6f0a 00ff 2061 6e64 2073 6f20  hello... and so \n\
             > 00000020: 6f6e                                     on\n"
        );
        assert_eq!(
            dump('<', 0, b"abc"),
            "< 00000000: 6162 63                                  abc\n"
        );
    }

    #[test]
    fn offsets_go_on_however_much_passes_at_once() {
        let kept = Rc::new(RefCell::new(Vec::new()));
        let record: Record = {
            let kept = Rc::clone(&kept);
            Rc::new(move |text: &str| kept.borrow_mut().push(text.to_owned()))
        };
        let recorder = Recorder::new(&record, Direction::Received, "a\x1b:1");
        recorder.keep(&[b'x'; 100_000]);
        recorder.keep(b"end");
        let kept = kept.borrow();
        assert!(
            kept.iter().all(|text| text.len() < 100_000),
            "it is made in pieces"
        );
        let rows: Vec<&str> = kept.iter().flat_map(|text| text.lines()).collect();
        assert!(
            rows[0].ends_with("< a\u{fffd}:1 100000 bytes"),
            "{}",
            rows[0]
        );
        assert_eq!(rows.last().unwrap().split(' ').nth(1), Some("000186a0:"));
    }

    #[test]
    fn the_time_is_of_the_day() {
        let at = Duration::from_micros(((3 * 24 + 14) * 3600 + 3 * 60 + 5) * 1_000_000 + 123);
        assert_eq!(time(at), "14:03:05.000123Z");
    }
}
