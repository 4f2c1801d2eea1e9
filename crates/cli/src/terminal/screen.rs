//! What stands on the terminal: what came, and below it one row with the line that is typed.
//!
//! The row is the last one, and scrolls sideways: so whatever comes is written where the row stood, and the row again
//! below it. What came without a newline stands at the row's beginning, before the prompt, as in any terminal.

use std::mem::take;

use landline_tools::base::printable;

use super::key::{Key, Keys};
use super::line::{Line, Typed};
use super::text::Text;
use super::width::{self, window};

/// What stands before the line that is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// Both may speak at once.
    Free,
    /// It is our turn.
    Ours,
    /// It is theirs: what is typed waits.
    Theirs,
    /// Nobody is there yet: none.
    Hidden,
}

impl Prompt {
    fn text(self) -> &'static str {
        match self {
            Self::Free => "> ",
            Self::Ours => "you> ",
            Self::Theirs => "peer> ",
            Self::Hidden => "",
        }
    }

    /// "Select graphic rendition": bold where one may speak, faint where one waits.
    fn colour(self) -> &'static str {
        match self {
            Self::Free | Self::Ours => "\x1b[1m",
            Self::Theirs | Self::Hidden => "\x1b[2m",
        }
    }
}

/// What stands on the terminal. Bytes go in, and what is to be written to the terminal comes out.
#[derive(Debug)]
pub(super) struct Screen {
    columns: usize,
    colours: bool,
    prompt: Prompt,
    /// Nothing more is typed.
    ended: bool,
    keys: Keys,
    line: Line,
    /// What came of a line that has not ended, made printable.
    partial: String,
    text: Text,
}

impl Screen {
    pub(super) fn new(columns: usize, colours: bool) -> Self {
        Self {
            columns: columns.max(LEAST_COLUMNS),
            colours,
            prompt: Prompt::Hidden,
            ended: false,
            keys: Keys::default(),
            line: Line::default(),
            partial: String::new(),
            text: Text::default(),
        }
    }

    /// What came from the peer, cut anywhere.
    pub(super) fn show(&mut self, bytes: &[u8]) -> String {
        let text = self.text.take(bytes);
        let mut lines = text.split('\n');
        let mut out = ERASE.to_owned();
        // Of n parts the first n - 1 are ended by a newline.
        let mut part = lines.next().unwrap_or_default();
        for next in lines {
            out += &take(&mut self.partial);
            out += part;
            out += "\r\n";
            part = next;
        }
        self.partial += part;
        self.wrap(&mut out);
        out + &self.row()
    }

    /// Writes the full rows of a line that has not ended: its last row alone stays before the prompt.
    fn wrap(&mut self, out: &mut String) {
        let mut cells = 0;
        let mut from = 0;
        for (at, c) in self.partial.char_indices() {
            let next = width::of(c);
            if cells + next > self.columns || at - from >= ROW_BYTES {
                *out += &self.partial[from..at];
                *out += "\r\n";
                (from, cells) = (at, 0);
            }
            cells += next;
        }
        self.partial.drain(..from);
    }

    /// A line of ours, above the row.
    pub(super) fn say(&mut self, text: &str) -> String {
        // What came without a newline stays below it.
        let text = text
            .split('\n')
            .map(printable)
            .collect::<Vec<_>>()
            .join("\r\n");
        format!("{ERASE}{text}\r\n{}", self.row())
    }

    /// A typed line that waits for its turn; the line that they have begun goes on.
    pub(super) fn held(&mut self, text: &str) -> String {
        let text = self.as_typed(HELD, text);
        format!("{ERASE}{text}\r\n{}", self.row())
    }

    /// A typed line that leaves in its turn, behind what they said last.
    pub(super) fn spoken(&mut self, text: &str) -> String {
        let text = take(&mut self.partial) + &self.as_typed(Prompt::Ours.text(), text);
        format!("{ERASE}{text}\r\n{}", self.row())
    }

    /// Changes what stands before the line that is typed.
    pub(super) fn prompt(&mut self, prompt: Prompt) -> String {
        self.prompt = prompt;
        self.row()
    }

