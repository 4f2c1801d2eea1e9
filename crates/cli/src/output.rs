//! What reaches the terminal: whole lines, flushed; a pipe that nobody reads any more is success.

use std::io::{self, Write};
use std::time::Duration;

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

/// Writes one line to stderr; where nobody reads it there is nobody to tell that either.
pub(crate) fn say(line: &str) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// A number of bytes as people say it: `999 B`, `1.5 KiB`, `20 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    let mut unit = 0;
    let mut whole = bytes;
    while whole >= 1024 && unit + 1 < UNITS.len() {
        whole /= 1024;
        unit += 1;
    }
    if unit == 0 {
        return format!("{bytes} B");
    }
    // Tenths below ten, by whole numbers so that nothing is rounded up to the next unit.
    let tenths = bytes / (1 << (10 * (unit - 1))) * 10 / 1024 % 10;
    if whole < 10 {
        format!("{whole}.{tenths} {}", UNITS[unit])
    } else {
        format!("{whole} {}", UNITS[unit])
    }
}

/// A length of time as people say it: `350 ms`, `2.1 s`, `3 min 5 s`.
pub(crate) fn time(took: Duration) -> String {
    match took.as_secs() {
        0 => format!("{} ms", took.as_millis()),
        seconds @ 1..60 => format!("{seconds}.{} s", took.subsec_millis() / 100),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

#[cfg(test)]
mod tests {
    use super::{size, time};
    use std::time::Duration;

    #[test]
    fn sizes_are_said_with_two_digits_at_least() {
        for (bytes, said) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1535, "1.4 KiB"),
            (1536, "1.5 KiB"),
            (10 * 1024, "10 KiB"),
            (1024 * 1024 - 1, "1023 KiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16383 PiB"),
        ] {
            assert_eq!(size(bytes), said, "{bytes}");
        }
    }

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
