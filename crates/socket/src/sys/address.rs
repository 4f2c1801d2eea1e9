//! C's `sockaddr` as the kernel takes it and gives it: bytes and their number.

use rustix::net::SocketAddrAny;
use rustix::net::addr::{SocketAddrArg, SocketAddrLen, SocketAddrOpaque};

/// An address in the bytes of C's `sockaddr`, aligned as the kernel's own type.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
pub(crate) struct RawAddress {
    bytes: [u8; Self::MAX_BYTES],
    // Invariant: at most `MAX_BYTES`.
    length: usize,
}

impl RawAddress {
    /// The size of C's `sockaddr_storage`: the kernel takes and gives no more.
    pub(crate) const MAX_BYTES: usize = 128;

    pub(crate) const EMPTY: Self = Self {
        bytes: [0; Self::MAX_BYTES],
        length: 0,
    };

    /// `None` where they are too many.
    #[inline]
    pub(crate) fn from_parts(parts: &[&[u8]]) -> Option<Self> {
        let mut raw = Self::EMPTY;
        for part in parts {
            let end = raw.length.checked_add(part.len())?;
            raw.bytes.get_mut(raw.length..end)?.copy_from_slice(part);
            raw.length = end;
        }
        Some(raw)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

// SAFETY: the pointer is that of `self.bytes`, valid for `length` bytes for as long as `self` is
// borrowed, which the call of `f` does not outlive; all of them are initialised.
unsafe impl SocketAddrArg for RawAddress {
    unsafe fn with_sockaddr<R>(
        &self,
        f: impl FnOnce(*const SocketAddrOpaque, SocketAddrLen) -> R,
    ) -> R {
        // At most 128, so nothing is cut.
        f(self.bytes.as_ptr().cast(), self.length as SocketAddrLen)
    }
}

/// The bytes of an address that the kernel gave.
pub(crate) fn bytes_of(address: &SocketAddrAny) -> &[u8] {
    // SAFETY: rustix promises that the first `addr_len` bytes behind the pointer are initialised, and they
    // live as long as `address`.
    unsafe { std::slice::from_raw_parts(address.as_ptr().cast(), address.addr_len() as usize) }
}
