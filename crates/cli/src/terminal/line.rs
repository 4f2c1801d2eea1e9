//! A line while it is typed, and those that were typed before it.

use super::key::Key;
use super::width::{self, boundaries};

/// What a key made of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// It goes on.
    More,
    /// It is whole.
    Line(String),
    /// Nothing more is typed.
    End,
}

/// A line while it is typed.
#[derive(Debug, Default)]
pub(super) struct Line {
    text: String,
    /// Where in the text the cursor stands, in bytes.
    at: usize,
    history: Vec<String>,
    /// Which line of the history is shown, and what was typed before.
    shown: Option<(usize, String)>,
}

impl Line {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor.
    pub(super) fn before_cursor(&self) -> &str {
        &self.text[..self.at]
    }

    pub(super) fn press(&mut self, key: Key) -> Typed {
        match key {
            Key::Enter => return Typed::Line(self.finish()),
            Key::EndOrDelete if self.text.is_empty() => return Typed::End,
            Key::Text(_) if self.text.len() >= LINE_BYTES => {}
            Key::Text(c) => {
                self.text.insert(self.at, c);
                self.at += c.len_utf8();
            }
            Key::Left => self.at = self.left(),
            Key::Right => self.at = self.right(),
            Key::WordLeft => self.at = self.word_left(),
            Key::WordRight => self.at = self.word_right(),
            Key::Start => self.at = 0,
            Key::End => self.at = self.text.len(),
            Key::Backspace => self.erase(self.left(), self.at),
            Key::Delete | Key::EndOrDelete => self.erase(self.at, self.right()),
            Key::EraseWord => self.erase(self.word_left(), self.at),
            Key::EraseToStart => self.erase(0, self.at),
            Key::EraseToEnd => self.erase(self.at, self.text.len()),
            Key::Earlier => self.earlier(),
            Key::Later => self.later(),
            Key::Redraw => {}
        }
        Typed::More
    }

    fn finish(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        self.at = 0;
        self.shown = None;
        if !text.is_empty() && self.history.last() != Some(&text) {
            if self.history.len() == HISTORY_LINES {
                self.history.remove(0);
            }
            self.history.push(text.clone());
        }
        text
    }

    fn erase(&mut self, from: usize, to: usize) {
        self.text.drain(from..to);
        self.at = from;
    }

    fn left(&self) -> usize {
        boundaries(&self.text)
            .take_while(|&at| at < self.at)
            .last()
            .unwrap_or(0)
    }

    fn right(&self) -> usize {
        boundaries(&self.text)
            .find(|&at| at > self.at)
            .unwrap_or(self.text.len())
    }

    fn word_left(&self) -> usize {
        let before = self.before_cursor().trim_end();
        before
            .char_indices()
            .rfind(|(_, c)| c.is_whitespace())
            .map_or(0, |(at, c)| at + c.len_utf8())
    }

    fn word_right(&self) -> usize {
        let rest = &self.text[self.at..];
        let blank = rest.len() - rest.trim_start().len();
        let word = rest[blank..].find(char::is_whitespace);
        word.map_or(self.text.len(), |word| self.at + blank + word)
    }

    fn earlier(&mut self) {
        let next = self
            .shown
            .as_ref()
            .map_or(self.history.len(), |(at, _)| *at)
            .checked_sub(1);
        let Some(next) = next else { return };
        let typed = match self.shown.take() {
            Some((_, typed)) => typed,
            None => std::mem::take(&mut self.text),
        };
        self.show(self.history[next].clone());
        self.shown = Some((next, typed));
    }

    fn later(&mut self) {
        let Some((at, typed)) = self.shown.take() else {
            return;
        };
        match self.history.get(at + 1) {
            Some(line) => {
                self.show(line.clone());
                self.shown = Some((at + 1, typed));
            }
            None => self.show(typed),
        }
    }

    fn show(&mut self, text: String) {
        self.at = text.len();
        self.text = text;
    }

    /// How wide the whole line is, in cells.
    pub(super) fn cells(&self) -> usize {
        width::text(&self.text)
    }
}

/// Lines that are remembered, for as long as the process runs.
const HISTORY_LINES: usize = 1000;
/// Bytes of a line: more than anybody types, and pasting stays bounded.
const LINE_BYTES: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::super::key::Keys;
    use super::{Line, Typed};

    /// What a line is after these keys, with the cursor as a bar.
    fn after(line: &mut Line, typed: &str) -> String {
        for key in Keys::default().take(typed.as_bytes()) {
            line.press(key);
        }
        let (before, text) = (line.before_cursor(), line.text());
        format!("{before}|{}", &text[before.len()..])
    }

    #[test]
    fn a_line_is_edited_as_in_a_shell() {
        for (typed, shown) in [
            ("abc", "abc|"),
            ("abc\x1b[D\x1b[DX", "aX|bc"),
            ("abc\x01X\x05Y", "XabcY|"),
            ("ab\x7f\x7f\x7fc", "c|"),
            ("abc\x1b[D\x1b[3~", "ab|"),
            ("abc\x01\x04", "|bc"),
            ("one two  \x17", "one |"),
            ("one two\x1bb\x15", "|two"),
            ("one two\x01\x1bf\x0b", "one|"),
            ("é世\x1b[D\x7f", "|世"),
            // A letter and the accent that combines with it go together.
            ("ae\u{301}\x7f", "a|"),
            ("ae\u{301}\x1b[DX", "aX|e\u{301}"),
        ] {
            assert_eq!(after(&mut Line::default(), typed), shown, "{typed:?}");
        }
    }

    #[test]
    fn history_goes_back_and_comes_back_to_what_was_typed() {
        let mut line = Line::default();
        after(&mut line, "one\rtwo\rtwo\r\r");
        assert_eq!(after(&mut line, "new\x1b[A"), "two|");
        assert_eq!(
            after(&mut line, "\x1b[A\x1b[A\x1b[A"),
            "one|",
            "twice is once"
        );
        assert_eq!(after(&mut line, "\x1b[B"), "two|");
        assert_eq!(after(&mut line, "\x1b[B\x1b[B"), "new|");
    }

    #[test]
    fn the_end_is_only_on_an_empty_line() {
        let mut line = Line::default();
        let mut press = |typed: &str| {
            let keys = Keys::default().take(typed.as_bytes());
            keys.into_iter().fold(Typed::More, |_, key| line.press(key))
        };
        assert_eq!(press("a\x01\x04\x04"), Typed::End);
        assert_eq!(press("a\x04"), Typed::More);
        assert_eq!(press("\r"), Typed::Line("a".to_owned()));
    }
}
