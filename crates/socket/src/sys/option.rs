//! `getsockopt(2)` and `setsockopt(2)` on bytes; what the bytes mean is decided in safe code.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;

use libc::{c_int, c_void, socklen_t};

use crate::options::FilterInstruction;

/// The length of one instruction of a classic BPF program, in bytes.
const INSTRUCTION_BYTES: usize = size_of::<libc::sock_filter>();

/// `getsockopt(2)`: the value of an option, in at most `max_bytes`.
///
/// The buffer begins as zeros, which matters where an option also reads it: no caller can put an address
/// there for the kernel to write to (`TCP_ZEROCOPY_RECEIVE`, `MPTCP_FULL_INFO`).
pub(crate) fn get(
    descriptor: BorrowedFd<'_>,
    level: c_int,
    number: c_int,
    max_bytes: usize,
) -> io::Result<Vec<u8>> {
    let mut value = vec![0_u8; max_bytes];
    // The one option whose length counts instructions, not bytes.
    let unit = match (level, number) {
        (libc::SOL_SOCKET, libc::SO_GET_FILTER) => INSTRUCTION_BYTES,
        _ => 1,
    };
    let mut length = to_length(max_bytes / unit)?;
    // SAFETY: `value` is writable for `max_bytes`, and the kernel writes at most `length` units of `unit`
    // bytes, which is no more; `length` is a live `socklen_t`.
    let outcome = unsafe {
        libc::getsockopt(
            descriptor.as_raw_fd(),
            level,
            number,
            value.as_mut_ptr().cast::<c_void>(),
            &raw mut length,
        )
    };
    check(outcome)?;
    // Some options report the length that they would have liked.
    value.truncate((length as usize).saturating_mul(unit));
    Ok(value)
}

/// `setsockopt(2)`. The value is plain data: the caller has refused the options whose value holds an address.
pub(crate) fn set(
    descriptor: BorrowedFd<'_>,
    level: c_int,
    number: c_int,
    value: &[u8],
) -> io::Result<()> {
    let length = to_length(value.len())?;
    // SAFETY: `value` is readable for `length` bytes, and the kernel only reads it, during the call.
    check(unsafe {
        libc::setsockopt(
            descriptor.as_raw_fd(),
            level,
            number,
            value.as_ptr().cast::<c_void>(),
            length,
        )
    })
}

/// `setsockopt(2)` of an option whose value is its length alone: no bytes at all.
pub(crate) fn set_length(
    descriptor: BorrowedFd<'_>,
    level: c_int,
    number: c_int,
    length: u32,
) -> io::Result<()> {
    // SAFETY: the kernel only reads the value; reading from the null pointer is `EFAULT`, not memory of ours.
    check(unsafe { libc::setsockopt(descriptor.as_raw_fd(), level, number, ptr::null(), length) })
}

/// `SO_ATTACH_FILTER` and its like: the options whose value points to a program of classic BPF.
pub(crate) fn set_filter(
    descriptor: BorrowedFd<'_>,
    number: c_int,
    program: &[FilterInstruction],
) -> io::Result<()> {
    let mut program: Vec<libc::sock_filter> = program
        .iter()
        .map(|instruction| libc::sock_filter {
            code: instruction.code,
            jt: instruction.if_true,
            jf: instruction.if_false,
            k: instruction.value,
        })
        .collect();
    let value = libc::sock_fprog {
        len: u16::try_from(program.len()).map_err(|_| io::ErrorKind::InvalidInput)?,
        filter: program.as_mut_ptr(),
    };
    let length = to_length(size_of_val(&value))?;
    // SAFETY: `value` is a live `sock_fprog` of `length` bytes whose pointer and count are those of
    // `program`, which lives until the call is over; the kernel copies both and keeps neither.
    check(unsafe {
        libc::setsockopt(
            descriptor.as_raw_fd(),
            libc::SOL_SOCKET,
            number,
            (&raw const value).cast::<c_void>(),
            length,
        )
    })
}

/// `SO_PEERPIDFD`: a new descriptor of the process at the other end.
pub(crate) fn peer_process(descriptor: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let bytes = get(
        descriptor,
        libc::SOL_SOCKET,
        libc::SO_PEERPIDFD,
        size_of::<c_int>(),
    )?;
    let number = bytes
        .try_into()
        .map(c_int::from_ne_bytes)
        .map_err(|_| io::ErrorKind::InvalidData)?;
    // SAFETY: on success the kernel has just opened this descriptor for us, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

fn to_length(bytes: usize) -> io::Result<socklen_t> {
    socklen_t::try_from(bytes).map_err(|_| io::ErrorKind::InvalidInput.into())
}

fn check(outcome: c_int) -> io::Result<()> {
    match outcome {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
