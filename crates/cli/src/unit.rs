//! Values with units, as people type them: `350ms`, `1.5s`, `64KiB`.

use std::time::Duration;

/// A length of time: a number and `ms`, `s`, `min`, `h` or `d`.
///
/// # Errors
/// When the number or its unit is missing or not known, or the time is beyond a hundred years.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = parts(text);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        "" => return Err(format!("the unit is missing: `{text}s`, `{text}ms`?")),
        _ => return Err(format!("`{unit}` is no unit of time: ms, s, min, h, d")),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| format!("`{text}` is not a time, such as 350ms, 1.5s or 2min"))?;
    let time = Duration::try_from_secs_f64(number * seconds).unwrap_or(Duration::MAX);
    if time > LONGEST {
        return Err(format!("`{text}` is more than a hundred years"));
    }
    Ok(time)
}

/// A size in memory: a number and `B`, `KiB`, `MiB` or `GiB`.
///
/// # Errors
/// When the number or its unit is missing or not known, or it is more than can be.
pub(crate) fn size(text: &str) -> Result<usize, String> {
    let (number, unit) = parts(text);
    let shift = match unit {
        "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        "" => return Err(format!("the unit is missing: `{text}KiB`, `{text}B`?")),
        _ => return Err(format!("`{unit}` is no unit of size: B, KiB, MiB, GiB")),
    };
    let number: usize = number
        .parse()
        .map_err(|_| format!("`{text}` is not a size, such as 512B, 64KiB or 1MiB"))?;
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| format!("`{text}` is more than can be held"))
}

/// The number and what stands behind it.
fn parts(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim_start())
}

const LONGEST: Duration = Duration::from_secs(100 * 365 * 86400);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{size, time};

    #[test]
    fn times_with_their_units() {
        assert_eq!(time("350ms"), Ok(Duration::from_millis(350)));
        assert_eq!(time("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(time("2min"), Ok(Duration::from_secs(120)));
        assert_eq!(time("0s"), Ok(Duration::ZERO));
    }

    #[test]
    fn sizes_with_their_units() {
        assert_eq!(size("512B"), Ok(512));
        assert_eq!(size("64KiB"), Ok(65536));
        assert_eq!(size("1 MiB"), Ok(1 << 20));
        for (typed, part) in [
            ("64", "unit is missing"),
            ("64kb", "no unit"),
            ("1.5KiB", "not a size"),
            ("KiB", "not a size"),
            ("99999999999999999GiB", "more than"),
        ] {
            let error = size(typed).unwrap_err();
            assert!(error.contains(part), "{typed}: {error}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (typed, part) in [
            ("5", "unit is missing"),
            ("", "unit is missing"),
            ("s", "not a time"),
            ("-1s", "no unit"),
            ("1.2.3s", "not a time"),
            ("5y", "no unit"),
            ("99999999999999999999999d", "hundred years"),
            ("36501d", "hundred years"),
        ] {
            let error = time(typed).unwrap_err();
            assert!(error.contains(part), "{typed}: {error}");
        }
    }
}
