//! The control buffer of a message, C's `cmsghdr` after `cmsghdr`: walked and written as bytes.

use std::iter;

/// C's `struct cmsghdr`: the length as the kernel's `size_t`, header included, then level and kind.
pub(crate) const HEADER_BYTES: usize = align(size_of::<usize>() + 2 * size_of::<i32>());

/// `CMSG_ALIGN`: each message of a control buffer begins at a multiple of the machine's word.
const fn align(bytes: usize) -> usize {
    bytes.saturating_add(size_of::<usize>() - 1) & !(size_of::<usize>() - 1)
}

/// `CMSG_LEN`: the length of a control message with this much data, without the padding that may follow it.
///
/// As `ancillary_bytes` of a receive it leaves room for exactly one message, where
/// [`ancillary_space`] may leave some for a descriptor more. What no number holds is the greatest one.
///
/// ```
/// // Room for three descriptors.
/// assert_eq!(landline_socket::ancillary_length(3 * 4), size_of::<usize>() + 8 + 12);
/// ```
#[must_use]
#[doc(alias = "CMSG_LEN")]
pub const fn ancillary_length(data_bytes: usize) -> usize {
    HEADER_BYTES.saturating_add(data_bytes)
}

/// `CMSG_SPACE`: the room that a control message with this much data takes among others, padding included.
///
/// The sum of these, for each kind of message that may come, is the `ancillary_bytes` of a receive. What no
/// number holds is the greatest multiple of the machine's word.
///
/// # Examples
/// ```
/// use landline_socket::{ancillary_length, ancillary_space};
///
/// // Room for three descriptors, and for the credentials beside them.
/// let room = ancillary_space(3 * size_of::<i32>()) + ancillary_space(3 * size_of::<u32>());
/// assert!(room >= 2 * ancillary_length(12));
/// ```
#[must_use]
#[doc(alias = "CMSG_SPACE")]
pub const fn ancillary_space(data_bytes: usize) -> usize {
    HEADER_BYTES.saturating_add(align(data_bytes)) & !(size_of::<usize>() - 1)
}

/// One message of a control buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ControlMessage<'a> {
    pub(crate) level: i32,
    pub(crate) kind: i32,
    pub(crate) data: &'a [u8],
}

/// `CMSG_FIRSTHDR`, `CMSG_NXTHDR`, `CMSG_DATA`: every message of a control buffer.
///
/// Any bytes will do, however they are aligned. A length that cannot be (less than a header) ends the walk;
/// one beyond the buffer is cut to it, as is that of a message that had not enough room.
pub(crate) fn messages(control: &[u8]) -> impl Iterator<Item = ControlMessage<'_>> {
    let mut rest = control;
    iter::from_fn(move || {
        let (message, next) = first_message(rest)?;
        rest = next;
        Some(message)
    })
}

fn first_message(control: &[u8]) -> Option<(ControlMessage<'_>, &[u8])> {
    let (header, _) = control.split_at_checked(HEADER_BYTES)?;
    let (length, header) = header.split_first_chunk()?;
    let (level, header) = header.split_first_chunk()?;
    let kind = header.first_chunk()?;
    let length = usize::from_ne_bytes(*length);
    let message = ControlMessage {
        level: i32::from_ne_bytes(*level),
        kind: i32::from_ne_bytes(*kind),
        data: control.get(HEADER_BYTES..length.min(control.len()))?,
    };
    let next = control.get(align(length)..).unwrap_or_default();
    Some((message, next))
}

/// Appends a message to a control buffer, padded so that another may follow.
pub(crate) fn push_message(control: &mut Vec<u8>, message: ControlMessage<'_>) {
    let ControlMessage { level, kind, data } = message;
    control.extend_from_slice(&header(level, kind, data.len()));
    control.extend_from_slice(data);
    control.resize(align(control.len()), 0);
}

