//! Messages however the bytes that they lie on are cut.

use bytes::BytesMut;
use landline_wire::codec::{Codec, Fault};

/// The bytes, cut at these places as far as there are such.
pub(crate) fn chunks<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| (*cut).min(bytes.len())).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2)
        .map(|pair| &bytes[pair[0]..pair[1]])
        .collect()
}

/// All that comes of the chunks up to the end or a final fault; what waits in between never exceeds `most` bytes.
pub(crate) fn messages<C: Codec>(
    mut codec: C,
    chunks: &[&[u8]],
    most: usize,
) -> Vec<Result<C::Received, Fault>> {
    let mut buffer = BytesMut::new();
    let mut messages = Vec::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(message) = codec.decode(&mut buffer).transpose() {
            let is_last = matches!(&message, Err(fault) if fault.is_final());
            messages.push(message);
            if is_last {
                return messages;
            }
        }
        assert!(buffer.len() <= most, "no more than a message waits");
    }
    messages.extend(codec.end(&mut buffer).transpose());
    messages
}
