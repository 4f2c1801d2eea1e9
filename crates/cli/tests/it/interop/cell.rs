//! The cells of the matrix: the whole product, and which of them cannot be, each with the reason.

use std::fmt;

/// Whose program is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    Nc,
    Ncat,
    Socat,
    Python,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    Tcp,
    Udp,
    Unix,
    Tls,
}

/// The three modes, as we hold them: simplex is two, since either end may be the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Full,
    Send,
    Receive,
    Half,
}

/// How the conversation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    OursFirst,
    TheirsFirst,
    Together,
    Cut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Listen,
    Connect,
}

impl Role {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Listen => Self::Connect,
            Self::Connect => Self::Listen,
        }
    }
}

pub(super) const PEERS: [Peer; 4] = [Peer::Nc, Peer::Ncat, Peer::Socat, Peer::Python];
pub(super) const TRANSPORTS: [Transport; 4] = [
    Transport::Tcp,
    Transport::Udp,
    Transport::Unix,
    Transport::Tls,
];
pub(super) const MODES: [Mode; 4] = [Mode::Full, Mode::Send, Mode::Receive, Mode::Half];
pub(super) const ORDERS: [Order; 4] = [
    Order::OursFirst,
    Order::TheirsFirst,
    Order::Together,
    Order::Cut,
];
pub(super) const ROLES: [Role; 2] = [Role::Listen, Role::Connect];

/// One conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) peer: Peer,
    pub(super) transport: Transport,
    pub(super) mode: Mode,
    pub(super) order: Order,
    /// What we do.
    pub(super) we: Role,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            peer,
            transport,
            mode,
            order,
            we,
        } = self;
        write!(f, "{peer:?}, {transport:?}, {mode:?}, {order:?}, we {we:?}")
    }
}

/// Every cell of one peer over one transport, the impossible ones too.
pub(super) fn cells(peer: Peer, transport: Transport) -> impl Iterator<Item = Cell> {
    let orders = |mode| ORDERS.map(|order| (mode, order));
    let ends = MODES.into_iter().flat_map(orders);
    ends.flat_map(move |(mode, order)| {
        ROLES.map(|we| Cell {
            peer,
            transport,
            mode,
            order,
            we,
        })
    })
}

impl Cell {
    /// Why this cannot be, where it cannot.
    pub(super) fn impossible(self) -> Option<&'static str> {
        use {Mode::Receive, Order::*, Peer::*, Transport::*};
        match (self.peer, self.transport, self.mode, self.order) {
            (Nc, Tls, ..) => Some("Debian's OpenBSD nc is built without TLS"),
            (_, Udp, _, TheirsFirst | Together) => Some("UDP has no end that the other side sees"),
            (_, Udp, Receive, _) if self.we == Role::Connect => {
                Some("over UDP nobody knows of who connects before it has said something")
            }
            (_, Udp, Receive, Cut) => {
                Some("who only receives datagrams is not told that the other has gone")
            }
            (Nc | Ncat | Socat, Tcp, Receive, Cut) => Some(
                "its death resets only what it left unread, and who only receives sends it nothing",
            ),
            (_, Unix, Receive, Cut) => {
                Some("a Unix socket resets only for what was left unread: SO_LINGER does nothing")
            }
            _ => None,
        }
    }

    /// Whether the peer's program quits as soon as we have ended our side, with what it still had to say.
    ///
    /// As listeners, nc and ncat (before 7.96) do; as clients they go on.
    pub(super) fn they_quit_at_our_end(self) -> bool {
        self.we == Role::Connect && matches!(self.peer, Peer::Nc | Peer::Ncat)
    }

    /// Whether the peer's program ends its TLS by closing TCP alone, without the alert that says so.
    pub(super) fn they_end_tls_by_a_cut(self) -> bool {
        self.transport == Transport::Tls && self.peer == Peer::Ncat
    }

    /// Whether what arrives while the peer's program ends its TLS is lost there.
    ///
    /// Python's `unwrap` takes it for an error; and after ncat's cut we say nothing more.
    pub(super) fn they_lose_what_comes_as_they_end(self) -> bool {
        self.transport == Transport::Tls && matches!(self.peer, Peer::Ncat | Peer::Python)
    }

    /// Whether the peer says nothing before it goes. What comes while we only send is shown nowhere, so the cell could
    /// not tell whether it had come.
    pub(super) fn never_heard_of_them(self) -> bool {
        let sends_datagrams = self.transport == Transport::Udp && self.mode == Mode::Send;
        sends_datagrams && self.order == Order::Cut && self.we == Role::Connect
    }
}
