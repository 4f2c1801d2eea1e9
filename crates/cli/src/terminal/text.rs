//! What a peer sent, as text that may stand on a terminal, however it was cut.

use std::mem::take;

use landline_tools::base::printable;

/// Takes bytes, and gives text of lines and tabs in which nothing else acts.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// The beginning of a character, or a CR, of which the rest has not come.
    cut: Vec<u8>,
}

impl Text {
    /// The text so far; what may go on in the next bytes waits for them. A line's end is LF, a CR before it is dropped.
    pub(super) fn take(&mut self, bytes: &[u8]) -> String {
        let mut all = take(&mut self.cut);
        all.extend_from_slice(bytes);
        let waiting = match all.last() {
            Some(b'\r') => 1,
            _ => all
                .utf8_chunks()
                .last()
                .map_or(0, |last| unfinished(last.invalid())),
        };
        self.cut = all.split_off(all.len() - waiting);
        legible(&all)
    }

    /// What waited for bytes that do not come any more.
    pub(super) fn rest(&mut self) -> String {
        legible(&take(&mut self.cut))
    }
}

/// How many bytes of what is not UTF-8 may be the beginning of a character.
fn unfinished(invalid: &[u8]) -> usize {
    match str::from_utf8(invalid) {
        Err(error) if error.error_len().is_none() => invalid.len() - error.valid_up_to(),
        _ => 0,
    }
}

fn legible(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let mut legible = String::with_capacity(text.len());
    for piece in text.split_inclusive(['\n', '\t']) {
        let (words, layout) = match piece.strip_suffix(['\n', '\t']) {
            Some(words) => (words, &piece[words.len()..]),
            None => (piece, ""),
        };
        legible += &printable(words);
        legible += layout;
    }
    legible
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn lines_and_tabs_are_layout_and_nothing_else_acts() {
        let mut text = Text::default();
        assert_eq!(
            text.take(b"a\tb\r\nc\rd\x1b[2J\x07\x9b\n\xe2\x80\xae"),
            "a\tb\nc\u{fffd}d\u{fffd}[2J\u{fffd}\u{fffd}\n\u{fffd}"
        );
    }

    #[test]
    fn any_cut_gives_the_same_text() {
        let bytes = "é\r\n世\r\r\n👩\u{feff}\n".as_bytes();
        let bytes = [bytes, b"\xff\xe4\xb8x\xf0\x9f\x91"].concat();
        let whole = {
            let mut text = Text::default();
            text.take(&bytes) + &text.rest()
        };
        assert_eq!(
            whole,
            "é\n世\u{fffd}\n👩\u{fffd}\n\u{fffd}\u{fffd}x\u{fffd}"
        );
        for step in 1..bytes.len() {
            let mut text = Text::default();
            let cut: String = bytes.chunks(step).map(|chunk| text.take(chunk)).collect();
            assert_eq!(cut + &text.rest(), whole, "in steps of {step}");
        }
    }
}
