//! Batches of datagrams: many in one call, and where the kernel can, many in one packet of its own.

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::event::PollFlags;
use rustix::io::Errno;

use crate::address::Address;
use crate::error::{Cause, Error, Result};
use crate::kind::MsgFlags;
use crate::message::ancillary::segment_size;
use crate::message::control::messages;
use crate::message::failed;
use crate::options::SocketOption;
use crate::socket::Socket;
use crate::sys::{self, BATCH_MAX_MESSAGES, RawAddress};
use crate::wait::Wait;

/// As many datagrams can leave as one: `UDP_MAX_SEGMENTS` of every kernel that has segmentation (`udp(7)`).
pub(crate) const RUN_MAX_DATAGRAMS: usize = 64;

/// The longest UDP datagram of IPv4: 65,535 bytes less the headers of IP and UDP (RFC 791, RFC 768).
const UDP_MAX_BYTES: usize = 65_507;

/// The longest datagram that a batch receives.
const DATAGRAM_MAX_BYTES: usize = 1 << 24;

/// One datagram to send: its data, and where to; without an address to the connected peer.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// The payload.
    pub data: &'a [u8],
    /// The destination.
    pub address: Option<&'a Address>,
}

/// Sending and receiving in batches.
impl Socket {
    /// `sendmmsg(2)`: sends many datagrams in few calls; waits until the first can go (without a timeout the
    /// kernel waits for each), and returns how many went. From the first that did not on, call again.
    ///
    /// On a UDP socket neighbours of equal length to the same address (of which the last may be shorter) leave
    /// as one packet that the kernel or the network card takes apart (`UDP_SEGMENT`), many times faster than one
    /// by one; fastest are those whose data lies in one piece of memory. Where that is refused (a datagram
    /// longer than the path takes, a card without checksums) they leave one by one, and datagrams of that
    /// length are not merged again on this socket. One that segments by its own option
    /// ([`Socket::set_udp_segment_bytes`]) is left alone; through a duplicate, set it before the first batch.
    ///
    /// # Errors
    /// As [`Socket::send_to`], if none went. A failure after the first ends the batch, and the next call
    /// tells it if it lies in the datagram.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Datagram, Family, Kind, Protocol, RecvBatch, Socket};
    ///
    /// let socket = || -> landline_socket::Result<Socket> {
    ///     let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::UDP)?;
    ///     socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    ///     Ok(socket)
    /// };
    /// let (one, other) = (socket()?, socket()?);
    /// let to = other.local_address()?;
    /// let datagrams = [b"one", b"two"].map(|data| Datagram { data, address: Some(&to) });
    /// assert_eq!(one.send_batch(&datagrams)?, 2);
    ///
    /// let mut batch = RecvBatch::new(16, 1500)?;
    /// let received = other.recv_batch(&mut batch)?;
    /// assert_eq!(received, 2);
    /// for datagram in batch.iter() {
    ///     assert_eq!(datagram.data().len(), 3);
    ///     assert_eq!(datagram.address(), Some(one.local_address()?));
    /// }
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "sendmmsg")]
    pub fn send_batch(&self, datagrams: &[Datagram<'_>]) -> Result<usize> {
        let outcome = Wait::new(self.as_fd(), self.timeout())
            .until(PollFlags::OUT, || self.attempt_send_batch(datagrams));
        sent_of(datagrams, outcome)
    }

    /// `recvmmsg(2)`: waits for a datagram, takes what has come until then, as much as the batch has room for,
    /// and returns how many datagrams that is. What the batch held before is gone.
    ///
    /// Where the socket has `UDP_GRO` on, a slot of the batch takes up to 64 datagrams at once, and the batch
    /// takes them apart: give it slots of 65,536 bytes then. Descriptors that come with a datagram are closed:
    /// [`Socket::recv_msg`] takes them.
    ///
    /// # Errors
    /// As [`Socket::recv`].
    ///
    /// # Examples
    /// ```
    /// use std::net::SocketAddr;
    /// use landline_socket::{Datagram, Family, Kind, Protocol, RecvBatch, Socket};
    ///
    /// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    /// let one = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// let other = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// one.bind(&any_port)?;
    /// other.bind(&any_port)?;
    /// one.connect(&other.local_address()?)?;
    /// other.connect(&one.local_address()?)?;
    /// let datagrams = [b"one", b"two"].map(|data| Datagram { data, address: None });
    /// one.send_batch(&datagrams)?;
    ///
    /// // An echo of a batch: what has come by now goes back in one call.
    /// let mut batch = RecvBatch::new(16, 1500)?;
    /// other.recv_batch(&mut batch)?;
    /// let echo: Vec<_> = batch.iter().map(|one| Datagram { data: one.data(), address: None }).collect();
    /// assert_eq!(other.send_batch(&echo)?, echo.len());
    /// assert_eq!(one.recv(&mut [0; 64])?, 3);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "recvmmsg")]
    pub fn recv_batch(&self, batch: &mut RecvBatch) -> Result<usize> {
        self.wait("receive", MsgFlags::NONE, PollFlags::IN, || {
            self.attempt_recv_batch(batch)
        })
    }

    /// As many as go without waiting between them; none where the first has an address that is none.
    pub(crate) fn attempt_send_batch(&self, datagrams: &[Datagram<'_>]) -> io::Result<usize> {
        let mut sent = 0;
        while sent < datagrams.len() {
            match self.send_some(&datagrams[sent..]) {
                Ok(0) => break,
                Ok(more) => sent += more,
                Err(_) if sent > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(sent)
    }

    /// One call's worth. What the kernel refuses to segment is sent again in single datagrams.
    fn send_some(&self, datagrams: &[Datagram<'_>]) -> io::Result<usize> {
        let limit = self.offload().segment_limit(self);
        match sys::send_batch(self.as_fd(), datagrams, limit) {
            Err(error) if is_refusal(&error) && run_length(datagrams, limit, |_| ()) > 1 => {
                let limit = datagrams[0].data.len() - 1;
                let sent = sys::send_batch(self.as_fd(), datagrams, limit)?;
                // It was not the datagram itself, then.
                self.offload().lower(limit);
                Ok(sent)
            }
            outcome => outcome,
        }
    }

    /// One call. Returns how many datagrams came.
    pub(crate) fn attempt_recv_batch(&self, batch: &mut RecvBatch) -> io::Result<usize> {
        let room = self.offload().room(self);
        let RecvBatch {
            buffer,
            slot_bytes,
            slots,
            filled,
        } = batch;
        *filled = 0;
        *filled = sys::receive_batch(self.as_fd(), buffer, *slot_bytes, slots, room)?;
        Ok(slots[..*filled].iter_mut().map(Slot::take_apart).sum())
    }
}

/// How many went. None of some means that the kernel was not asked, for want of an address.
pub(crate) fn sent_of(datagrams: &[Datagram<'_>], outcome: Result<usize, Cause>) -> Result<usize> {
    let address = datagrams.first().and_then(|first| first.address);
    match (outcome, address) {
        (Ok(0), Some(address)) => match address.to_raw() {
            Ok(_) => Ok(0),
            Err(cause) => Err(failed(Some(address), cause)),
        },
        (Ok(sent), _) => Ok(sent),
        (Err(cause), address) => Err(failed(address, cause)),
    }
}

/// How many of the first datagrams can leave as one message: 1, or more where they are at most `limit` bytes
/// long and equally so, the last excepted. `each` is told the data of each.
#[inline]
pub(crate) fn run_length(
    datagrams: &[Datagram<'_>],
    limit: usize,
    mut each: impl FnMut(&[u8]),
) -> usize {
    let Some((first, others)) = datagrams.split_first() else {
        return 0;
    };
    each(first.data);
    let size = first.data.len();
    if size == 0 || size > limit {
        return 1;
    }
    let most = RUN_MAX_DATAGRAMS.min(UDP_MAX_BYTES / size);
    let mut length = 1;
    for datagram in &others[..others.len().min(most - 1)] {
        let bytes = datagram.data.len();
        if bytes == 0 || bytes > size || !same_address(first.address, datagram.address) {
            break;
        }
        each(datagram.data);
        length += 1;
        if bytes != size {
            break;
        }
    }
    length
}

/// Mostly it is the very same, which is quick to see.
#[inline]
fn same_address(one: Option<&Address>, other: Option<&Address>) -> bool {
    let place = |address: Option<&Address>| address.map_or(ptr::null(), ptr::from_ref);
    ptr::eq(place(one), place(other)) || equal_address(one, other)
}

#[cold]
fn equal_address(one: Option<&Address>, other: Option<&Address>) -> bool {
    one == other
}

/// Whether the kernel may have refused to segment, rather than to send (`udp_send_skb`): longer than the
/// path takes, no checksums (the socket's option, or the card), transformed by IPsec, or corked.
fn is_refusal(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::INVAL | Errno::MSGSIZE | Errno::IO | Errno::OPNOTSUPP)
    )
}

/// What is known of a socket's offload: nothing yet, that it has none, or up to which length datagrams may be
/// merged. In an atomic, as a socket is shared.
#[derive(Debug)]
pub(crate) struct Offload(AtomicU32);

impl Offload {
    const UNKNOWN: u32 = u32::MAX;
    const NONE: u32 = u32::MAX - 1;

    /// Asks the kernel the first time, and after each change of the option. A socket whose own option segments is
    /// left alone.
    fn known(&self, socket: &Socket) -> u32 {
        match self.0.load(Ordering::Relaxed) {
            Self::UNKNOWN => {
                // Only UDP sockets of a kernel that can segment have this option.
                let known = match socket.option(SocketOption::UDP_SEGMENT) {
                    Ok(0) => UDP_MAX_BYTES as u32,
                    Ok(_) => 0,
                    Err(_) => Self::NONE,
                };
                self.0.store(known, Ordering::Relaxed);
                known
            }
            known => known,
        }
    }

    fn segment_limit(&self, socket: &Socket) -> usize {
        match self.known(socket) {
            Self::NONE => 0,
            limit => limit as usize,
        }
    }

    /// Only where datagrams may come merged, which is where no descriptors come.
    fn room(&self, socket: &Socket) -> Room {
        match self.known(socket) {
            Self::NONE => Room::None,
            _ => Room::Some,
        }
    }

    /// After a change of `UDP_SEGMENT`.
    pub(crate) fn forget(&self) {
        self.0.store(Self::UNKNOWN, Ordering::Relaxed);
    }

    fn lower(&self, limit: usize) {
        self.0.fetch_min(limit as u32, Ordering::Relaxed);
    }
}

impl Default for Offload {
    fn default() -> Self {
        Self(AtomicU32::new(Self::UNKNOWN))
    }
}

/// Whether a batch has room for ancillary data.
#[derive(Clone, Copy)]
pub(crate) enum Room {
    None,
    Some,
}

/// Room for a batch of datagrams, used again from call to call: [`Socket::recv_batch`] fills it.
pub struct RecvBatch {
    buffer: Vec<u8>,
    slot_bytes: usize,
    slots: Vec<Slot>,
    // Invariant: at most as many as there are slots.
    filled: usize,
}

impl RecvBatch {
    /// Room for so many datagrams of so many bytes.
    ///
    /// # Errors
    /// [`Cause::Invalid`] unless there are 1 to 64 of 1 to 16,777,216 bytes.
    pub fn new(datagrams: usize, datagram_bytes: usize) -> Result<Self> {
        let invalid = |why| Err(Error::new("prepare a batch", Cause::Invalid(why)));
        if !(1..=BATCH_MAX_MESSAGES).contains(&datagrams) {
            return invalid("a batch takes 1 to 64 datagrams");
        }
        if !(1..=DATAGRAM_MAX_BYTES).contains(&datagram_bytes) {
            return invalid("the datagrams of a batch have 1 to 16,777,216 bytes");
        }
        Ok(Self {
            buffer: vec![0; datagrams * datagram_bytes],
            slot_bytes: datagram_bytes,
            slots: vec![Slot::EMPTY; datagrams],
            filled: 0,
        })
    }

    /// The datagrams of the last receive, in the order they came.
    #[must_use]
    pub fn iter(&self) -> ReceivedDatagrams<'_> {
        ReceivedDatagrams {
            slots: self.slots[..self.filled].iter(),
            buffer: self.buffer.chunks_exact(self.slot_bytes),
            slot: &Slot::EMPTY,
            rest: &[],
            segment_bytes: 0,
            is_apart: true,
        }
    }
}

impl<'a> IntoIterator for &'a RecvBatch {
    type Item = ReceivedDatagram<'a>;
    type IntoIter = ReceivedDatagrams<'a>;

    fn into_iter(self) -> ReceivedDatagrams<'a> {
        self.iter()
    }
}

/// The datagrams of a [`RecvBatch`].
#[derive(Clone, Debug)]
pub struct ReceivedDatagrams<'a> {
    slots: slice::Iter<'a, Slot>,
    buffer: slice::ChunksExact<'a, u8>,
    // The message that is being taken apart: what is left of it, and whether that was all.
    slot: &'a Slot,
    rest: &'a [u8],
    segment_bytes: usize,
    is_apart: bool,
}

impl<'a> Iterator for ReceivedDatagrams<'a> {
    type Item = ReceivedDatagram<'a>;

    #[inline]
    fn next(&mut self) -> Option<ReceivedDatagram<'a>> {
        if self.is_apart {
            self.slot = self.slots.next()?;
            // There is a part of the buffer for each slot.
            self.rest = &self.buffer.next()?[..self.slot.bytes];
            self.segment_bytes = self.slot.segment_bytes;
        }
        let is_last = self.rest.len() <= self.segment_bytes;
        self.is_apart = is_last;
        let length = if is_last {
            self.rest.len()
        } else {
            self.segment_bytes
        };
        let (data, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(ReceivedDatagram {
            data,
            slot: self.slot,
            is_last,
        })
    }
}

impl fmt::Debug for RecvBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

/// One datagram of a batch, borrowed from it.
#[derive(Clone, Copy)]
pub struct ReceivedDatagram<'a> {
    data: &'a [u8],
    slot: &'a Slot,
    // Of those that came as one message only the last can be cut.
    is_last: bool,
}

