//! Batches of datagrams: many in one call, and where the kernel can, many in one packet of its own.

use std::io;
use std::os::fd::AsFd;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::event::PollFlags;
use rustix::io::Errno;

use crate::address::Address;
use crate::ancillary::segment_size;
use crate::control::messages;
use crate::error::{Cause, Error, Result};
use crate::kind::MsgFlags;
use crate::message::failed;
use crate::options::SocketOption;
use crate::socket::Socket;
use crate::sys::{self, BATCH_MAX_MESSAGES, RawAddress};
use crate::wait::Wait;

/// As many datagrams can leave as one: `UDP_MAX_SEGMENTS` of every kernel that has segmentation (`udp(7)`).
const SEGMENTS_MAX: usize = 64;

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
    /// `sendmmsg(2)`: sends many datagrams in few calls; waits until the first can go, and returns how many
    /// went. From the first that did not on, call again.
    ///
    /// On a UDP socket neighbours of equal length to the same address (of which the last may be shorter) leave
    /// as one packet that the kernel or the network card takes apart (`UDP_SEGMENT`), many times faster than one
    /// by one; fastest are those whose data lies in one piece of memory. Where that is refused (a datagram
    /// longer than the path takes, a card without checksums) they leave one by one, and datagrams of that
    /// length are not merged again on this socket.
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
        check_first(datagrams)?;
        Wait::new(self.as_fd(), self.timeout())
            .until(PollFlags::OUT, || self.attempt_send_batch(datagrams))
            .map_err(|cause| first_failed(datagrams, cause))
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
    #[doc(alias = "recvmmsg")]
    pub fn recv_batch(&self, batch: &mut RecvBatch) -> Result<usize> {
        self.wait("receive", MsgFlags::NONE, PollFlags::IN, || {
            self.attempt_recv_batch(batch)
        })
    }

    /// As many as go without waiting between them.
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
        match send_runs(self, datagrams, limit) {
            Err(error) if is_refusal(&error) && run_length(datagrams, limit) > 1 => {
                let limit = datagrams[0].data.len() - 1;
                let sent = send_runs(self, datagrams, limit)?;
                // It was not the datagram itself, then.
                self.offload().lower(limit);
                Ok(sent)
            }
            outcome => outcome,
        }
    }

    /// One call.
    pub(crate) fn attempt_recv_batch(&self, batch: &mut RecvBatch) -> io::Result<usize> {
        let ancillary = self.offload().room(self);
        let RecvBatch {
            buffer,
            datagram_bytes,
            slots,
            ..
        } = batch;
        batch.filled = 0;
        batch.filled = sys::receive_batch(self.as_fd(), buffer, *datagram_bytes, slots, ancillary)?;
        Ok(batch.slots[..batch.filled]
            .iter()
            .map(Slot::datagrams)
            .sum())
    }
}

pub(crate) fn check_first(datagrams: &[Datagram<'_>]) -> Result<()> {
    match datagrams.first().and_then(|first| first.address) {
        Some(address) => address
            .to_raw()
            .map(|_| ())
            .map_err(|cause| failed(Some(address), cause)),
        None => Ok(()),
    }
}

pub(crate) fn first_failed(datagrams: &[Datagram<'_>], cause: Cause) -> Error {
    failed(datagrams.first().and_then(|first| first.address), cause)
}

/// Sends the first of these, merged where they may be, and returns how many went.
fn send_runs(socket: &Socket, datagrams: &[Datagram<'_>], limit: usize) -> io::Result<usize> {
    let rest = datagrams;
    sys::send_batch(socket.as_fd(), Runs { rest, limit })
}

/// Datagrams that leave as one message.
pub(crate) struct Run<'a> {
    pub(crate) datagrams: &'a [Datagram<'a>],
    pub(crate) address: Option<RawAddress>,
    /// How long each is (but the last), where they are several.
    pub(crate) segment_size: Option<u16>,
}

/// Takes datagrams apart into runs; ends before one whose address is none.
struct Runs<'a> {
    rest: &'a [Datagram<'a>],
    limit: usize,
}

impl<'a> Iterator for Runs<'a> {
    type Item = Run<'a>;

    fn next(&mut self) -> Option<Run<'a>> {
        let first = self.rest.first()?;
        let address = first.address.map(Address::to_raw).transpose().ok()?;
        let (datagrams, rest) = self.rest.split_at(run_length(self.rest, self.limit));
        self.rest = rest;
        let segment_size = u16::try_from(first.data.len()).ok();
        Some(Run {
            datagrams,
            address,
            segment_size: segment_size.filter(|_| datagrams.len() > 1),
        })
    }
}

