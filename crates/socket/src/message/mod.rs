//! Messages: bytes, ancillary data and an address in one call, and descriptors over a socket.

pub(crate) mod ancillary;
pub(crate) mod batch;
pub(crate) mod control;

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::PollFlags;

use crate::address::Address;
use crate::error::{Cause, Error, Result};
use crate::kind::{Family, Kind, MsgFlags};
use crate::message::ancillary::{Ancillary, SendAncillary};
use crate::message::control::ancillary_length;
use crate::socket::Socket;
use crate::sys::{self, RawAddress};
use crate::wait::Wait;

/// The kernel never has more ancillary data for one message than this.
const ANCILLARY_MAX_BYTES: usize = 1 << 20;

/// What `recvmsg(2)` received beside the bytes in the buffer.
#[derive(Debug)]
#[doc(alias = "msghdr")]
pub struct Message {
    /// How many bytes came; 0 at the end of a stream. More than the buffer only where [`MsgFlags::TRUNC`] asked for it.
    pub bytes: usize,
    /// What is to be known about it, C's `msg_flags`.
    pub flags: MsgFlags,
    /// Who sent it; `None` where the kernel does not say (a connected stream, an unnamed Unix socket).
    pub address: Option<Address>,
    /// What came with it, in the kernel's order. Descriptors among it are closed when it is dropped.
    pub ancillary: Vec<Ancillary>,
}

impl Message {
    /// `MSG_TRUNC`: whether the datagram was longer than the buffer. The rest is lost.
    #[must_use]
    #[doc(alias = "MSG_TRUNC")]
    pub fn is_truncated(&self) -> bool {
        self.flags.contains(MsgFlags::TRUNC)
    }

    /// `MSG_CTRUNC`: whether there was not enough room for the ancillary data. The rest is lost;
    /// descriptors among it the kernel has closed.
    #[must_use]
    #[doc(alias = "MSG_CTRUNC")]
    pub fn is_ancillary_truncated(&self) -> bool {
        self.flags.contains(MsgFlags::CTRUNC)
    }

    /// All the descriptors that came.
    fn into_descriptors(self) -> Vec<OwnedFd> {
        let rights = |one| match one {
            Ancillary::Rights(descriptors) => descriptors,
            _ => Vec::new(),
        };
        self.ancillary.into_iter().flat_map(rights).collect()
    }
}

