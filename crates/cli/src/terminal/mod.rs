//! The terminal of a conversation: what is typed becomes lines, and what comes is shown above the line being typed.
//!
//! There is one terminal, as there is one stdin: so whoever has something to say finds it by [`say`].
//!
//! | stdin | stdout | what is typed | what comes |
//! |---|---|---|---|
//! | terminal | terminal | lines, edited here, with a prompt | made printable, above the prompt |
//! | terminal | pipe or file | lines, edited by the kernel | as it is |
//! | pipe or file | terminal | nothing | made printable |
//!
//! A terminal that cannot move its cursor (`TERM=dumb`, or none set) has the kernel's editing too, and no prompt.

mod desk;
mod key;
mod keyboard;
mod line;
mod mode;
mod screen;
mod text;
mod width;

pub(crate) use desk::{dump, held, prompt, say, spoken};
pub(crate) use mode::restore;
pub(crate) use screen::Prompt;

use std::io::{self, IsTerminal as _};

use landline_tools::talk::{Input, Output};

/// The terminal, until it is dropped: then it is as it was.
#[derive(Debug)]
pub(crate) struct Terminal;

impl Terminal {
    /// The terminal that stdin or stdout is, if one is.
    ///
    /// # Errors
    /// When the terminal does not let itself be set.
    pub(crate) fn open() -> io::Result<Self> {
        let (input, output) = (io::stdin().is_terminal(), io::stdout().is_terminal());
        let has_cursor = variable("TERM").is_some_and(|kind| kind != "dumb");
        if input && output && has_cursor {
            mode::set()?;
            desk::open(variable("NO_COLOR").is_none());
        }
        Ok(Self)
    }

    /// The lines that are typed, where stdin is a terminal.
    ///
    /// # Errors
    /// When the terminal cannot be waited for.
    pub(crate) fn input(&self) -> io::Result<Option<Input>> {
        if !io::stdin().is_terminal() {
            return Ok(None);
        }
        Ok(Some(Input::typed(keyboard::lines()?)))
    }

    /// Where what comes is shown, where stdout is a terminal.
    pub(crate) fn output(&self) -> Option<Output> {
        if !io::stdout().is_terminal() {
            return None;
        }
        Some(Output::shown(desk::show))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        desk::close();
        restore();
    }
}

/// A variable that says what the terminal is, and not what is asked for.
fn variable(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "it describes the terminal: no argument's default"
    )]
    let value = std::env::var(name).ok();
    value.filter(|value| !value.is_empty())
}
