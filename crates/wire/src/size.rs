//! Sizes as people say them.

use core::fmt;

/// A number of bytes, printed as `999 B`, `1.5 KiB`, `20 MiB`: binary units, cut and never rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = *self;
        let unit = (bytes.max(1).ilog2() / 10) as usize;
        let Some(name) = unit.checked_sub(1).map(|at| UNITS[at]) else {
            return write!(f, "{bytes} B");
        };
        // In tenths of the unit, by whole numbers, so that nothing is rounded up to the next one.
        let tenths = (u128::from(bytes) * 10) >> (10 * unit);
        match tenths {
            ..100 => write!(f, "{}.{} {name}", tenths / 10, tenths % 10),
            _ => write!(f, "{} {name}", tenths / 10),
        }
    }
}

const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::Size;

    #[test]
    fn sizes_are_said_with_two_digits_at_least() {
        for (bytes, said) in [
            (0, "0 B"),
            (1, "1 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1535, "1.4 KiB"),
            (1536, "1.5 KiB"),
            (10 * 1024, "10 KiB"),
            (1024 * 1024 - 1, "1023 KiB"),
            (1024 * 1024, "1.0 MiB"),
            (20 << 20, "20 MiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "15 EiB"),
        ] {
            assert_eq!(Size(bytes).to_string(), said, "{bytes}");
        }
    }
}
