//! What stands on the terminal, for everybody who writes to it, on whatever thread.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::mode;
use super::screen::{Prompt, Screen};
use super::text::Text;
use crate::output;

static DESK: Mutex<Desk> = Mutex::new(Desk {
    screen: None,
    text: None,
});

/// What is written on.
#[derive(Debug)]
struct Desk {
    /// Where lines are edited here.
    screen: Option<Screen>,
    /// Where they are not.
    text: Option<Text>,
}

impl Desk {
    /// Lets the screen do something, and writes what comes of it.
    fn draw<T>(&mut self, draw: impl FnOnce(&mut Screen) -> (String, T)) -> Option<T> {
        let (out, outcome) = draw(self.screen.as_mut()?);
        // What cannot be drawn on a terminal that is gone is told to whoever reads from it.
        let _ = write(&out);
        Some(outcome)
    }
}

fn desk() -> MutexGuard<'static, Desk> {
    DESK.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// From here on lines are edited here.
pub(super) fn open(colours: bool) {
    desk().screen = Some(Screen::new(mode::columns(), colours));
}

/// What is left at the end.
pub(super) fn close() {
    let mut desk = desk();
    desk.draw(|screen| (screen.close(), ()));
    desk.screen = None;
    if let Some(mut text) = desk.text.take() {
        let _ = write(&text.rest());
    }
}

/// Whether lines are edited here.
pub(super) fn is_open() -> bool {
    desk().screen.is_some()
}

/// What came from the peer, made printable.
pub(super) fn show(bytes: &[u8]) -> io::Result<()> {
    let mut desk = desk();
    let text = match &mut desk.screen {
        Some(screen) => screen.show(bytes),
        None => desk.text.get_or_insert_default().take(bytes),
    };
    write(&text)
}

/// Rows of a dump: above the line being typed, in place of what comes, or to stderr.
pub(crate) fn dump(rows: &str) {
    let drawn = desk().draw(|screen| (screen.show(rows.as_bytes()), ()));
    if drawn.is_none() {
        // Where nobody reads it there is nobody to tell that either.
        let _ = io::stderr().write_all(rows.as_bytes());
    }
}

/// A line of ours, above the line being typed. Whether it was said: else stderr is not this terminal.
pub(crate) fn say(line: &str) -> bool {
    let mut desk = desk();
    desk.screen.is_some()
        && io::stderr().is_terminal()
        && desk.draw(|screen| (screen.say(line), ())).is_some()
}

/// Changes what stands before the line being typed. Where the kernel edits it, who has the turn is told it.
pub(crate) fn prompt(prompt: Prompt) {
    let drawn = desk().draw(|screen| (screen.prompt(prompt), ()));
    if drawn.is_none() && prompt == Prompt::Ours && io::stdin().is_terminal() {
        output::say("your turn");
    }
}

/// Nothing more is typed.
pub(super) fn end() {
    desk().draw(|screen| (screen.end(), ()));
}

/// Shows a typed line that waits for its turn.
pub(crate) fn held(line: &[u8]) {
    let line = String::from_utf8_lossy(line);
    desk().draw(|screen| (screen.held(&line), ()));
}

/// Shows a typed line as it leaves in its turn.
pub(crate) fn spoken(line: &[u8]) {
    let line = String::from_utf8_lossy(line);
    desk().draw(|screen| (screen.spoken(&line), ()));
}

/// The terminal has another size, or had another program's text on it.
pub(super) fn resize() {
    desk().draw(|screen| (screen.resize(mode::columns()), ()));
}

/// Takes what the terminal sent: the lines that were typed, `None` for the end; nothing where the kernel edits.
pub(super) fn press(bytes: &[u8]) -> Option<Vec<Option<String>>> {
    desk().draw(|screen| screen.press(bytes))
}
