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
/// the same: the joiners, which do not act, variation selectors, and blanks that are not called so.
#[must_use]
pub fn invisible(c: char) -> bool {
    matches!(
        c,
        '\u{034F}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{200C}' | '\u{200D}'
            | '\u{2800}' | '\u{FE00}'..='\u{FE0F}' | '\u{13430}'..='\u{1345F}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
    )
}