    /// Nothing more is typed: no prompt any more.
    pub(super) fn end(&mut self) -> String {
        self.ended = true;
        self.row()
    }

    pub(super) fn resize(&mut self, columns: usize) -> String {
        self.columns = columns.max(LEAST_COLUMNS);
        self.row()
    }

    /// Takes what the terminal sent: what is to be written to it, and the lines that were typed, `None` for the end.
    pub(super) fn press(&mut self, bytes: &[u8]) -> (String, Vec<Option<String>>) {
        let (mut out, mut typed) = (String::new(), Vec::new());
        for key in self.keys.take(bytes) {
            if key == Key::Redraw {
                out += CLEAR;
            }
            match self.line.press(key) {
                Typed::More => {}
                Typed::Line(line) => {
                    out += ERASE;
                    match self.prompt {
                        Prompt::Hidden => out += &(self.as_typed(HELD, &line) + "\r\n"),
                        Prompt::Free => {
                            let typed = self.as_typed(self.prompt_text(), &line);
                            out += &(take(&mut self.partial) + &typed + "\r\n");
                        }
                        // Whether it leaves now or waits is the turn's to say, which may just pass.
                        Prompt::Ours | Prompt::Theirs => {}
                    }
                    typed.push(Some(line));
                }
                Typed::End => typed.push(None),
            }
        }
        (out + &self.row(), typed)
    }

    /// What is left on the terminal at the end: a line that has not ended, and no prompt.
    pub(super) fn close(&mut self) -> String {
        let mut out = ERASE.to_owned();
        self.partial += &self.text.rest();
        if !self.partial.is_empty() {
            out += &take(&mut self.partial);
            out += "\r\n";
        }
        out
    }

    /// What stands before the line that is typed: what came asks for it, or we do.
    fn prompt_text(&self) -> &'static str {
        match self.prompt {
            Prompt::Free if !self.partial.is_empty() => "",
            prompt => prompt.text(),
        }
    }

    fn as_typed(&self, prompt: &str, line: &str) -> String {
        let (_, line) = window(line, 0, usize::MAX);
        if self.colours {
            format!("\x1b[2m{prompt}\x1b[0m{line}")
        } else {
            format!("{prompt}{line}")
        }
    }

    /// The last row, and the cursor in it.
    fn row(&self) -> String {
        if self.ended {
            return format!("{ERASE}{}", self.partial);
        }
        let prompt = self.prompt_text();
        // The last cell stays free: a terminal may go to the next row when it is written.
        let room = self.columns - 1 - prompt.len();
        let typed = self.line.cells() + 1;
        let for_partial = room - typed.min(room * 2 / 3);
        let came = width::text(&self.partial);
        let (_, partial) = window(&self.partial, came.saturating_sub(for_partial), for_partial);
        let room = room - width::text(&partial);
        let cursor = width::text(self.line.before_cursor());
        // A line that is too wide is shown around the cursor.
        let from = (cursor + 1).saturating_sub(room.max(1));
        let (first, line) = window(self.line.text(), from, room);
        let column = width::text(&partial) + prompt.len() + (cursor - first.min(cursor));
        let prompt = if self.colours {
            format!("{}{prompt}\x1b[0m", self.prompt.colour())
        } else {
            prompt.to_owned()
        };
        let right = match column {
            0 => String::new(),
            column => format!("\x1b[{column}C"),
        };
        format!("{ERASE}{partial}{prompt}{line}\r{right}")
    }
}

/// What stands before a line that waits.
const HELD: &str = "held> ";
/// To the row's beginning, and nothing stands in it any more.
const ERASE: &str = "\r\x1b[K";
/// To the top of an empty screen.
const CLEAR: &str = "\x1b[H\x1b[2J";
/// A row is full with so many bytes, too: characters that have no cells of their own would never fill one.
const ROW_BYTES: usize = 4096;
/// Where the prompt fits, and some of what is typed.
const LEAST_COLUMNS: usize = 20;

#[cfg(test)]
mod tests {
    use super::{Prompt, ROW_BYTES, Screen, width};

