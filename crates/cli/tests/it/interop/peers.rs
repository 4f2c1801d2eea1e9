//! How each program is started to listen and to connect over each transport, and what it needs to be told.

use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use super::cell::{Cell, Mode, Peer, Role, Transport};
use super::program::{Program, until};

/// Where the two meet.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Inet(SocketAddrV4),
    Path(PathBuf),
}

impl Place {
    /// A place of this cell alone.
    ///
    /// nc and ncat take no port 0, and a port that was free a moment ago may be somebody's by now: so the process has
    /// a loopback address of its own, its process id, and each cell a port there, below those that the kernel gives out.
    pub(super) fn fresh(transport: Transport, folder: &Path) -> Self {
        static CELLS: AtomicU16 = AtomicU16::new(0);
        let cell = CELLS.fetch_add(1, Ordering::Relaxed);
        match transport {
            Transport::Unix => Self::Path(folder.join(cell.to_string())),
            _ => {
                let own = (127 << 24) | (std::process::id() & 0x00ff_ffff);
                Self::Inet(SocketAddrV4::new(Ipv4Addr::from(own), 20_000 + cell))
            }
        }
    }

    /// Host and port, or the path: as most programs take them.
    fn words(&self) -> Vec<String> {
        match self {
            Self::Inet(address) => vec![address.ip().to_string(), address.port().to_string()],
            Self::Path(path) => vec![path.display().to_string()],
        }
    }

    /// As Landline takes it.
    fn target(&self, transport: Transport) -> String {
        let scheme = match transport {
            Transport::Tcp => "tcp://",
            Transport::Udp => "udp://",
            Transport::Tls => "tls://",
            Transport::Unix => "unix:",
        };
        format!("{scheme}{}", self.words().join(":"))
    }
}

/// Our program in a cell.
pub(super) fn landline(cell: Cell, place: &Place, identity: &Identity) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_landline"));
    match cell.we {
        Role::Listen => command.arg("listen"),
        Role::Connect => command.arg("connect"),
    };
    command.arg(place.target(cell.transport));
    match cell.mode {
        Mode::Full => &mut command,
        Mode::Send => command.arg("--simplex=send"),
        Mode::Receive => command.arg("--simplex=receive"),
        Mode::Half => command.arg("--half"),
    };
    match (cell.transport, cell.we) {
        (Transport::Tls, Role::Listen) => command
            .arg("--cert")
            .arg(&identity.certificate)
            .arg("--tls-key")
            .arg(&identity.key),
        (Transport::Tls, Role::Connect) => command.arg("--ca").arg(&identity.certificate),
        // Nobody sees the other's end: so we say how long we still listen, after our own or after the last that came.
        (Transport::Udp, _) if cell.mode == Mode::Receive => command.args(["--idle", "2s"]),
        (Transport::Udp, _) => command.args(["--wait", "2s"]),
        _ => &mut command,
    };
    command
}

/// The peer's program in a cell.
pub(super) fn peer(cell: Cell, place: &Place, identity: &Identity) -> Command {
    let role = cell.we.other();
    match cell.peer {
        Peer::Nc => nc(cell.transport, role, place),
        Peer::Ncat => ncat(cell.transport, role, place, identity),
        Peer::Socat => socat(cell.transport, role, place, identity),
        Peer::Python => python(cell.transport, role, place, identity),
    }
}

/// `-N`: without it the end of its stdin is kept to itself.
pub(super) fn nc(transport: Transport, role: Role, place: &Place) -> Command {
    let mut command = Command::new("nc");
    command.arg("-N");
    match transport {
        Transport::Udp => command.arg("-u"),
        Transport::Unix => command.arg("-U"),
        Transport::Tcp | Transport::Tls => &mut command,
    };
    if role == Role::Listen {
        command.arg("-l");
    }
    command.args(place.words());
    command
}

/// Over TLS it verifies nothing unless it is asked to.
fn ncat(transport: Transport, role: Role, place: &Place, identity: &Identity) -> Command {
    let mut command = Command::new("ncat");
    match transport {
        Transport::Udp => command.arg("--udp"),
        Transport::Unix => command.arg("--unixsock"),
        Transport::Tls => command.arg("--ssl"),
        Transport::Tcp => &mut command,
    };
    match (transport, role) {
        (Transport::Tls, Role::Listen) => command
            .arg("--ssl-cert")
            .arg(&identity.certificate)
            .arg("--ssl-key")
            .arg(&identity.key),
        _ => &mut command,
    };
    if role == Role::Listen {
        command.arg("--listen");
    }
    command.args(place.words());
    command
}

