//! What a terminal sends when a key is pressed, however its bytes are cut.

/// A key, by what it does to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Text(char),
    Enter,
    /// Ctrl-D: the end, on an empty line; else what Delete does.
    EndOrDelete,
    Backspace,
    Delete,
    Left,
    Right,
    WordLeft,
    WordRight,
    Start,
    End,
    Earlier,
    Later,
    EraseWord,
    EraseToStart,
    EraseToEnd,
    Redraw,
}

/// Takes a terminal's bytes, and gives keys.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The beginning of a sequence or of a character.
    begun: Vec<u8>,
    /// The last key was a CR: an LF that follows is the same key.
    after_cr: bool,
}

impl Keys {
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Key> {
        self.begun.extend_from_slice(bytes);
        let (mut keys, mut at) = (Vec::new(), 0);
        while let Some((key, length)) = read(&self.begun[at..]) {
            let same = self.after_cr && self.begun[at] == b'\n';
            self.after_cr = self.begun[at] == b'\r';
            keys.extend(key.filter(|_| !same));
            at += length;
        }
        self.begun.drain(..at);
        keys
    }
}

/// The first key, or nothing that means one, and how many bytes it has; `None` until there are more.
fn read(bytes: &[u8]) -> Option<(Option<Key>, usize)> {
    let key = match *bytes.first()? {
        b'\x1b' => return sequence(bytes),
        b'\r' | b'\n' => Key::Enter,
        b'\t' => Key::Text('\t'),
        b'\x7f' | b'\x08' => Key::Backspace,
        0x00..=0x1f => return Some((control(bytes[0]), 1)),
        _ => return character(bytes),
    };
    Some((Some(key), 1))
}

/// What Ctrl and a letter do, as in a shell.
fn control(byte: u8) -> Option<Key> {
    Some(match byte + b'@' {
        b'A' => Key::Start,
        b'B' => Key::Left,
        b'D' => Key::EndOrDelete,
        b'E' => Key::End,
        b'F' => Key::Right,
        b'K' => Key::EraseToEnd,
        b'L' => Key::Redraw,
        b'N' => Key::Later,
        b'P' => Key::Earlier,
        b'U' => Key::EraseToStart,
        b'W' => Key::EraseWord,
        _ => return None,
    })
}

/// A character of UTF-8, or a byte that is none.
fn character(bytes: &[u8]) -> Option<(Option<Key>, usize)> {
    let tried = &bytes[..bytes.len().min(4)];
    let valid = match str::from_utf8(tried) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            str::from_utf8(&tried[..error.valid_up_to()]).unwrap_or_default()
        }
        // Cut in two: the rest is on its way.
        Err(error) if error.error_len().is_none() => return None,
        Err(_) => return Some((Some(Key::Text(escape(bytes[0]))), 1)),
    };
    let c = valid.chars().next()?;
    // C1 controls are no keys that anybody presses, and act.
    let key = (!c.is_control()).then_some(Key::Text(c));
    Some((key, c.len_utf8()))
}

/// An escape sequence (ECMA-48, section 5.4, and what terminals send for Alt and for keypads).
fn sequence(bytes: &[u8]) -> Option<(Option<Key>, usize)> {
    let second = *bytes.get(1)?;
    match second {
        b'[' => {
            let end = bytes[2..]
                .iter()
                .position(|byte| !(0x20..=0x3f).contains(byte));
            match end {
                Some(end) => Some((csi(&bytes[2..2 + end], bytes[2 + end]), end + 3)),
                // No key has so many parameters.
                None if bytes.len() > SEQUENCE_BYTES => Some((None, bytes.len())),
                None => None,
            }
        }
        b'O' => Some((csi(b"", *bytes.get(2)?), 3)),
        b'b' => Some((Some(Key::WordLeft), 2)),
        b'f' => Some((Some(Key::WordRight), 2)),
        b'\x7f' | b'\x08' => Some((Some(Key::EraseWord), 2)),
        // Escape itself, and then another sequence.
        b'\x1b' => Some((None, 1)),
        _ => Some((None, 2)),
    }
}

fn csi(parameters: &[u8], last: u8) -> Option<Key> {
    let with_modifier = parameters.starts_with(b"1;");
    Some(match (last, parameters) {
        (b'C', _) if with_modifier => Key::WordRight,
        (b'D', _) if with_modifier => Key::WordLeft,
        (b'A', _) => Key::Earlier,
        (b'B', _) => Key::Later,
        (b'C', _) => Key::Right,
        (b'D', _) => Key::Left,
        (b'H', _) | (b'~', b"1" | b"7") => Key::Start,
        (b'F', _) | (b'~', b"4" | b"8") => Key::End,
        (b'~', b"3") => Key::Delete,
        _ => return None,
    })
}

/// A byte that is not UTF-8, kept among characters until [`bytes`] gives it back: Python's `surrogateescape`, with
/// private characters, which nobody types, where Python has surrogates.
fn escape(byte: u8) -> char {
    char::from_u32(ESCAPED + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The bytes that were typed.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 1);
    for c in text.chars() {
        match u32::from(c)
            .checked_sub(ESCAPED)
            .and_then(|byte| u8::try_from(byte).ok())
        {
            Some(byte @ 0x80..) => bytes.push(byte),
            _ => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// The last 256 code points of the last private plane.
const ESCAPED: u32 = 0x10_FF00;
/// More than any key sends.
const SEQUENCE_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::{Key, Keys, bytes};

    fn text(keys: &[Key]) -> String {
        let only = |key: &Key| match key {
            Key::Text(c) => Some(*c),
            _ => None,
        };
        keys.iter().filter_map(only).collect()
    }

    #[test]
    fn keys_are_the_same_however_their_bytes_are_cut() {
        let typed = "añ世👩\x1b[A\x1bOB\x1b[1;5C\x1b[3~\x1b\x7f\x01\r\nb\x1b[200~c\n".as_bytes();
        let whole = Keys::default().take(typed);
        assert_eq!(text(&whole), "añ世👩bc");
        let acting: Vec<&Key> = whole
            .iter()
            .filter(|key| !matches!(key, Key::Text(_)))
            .collect();
        assert_eq!(
            acting,
            [
                &Key::Earlier,
                &Key::Later,
                &Key::WordRight,
                &Key::Delete,
                &Key::EraseWord,
                &Key::Start,
                &Key::Enter,
                &Key::Enter
            ],
            "a CR and its LF are one key"
        );
        for step in 1..typed.len() {
            let mut keys = Keys::default();
            let cut: Vec<Key> = typed
                .chunks(step)
                .flat_map(|chunk| keys.take(chunk))
                .collect();
            assert_eq!(cut, whole, "in steps of {step}");
        }
    }

    #[test]
    fn what_is_not_utf8_comes_back_as_it_was_typed() {
        let typed = b"caf\xe9 \xff\xc3( \xe4\xb8";
        let mut keys = Keys::default();
        let mut line = text(&keys.take(typed));
        assert_eq!(bytes(&line), b"caf\xe9 \xff\xc3( ", "the last may go on");
        line += &text(&keys.take(b"!"));
        assert_eq!(bytes(&line), b"caf\xe9 \xff\xc3( \xe4\xb8!");
    }

    #[test]
    fn no_sequence_is_kept_for_ever() {
        let mut keys = Keys::default();
        assert_eq!(
            keys.take(&[b"\x1b["[..].to_vec(), vec![b'1'; 1000]].concat()),
            []
        );
        assert!(keys.begun.is_empty());
        assert_eq!(
            keys.take("\u{9b}".as_bytes()),
            [],
            "a C1 control is no text"
        );
    }
}
