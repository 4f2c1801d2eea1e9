//! The cases of `cargo xtask bench talk`.

use super::case::Bound::AtLeast;
use super::case::Instructions::NotCounted;
use super::case::Program::{C, Installed, Landline, Python};
use super::case::{Aim, Bound, Case, Contestant, Figure, Line};

pub(crate) const TOPIC: &str = "talk";

pub(crate) const CASES: &[Case] = &[PING_1, PING_64, PING_1000, FLOOD, SEND, RECEIVE, DISCARD];

const RATE: Figure = compared("rate", "a second");
const CPU: Figure = compared("cpu", "ns of the server's processor");

const fn compared(name: &'static str, title: &'static str) -> Figure {
    Figure {
        name,
        title,
        compared: true,
    }
}

const fn served(name: &'static str, server: Line, program: Line) -> Contestant {
    Contestant {
        name,
        server: Some(server),
        program,
    }
}

const fn aim(of: &'static str, to: &'static str, bound: Bound) -> Aim {
    Aim {
        of,
        to,
        figure: "rate",
        bound,
    }
}

macro_rules! echo {
    ($model:literal) => {
        (
            Landline,
            &["echo", "127.0.0.1:0", "--quiet", "--model", $model],
        )
    };
}

const REFLECT: Line = (C("reflect"), &[]);
const SINGLE: Line = echo!("single");
const THREADS: Line = echo!("threads");
const SELECT: Line = echo!("select");
const ASYNC: Line = echo!("async");
const SOCAT: Line = (
    Installed("socat"),
    &[
        "-d",
        "-d",
        "TCP-LISTEN:0,bind=127.0.0.1,fork,nodelay,backlog=4096,max-children=2000",
        "PIPE",
    ],
);
/// With a port of its own, since it does not say which one it was given: the network is ours alone.
const NCAT: Line = (
    Installed("ncat"),
    &[
        "-v",
        "-l",
        "127.0.0.1",
        "7000",
        "-k",
        "-m",
        "2000",
        "-e",
        "/bin/cat",
    ],
);
const PROTOCOL: Line = (Python("protocol"), &[]);
const STREAM: Line = (Python("stream"), &[]);

const ONE: Line = (C("ping"), &["1"]);
const MANY: Line = (C("ping"), &["64"]);
const CROWD: Line = (C("ping"), &["1000"]);

const PING_1: Case = Case {
    title: "echo of 64 bytes, 1 connection",
    note: "Round trips; client (in C) and server on one core.",
    amount: 40_000,
    figures: &[RATE, CPU],
    contestants: &[
        served("C, epoll", REFLECT, ONE),
        served("landline, single", SINGLE, ONE),
        served("landline, threads", THREADS, ONE),
        served("landline, select", SELECT, ONE),
        served("landline, async", ASYNC, ONE),
        served("socat", SOCAT, ONE),
        served("ncat", NCAT, ONE),
        served("asyncio, protocols", PROTOCOL, ONE),
        served("asyncio, streams", STREAM, ONE),
    ],
    aims: &[],
    instructions: NotCounted,
};

const AIMS: &[Aim] = &[
    aim("landline, select", "C, epoll", AtLeast(0.97)),
    aim("landline, async", "C, epoll", AtLeast(0.97)),
    aim("landline, select", "asyncio, protocols", AtLeast(1.4)),
    aim("landline, async", "asyncio, protocols", AtLeast(1.4)),
    aim("landline, select", "socat", AtLeast(3.0)),
    aim("landline, async", "socat", AtLeast(3.0)),
];

macro_rules! many {
    ($title:literal, $client:expr, $amount:literal, $aims:expr) => {
        Case {
            title: $title,
            note: "Round trips; client (in C) and server on a core each, whatever the server starts. \
                The model that serves one at a time is left out.",
            amount: $amount,
            figures: &[RATE, CPU],
            contestants: &[
                served("C, epoll", REFLECT, $client),
                served("landline, threads", THREADS, $client),
                served("landline, select", SELECT, $client),
                served("landline, async", ASYNC, $client),
                served("socat", SOCAT, $client),
                served("ncat", NCAT, $client),
                served("asyncio, protocols", PROTOCOL, $client),
                served("asyncio, streams", STREAM, $client),
            ],
            aims: $aims,
            instructions: NotCounted,
        }
    };
}

const PING_64: Case = many!("echo of 64 bytes, 64 connections", MANY, 80_000, AIMS);
const PING_1000: Case = many!("echo of 64 bytes, 1,000 connections", CROWD, 40_000, &[]);

