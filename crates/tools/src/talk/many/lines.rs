//! What one of many says, cut where it does no harm to put another's words behind it.

use bytes::{Bytes, BytesMut};

/// Collects bytes into whole lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    rest: BytesMut,
}

impl Lines {
    /// Adds bytes; gives the whole lines there are now. A line that grows beyond 64 KiB is cut.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Option<Bytes> {
        let seen = self.rest.len();
        self.rest.extend_from_slice(bytes);
        let end = match bytes.iter().rposition(|byte| *byte == b'\n') {
            _ if self.rest.len() > LINE_BYTES => self.rest.len(),
            Some(last) => seen + last + 1,
            None => return None,
        };
        Some(self.rest.split_to(end).freeze())
    }

    /// Whether a line has begun.
    pub(super) fn is_open(&self) -> bool {
        !self.rest.is_empty()
    }

    /// What there is of a line that is not waited for any longer.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        let rest = std::mem::take(&mut self.rest);
        Some(rest.freeze()).filter(|rest| !rest.is_empty())
    }
}

/// Whose words came last where several write, and whether their line is still open.
#[derive(Debug, Default)]
pub(super) struct Seam {
    open: Option<Option<u64>>,
}

impl Seam {
    /// Whether a newline has to stand between what is there and `piece` of `from`, which comes next.
    pub(super) fn breaks(&mut self, from: Option<u64>, piece: &[u8]) -> bool {
        let breaks = self.open.is_some_and(|open| open != from);
        if let Some(last) = piece.last() {
            self.open = (*last != b'\n').then_some(from);
        }
        breaks
    }
}

const LINE_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use proptest::{collection, prop_assert, prop_assert_eq};

    use super::{LINE_BYTES, Lines, Seam};

    #[test]
    fn whole_lines_come_at_once_and_the_rest_when_asked_for() {
        let mut lines = Lines::default();
        assert_eq!(lines.push(b"one"), None);
        assert!(lines.is_open());
        assert_eq!(
            lines.push(b"\ntwo\nthr").as_deref(),
            Some(&b"one\ntwo\n"[..])
        );
        assert_eq!(lines.push(b""), None);
        assert_eq!(lines.take().as_deref(), Some(&b"thr"[..]));
        assert_eq!(lines.take(), None);
        assert!(!lines.is_open());
        assert_eq!(lines.push(&[b'x'; LINE_BYTES]), None);
        assert_eq!(lines.push(b"x").unwrap().len(), LINE_BYTES + 1);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_however_it_was_cut(chunks in collection::vec(collection::vec(b'\x09'..b'\x0e', 0..9), 0..9)) {
            let (mut lines, mut seen) = (Lines::default(), Vec::new());
            for chunk in &chunks {
                if let Some(whole) = lines.push(chunk) {
                    prop_assert!(whole.ends_with(b"\n"));
                    seen.extend(whole);
                }
            }
            seen.extend(lines.take().into_iter().flatten());
            prop_assert_eq!(seen, chunks.concat());
        }

        #[test]
        fn no_line_has_words_of_two(said in collection::vec((any::<bool>(), "[ab\n]{0,3}"), 0..20)) {
            let (mut seam, mut seen) = (Seam::default(), String::new());
            for (first, words) in said {
                let words = words.replace(['a', 'b'], if first { "a" } else { "b" });
                if seam.breaks(Some(u64::from(first)), words.as_bytes()) {
                    seen.push('\n');
                }
                seen += &words;
            }
            prop_assert!(!seen.contains("ab") && !seen.contains("ba"), "{:?}", seen);
        }
    }
}
