//! The table of exit codes, and the one place where an error becomes text.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Done: what was asked for happened.
pub(crate) const DONE: u8 = 0;
/// Failed: it was understood, and did not happen.
pub(crate) const FAILED: u8 = 1;
/// Usage: the command line cannot be understood (clap's own code too).
pub(crate) const USAGE: u8 = 2;
/// Cut: it had begun, and the connection was lost on the way.
pub(crate) const CUT: u8 = 3;
/// Timed out: nobody came, or nothing happened, for as long as was allowed.
pub(crate) const TIMED_OUT: u8 = 4;
/// Interrupted: by Ctrl-C, as shells say it.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why a command did not do what it was asked: prints as `cannot <do what>: <why>`.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    why: String,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    /// `what` continues the words "cannot …".
    pub(crate) fn new(what: impl Into<String>, why: impl fmt::Display) -> Self {
        Self {
            what: what.into(),
            why: why.to_string(),
            hint: None,
            code: FAILED,
        }
    }

    /// The same, for a command line that contradicts itself.
    pub(crate) fn usage(what: impl Into<String>, why: impl fmt::Display) -> Self {
        Self {
            code: USAGE,
            ..Self::new(what, why)
        }
    }

    /// The same, with another code of the table.
    pub(crate) fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// What the user could do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Ends the process here and now, whatever still runs.
pub(crate) fn at_once() -> ! {
    crate::terminal::restore();
    #[expect(
        clippy::disallowed_methods,
        clippy::exit,
        reason = "asked a second time: main may be what does not return"
    )]
    std::process::exit(INTERRUPTED.into())
}

/// Turns a reason into a [`Failure`], for `map_err`.
pub(crate) fn cannot<E: fmt::Display>(what: impl Into<String>) -> impl FnOnce(E) -> Failure {
    |why| Failure::new(what, why)
}

/// Says what went wrong, if anything did, and gives the exit code.
pub(crate) fn conclude(outcome: Result<(), Failure>) -> ExitCode {
    let Err(failure) = outcome else {
        return DONE.into();
    };
    let mut text = format!("landline: cannot {}: {}\n", failure.what, failure.why);
    if let Some(hint) = failure.hint {
        text += &format!("hint: {hint}\n");
    }
    // If stderr is gone too there is nobody left to tell.
    let _ = io::stderr().write_all(text.as_bytes());
    failure.code.into()
}