/// Messages.
impl Socket {
    /// `recvmsg(2)`: waits for data, and takes it with at most `ancillary_bytes` of ancillary data, for which
    /// [`ancillary_space`](crate::ancillary_space) counts the room.
    ///
    /// Received descriptors do not survive an `exec`, and none leaks: those that there is no room for are
    /// closed by the kernel. With [`MsgFlags::ERRQUEUE`] it never waits (`EAGAIN`).
    ///
    /// # Errors
    /// As [`Socket::recv`].
    ///
    /// # Examples
    /// ```
    /// use std::io::IoSlice;
    /// use std::os::fd::AsFd;
    /// use landline_socket::{Ancillary, Family, Kind, MsgFlags, Protocol, SendAncillary, Socket, ancillary_space};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::DGRAM, Protocol::DEFAULT)?;
    /// let gift = [one.as_fd()];
    /// one.send_msg(&[IoSlice::new(b"yours")], &[SendAncillary::Rights(&gift)], MsgFlags::NONE, None)?;
    ///
    /// let mut buffer = [0; 64];
    /// let message = other.recv_msg(&mut buffer, ancillary_space(size_of::<i32>()), MsgFlags::NONE)?;
    /// assert_eq!(&buffer[..message.bytes], b"yours");
    /// assert!(matches!(&message.ancillary[..], [Ancillary::Rights(descriptors)] if descriptors.len() == 1));
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "recvmsg")]
    pub fn recv_msg(
        &self,
        buffer: &mut [u8],
        ancillary_bytes: usize,
        flags: MsgFlags,
    ) -> Result<Message> {
        self.recv_msg_into(&mut [IoSliceMut::new(buffer)], ancillary_bytes, flags)
    }

    /// Python's `recvmsg_into`: [`Socket::recv_msg`] into many buffers, one filled after the other.
    ///
    /// # Errors
    /// As [`Socket::recv`]; `EMSGSIZE` for more than 1024 buffers.
    ///
    /// # Examples
    /// ```
    /// use std::io::IoSliceMut;
    /// use landline_socket::{Family, Kind, MsgFlags, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.send_all(b"head body")?;
    /// let (mut head, mut body) = ([0; 5], [0; 64]);
    /// let mut buffers = [IoSliceMut::new(&mut head), IoSliceMut::new(&mut body)];
    /// let message = other.recv_msg_into(&mut buffers, 0, MsgFlags::NONE)?;
    /// assert_eq!(message.bytes, 9);
    /// assert_eq!((&head, &body[..4]), (b"head ", &b"body"[..]));
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "recvmsg_into")]
    #[doc(alias = "readv")]
    pub fn recv_msg_into(
        &self,
        buffers: &mut [IoSliceMut<'_>],
        ancillary_bytes: usize,
        flags: MsgFlags,
    ) -> Result<Message> {
        let mut control = control_buffer(ancillary_bytes);
        self.wait("receive", flags, PollFlags::IN, || {
            sys::receive_message(self.as_fd(), buffers, &mut control, flags)
        })
    }

    /// `sendmsg(2)`: sends many pieces as one message, with ancillary data, to an address or to the peer;
    /// returns how many bytes went.
    ///
    /// The ancillary data goes with the first byte. On a stream the bytes may go in part: send the rest
    /// without the ancillary data, or it arrives twice.
    ///
    /// # Errors
    /// As [`Socket::send_to`]; `EMSGSIZE` for more than 1024 pieces; `ETOOMANYREFS` for too many descriptors
    /// under way; [`Cause::Invalid`] for more than 253 descriptors, for descriptors on a socket that is not
    /// a Unix one (where they would silently stay behind), and with no byte to carry them over a stream, and for
    /// control messages of RDS.
    ///
    /// # Examples
    /// ```
    /// use std::io::IoSlice;
    /// use std::net::SocketAddr;
    /// use landline_socket::{Family, Kind, MsgFlags, Protocol, Socket};
    ///
    /// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    /// let one = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// let other = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// one.bind(&any_port)?;
    /// other.bind(&any_port)?;
    /// let pieces = [IoSlice::new(b"head"), IoSlice::new(b", body")];
    /// let to = other.local_address()?;
    /// assert_eq!(one.send_msg(&pieces, &[], MsgFlags::NONE, Some(&to))?, 10);
    /// let mut buffer = [0; 64];
    /// let (received, _) = other.recv_from(&mut buffer)?;
    /// assert_eq!(&buffer[..received], b"head, body");
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "sendmsg")]
    #[doc(alias = "sendmsg_afalg")]
    pub fn send_msg(
        &self,
        pieces: &[IoSlice<'_>],
        ancillary: &[SendAncillary<'_>],
        flags: MsgFlags,
        address: Option<&Address>,
    ) -> Result<usize> {
        let message = Outgoing::new(self, pieces, ancillary, address)?;
        Wait::new(self.as_fd(), self.timeout_with(flags))
            .until(PollFlags::OUT, || message.attempt(self, flags))
            .map_err(|cause| failed(address, cause))
    }

    /// Python's `send_fds`: sends data, and with its first byte duplicates of the descriptors; returns how many bytes went.
    ///
    /// Without descriptors it is [`Socket::send`]. On a stream the bytes may go in part, and the descriptors
    /// went with them: send the rest with [`Socket::send_all`].
    ///
    /// # Errors
    /// As [`Socket::send_msg`].
    ///
    /// # Examples
    /// ```
    /// use std::io::Read;
    /// use std::os::fd::AsFd;
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let file = std::fs::File::open("/dev/zero").expect("it is always there");
    /// one.send_descriptors(b"a file", &[file.as_fd()])?;
    ///
    /// let mut buffer = [0; 64];
    /// let (bytes, mut descriptors, _) = other.recv_descriptors(&mut buffer, 1)?;
    /// let mut file = std::fs::File::from(descriptors.remove(0));
    /// file.read_exact(&mut buffer).expect("it never ends");
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "send_fds")]
    pub fn send_descriptors(&self, data: &[u8], descriptors: &[BorrowedFd<'_>]) -> Result<usize> {
        let rights = [SendAncillary::Rights(descriptors)];
        self.send_msg(&[IoSlice::new(data)], &rights, MsgFlags::NONE, None)
    }

    /// Python's `recv_fds`: receives data, and at most `max` descriptors that came with it; returns how many
    /// bytes came, the descriptors, and the flags.
    ///
    /// More descriptors than `max` are closed, and the flags contain [`MsgFlags::CTRUNC`]. The descriptors
    /// do not survive an `exec`. With `SO_PASSCRED` on, other data takes their room: use [`Socket::recv_msg`].
    ///
    /// # Errors
    /// As [`Socket::recv`].
    ///
    /// # Examples
    /// ```
    /// use std::os::fd::AsFd;
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let (near, far) = Socket::pair(Family::UNIX, Kind::DGRAM, Protocol::DEFAULT)?;
    /// one.send_descriptors(b"one end", &[near.as_fd()])?;
    ///
    /// let mut buffer = [0; 64];
    /// let (bytes, mut descriptors, flags) = other.recv_descriptors(&mut buffer, 1)?;
    /// assert_eq!((bytes, descriptors.len(), !flags.contains(landline_socket::MsgFlags::CTRUNC)), (7, 1, true));
    /// Socket::from(descriptors.remove(0)).send(b"by the gift")?;
    /// assert_eq!(far.recv(&mut buffer)?, 11);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "recv_fds")]
    pub fn recv_descriptors(
        &self,
        buffer: &mut [u8],
        max: usize,
    ) -> Result<(usize, Vec<OwnedFd>, MsgFlags)> {
        self.recv_msg(buffer, rights_bytes(max), MsgFlags::NONE)
            .map(with_descriptors)
    }
}

