//! A listening socket in one call.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::fs::{CWD, FlockOperation, Mode, OFlags, fchmod, flock, openat};
use rustix::io::Errno;

use crate::address::{Address, UnixAddress};
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Result};
use crate::kind::{Family, Kind, Protocol};
use crate::socket::Socket;

/// How [`create_server`] listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    /// What is served: [`Kind::STREAM`] (the default) and [`Kind::SEQPACKET`] listen, [`Kind::DGRAM`] is ready once bound.
    #[doc(alias = "socket_type")]
    pub kind: Kind,
    /// How many connections may wait to be accepted; the kernel caps it at `net.core.somaxconn`. Default: 4096.
    #[doc(alias = "request_queue_size")]
    pub backlog: u32,
    /// Whether an IPv6 socket takes IPv4 connections too. Default: no.
    #[doc(alias = "dualstack_ipv6")]
    pub dual_stack: bool,
    /// Whether others may bind the same port and share its connections or datagrams, `SO_REUSEPORT`. Default: no.
    #[doc(alias = "allow_reuse_port")]
    pub reuse_port: bool,
    /// The mode of a Unix socket's file, less the umask: who may write to it may connect. Default: `0o600`, the owner.
    pub mode: u32,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            kind: Kind::STREAM,
            backlog: 4096,
            dual_stack: false,
            reuse_port: false,
            mode: 0o600,
        }
    }
}

/// Python's `create_server`: a socket that is bound and, where its kind has connections, listens.
///
/// An IP socket with connections gets `SO_REUSEADDR`, so that a restart need not wait for old ones (on UDP it would
/// let two servers share a port), and none gets `SO_REUSEPORT` unless asked: two servers on one port is an error.
/// `IPV6_V6ONLY` is set explicitly. A Unix socket's
/// file has its mode from the first moment on; one whose server is gone is replaced, while a live server,
/// or a file of another kind, is an error that says which. The file stays when the socket is closed.
///
/// # Errors
/// As [`Socket::bind`]; [`Cause::InUse`] for a Unix path that is taken; [`Cause::Invalid`] for `dual_stack`
/// with an address that is not IPv6.
///
/// # Examples
/// ```
/// use landline_socket::{ServerOptions, create_server};
///
/// let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into();
/// let server = create_server(&address, &ServerOptions::default())?;
/// assert_ne!(server.local_address()?.port(), Some(0));
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "address_family")]
#[doc(alias = "allow_reuse_address")]
#[doc(alias = "server_activate")]
#[doc(alias = "server_bind")]
pub fn create_server(address: &Address, options: &ServerOptions) -> Result<Socket> {
    if options.dual_stack && address.family() != Family::INET6 {
        let cause = Cause::Invalid("only an IPv6 address can serve both stacks");
        return Err(Error::with_address("bind", address, cause));
    }
    let socket = Socket::new(address.family(), options.kind, Protocol::DEFAULT)?;
    let connects = options.kind != Kind::DGRAM;
    if connects && matches!(address, Address::Inet(_) | Address::Inet6(_)) {
        socket.set_reuse_address(true)?;
    }
    if options.reuse_port {
        socket.set_reuse_port(true)?;
    }
    if address.family() == Family::INET6 {
        socket.set_ipv6_only(!options.dual_stack)?;
    }
    match address {
        Address::Unix(UnixAddress::Path(path)) => {
            // The file takes its mode from the socket (Linux), so there is no moment at which it is open to others.
            fchmod(&socket, Mode::from_raw_mode(options.mode))
                .map_err(|errno| Error::with_address("bind", address, errno.into()))?;
            // Held until the socket listens: before that, another process would take its file for a dead one.
            let folder = FolderLock::take(path);
            bind_path(&socket, address, path, options.kind, folder.as_ref())?;
            start(&socket, options)?;
        }
        _ => {
            socket.bind(address)?;
            start(&socket, options)?;
        }
    }
    Ok(socket)
}

fn start(socket: &Socket, options: &ServerOptions) -> Result<()> {
    match options.kind {
        Kind::DGRAM => Ok(()),
        _ => socket.listen(options.backlog),
    }
}

/// Binds to a path, replacing a socket file that nobody serves.
fn bind_path(
    socket: &Socket,
    address: &Address,
    path: &Path,
    kind: Kind,
    folder: Option<&FolderLock>,
) -> Result<()> {
    match socket.bind(address) {
        Err(error) if error.errno() == Some(Errno::ADDRINUSE.raw_os_error()) => {}
        outcome => return outcome,
    }
    let in_use = |what| Error::with_address("bind", address, Cause::InUse(what));
    let failed = |error| Error::with_address("bind", address, Cause::from_io(error));
    if let Some(what) = occupant(path).map_err(failed)? {
        return Err(in_use(what));
    }
    if is_served(address, kind)? {
        return Err(in_use("a server is accepting there"));
    }
    if folder.is_none() {
        return Err(in_use(
            "a dead server's socket is there, and its folder is locked",
        ));
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    socket.bind(address)
}

/// What is at the path, if it is not a socket.
fn occupant(path: &Path) -> io::Result<Option<&'static str>> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(if kind.is_socket() {
        None
    } else if kind.is_file() {
        Some("a regular file is there")
    } else if kind.is_dir() {
        Some("a directory is there")
    } else if kind.is_symlink() {
        Some("a symbolic link is there")
    } else {
        Some("a special file is there")
    })
}

/// Whether a server answers there. Anything but a refusal is taken for one: what is not surely dead is not replaced.
/// A socket of another kind is one, too.
fn is_served(address: &Address, kind: Kind) -> Result<bool> {
    let probe = Socket::new(Family::UNIX, kind, Protocol::DEFAULT)?;
    probe.set_timeout(Timeout::Zero)?;
    let dead = [Errno::CONNREFUSED, Errno::NOENT].map(Errno::raw_os_error);
    Ok(!dead.contains(&probe.connect_ex(address)?))
}

/// A lock on the folder of a path, among those who create servers there: of two that find the same dead
/// socket at once, the second must not remove what the first has just put there.
struct FolderLock(#[expect(dead_code, reason = "held for its lock")] OwnedFd);

impl FolderLock {
    /// `None` when it is not to be had at once. It is not waited for: anybody who can read a folder can lock it.
    fn take(path: &Path) -> Option<Self> {
        let folder = match path.parent()? {
            folder if folder.as_os_str().is_empty() => Path::new("."),
            folder => folder,
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = openat(CWD, folder, flags, Mode::empty()).ok()?;
        flock(&folder, FlockOperation::NonBlockingLockExclusive).ok()?;
        Some(Self(folder))
    }
}
