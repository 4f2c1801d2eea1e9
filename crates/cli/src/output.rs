//! What reaches the terminal: whole lines, flushed; a pipe that nobody reads any more is success.

use std::io::{self, Write};
use std::time::Duration;

use crate::terminal;

/// Writes to stdout and flushes.
///
/// # Errors
/// When stdout cannot be written; a broken pipe is no error.
pub(crate) fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Writes one line to stderr, above what is typed where that is a terminal; where nobody reads it there is nobody to
/// tell that either.
pub(crate) fn say(line: &str) {
    if terminal::say(line) {
        return;
    }
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// A number of things: `1 byte`, `2 bytes`.
pub(crate) fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A length of time as people say it: `350 ms`, `2.1 s`, `3 min 5 s`.
pub(crate) fn time(took: Duration) -> String {
    match took.as_secs() {
        0 => format!("{} ms", took.as_millis()),
        seconds @ 1..60 => format!("{seconds}.{} s", took.subsec_millis() / 100),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::time;
    use std::time::Duration;

    #[test]
    fn times_are_said_in_the_unit_that_fits() {
        for (millis, said) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (2_150, "2.1 s"),
            (185_000, "3 min 5 s"),
        ] {
            assert_eq!(time(Duration::from_millis(millis)), said);
        }
    }
}
