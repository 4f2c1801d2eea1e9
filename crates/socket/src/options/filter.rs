//! Filters: programs of classic BPF that the kernel runs over what arrives.

use std::os::fd::{AsFd, AsRawFd};

use super::{SocketOption, sys};
use crate::error::{Cause, Error, Result};
use crate::socket::Socket;

/// `BPF_MAXINSNS`: the longest program that the kernel takes.
const PROGRAM_MAX_INSTRUCTIONS: usize = 4096;

/// C's `sock_filter`: one instruction of classic BPF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "sock_filter")]
pub struct FilterInstruction {
    /// What it does: `BPF_LD`, `BPF_JMP`, `BPF_RET` … with their size, mode and source.
    pub code: u16,
    /// C's `jt`: how many instructions to skip if the comparison of a jump holds.
    #[doc(alias = "jt")]
    pub if_true: u8,
    /// C's `jf`: how many instructions to skip if it does not.
    #[doc(alias = "jf")]
    pub if_false: u8,
    /// C's `k`: the constant that the instruction works with.
    #[doc(alias = "k")]
    pub value: u32,
}

impl FilterInstruction {
    /// How many bytes the kernel uses for one.
    const BYTES: usize = 8;

    fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let [code, code_too, if_true, if_false, value @ ..] = bytes;
        Self {
            code: u16::from_ne_bytes([code, code_too]),
            if_true,
            if_false,
            value: u32::from_ne_bytes(value),
        }
    }
}