impl<'a> ReceivedDatagram<'a> {
    /// The payload.
    #[must_use]
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Who sent it; `None` where the kernel does not say (an unnamed Unix socket).
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        let name = &self.slot.name[..self.slot.name_bytes];
        (!name.is_empty()).then(|| Address::from_bytes(name))
    }

    /// `MSG_TRUNC`: whether it was longer than the batch has room for. The rest is lost.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.is_last && self.slot.flags.contains(MsgFlags::TRUNC)
    }
}

impl fmt::Debug for ReceivedDatagram<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedDatagram")
            .field("data", &self.data)
            .field("address", &self.address())
            .field("is_truncated", &self.is_truncated())
            .finish()
    }
}

/// What the kernel says of one message of a batch.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) name: [u8; RawAddress::MAX_BYTES],
    pub(crate) name_bytes: usize,
    // The length of merged datagrams stands right behind what a socket of any kind may have been asked to tell
    // (times, marks, drops), which all together is less.
    pub(crate) control: [u8; 256],
    pub(crate) control_bytes: usize,
    pub(crate) bytes: usize,
    pub(crate) flags: MsgFlags,
    /// How long each datagram of it is, but the last; at least 1.
    segment_bytes: usize,
}

impl Slot {
    const EMPTY: Self = Self {
        name: [0; RawAddress::MAX_BYTES],
        name_bytes: 0,
        control: [0; 256],
        control_bytes: 0,
        bytes: 0,
        flags: MsgFlags::NONE,
        segment_bytes: 1,
    };