/// What stands before so much data.
pub(crate) fn header(level: i32, kind: i32, data_bytes: usize) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    let (length, rest) = header.split_at_mut(size_of::<usize>());
    length.copy_from_slice(&ancillary_length(data_bytes).to_ne_bytes());
    rest[..4].copy_from_slice(&level.to_ne_bytes());
    rest[4..8].copy_from_slice(&kind.to_ne_bytes());
    header
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        ControlMessage, HEADER_BYTES, ancillary_length, ancillary_space, messages, push_message,
    };

    fn written(parts: &[(i32, i32, Vec<u8>)]) -> (Vec<u8>, Vec<ControlMessage<'_>>) {
        let each: Vec<_> = parts
            .iter()
            .map(|(level, kind, data)| ControlMessage {
                level: *level,
                kind: *kind,
                data,
            })
            .collect();
        let mut control = Vec::new();
        for message in &each {
            push_message(&mut control, *message);
        }
        (control, each)
    }

    fn parts() -> impl Strategy<Value = Vec<(i32, i32, Vec<u8>)>> {
        let data = proptest::collection::vec(any::<u8>(), 0..40);
        proptest::collection::vec((any::<i32>(), any::<i32>(), data), 0..6)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(parts in parts()) {
            let (control, each) = written(&parts);
            prop_assert_eq!(messages(&control).collect::<Vec<_>>(), each);
            let space: usize = parts.iter().map(|(_, _, data)| ancillary_space(data.len())).sum();
            prop_assert_eq!(control.len(), space);
        }

        /// Cut anywhere, it holds the same messages, of which the last may be shorter.
        #[test]
        fn a_shorter_buffer_holds_the_first_messages(parts in parts(), cut in any::<prop::sample::Index>()) {
            let (control, each) = written(&parts);
            let cut = cut.index(control.len() + 1);
            let held: Vec<_> = messages(&control[..cut]).collect();
            prop_assert!(held.len() <= each.len());
            for (held, whole) in held.iter().zip(&each) {
                prop_assert_eq!((held.level, held.kind), (whole.level, whole.kind));
                prop_assert!(whole.data.starts_with(held.data));
            }
            if let Some((_, but_last)) = held.split_last() {
                prop_assert_eq!(but_last, &each[..but_last.len()]);
            }
        }

        /// Where in memory the bytes are makes no difference.
        #[test]
        fn any_bytes_at_any_place_end(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..8) {
            let moved = [vec![0; at], bytes.clone()].concat();
            let held: Vec<_> = messages(&bytes).collect();
            prop_assert_eq!(messages(&moved[at..]).collect::<Vec<_>>(), held.clone());
            prop_assert!(held.iter().map(|message| HEADER_BYTES + message.data.len()).sum::<usize>() <= bytes.len());
        }

        /// Lengths that lie: the walk stays inside and ends.
        #[test]
        fn any_length_is_survived(length in any::<usize>(), small in 0usize..64, data in proptest::collection::vec(any::<u8>(), 0..64)) {
            for length in [length, small, usize::MAX - small] {
                let (mut control, _) = written(&[(1, 2, data.clone()), (3, 4, data.clone())]);
                control[..size_of::<usize>()].copy_from_slice(&length.to_ne_bytes());
                let held: Vec<_> = messages(&control).collect();
                prop_assert_eq!(held.is_empty(), length < HEADER_BYTES);
                prop_assert!(held.len() <= control.len() / HEADER_BYTES);
            }
        }
    }

    #[test]
    fn c_s_macros() {
        // What <sys/socket.h> computes on a machine of 64 bits.
        if size_of::<usize>() == 8 {
            assert_eq!([0, 1, 4, 8, 12].map(ancillary_length), [16, 17, 20, 24, 28]);
            assert_eq!([0, 1, 4, 8, 12].map(ancillary_space), [16, 24, 24, 24, 32]);
        }
        assert_eq!(ancillary_length(usize::MAX), usize::MAX);
        assert_eq!(ancillary_space(usize::MAX) % size_of::<usize>(), 0);
    }
}
