//! Text that a peer chose, made safe for a terminal, a log and a line protocol.

use std::borrow::Cow;

use landline_wire::character::acts;

/// One line of text with nothing in it that acts: control characters, line and paragraph
/// separators, direction overrides and invisible characters become `U+FFFD`.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(acts) {
        Cow::Owned(
            text.chars()
                .map(|c| {
                    if acts(c) {
                        char::REPLACEMENT_CHARACTER
                    } else {
                        c
                    }
                })
                .collect(),
        )
    } else {
        Cow::Borrowed(text)
    }
}

/// [`printable`] for bytes that may not be UTF-8: what is not becomes `U+FFFD` too.
#[must_use]
pub fn printable_bytes(bytes: &[u8]) -> String {
    printable(&String::from_utf8_lossy(bytes)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{printable, printable_bytes};

    #[test]
    fn plain_text_is_borrowed_unchanged() {
        for text in ["", "hello", "héllo 世界 👩\u{200D}👩", "می\u{200C}خواهم"] {
            assert!(matches!(printable(text), std::borrow::Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn nothing_that_acts_gets_through() {
        let hostile = "a\x1b]52;c;ZXZpbA==\x07\r\n\t\0\x7f\u{9b}31m\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}\u{e0041}b";
        let safe = printable(hostile);
        assert!(safe.starts_with('a') && safe.ends_with('b'));
        assert!(
            !safe.chars().any(landline_wire::character::acts),
            "{safe:?}"
        );
        assert_eq!(
            safe.chars().count(),
            hostile.chars().count(),
            "each is replaced by one"
        );
    }

    #[test]
    fn invalid_utf8_is_shown_not_refused() {
        assert_eq!(printable_bytes(b"a\xffb\xc3"), "a\u{fffd}b\u{fffd}");
    }
}