    /// Notes how long each datagram is, and returns how many there are.
    fn take_apart(&mut self) -> usize {
        self.segment_bytes = messages(&self.control[..self.control_bytes])
            .filter(|message| (message.level, message.kind) == (libc::SOL_UDP, libc::UDP_GRO))
            .find_map(|message| segment_size(message.data))
            .map_or(self.bytes, usize::from)
            .max(1);
        self.bytes.div_ceil(self.segment_bytes).max(1)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use proptest::prelude::*;

    use super::{Datagram, RUN_MAX_DATAGRAMS, RecvBatch, Slot, UDP_MAX_BYTES, run_length};
    use crate::Address;
    use crate::kind::MsgFlags;
    use crate::message::control::{ControlMessage, push_message};

    fn address(port: u16) -> Address {
        SocketAddr::from(([127, 0, 0, 1], port)).into()
    }

    fn datagrams() -> impl Strategy<Value = Vec<(usize, Option<u16>)>> {
        // Few lengths and addresses, so that neighbours are often alike.
        let length = prop_oneof![
            0usize..4,
            Just(1200),
            Just(1201),
            Just(32_000),
            Just(65_507),
            Just(65_508)
        ];
        proptest::collection::vec((length, proptest::option::of(1u16..3)), 0..200)
    }

    proptest! {
        /// The kernel, taking the runs apart, sends just the datagrams that were given, each to its address.
        #[test]
        fn runs_are_the_datagrams_in_order(given in datagrams(), limit in prop_oneof![0usize..3, Just(1200), Just(UDP_MAX_BYTES)]) {
            let data = vec![0; 65_508];
            let (one, two, also_two) = (address(1), address(2), address(2));
            let to = |n: usize, port: Option<u16>| port.map(|port| match (port, n % 2) {
                (1, _) => &one,
                (_, 0) => &two,
                _ => &also_two,
            });
            let all: Vec<_> = given.iter().enumerate().map(|(n, (length, port))| Datagram {
                data: &data[..*length],
                address: to(n, *port),
            }).collect();
            let mut sent = Vec::new();
            let mut rest = &all[..];
            while !rest.is_empty() {
                let mut told = Vec::new();
                let (run, others) = rest.split_at(run_length(rest, limit, |data| told.push(data.len())));
                rest = others;
                prop_assert_eq!(told.len(), run.len());
                let (size, bytes) = (told[0], told.iter().sum::<usize>());
                // As the kernel takes it apart again.
                let segments: Vec<_> = match run.len() {
                    1 => vec![bytes],
                    _ => (0..bytes.div_ceil(size)).map(|n| size.min(bytes - n * size)).collect(),
                };
                prop_assert!(run.len() == 1 || (bytes <= UDP_MAX_BYTES && size <= limit));
                prop_assert!(segments.len() <= RUN_MAX_DATAGRAMS);
                let port = run[0].address.map(|address| address.port().unwrap());
                sent.extend(segments.into_iter().map(|length| (length, port)));
            }
            prop_assert_eq!(sent, given);
        }

        /// What came in one message is taken apart without a byte lost, whatever the kernel says of it.
        #[test]
        fn a_slot_is_all_its_datagrams(bytes in 0usize..300, size in proptest::option::of(-1i32..400), truncated in any::<bool>()) {
            let mut slot = Slot { bytes, ..Slot::EMPTY };
            if truncated {
                slot.flags = MsgFlags::TRUNC;
            }
            if let Some(size) = size {
                let mut control = Vec::new();
                push_message(&mut control, ControlMessage { level: 1, kind: 29, data: &[0; 16] });
                push_message(&mut control, ControlMessage { level: libc::SOL_UDP, kind: libc::UDP_GRO, data: &size.to_ne_bytes() });
                slot.control[..control.len()].copy_from_slice(&control);
                slot.control_bytes = control.len();
            }
            let part: Vec<u8> = (0..400).map(|n| n as u8).collect();
            let count = slot.take_apart();
            let batch = RecvBatch { buffer: part.clone(), slot_bytes: part.len(), slots: vec![slot], filled: 1 };
            let apart: Vec<_> = batch.iter().collect();
            prop_assert_eq!(apart.len(), count);
            prop_assert_eq!(apart.iter().flat_map(|one| one.data()).copied().collect::<Vec<_>>(), &part[..bytes]);
            if let Some(size @ 1..) = size {
                prop_assert!(apart.iter().all(|one| one.data().len() <= size as usize));
            } else {
                prop_assert_eq!(apart.len(), 1);
            }
            let flagged: Vec<_> = apart.iter().map(|one| one.is_truncated()).collect();
            prop_assert_eq!(flagged.iter().filter(|flagged| **flagged).count(), usize::from(truncated));
            prop_assert_eq!(flagged.last(), Some(&truncated));
        }
    }

    #[test]
    fn the_edges_of_a_run() {
        let data = vec![0; UDP_MAX_BYTES];
        let run = |lengths: &[usize]| {
            let all: Vec<_> = lengths
                .iter()
                .map(|length| Datagram {
                    data: &data[..*length],
                    address: None,
                })
                .collect();
            run_length(&all, UDP_MAX_BYTES, |_| ())
        };
        assert_eq!(run(&[]), 0);
        assert_eq!(run(&[5, 5, 3, 3]), 3, "a shorter one ends it");
        assert_eq!(run(&[5, 5, 6]), 2, "a longer one is not of it");
        assert_eq!(run(&[5, 0, 5]), 1, "an empty one has no segment");
        assert_eq!(run(&[0, 0]), 1);
        assert_eq!(run(&[1; 100]), 64);
        assert_eq!(run(&[1300; 64]), 50, "65,507 / 1300");
        assert_eq!(run(&[40_000, 100]), 1);
    }
}
