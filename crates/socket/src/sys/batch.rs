//! `sendmmsg(2)` and `recvmmsg(2)`: many messages in one call, their headers on the stack.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

use super::RawAddress;
use super::message::{count, empty_header, set_name};
use crate::address::Address;
use crate::kind::MsgFlags;
use crate::message::batch::{Datagram, RUN_MAX_DATAGRAMS, Room, Slot, run_length};
use crate::message::control::{self, HEADER_BYTES, ancillary_space};

/// How many messages one call of a batch takes: what a call costs beside them is then next to nothing.
pub(crate) const BATCH_MAX_MESSAGES: usize = 64;

/// How many pieces of memory all messages of one call may have: enough for several of many segments.
const BATCH_MAX_PIECES: usize = 256;

/// `sendmmsg(2)` with `MSG_NOSIGNAL`: as many of the first datagrams as one call takes, those merged that may
/// be; ends before one whose address is none. Returns how many datagrams went.
pub(crate) fn send_batch(
    descriptor: BorrowedFd<'_>,
    datagrams: &[Datagram<'_>],
    merge_limit: usize,
) -> io::Result<usize> {
    let mut headers = [const { MaybeUninit::<libc::mmsghdr>::uninit() }; BATCH_MAX_MESSAGES];
    let mut names = [const { MaybeUninit::<RawAddress>::uninit() }; BATCH_MAX_MESSAGES];
    let mut controls = [const { MaybeUninit::<SegmentControl>::uninit() }; BATCH_MAX_MESSAGES];
    let mut pieces = [const { MaybeUninit::<libc::iovec>::uninit() }; BATCH_MAX_PIECES];
    let (mut rest, mut free) = (datagrams, &mut pieces[..]);
    let mut before: Option<(&Address, &RawAddress)> = None;
    let mut lengths = [0_u8; BATCH_MAX_MESSAGES];
    let mut messages = 0;
    let rooms = headers.iter_mut().zip(&mut names).zip(&mut controls);
    for ((header, name), control) in rooms {
        let enough = free.len() >= rest.len().min(RUN_MAX_DATAGRAMS);
        let Some(first) = rest.first().filter(|_| enough) else {
            break;
        };
        let mut message = empty_header();
        if let Some(address) = first.address {
            let Some(raw) = raw_address(address, before, name) else {
                break;
            };
            set_name(&mut message, raw);
            before = Some((address, raw));
        }
        let mut gathered = Gathered::new(free);
        let length = run_length(rest, merge_limit, |data| gathered.push(data));
        let (own, others) = gathered.split();
        (rest, free) = (&rest[length..], others);
        message.msg_iov = own.as_mut_ptr().cast();
        message.msg_iovlen = own.len() as _;
        if length > 1 {
            let control = control.write(SegmentControl::new(first.data.len()));
            message.msg_control = ptr::from_mut(control).cast();
            message.msg_controllen = size_of::<SegmentControl>() as _;
        }
        header.write(libc::mmsghdr {
            msg_hdr: message,
            msg_len: 0,
        });
        lengths[messages] = length as u8;
        messages += 1;
    }
    if messages == 0 {
        return Ok(0);
    }
    let first = headers.as_mut_ptr().cast::<libc::mmsghdr>();
    let flags = MsgFlags::NOSIGNAL.as_raw();
    // SAFETY: the first `messages` headers are initialised, and so is all that they point to, with its length:
    // names, controls and pieces in the arrays above, and the data, which is lent for as long as this call;
    // the kernel only reads it, but for the lengths in the headers. A `mmsghdr` begins with its `msghdr`.
    let sent = unsafe {
        match messages {
            // The kernel does a little less for it. It tells bytes, of which an empty datagram has none.
            1 => count(libc::sendmsg(
                descriptor.as_raw_fd(),
                first.cast_const().cast(),
                flags,
            ))
            .map(|_| 1),
            _ => count(
                libc::sendmmsg(descriptor.as_raw_fd(), first, messages as _, flags as _) as isize,
            ),
        }
    }?;
    Ok(lengths[..sent].iter().copied().map(usize::from).sum())
}

/// The address as the kernel takes it. That of the message before is not made again.
fn raw_address<'n>(
    address: &Address,
    before: Option<(&Address, &'n RawAddress)>,
    room: &'n mut MaybeUninit<RawAddress>,
) -> Option<&'n RawAddress> {
    match before {
        Some((same, raw)) if ptr::eq(same, address) => Some(raw),
        _ => address.to_raw().ok().map(|raw| &*room.write(raw)),
    }
}

/// Where the data of a message is. Neighbours in memory are one piece, which the kernel copies fastest.
struct Gathered<'p> {
    pieces: &'p mut [MaybeUninit<libc::iovec>],
    count: usize,
    // The piece that may still grow.
    start: *const u8,
    end: usize,
}

