//! Binding what was asked for: an explicit port or an error, a default port or the next free one.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use landline_socket::{Address, Kind, ServerOptions, Socket, UnixAddress, create_server};

use crate::address::Typed;
use crate::exit::Failure;

/// A listening socket and where it listens.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: Socket,
    pub(crate) address: Address,
    /// The default port that it would have had, where that was taken.
    pub(crate) moved_from: Option<u16>,
}

impl Listener {
    /// Whether only users of this machine can reach it.
    pub(crate) fn is_local(&self) -> bool {
        self.address.is_loopback() || matches!(self.address, Address::Unix(_))
    }

    /// Whether nobody needs a key for it: loopback, or a Unix socket that its mode keeps private. An
    /// abstract name has no mode.
    pub(crate) fn is_private(&self) -> bool {
        self.address.is_loopback() || self.is_private_file()
    }

    /// Whether it is a socket file, which is made for its owner alone (mode 0600).
    pub(crate) fn is_private_file(&self) -> bool {
        matches!(self.address, Address::Unix(UnixAddress::Path(_)))
    }

    /// The socket, for whoever serves it.
    pub(crate) fn into_socket(self) -> Socket {
        self.socket
    }

    /// `scheme://address`, or `unix:…` as it is.
    pub(crate) fn url(&self, scheme: &str) -> String {
        match &self.address {
            Address::Unix(_) => self.address.to_string(),
            address => format!("{scheme}://{address}"),
        }
    }
}

/// Listens on each address of `typed`; where there is none, on `default`, or the next free port.
///
/// # Errors
/// When an explicit address cannot be had, or no default one.
pub(crate) fn listen(typed: &[Typed], default: &Typed) -> Result<Vec<Listener>, Failure> {
    if typed.is_empty() {
        return next_free(default).map(|listener| vec![listener]);
    }
    typed
        .iter()
        .map(|typed| listen_on(typed, Kind::STREAM))
        .collect()
}

/// Listens on an address, or is bound to it where the kind has no connections.
///
/// # Errors
/// When the address cannot be had.
pub(crate) fn listen_on(typed: &Typed, kind: Kind) -> Result<Listener, Failure> {
    let address = typed
        .resolve()
        .map_err(|error| Failure::new("listen", error))?;
    bind(&address, kind).map_err(|error| {
        let failure = Failure::new(format!("listen on {address}"), error.cause());
        match error.kind() {
            ErrorKind::AddrInUse => failure
                .hint("another program listens there; choose another port, or 0 for a free one"),
            _ => failure,
        }
    })
}

fn next_free(default: &Typed) -> Result<Listener, Failure> {
    let wanted = default
        .resolve()
        .map_err(|error| Failure::new("listen", error))?;
    let first = wanted.port().unwrap_or(0);
    let mut last_error = None;
    for port in first..first.saturating_add(PORT_TRIES) {
        let address = default
            .with_port(port)
            .resolve()
            .map_err(|error| Failure::new("listen", error))?;
        match bind(&address, Kind::STREAM) {
            Ok(listener) => {
                return Ok(Listener {
                    moved_from: (port != first).then_some(first),
                    ..listener
                });
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => last_error = Some(error),
            Err(error) => return Err(Failure::new(format!("listen on {address}"), error.cause())),
        }
    }
    let why = last_error.map_or_else(String::new, |error| error.cause().to_string());
    Err(Failure::new(
        format!("listen on {wanted} or one of the {PORT_TRIES} ports from there"),
        why,
    ))
}

fn bind(address: &Address, kind: Kind) -> landline_socket::Result<Listener> {
    let takes_both = is_every_interface(address) && matches!(address, Address::Inet6(_));
    let options = ServerOptions {
        kind,
        dual_stack: takes_both,
        ..ServerOptions::default()
    };
    let socket = match create_server(address, &options) {
        // A machine without IPv6: every interface is then every IPv4 interface.
        Err(error)
            if takes_both
                && matches!(
                    error.kind(),
                    ErrorKind::Unsupported | ErrorKind::AddrNotAvailable
                ) =>
        {
            let port = address.port().unwrap_or(0);
            create_server(
                &SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into(),
                &ServerOptions {
                    dual_stack: false,
                    ..options
                },
            )?
        }
        outcome => outcome?,
    };
    let address = socket.local_address()?;
    Ok(Listener {
        socket,
        address,
        moved_from: None,
    })
}

/// Whether an address means all of this machine's addresses.
pub(crate) fn is_every_interface(address: &Address) -> bool {
    address.ip().is_some_and(|ip| match ip {
        IpAddr::V4(ip) => ip.is_unspecified(),
        IpAddr::V6(ip) => ip.is_unspecified(),
    })
}

const PORT_TRIES: u16 = 100;