/// Room for just so many descriptors: `CMSG_SPACE` would take one more on some machines.
pub(crate) fn rights_bytes(max: usize) -> usize {
    ancillary_length(max.saturating_mul(size_of::<i32>()))
}

pub(crate) fn with_descriptors(message: Message) -> (usize, Vec<OwnedFd>, MsgFlags) {
    let (bytes, flags) = (message.bytes, message.flags);
    (bytes, message.into_descriptors(), flags)
}

/// Room for ancillary data, as much as the kernel may need.
pub(crate) fn control_buffer(ancillary_bytes: usize) -> Vec<u8> {
    vec![0; ancillary_bytes.min(ANCILLARY_MAX_BYTES)]
}

pub(crate) fn failed(address: Option<&Address>, cause: Cause) -> Error {
    match address {
        Some(address) => Error::with_address("send", address, cause),
        None => Error::new("send", cause),
    }
}

/// Descriptors arrive, or it is an error: elsewhere the kernel would leave them behind without a word.
fn check_carrier(socket: &Socket, pieces: &[IoSlice<'_>]) -> Result<(), Cause> {
    if socket.family().map_err(Error::into_cause)? != Family::UNIX {
        return Err(Cause::Invalid(
            "descriptors travel over Unix sockets alone (unix(7))",
        ));
    }
    let is_empty = pieces.iter().all(|piece| piece.is_empty());
    if is_empty && socket.kind().map_err(Error::into_cause)? == Kind::STREAM {
        return Err(Cause::Invalid(
            "over a stream, descriptors need a byte of data to travel with (unix(7))",
        ));
    }
    Ok(())
}

/// A message made ready, which both faces send.
pub(crate) struct Outgoing<'a> {
    pieces: &'a [IoSlice<'a>],
    control: Vec<u8>,
    address: Option<RawAddress>,
}

impl<'a> Outgoing<'a> {
    pub(crate) fn new(
        socket: &Socket,
        pieces: &'a [IoSlice<'a>],
        ancillary: &[SendAncillary<'_>],
        address: Option<&Address>,
    ) -> Result<Self> {
        let failed = |cause| failed(address, cause);
        let control = SendAncillary::encode(ancillary).map_err(failed)?;
        let raw = address.map(Address::to_raw).transpose().map_err(failed)?;
        let with_descriptors =
            |one: &SendAncillary<'_>| matches!(one, SendAncillary::Rights([_, ..]));
        if ancillary.iter().any(with_descriptors) {
            check_carrier(socket, pieces).map_err(failed)?;
        }
        Ok(Self {
            pieces,
            control,
            address: raw,
        })
    }

    /// `sendmsg(2)`.
    pub(crate) fn attempt(&self, socket: &Socket, flags: MsgFlags) -> io::Result<usize> {
        let address = self.address.as_ref();
        sys::send_message(socket.as_fd(), self.pieces, &self.control, flags, address)
    }
}