impl<'p> Gathered<'p> {
    fn new(pieces: &'p mut [MaybeUninit<libc::iovec>]) -> Self {
        Self {
            pieces,
            count: 0,
            start: ptr::null(),
            end: 0,
        }
    }

    #[inline]
    fn push(&mut self, data: &[u8]) {
        if data.as_ptr().addr() != self.end {
            self.finish();
            self.start = data.as_ptr();
            self.end = self.start.addr();
        }
        self.end += data.len();
    }

    #[inline]
    fn finish(&mut self) {
        if !self.start.is_null() {
            self.pieces[self.count].write(libc::iovec {
                iov_base: self.start.cast_mut().cast(),
                iov_len: self.end - self.start.addr(),
            });
            self.count += 1;
        }
    }

    /// The pieces of this message, all of them initialised, and the room that is left.
    #[inline]
    fn split(
        mut self,
    ) -> (
        &'p mut [MaybeUninit<libc::iovec>],
        &'p mut [MaybeUninit<libc::iovec>],
    ) {
        self.finish();
        self.pieces.split_at_mut(self.count)
    }
}

/// `recvmmsg(2)` with `MSG_WAITFORONE`: a datagram for each slot and its `part_bytes` of the buffer. Returns how
/// many came. Without room for ancillary data the kernel closes the descriptors that came.
pub(crate) fn receive_batch(
    descriptor: BorrowedFd<'_>,
    buffer: &mut [u8],
    part_bytes: usize,
    slots: &mut [Slot],
    ancillary: Room,
) -> io::Result<usize> {
    let mut headers = [const { MaybeUninit::<libc::mmsghdr>::uninit() }; BATCH_MAX_MESSAGES];
    let mut pieces = [const { MaybeUninit::<libc::iovec>::uninit() }; BATCH_MAX_MESSAGES];
    let mut offered = 0;
    let rooms = headers.iter_mut().zip(&mut pieces);
    let parts = buffer.chunks_exact_mut(part_bytes);
    for ((slot, part), (header, piece)) in slots.iter_mut().zip(parts).zip(rooms) {
        let mut message = empty_header();
        message.msg_name = slot.name.as_mut_ptr().cast();
        message.msg_namelen = slot.name.len() as libc::socklen_t;
        message.msg_iov = piece.write(libc::iovec {
            iov_base: part.as_mut_ptr().cast(),
            iov_len: part.len(),
        });
        message.msg_iovlen = 1;
        if let Room::Some = ancillary {
            message.msg_control = slot.control.as_mut_ptr().cast();
            message.msg_controllen = slot.control.len() as _;
        }
        header.write(libc::mmsghdr {
            msg_hdr: message,
            msg_len: 0,
        });
        offered += 1;
    }
    let (first, flags) = (
        headers.as_mut_ptr().cast::<libc::mmsghdr>(),
        (MsgFlags::WAITFORONE | MsgFlags::CMSG_CLOEXEC).as_raw(),
    );
    let number = descriptor.as_raw_fd();
    // SAFETY: the first `offered` headers are initialised; their pointers are to pieces of memory that do not
    // overlap and are lent to this function alone, with their lengths; the kernel writes bytes there, and any
    // byte is fine in all of it.
    let received = unsafe {
        match offered {
            // The kernel does a little less for it.
            1 => count(libc::recvmsg(number, &raw mut (*first).msg_hdr, flags)).map(|bytes| {
                // It came by a header of at most 16 MiB.
                (*first).msg_len = bytes as _;
                1
            }),
            _ => {
                count(libc::recvmmsg(number, first, offered, flags as _, ptr::null_mut()) as isize)
            }
        }
    }?;
    for (slot, header) in slots.iter_mut().zip(&headers).take(received) {
        // SAFETY: `received` is at most `offered`, so this one is initialised.
        let header = unsafe { header.assume_init_ref() };
        slot.bytes = part_bytes.min(header.msg_len as usize);
        slot.name_bytes = slot.name.len().min(header.msg_hdr.msg_namelen as usize);
        slot.control_bytes = slot.control.len().min(header.msg_hdr.msg_controllen as _);
        slot.flags = MsgFlags::from_raw(header.msg_hdr.msg_flags);
    }
    Ok(received)
}

/// The control message that asks for datagrams of one size, `UDP_SEGMENT`.
#[repr(C, align(8))]
struct SegmentControl([u8; ancillary_space(size_of::<u16>())]);

impl SegmentControl {
    /// At most 65,507: of these it is asked for.
    fn new(size: usize) -> Self {
        let mut bytes = [0; ancillary_space(size_of::<u16>())];
        let (header, data) = bytes.split_at_mut(HEADER_BYTES);
        header.copy_from_slice(&control::header(
            libc::SOL_UDP,
            libc::UDP_SEGMENT,
            size_of::<u16>(),
        ));
        data[..2].copy_from_slice(&(size as u16).to_ne_bytes());
        Self(bytes)
    }
}