/// How many of the first datagrams can leave as one message: 1, or more where they are at most `limit` bytes
/// long and equally so, the last excepted.
fn run_length(datagrams: &[Datagram<'_>], limit: usize) -> usize {
    let Some((first, others)) = datagrams.split_first() else {
        return 0;
    };
    let size = first.data.len();
    if size == 0 || size > limit {
        return 1;
    }
    let most = SEGMENTS_MAX.min(UDP_MAX_BYTES / size);
    let mut length = 1;
    for datagram in others {
        let fits = length < most && (1..=size).contains(&datagram.data.len());
        if !fits || !same_address(first.address, datagram.address) {
            break;
        }
        length += 1;
        if datagram.data.len() < size {
            break;
        }
    }
    length
}

fn same_address(one: Option<&Address>, other: Option<&Address>) -> bool {
    match (one, other) {
        // Mostly it is the very same, which is quicker to see.
        (Some(one), Some(other)) => ptr::eq(one, other) || one == other,
        (None, None) => true,
        _ => false,
    }
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

    /// Asks the kernel the first time. A socket whose own option segments is left alone.
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
    datagram_bytes: usize,
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
            datagram_bytes,
            slots: vec![Slot::EMPTY; datagrams],
            filled: 0,
        })
    }

    /// The datagrams of the last receive, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = ReceivedDatagram<'_>> {
        let parts = self.buffer.chunks_exact(self.datagram_bytes);
        let filled = self.slots[..self.filled].iter().zip(parts);
        filled.flat_map(|(slot, part)| slot.taken_apart(part))
    }
}

/// One datagram of a batch, borrowed from it.
#[derive(Clone, Copy)]
pub struct ReceivedDatagram<'a> {
    data: &'a [u8],
    slot: &'a Slot,
    is_truncated: bool,
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
        self.is_truncated
    }
}

/// What the kernel says of one message of a batch.
#[derive(Clone)]
pub(crate) struct Slot {
    pub(crate) name: [u8; RawAddress::MAX_BYTES],
    pub(crate) name_bytes: usize,
    // The merged datagrams' length stands behind what else a UDP socket may have been asked to tell: the
    // times, packet information, marks, which together are less.
    pub(crate) control: [u8; 256],
    pub(crate) control_bytes: usize,
    pub(crate) bytes: usize,
    pub(crate) flags: MsgFlags,
}

impl Slot {
    const EMPTY: Self = Self {
        name: [0; RawAddress::MAX_BYTES],
        name_bytes: 0,
        control: [0; 256],
        control_bytes: 0,
        bytes: 0,
        flags: MsgFlags::NONE,
    };

    /// How long each datagram is (but the last).
    fn segment_bytes(&self) -> usize {
        messages(&self.control[..self.control_bytes])
            .filter(|message| (message.level, message.kind) == (libc::SOL_UDP, libc::UDP_GRO))
            .find_map(|message| segment_size(message.data))
            .map_or(self.bytes, usize::from)
            // An empty datagram is one too.
            .max(1)
    }

    /// How many datagrams came as this message.
    fn datagrams(&self) -> usize {
        self.bytes.div_ceil(self.segment_bytes()).max(1)
    }

    fn taken_apart<'a>(&'a self, part: &'a [u8]) -> impl Iterator<Item = ReceivedDatagram<'a>> {
        let (all, size, count) = (&part[..self.bytes], self.segment_bytes(), self.datagrams());
        (1..=count).map(move |number| ReceivedDatagram {
            data: &all[(number - 1) * size..all.len().min(number * size)],
            slot: self,
            is_truncated: number == count && self.flags.contains(MsgFlags::TRUNC),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use proptest::prelude::*;

    use super::{Datagram, Runs, SEGMENTS_MAX, Slot, UDP_MAX_BYTES, run_length};
    use crate::Address;
    use crate::control::{ControlMessage, push_message};
    use crate::kind::MsgFlags;

    fn address(port: u16) -> Address {
        SocketAddr::from(([127, 0, 0, 1], port)).into()
    }

    /// As the kernel takes it apart again.
    fn segments(run: &super::Run<'_>) -> Vec<usize> {
        let bytes: usize = run
            .datagrams
            .iter()
            .map(|datagram| datagram.data.len())
            .sum();
        match run.segment_size {
            Some(size) => {
                let size = usize::from(size);
                (0..bytes.div_ceil(size))
                    .map(|n| size.min(bytes - n * size))
                    .collect()
            }
            None => vec![bytes],
        }
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
            for run in (Runs { rest: &all, limit }) {
                let bytes: usize = run.datagrams.iter().map(|datagram| datagram.data.len()).sum();
                prop_assert!(run.datagrams.len() == 1 || bytes <= UDP_MAX_BYTES);
                prop_assert!(run.segment_size.is_none_or(|size| usize::from(size) <= limit));
                let address = run.address.map(|raw| Address::from_bytes(raw.as_bytes()).port().unwrap());
                let lengths = segments(&run);
                prop_assert!(lengths.len() <= SEGMENTS_MAX);
                sent.extend(lengths.into_iter().map(|length| (length, address)));
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
            let apart: Vec<_> = slot.taken_apart(&part).collect();
            prop_assert_eq!(apart.len(), slot.datagrams());
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
            run_length(&all, UDP_MAX_BYTES)
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
