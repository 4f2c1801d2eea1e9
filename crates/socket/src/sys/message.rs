//! `sendmsg(2)` and `recvmsg(2)`: buffers lent to the kernel, and the descriptors it hands over.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use super::RawAddress;
use crate::address::Address;
use crate::kind::MsgFlags;
use crate::message::Message;
use crate::message::ancillary::{Ancillary, SCM_PIDFD};
use crate::message::control::{ControlMessage, messages};

/// `recvmsg(2)`. The descriptors that came are owned by what is returned.
pub(crate) fn receive_message(
    descriptor: BorrowedFd<'_>,
    buffers: &mut [IoSliceMut<'_>],
    control: &mut [u8],
    flags: MsgFlags,
) -> io::Result<Message> {
    let mut name = [0; RawAddress::MAX_BYTES];
    let mut header = empty_header();
    header.msg_name = name.as_mut_ptr().cast();
    header.msg_namelen = name.len() as libc::socklen_t;
    // An `IoSliceMut` is an `iovec`, std promises.
    header.msg_iov = buffers.as_mut_ptr().cast();
    header.msg_iovlen = buffers.len() as _;
    header.msg_control = control.as_mut_ptr().cast();
    header.msg_controllen = control.len() as _;
    let flags = (flags | MsgFlags::CMSG_CLOEXEC).as_raw();
    // SAFETY: every pointer of the header is to memory that is lent to this function alone, with its length;
    // the kernel writes bytes there, and any byte is fine in all of it.
    let received = unsafe { libc::recvmsg(descriptor.as_raw_fd(), &mut header, flags) };
    let bytes = count(received)?;
    let written = control.len().min(header.msg_controllen as _);
    // SAFETY: the kernel has just written these bytes, and this is the only time that they are looked at for
    // descriptors.
    let ancillary = messages(&control[..written]).map(|message| unsafe { taken_over(message) });
    Ok(Message {
        bytes,
        // The kernel gives back what it was asked for, too.
        flags: MsgFlags::from_raw(header.msg_flags & !libc::MSG_CMSG_CLOEXEC),
        ancillary: ancillary.collect(),
        address: address(&name, header.msg_namelen),
    })
}

/// A control message, with the descriptors it gave this process.
///
/// # Safety
/// The message is the kernel's answer to a receive of this process, seen for the first and last time:
/// the descriptors that it names are open and nobody else's.
unsafe fn taken_over(message: ControlMessage<'_>) -> Ancillary {
    // SAFETY: by the caller's promise. A number below zero is no descriptor, but an error's.
    let own = |number: RawFd| (number >= 0).then(|| unsafe { OwnedFd::from_raw_fd(number) });
    let mut descriptors = message
        .data
        .as_chunks()
        .0
        .iter()
        .filter_map(|number| own(RawFd::from_ne_bytes(*number)));
    match (message.level, message.kind) {
        (libc::SOL_SOCKET, libc::SCM_RIGHTS) => Ancillary::Rights(descriptors.collect()),
        (libc::SOL_SOCKET, SCM_PIDFD) => match descriptors.next() {
            Some(process) => Ancillary::Process(process),
            None => Ancillary::from_message(message),
        },
        _ => Ancillary::from_message(message),
    }
}

/// `sendmsg(2)` with `MSG_NOSIGNAL`.
pub(crate) fn send_message(
    descriptor: BorrowedFd<'_>,
    pieces: &[IoSlice<'_>],
    control: &[u8],
    flags: MsgFlags,
    address: Option<&RawAddress>,
) -> io::Result<usize> {
    let mut header = empty_header();
    if let Some(address) = address {
        set_name(&mut header, address);
    }
    // An `IoSlice` is an `iovec`, std promises.
    header.msg_iov = pieces.as_ptr().cast_mut().cast();
    header.msg_iovlen = pieces.len() as _;
    if !control.is_empty() {
        header.msg_control = control.as_ptr().cast_mut().cast();
        header.msg_controllen = control.len() as _;
    }
    let flags = flags.of_send()?;
    // SAFETY: every pointer of the header is to memory that is lent to this function, with its length; the
    // kernel only reads it, and, as `MSG_ZEROCOPY` is refused, no later than now.
    count(unsafe { libc::sendmsg(descriptor.as_raw_fd(), &header, flags) })
}

/// A header of nothing. Not all libcs have the same fields, so it cannot be written down.
pub(super) fn empty_header() -> libc::msghdr {
    // SAFETY: a C struct of integers and pointers, for all of which zero is a value.
    unsafe { mem::zeroed() }
}

pub(super) fn set_name(header: &mut libc::msghdr, address: &RawAddress) {
    let bytes = address.as_bytes();
    header.msg_name = bytes.as_ptr().cast_mut().cast();
    // At most 128.
    header.msg_namelen = bytes.len() as libc::socklen_t;
}

/// The address that the kernel wrote, if it has one.
fn address(name: &[u8], length: libc::socklen_t) -> Option<Address> {
    let name = &name[..name.len().min(length as usize)];
    (!name.is_empty()).then(|| Address::from_bytes(name))
}

/// What a call returned: a number, or -1 and an `errno`.
pub(super) fn count(returned: isize) -> io::Result<usize> {
    usize::try_from(returned).map_err(|_| io::Error::last_os_error())
}
