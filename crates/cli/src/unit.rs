//! Values with units, as people type them: `350ms`, `1.5s`.

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

    use super::time;

    #[test]
    fn times_with_their_units() {
        assert_eq!(time("350ms"), Ok(Duration::from_millis(350)));
        assert_eq!(time("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(time("2min"), Ok(Duration::from_secs(120)));
        assert_eq!(time("0s"), Ok(Duration::ZERO));
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
