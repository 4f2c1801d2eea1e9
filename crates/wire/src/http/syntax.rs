//! The character classes and list rule that every field of HTTP shares (RFC 9110 §5.6).

/// RFC 9110 §5.6.2: what a token is made of.
pub(super) const fn is_token_byte(byte: u8) -> bool {
    matches!(
        byte,
        b'!' | b'#'
            | b'$'
            | b'%'
            | b'&'
            | b'\''
            | b'*'
            | b'+'
            | b'-'
            | b'.'
            | b'^'
            | b'_'
            | b'`'
            | b'|'
            | b'~'
    ) || byte.is_ascii_alphanumeric()
}

/// Whether all of `text` is one token.
pub(super) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&byte| is_token_byte(byte))
}

/// Whether a field's value may hold this byte: all but the control bytes, of which only the tab may stay
/// (RFC 9110 §5.5).
pub(super) const fn is_value_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Drops optional white space (RFC 9110 §5.6.3) from both ends.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = text
        .iter()
        .position(|byte| !is_space(byte))
        .unwrap_or(text.len());
    let end = text
        .iter()
        .rposition(|byte| !is_space(byte))
        .map_or(start, |last| last + 1);
    &text[start..end]
}

/// Splits at `separator`, but not inside a quoted string, and trims; empty members are left out, as
/// RFC 9110 §5.6.1.2 asks of a recipient.
pub(super) fn members(text: &[u8], separator: u8) -> Members<'_> {
    Members {
        rest: text,
        separator,
    }
}

/// The members that [`members`] finds, first to last.
pub(super) struct Members<'a> {
    rest: &'a [u8],
    separator: u8,
}

impl<'a> Iterator for Members<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.rest.is_empty() {
            let end = end_of_member(self.rest, self.separator);
            let member = trim(&self.rest[..end]);
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
            if !member.is_empty() {
                return Some(member);
            }
        }
        None
    }
}

fn end_of_member(text: &[u8], separator: u8) -> usize {
    let mut at = 0;
    while let Some(found) = text[at..]
        .iter()
        .position(|&byte| byte == separator || byte == b'"')
    {
        at += found;
        if text[at] == separator {
            return at;
        }
        at = end_of_quoted(text, at + 1);
    }
    text.len()
}

/// Where a quoted string ends that starts before `at`: after its quote, or at the end of the text.
fn end_of_quoted(text: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            // RFC 9110 §5.6.4: the next byte stands for itself.
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// The value of a run of ASCII digits; one too big for `u64` gives the biggest, because every rule that
/// asks compares it with something smaller. `None` when there is anything but digits, or nothing.
pub(super) fn saturating_number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0_u64, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    }))
}

/// Like [`saturating_number`], but `None` when `u64` cannot hold it.
pub(super) fn exact_number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, digit| {
        value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })
}
