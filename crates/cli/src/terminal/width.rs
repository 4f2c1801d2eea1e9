//! How text is drawn in the cells of a terminal.

use landline_tools::base::printable;
use unicode_width::UnicodeWidthChar;

/// What stands for a character: itself, unless it acts, or is a byte that is not UTF-8.
fn glyph(c: char) -> char {
    match c {
        '\u{100000}'.. => char::REPLACEMENT_CHARACTER,
        _ => printable(c.encode_utf8(&mut [0; 4]))
            .chars()
            .next()
            .unwrap_or(c),
    }
}

/// Cells of a character; a tab, which reaches to the next stop, counts as it is drawn.
pub(super) fn of(c: char) -> usize {
    if c == '\t' {
        return TAB.len();
    }
    glyph(c).width().unwrap_or(0)
}

/// Cells of a text.
pub(super) fn text(text: &str) -> usize {
    text.chars().map(of).sum()
}

/// Where a cursor may stand in a text: before each character that has cells of its own.
pub(super) fn boundaries(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices()
        .filter(|(_, c)| of(*c) > 0)
        .map(|(at, _)| at)
}

/// What of a text stands in `cells` cells from the cell `from` on, as it is drawn, and where that begins.
pub(super) fn window(text: &str, from: usize, cells: usize) -> (usize, String) {
    let (mut column, mut first, mut seen) = (0, None, String::new());
    for c in text.chars() {
        let next = column + of(c);
        if column >= from && next <= from + cells {
            first.get_or_insert(column);
            match c {
                '\t' => seen += TAB,
                c => seen.push(glyph(c)),
            }
        }
        column = next;
    }
    (first.unwrap_or(from), seen)
}

/// A tab in a row that scrolls, where stops would move.
const TAB: &str = "    ";
