//! The cases of `cargo xtask bench socket`.

use super::case::Bound::{AtLeast, AtMost};
use super::case::Instructions::{Counted, NotCounted};
use super::case::Program::{C, Ours, Plain, Python};
use super::case::{Aim, Case, Contestant, Figure, Line};

pub(crate) const CASES: &[Case] = &[
    PAIR,
    WOULD_BLOCK,
    PING_1,
    PING_64,
    ACCEPT,
    SINGLE_64,
    SINGLE_1400,
    BATCH_64,
    BATCH_1400,
    SEGMENT_64,
    SEGMENT_1400,
    IDLE,
];

const NS: Figure = compared("ns", "ns a turn");
const RATE: Figure = compared("rate", "a second");
const CPU: Figure = compared("cpu", "ns of the server's processor");

const fn compared(name: &'static str, title: &'static str) -> Figure {
    Figure {
        name,
        title,
        compared: true,
    }
}

const fn alone(name: &'static str, program: Line) -> Contestant {
    Contestant {
        name,
        server: None,
        program,
    }
}

const fn served(name: &'static str, server: Line, program: Line) -> Contestant {
    Contestant {
        name,
        server: Some(server),
        program,
    }
}

const fn aim(
    of: &'static str,
    to: &'static str,
    figure: &'static str,
    bound: super::case::Bound,
) -> Aim {
    Aim {
        of,
        to,
        figure,
        bound,
    }
}

const PAIR: Case = Case {
    title: "send and recv of 64 bytes on a socket pair",
    note: "One thread on one core; processor time, user and system.",
    amount: 300_000,
    figures: &[NS],
    contestants: &[
        alone("C", (C("call"), &["pair"])),
        alone("ours", (Ours, &["socket", "pair", "never"])),
        alone(
            "ours, with a timeout",
            (Ours, &["socket", "pair", "timeout"]),
        ),
        alone(
            "ours, plain release build",
            (Plain, &["socket", "pair", "never"]),
        ),
        alone("CPython", (Python("call"), &["pair"])),
    ],
    aims: &[
        aim("ours", "C", "ns", AtMost(1.03)),
        aim("ours, with a timeout", "C", "ns", AtMost(1.03)),
    ],
    instructions: Counted,
};

const WOULD_BLOCK: Case = Case {
    title: "a recv that would block",
    note: "One thread on one core, a timeout of zero; processor time, user and system.",
    amount: 1_000_000,
    figures: &[NS],
    contestants: &[
        alone("C", (C("call"), &["would-block"])),
        alone("ours", (Ours, &["socket", "would-block"])),
        alone(
            "ours, plain release build",
            (Plain, &["socket", "would-block"]),
        ),
        alone("CPython", (Python("call"), &["would-block"])),
    ],
    aims: &[aim("ours", "C", "ns", AtMost(1.05))],
    instructions: Counted,
};

const ONE: Line = (C("ping"), &["1"]);
const MANY: Line = (C("ping"), &["64"]);
const EPOLL: Line = (C("echo"), &[]);
const TOKIO: Line = (Ours, &["socket", "echo", "tokio"]);
const SELECTOR: Line = (Ours, &["socket", "echo", "selector"]);
const ASYNC: Line = (Ours, &["socket", "echo", "ours"]);
const STREAM: Line = (Ours, &["socket", "echo", "stream"]);

const ROUND_TRIP_AIMS: &[Aim] = &[
    aim("ours, Selector", "C, epoll", "rate", AtLeast(0.97)),
    aim("ours, AsyncSocket", "C, epoll", "rate", AtLeast(0.97)),
    aim(
        "ours, AsyncSocket",
        "tokio's TcpStream",
        "rate",
        AtLeast(0.97),
    ),
];

const PING_1: Case = Case {
    title: "TCP round trips of 64 bytes, 1 connection",
    note: "Client (in C) and server on one core.",
    amount: 40_000,
    figures: &[RATE, CPU],
    contestants: &[
        served("C, epoll", EPOLL, ONE),
        served("ours, Selector", SELECTOR, ONE),
        served("tokio's TcpStream", TOKIO, ONE),
        served("ours, AsyncSocket", ASYNC, ONE),
        served("ours, as AsyncRead", STREAM, ONE),
    ],
    aims: ROUND_TRIP_AIMS,
    instructions: NotCounted,
};

