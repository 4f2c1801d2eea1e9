//! The terminal's mode: each key as it is pressed while a line is edited here, and as it was afterwards.

use std::io;
use std::sync::{Mutex, PoisonError};

use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize,
    tcsetattr,
};

/// How it was.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// `cfmakeraw(3)`, but for what the kernel keeps doing for us: a newline goes to the first column, Ctrl-C and Ctrl-Z
/// are signals.
pub(super) fn set() -> io::Result<()> {
    let before = tcgetattr(io::stdin())?;
    let mut raw = before.clone();
    raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::IEXTEN;
    raw.input_modes -= InputModes::ICRNL | InputModes::INLCR | InputModes::IGNCR | InputModes::IXON;
    // The signal of Ctrl-\ would leave the terminal like this.
    raw.special_codes[SpecialCodeIndex::VQUIT] = 0;
    raw.special_codes[SpecialCodeIndex::VMIN] = 1;
    raw.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(io::stdin(), OptionalActions::Drain, &raw)?;
    BEFORE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert(before);
    Ok(())
}

/// Makes the terminal what it was, if it was changed.
pub(crate) fn restore() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
}

/// Cells in a row.
pub(super) fn columns() -> usize {
    match tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 => size.ws_col.into(),
        // What a terminal has that does not know.
        _ => 80,
    }
}