/// Filters, `socket(7)` and `bpf(4)` of BSD.
///
/// # Examples
/// ```
/// use landline_socket::{Family, FilterInstruction, Kind, Protocol, Socket};
///
/// let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
/// // BPF_RET | BPF_K: of each packet nothing is let in.
/// let program = [FilterInstruction { code: 6, if_true: 0, if_false: 0, value: 0 }];
/// socket.attach_filter(&program)?;
/// assert_eq!(socket.filter()?, program);
/// socket.detach_filter()?;
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    /// Sets `SO_ATTACH_FILTER`: a program that sees each packet and returns how many bytes of it to keep; 0
    /// drops it. It takes the place of one before it; what has arrived already is not filtered.
    ///
    /// ```
    /// use std::time::Duration;
    /// use landline_socket::{Family, FilterInstruction, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::DGRAM, Protocol::DEFAULT)?;
    /// // BPF_RET | BPF_K: keep the first three bytes.
    /// other.attach_filter(&[FilterInstruction { code: 6, if_true: 0, if_false: 0, value: 3 }])?;
    /// one.send(b"hello")?;
    /// assert_eq!(other.recv(&mut [0; 16])?, 3);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    ///
    /// # Errors
    /// `EINVAL` for a program that the kernel does not take; `EPERM` once [`Socket::lock_filter`] was called;
    /// [`Cause::Invalid`] for more than 4096 instructions.
    #[doc(alias = "SO_ATTACH_FILTER")]
    pub fn attach_filter(&self, program: &[FilterInstruction]) -> Result<()> {
        self.set_filter(SocketOption::SO_ATTACH_FILTER, program)
    }

    /// Sets `SO_ATTACH_BPF`: [`Socket::attach_filter`] with a program of extended BPF (`BPF_PROG_TYPE_SOCKET_FILTER`), by its descriptor.
    ///
    /// # Errors
    /// `EINVAL` for a descriptor that is no such program; `EPERM` once [`Socket::lock_filter`] was called.
    #[doc(alias = "SO_ATTACH_BPF")]
    pub fn attach_bpf(&self, program: impl AsFd) -> Result<()> {
        let number = program.as_fd().as_raw_fd();
        self.set_option(SocketOption::SO_ATTACH_BPF, number)
    }

    /// Sets `SO_ATTACH_REUSEPORT_EBPF`: [`Socket::attach_reuse_port_filter`] with a program of extended BPF, by its descriptor.
    ///
    /// # Errors
    /// `EINVAL` for a descriptor that is no such program, or a socket that does not share its port.
    #[doc(alias = "SO_ATTACH_REUSEPORT_EBPF")]
    pub fn attach_reuse_port_bpf(&self, program: impl AsFd) -> Result<()> {
        let number = program.as_fd().as_raw_fd();
        self.set_option(SocketOption::SO_ATTACH_REUSEPORT_EBPF, number)
    }

    /// Sets `SO_ATTACH_REUSEPORT_CBPF`: a program that returns which of the sockets that share a port
    /// ([`Socket::set_reuse_port`]) takes a packet or a connection, counted from 0 in the order of their binding.
    ///
    /// # Errors
    /// `EINVAL` for a socket that does not share its port, else as [`Socket::attach_filter`].
    #[doc(alias = "SO_ATTACH_REUSEPORT_CBPF")]
    pub fn attach_reuse_port_filter(&self, program: &[FilterInstruction]) -> Result<()> {
        self.set_filter(SocketOption::SO_ATTACH_REUSEPORT_CBPF, program)
    }

    fn set_filter(&self, option: SocketOption, program: &[FilterInstruction]) -> Result<()> {
        let failed = |cause| Error::new(option.set_operation(), cause);
        if program.len() > PROGRAM_MAX_INSTRUCTIONS {
            let why = "a program has at most 4096 instructions (BPF_MAXINSNS)";
            return Err(failed(Cause::Invalid(why)));
        }
        sys::set_filter(self.as_fd(), option.number(), program)
            .map_err(|error| failed(Cause::from_io(error)))
    }

    /// Sets `SO_DETACH_REUSEPORT_BPF`: takes the program that picks among sockets away.
    ///
    /// # Errors
    /// `ENOENT` where there is none.
    #[doc(alias = "SO_DETACH_REUSEPORT_BPF")]
    pub fn detach_reuse_port_filter(&self) -> Result<()> {
        self.set_option(SocketOption::SO_DETACH_REUSEPORT_BPF, 0)
    }

    /// `SO_GET_FILTER`: the program of [`Socket::attach_filter`]; empty where there is none.
    ///
    /// # Errors
    /// `EACCES` for a program of extended BPF.
    #[doc(alias = "SO_GET_FILTER")]
    pub fn filter(&self) -> Result<Vec<FilterInstruction>> {
        let max_bytes = PROGRAM_MAX_INSTRUCTIONS * FilterInstruction::BYTES;
        let bytes = self.option_bytes(SocketOption::SO_ATTACH_FILTER, max_bytes)?;
        let (instructions, _) = bytes.as_chunks();
        Ok(instructions
            .iter()
            .copied()
            .map(FilterInstruction::from_bytes)
            .collect())
    }

    /// Sets `SO_DETACH_FILTER`: takes the filter away.
    ///
    /// # Errors
    /// `ENOENT` where there is none; `EPERM` once [`Socket::lock_filter`] was called.
    #[doc(alias = "SO_DETACH_FILTER")]
    #[doc(alias = "SO_DETACH_BPF")]
    pub fn detach_filter(&self) -> Result<()> {
        self.set_option(SocketOption::SO_DETACH_FILTER, 0)
    }

    /// Sets `SO_LOCK_FILTER`: the filter can no longer be changed or taken away, by whoever holds the descriptor.
    ///
    /// # Errors
    /// None that Linux documents.
    #[doc(alias = "SO_LOCK_FILTER")]
    pub fn lock_filter(&self) -> Result<()> {
        self.set_option(SocketOption::SO_LOCK_FILTER, 1)
    }

    /// `SO_LOCK_FILTER`: whether the filter can no longer be changed. Default: no.
    ///
    /// # Errors
    /// None that Linux documents.
    #[doc(alias = "SO_LOCK_FILTER")]
    pub fn filter_is_locked(&self) -> Result<bool> {
        self.option(SocketOption::SO_LOCK_FILTER)
            .map(|locked| locked != 0)
    }
}