const PING_64: Case = Case {
    title: "TCP round trips of 64 bytes, 64 connections",
    note: "Client (in C) and server on a core each.",
    amount: 80_000,
    figures: &[RATE, CPU],
    contestants: &[
        served("C, epoll", EPOLL, MANY),
        served("ours, Selector", SELECTOR, MANY),
        served("tokio's TcpStream", TOKIO, MANY),
        served("ours, AsyncSocket", ASYNC, MANY),
        served("ours, as AsyncRead", STREAM, MANY),
    ],
    aims: ROUND_TRIP_AIMS,
    instructions: NotCounted,
};

const KNOCK: Line = (C("knock"), &[]);

const ACCEPT: Case = Case {
    title: "connections accepted and closed",
    note: "Client (in C) and server on one core; 64 connections at a time.",
    amount: 16_000,
    figures: &[RATE, CPU],
    contestants: &[
        served("C, epoll", (C("accept"), &["epoll"]), KNOCK),
        served(
            "tokio's TcpListener",
            (Ours, &["socket", "accept", "tokio"]),
            KNOCK,
        ),
        served(
            "ours, AsyncSocket",
            (Ours, &["socket", "accept", "ours"]),
            KNOCK,
        ),
        served("C, blocking", (C("accept"), &["blocking"]), KNOCK),
        served(
            "ours, Socket",
            (Ours, &["socket", "accept", "blocking"]),
            KNOCK,
        ),
    ],
    aims: &[
        aim("ours, AsyncSocket", "C, epoll", "rate", AtLeast(0.97)),
        aim(
            "ours, AsyncSocket",
            "tokio's TcpListener",
            "rate",
            AtLeast(0.97),
        ),
        aim("ours, Socket", "C, blocking", "rate", AtLeast(0.97)),
    ],
    instructions: NotCounted,
};

const LOSS: Figure = Figure {
    name: "loss",
    title: "lost, %",
    compared: false,
};
const UDP_NOTE: &str = "Two threads of one process, a core each; what was received counts.";
const UDP_AIM: &[Aim] = &[aim("ours", "C", "rate", AtLeast(0.95))];
const UDP_MILLISECONDS: u32 = 200;

macro_rules! udp {
    ($title:literal, $how:literal, $size:literal) => {
        Case {
            title: $title,
            note: UDP_NOTE,
            amount: UDP_MILLISECONDS,
            figures: &[RATE, LOSS],
            contestants: &[
                alone("C", (C("udp"), &[$how, $size])),
                alone("ours", (Ours, &["socket", "udp", $how, $size])),
            ],
            aims: UDP_AIM,
            instructions: NotCounted,
        }
    };
}

const SINGLE_64: Case = udp!("UDP, 64 bytes, a call each", "single", "64");
const SINGLE_1400: Case = udp!("UDP, 1400 bytes, a call each", "single", "1400");
// Ours merges neighbours for the kernel to take apart wherever it sends a batch; C's does so in the last two.
const BATCH_64: Case = udp!("UDP, 64 bytes, in batches of 64", "batch", "64");
const BATCH_1400: Case = udp!("UDP, 1400 bytes, in batches of 64", "batch", "1400");
const SEGMENT_64: Case = udp!("UDP, 64 bytes, UDP_SEGMENT and UDP_GRO", "segment", "64");
const SEGMENT_1400: Case = udp!(
    "UDP, 1400 bytes, UDP_SEGMENT and UDP_GRO",
    "segment",
    "1400"
);

const HOLD: Line = (C("hold"), &[]);

const IDLE: Case = Case {
    title: "memory of an idle connection",
    note: "5,000 connections; each has made a round trip, and a task waits in its receive with a buffer of 128 bytes.",
    amount: 5_000,
    figures: &[compared("bytes", "bytes in user space")],
    contestants: &[
        served("tokio's TcpStream", TOKIO, HOLD),
        served("ours, AsyncSocket", ASYNC, HOLD),
        served("ours, as AsyncRead", STREAM, HOLD),
    ],
    aims: &[],
    instructions: NotCounted,
};