const FLOOD: Case = Case {
    title: "bulk echo, there and back",
    note: "One connection, writes of 64 KiB, Reno; client (in C) and server on a core each. ncat is left out: with a \
        program behind it, it stops echoing when both directions are full.",
    amount: 1024,
    figures: &[
        compared("rate", "MB a second"),
        compared("cpu", "us of the server's processor for a MiB"),
    ],
    contestants: &[
        served("C, epoll", REFLECT, BULK),
        served("landline, single", SINGLE, BULK),
        served("landline, threads", THREADS, BULK),
        served("landline, select", SELECT, BULK),
        served("landline, async", ASYNC, BULK),
        served("socat", SOCAT, BULK),
        served("asyncio, protocols", PROTOCOL, BULK),
        served("asyncio, streams", STREAM, BULK),
    ],
    aims: &[
        aim("landline, select", "C, epoll", AtLeast(0.95)),
        aim("landline, async", "C, epoll", AtLeast(0.95)),
    ],
    instructions: NotCounted,
};

const BULK: Line = (C("flood"), &[]);

/// One way, between a pipe and a connection; `haul` runs the program that is given to it.
macro_rules! haul {
    ($name:literal, $direction:literal, $sink:literal, $($word:literal),+) => {
        Contestant {
            name: $name,
            server: None,
            program: (C("haul"), &[$direction, $sink, $($word),+]),
        }
    };
}

macro_rules! receiving {
    ($title:literal, $sink:literal) => {
        Case {
            title: $title,
            note: RECEIVING_NOTE,
            amount: 2048,
            figures: HAUL,
            contestants: &[
                haul!("nc", "receive", $sink, "nc", "-l", "127.0.0.1", "7000"),
                haul!(
                    "ncat",
                    "receive",
                    $sink,
                    "ncat",
                    "--recv-only",
                    "-l",
                    "127.0.0.1",
                    "7000"
                ),
                haul!(
                    "socat",
                    "receive",
                    $sink,
                    "socat",
                    "-u",
                    "TCP-LISTEN:7000,bind=127.0.0.1,reuseaddr",
                    "-"
                ),
                haul!(
                    "socat, -b 262144",
                    "receive",
                    $sink,
                    "socat",
                    "-b",
                    "262144",
                    "-u",
                    "TCP-LISTEN:7000,bind=127.0.0.1,reuseaddr",
                    "-"
                ),
                haul!(
                    "landline",
                    "receive",
                    $sink,
                    "landline",
                    "listen",
                    "--quiet",
                    "--simplex",
                    "7000"
                ),
                IPERF,
            ],
            aims: HAUL_AIMS,
            instructions: NotCounted,
        }
    };
}

const HAUL: &[Figure] = &[
    compared("rate", "MB a second"),
    compared("cpu", "us of the program's processor for a MiB"),
];
/// Each of them, so the best of them too.
const HAUL_AIMS: &[Aim] = &[
    aim("landline", "nc", AtLeast(1.0)),
    aim("landline", "ncat", AtLeast(1.0)),
    aim("landline", "socat", AtLeast(1.0)),
    aim("landline", "socat, -b 262144", AtLeast(1.0)),
];
const RECEIVING_NOTE: &str = "One connection, Reno; the program on one core, the sender (in C, writes of 128 KiB) and the \
    pipe's reader on another. iperf3, which copies nothing out, is shown beside: a core for each of its ends.";

const SEND: Case = Case {
    title: "bulk from a pipe into a connection",
    note: "One connection, Reno; the program on one core, the pipe's writer (in C, 128 KiB at a time) and the receiver on \
        another. iperf3, which copies nothing in, is shown beside: a core for each of its ends.",
    amount: 2048,
    figures: HAUL,
    contestants: &[
        haul!("nc", "send", "pipe", "nc", "-N", "127.0.0.1", "7000"),
        haul!(
            "ncat",
            "send",
            "pipe",
            "ncat",
            "--send-only",
            "127.0.0.1",
            "7000"
        ),
        haul!(
            "socat",
            "send",
            "pipe",
            "socat",
            "-u",
            "-",
            "TCP:127.0.0.1:7000"
        ),
        haul!(
            "socat, -b 262144",
            "send",
            "pipe",
            "socat",
            "-b",
            "262144",
            "-u",
            "-",
            "TCP:127.0.0.1:7000"
        ),
        haul!(
            "landline",
            "send",
            "pipe",
            "landline",
            "connect",
            "--quiet",
            "--simplex",
            "7000"
        ),
        IPERF,
    ],
    aims: HAUL_AIMS,
    instructions: NotCounted,
};
const RECEIVE: Case = receiving!("bulk from a connection into a pipe", "pipe");
const DISCARD: Case = receiving!("bulk from a connection to /dev/null", "null");

const IPERF: Contestant = Contestant {
    name: "iperf3",
    server: None,
    program: (Installed("sh"), &["-c", IPERF_SCRIPT]),
};
/// The server takes a moment to listen, and serves one; it says nothing of its processor that could be compared.
const IPERF_SCRIPT: &str = r#"
iperf3 -s -1 -p 7001 > /dev/null 2>&1 &
until said=$(iperf3 -c 127.0.0.1 -p 7001 -n "$0M" -l 128K -A 0,1 -f m 2> /dev/null); do :; done
echo "$said" | awk '/receiver/ { printf "rate=%.0f cpu=nan\n", $7 / 8 }'
wait"#;