/// `-t 9`: once one direction has ended, it gives the other half a second unless told so.
pub(super) fn socat(
    transport: Transport,
    role: Role,
    place: &Place,
    identity: &Identity,
) -> Command {
    let listens = role == Role::Listen;
    let address = match place {
        Place::Inet(address) => {
            let (host, port) = (address.ip(), address.port());
            let verb = match (transport, listens) {
                (Transport::Tls, true) => "OPENSSL-LISTEN",
                (Transport::Tls, false) => "OPENSSL",
                (Transport::Udp, true) => "UDP4-LISTEN",
                (Transport::Udp, false) => "UDP4",
                (_, true) => "TCP4-LISTEN",
                (_, false) => "TCP4",
            };
            match listens {
                true => format!("{verb}:{port},bind={host}"),
                false => format!("{verb}:{host}:{port}"),
            }
        }
        Place::Path(path) if listens => format!("UNIX-LISTEN:{}", path.display()),
        Place::Path(path) => format!("UNIX-CONNECT:{}", path.display()),
    };
    let security = match (transport, listens) {
        (Transport::Tls, true) => {
            let (certificate, key) = (identity.certificate.display(), identity.key.display());
            format!(",cert={certificate},key={key},verify=0")
        }
        (Transport::Tls, false) => format!(",cafile={}", identity.certificate.display()),
        _ => String::new(),
    };
    let mut command = Command::new("socat");
    command.args(["-t", "9", "-", &format!("{address}{security}")]);
    command
}

fn python(transport: Transport, role: Role, place: &Place, identity: &Identity) -> Command {
    let mut command = Command::new("python3");
    command.args(["-c", include_str!("peer.py")]);
    command.arg(match role {
        Role::Listen => "listen",
        Role::Connect => "connect",
    });
    command.arg(match transport {
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
        Transport::Unix => "unix",
        Transport::Tls => "tls",
    });
    command
        .args(place.words())
        .arg(&identity.certificate)
        .arg(&identity.key);
    command
}

/// A certificate that signs itself, for the loopback address of this process.
pub(super) struct Identity {
    certificate: PathBuf,
    key: PathBuf,
}

impl Identity {
    pub(super) fn new(folder: &Path) -> Self {
        let identity = Self {
            certificate: folder.join("certificate.pem"),
            key: folder.join("key.pem"),
        };
        let Place::Inet(place) = Place::fresh(Transport::Tls, folder) else {
            unreachable!("TLS is over TCP here");
        };
        let made = Command::new("openssl")
            .args(["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"])
            .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
            .args(["-subj", "/CN=landline test", "-addext"])
            .arg(format!("subjectAltName=IP:{}", place.ip()))
            .arg("-keyout")
            .arg(&identity.key)
            .arg("-out")
            .arg(&identity.certificate)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "openssl: {said}");
        identity
    }
}

/// Waits until somebody listens there: most of these programs do not say when they do.
pub(super) fn stands(place: &Place, transport: Transport) -> bool {
    until(|| match place {
        Place::Inet(address) => {
            let local = inet_entry(*address);
            let (table, state) = match transport {
                Transport::Udp => ("/proc/net/udp", "07"),
                _ => ("/proc/net/tcp", "0A"),
            };
            let rows = fs::read_to_string(table).unwrap_or_default();
            rows.lines().any(|row| {
                let mut columns = row.split_whitespace().skip(1);
                columns.next() == Some(&local) && columns.nth(1) == Some(state)
            })
        }
        Place::Path(path) => {
            // Flags 00010000: it accepts.
            let rows = fs::read_to_string("/proc/net/unix").unwrap_or_default();
            let end = format!(" {}", path.display());
            rows.lines()
                .any(|row| row.ends_with(&end) && row.contains(" 00010000 "))
        }
    })
}

/// An address as `/proc/net/tcp` writes it.
fn inet_entry(address: SocketAddrV4) -> String {
    let ip = u32::from_ne_bytes(address.ip().octets());
    format!("{ip:08X}:{:04X}", address.port())
}

/// Waits until bytes lie unread in a stream socket of this program.
pub(super) fn leaves_unread(program: &Program, transport: Transport) -> bool {
    until(|| {
        let sockets = sockets(program.pid());
        match transport {
            Transport::Unix => {
                let listed = Command::new("ss").args(["-xHn"]).output();
                let rows = listed.map(|listed| listed.stdout).unwrap_or_default();
                let rows = String::from_utf8_lossy(&rows);
                // u_str ESTAB Recv-Q Send-Q local inode peer inode
                rows.lines().any(|row| {
                    let columns: Vec<_> = row.split_whitespace().collect();
                    columns.len() > 5
                        && columns[2] != "0"
                        && sockets.iter().any(|inode| inode == columns[5])
                })
            }
            _ => {
                let rows = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
                // sl local remote state tx:rx timer retransmit uid timeout inode
                rows.lines().any(|row| {
                    let columns: Vec<_> = row.split_whitespace().collect();
                    columns[3] == "01"
                        && !columns[4].ends_with(":00000000")
                        && sockets.iter().any(|inode| inode == columns[9])
                })
            }
        }
    })
}

/// The inodes of the sockets that a process has open.
fn sockets(pid: u32) -> Vec<String> {
    let open = fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten();
    open.flatten()
        .filter_map(|entry| {
            let link = fs::read_link(entry.path()).ok()?;
            let name = link.to_str()?.strip_prefix("socket:[")?;
            name.strip_suffix(']').map(str::to_owned)
        })
        .collect()
}