    /// A terminal of 20 columns, and a screen on it.
    struct Terminal {
        screen: Screen,
        terminal: vt100::Parser,
    }

    impl Terminal {
        fn new() -> Self {
            let mut new = Self {
                screen: Screen::new(20, false),
                terminal: vt100::Parser::new(6.try_into().unwrap(), 20.try_into().unwrap(), 0),
            };
            new.draw(|screen| screen.prompt(Prompt::Free));
            new
        }

        fn draw(&mut self, draw: impl FnOnce(&mut Screen) -> String) {
            let drawn = draw(&mut self.screen);
            self.terminal.process(drawn.as_bytes());
        }

        fn press(&mut self, keys: &str) -> Vec<Option<String>> {
            let (drawn, typed) = self.screen.press(keys.as_bytes());
            self.terminal.process(drawn.as_bytes());
            typed
        }

        /// What is seen, without U+FFFD, which this terminal leaves out; with the cursor as a bar.
        fn seen(&self) -> String {
            let (row, column) = self.terminal.screen().cursor_position();
            let mut rows: Vec<String> = self.terminal.screen().rows(0, 20).collect();
            let before = self.terminal.screen().rows(0, column).nth(row.into());
            let mut before = before.unwrap();
            while width::text(&before) < column.into() {
                before.push(' ');
            }
            let row = &mut rows[usize::from(row)];
            let after = row.get(before.len()..).unwrap_or_default();
            *row = format!("{before}|{after}");
            rows.join("\n").trim_end().to_owned()
        }
    }

    #[test]
    fn a_line_that_is_too_wide_scrolls_with_the_cursor() {
        let mut terminal = Terminal::new();
        terminal.press("0123456789abcdefghij");
        assert_eq!(terminal.seen(), "> 456789abcdefghij|");
        terminal.press("\x01");
        assert_eq!(terminal.seen(), "> |0123456789abcdefg");
        terminal.press("\x05\x1b[D\x1b[D");
        terminal.press("世");
        assert_eq!(terminal.seen(), "> 456789abcdefgh世|i");
        assert_eq!(
            terminal.press("\r"),
            [Some("0123456789abcdefgh世ij".to_owned())]
        );
        assert_eq!(terminal.seen(), "> 0123456789abcdefgh\n世ij\n> |");
    }

    #[test]
    fn what_has_not_ended_is_seen_to_its_end() {
        let mut terminal = Terminal::new();
        terminal.draw(|screen| screen.show(b"a question that is longer than a row?"));
        assert_eq!(terminal.seen(), "a question that is l\nonger than a row?|");
        terminal.press("yes");
        assert_eq!(terminal.seen(), "a question that is l\nger than a row?yes|");
        terminal.draw(|screen| screen.show(b" really?\n"));
        assert_eq!(
            terminal.seen(),
            "a question that is l\nonger than a row? re\nally?\n> yes|"
        );
    }

    #[test]
    fn characters_without_cells_fill_a_row_too() {
        let mut screen = Screen::new(20, false);
        let drawn: usize = (0..100)
            .map(|_| screen.show("\u{301}".repeat(1000).as_bytes()).len())
            .sum();
        assert!(
            screen.partial.len() <= ROW_BYTES,
            "{}",
            screen.partial.len()
        );
        // Each time the row is drawn again, and what has been written is not.
        assert!(drawn <= 100 * (2000 + ROW_BYTES + 100), "{drawn}");
    }

    #[test]
    fn what_is_said_leaves_the_rest_where_it_is() {
        let mut terminal = Terminal::new();
        terminal.draw(|screen| screen.show(b"login: "));
        terminal.press("me");
        terminal.draw(|screen| screen.say("a\x1b[2Jb\nc"));
        assert_eq!(terminal.seen(), "a[2Jb\nc\nlogin: me|");
        terminal.draw(Screen::end);
        terminal.draw(|screen| screen.show(b"\nbye"));
        terminal.draw(Screen::close);
        assert_eq!(terminal.seen(), "a[2Jb\nc\nlogin: \nbye\n|");
    }
}
