//! Characters that act on whoever shows them, instead of standing there to be read.

/// Whether a character does something other than stand there: the terminal's controls (C0, DEL,
/// C1), Unicode's line breaks, and the format characters that reorder or hide what is beside them.
///
/// U+200C and U+200D do not count: Persian, the Indic scripts and emoji are written with them.
#[must_use]
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a character leaves no mark of its own, so that two texts which differ only in it look
/// the same: the joiners that do not [act](acts), and variation selectors.
#[must_use]
pub fn invisible(c: char) -> bool {
    matches!(
        c,
        '\u{034F}' | '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}'
    )
}
