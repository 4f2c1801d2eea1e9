//! Names that every system can hold.

use super::NameError;
use crate::character::acts;

/// Devices of Windows, whatever the case and the extension: opening one never opens a file.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

pub(super) fn check(segment: &[u8]) -> Result<(), NameError> {
    let name = str::from_utf8(segment).map_err(|_| NameError::NotUtf8)?;
    let refused = |c: char| acts(c) || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*');
    if name.contains(refused) || name.ends_with(['.', ' ']) || is_device(name) {
        return Err(NameError::NotPortable);
    }
    Ok(())
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ');
    if DEVICES
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device))
    {
        return true;
    }
    let Some((port, number)) = stem.split_at_checked(3) else {
        return false;
    };
    (port.eq_ignore_ascii_case("COM") || port.eq_ignore_ascii_case("LPT"))
        && matches!(
            number,
            "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"
        )
}
