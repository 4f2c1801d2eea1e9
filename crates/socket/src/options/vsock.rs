//! `AF_VSOCK`: options of sockets between a virtual machine and its host.

use super::SocketOption;
use crate::error::Result;
use crate::socket::Socket;

/// `AF_VSOCK`: options of sockets between a virtual machine and its host, `vsock(7)`.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// // Where the kernel has it.
/// if let Ok(socket) = Socket::new(Family::VSOCK, Kind::STREAM, Protocol::DEFAULT) {
///     let bytes = socket.vsock_buffer_bytes()?;
///     assert!(bytes <= socket.vsock_buffer_max_bytes()?);
/// }
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    /// `SO_VM_SOCKETS_BUFFER_SIZE`: the buffer in bytes. Default: 256 KiB.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket of another family.
    #[doc(alias = "SO_VM_SOCKETS_BUFFER_SIZE")]
    pub fn vsock_buffer_bytes(&self) -> Result<u64> {
        self.option_array(SocketOption::SO_VM_SOCKETS_BUFFER_SIZE)
            .map(u64::from_ne_bytes)
    }

    /// Sets `SO_VM_SOCKETS_BUFFER_SIZE`, between the smallest and the largest.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket of another family.
    #[doc(alias = "SO_VM_SOCKETS_BUFFER_SIZE")]
    pub fn set_vsock_buffer_bytes(&self, bytes: u64) -> Result<()> {
        self.set_option_bytes(
            SocketOption::SO_VM_SOCKETS_BUFFER_SIZE,
            &bytes.to_ne_bytes(),
        )
    }

    /// `SO_VM_SOCKETS_BUFFER_MAX_SIZE`: the largest that the buffer may become, in bytes. Default: 256 KiB.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket of another family.
    #[doc(alias = "SO_VM_SOCKETS_BUFFER_MAX_SIZE")]
    pub fn vsock_buffer_max_bytes(&self) -> Result<u64> {
        self.option_array(SocketOption::SO_VM_SOCKETS_BUFFER_MAX_SIZE)
            .map(u64::from_ne_bytes)
    }

    /// Sets `SO_VM_SOCKETS_BUFFER_MAX_SIZE`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket of another family.
    #[doc(alias = "SO_VM_SOCKETS_BUFFER_MAX_SIZE")]
    pub fn set_vsock_buffer_max_bytes(&self, bytes: u64) -> Result<()> {
        self.set_option_bytes(
            SocketOption::SO_VM_SOCKETS_BUFFER_MAX_SIZE,
            &bytes.to_ne_bytes(),
        )
    }

    /// `SO_VM_SOCKETS_BUFFER_MIN_SIZE`: the smallest that the buffer may become, in bytes. Default: 128.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket of another family.
    #[doc(alias = "SO_VM_SOCKETS_BUFFER_MIN_SIZE")]
    pub fn vsock_buffer_min_bytes(&self) -> Result<u64> {
        self.option_array(SocketOption::SO_VM_SOCKETS_BUFFER_MIN_SIZE)
            .map(u64::from_ne_bytes)
    }

    /// Sets `SO_VM_SOCKETS_BUFFER_MIN_SIZE`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket of another family.
    #[doc(alias = "SO_VM_SOCKETS_BUFFER_MIN_SIZE")]
    pub fn set_vsock_buffer_min_bytes(&self, bytes: u64) -> Result<()> {
        self.set_option_bytes(
            SocketOption::SO_VM_SOCKETS_BUFFER_MIN_SIZE,
            &bytes.to_ne_bytes(),
        )
    }
}
