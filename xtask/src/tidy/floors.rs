//! What code may do on each floor: no I/O in `wire`, `unsafe` in one module, quiet below `cli`, one wait.

use super::Complaint;
use super::source::{code, first_names, has_word, lines_with, without_tests};
use super::tree::Tree;

/// `wire` is `#![no_std]`, and `std` does not come back by another door.
///
/// The compiler does the rest: without `std` there are no sockets, files, clocks or threads.
pub(crate) fn wire_is_pure(tree: &Tree) -> Vec<Complaint> {
    const ROOT: &str = "crates/wire/src/lib.rs";
    let mut complaints = Vec::new();
    if !tree
        .text(ROOT)
        .is_some_and(|text| code(text).lines().any(|line| line == "#![no_std]"))
    {
        complaints.push(Complaint::at(ROOT, 0, "#![no_std] is missing"));
    }
    for (path, text) in tree.rust() {
        if path.starts_with("crates/wire/src/") {
            let code = without_tests(&code(text));
            let doors = lines_with(&code, "extern crate std").chain(lines_with(&code, "std::"));
            complaints.extend(doors.map(|line| {
                Complaint::at(path, line, "wire does without std: use core and alloc")
            }));
        }
    }
    complaints
}

/// The keyword `unsafe` stands only below `crates/socket/src/sys/`.
pub(crate) fn unsafe_has_one_home(tree: &Tree) -> Vec<Complaint> {
    const HOME: &str = "crates/socket/src/sys/";
    tree.rust()
        .filter(|(path, _)| !path.starts_with(HOME))
        .flat_map(|(path, text)| {
            let code = code(text);
            let lines: Vec<_> = lines_with(&code, "unsafe").collect();
            lines.into_iter().map(move |line| {
                Complaint::at(path, line, "unsafe lives in crates/socket/src/sys alone")
            })
        })
        .collect()
}

const BELOW_CLI: [&str; 3] = [
    "crates/socket/src/",
    "crates/wire/src/",
    "crates/tools/src/",
];

/// What only `cli` may do. Clippy refuses most of these too; this list cannot be switched off by an
/// `allow` beside the code.
const NOISE: &[(&str, &str)] = &[
    ("print!", "return an event: cli prints"),
    ("println!", "return an event: cli prints"),
    ("eprint!", "return an event: cli prints"),
    ("eprintln!", "return an event: cli prints"),
    ("dbg!", "return an event: cli prints"),
    ("stdout()", "return an event: cli prints"),
    ("stderr()", "return an event: cli prints"),
    (
        "process::exit",
        "return an error: main alone ends the process",
    ),
    (
        "process::abort",
        "return an error: main alone ends the process",
    ),
    (
        "std::env",
        "take it as an option: cli alone reads the environment",
    ),
    (
        "env::var",
        "take it as an option: cli alone reads the environment",
    ),
    (
        "env::var_os",
        "take it as an option: cli alone reads the environment",
    ),
    (
        "thread::sleep",
        "wait for what must happen, under a deadline",
    ),
];

/// Libraries never print, exit, read the environment, or sleep to wait.
pub(crate) fn quiet_below_cli(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (path, text) in tree.rust() {
        if !BELOW_CLI.iter().any(|floor| path.starts_with(floor)) {
            continue;
        }
        let code = without_tests(&code(text));
        for (at, line) in code.lines().enumerate() {
            if let Some((_, instead)) = NOISE.iter().find(|(word, _)| has_word(line, word)) {
                complaints.push(Complaint::at(path, at + 1, *instead));
            }
        }
    }
    complaints
}

/// Calls that block until a descriptor is ready.
const WAITS: &[&str] = &[
    "poll",
    "ppoll",
    "pselect",
    "select",
    "epoll_wait",
    "epoll_pwait",
];

/// Ways to make a thread wait for another, or for time to pass.
const STANDSTILLS: &[&str] = &[
    "Barrier",
    "Condvar",
    "blocking_recv",
    "park",
    "park_timeout",
    "recv_deadline",
    "recv_timeout",
    "sync::mpsc",
];

/// One place blocks: those calls stand in `crates/socket/src/wait.rs`, and nowhere else below `cli`,
/// where no thread waits for another by hand either. (Joining one that ends is no such wait.)
pub(crate) fn one_place_blocks(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (path, text) in tree.rust() {
        let is_home = path == "crates/socket/src/wait.rs";
        if is_home || !BELOW_CLI.iter().any(|floor| path.starts_with(floor)) {
            continue;
        }
        let code = without_tests(&code(text));
        for module in ["event::", "libc::"] {
            for (at, _) in code.match_indices(module) {
                let names = first_names(&code[at + module.len()..]);
                if names.iter().any(|name| WAITS.contains(&name.as_str())) {
                    let line = code[..at].matches('\n').count() + 1;
                    let why = "the wait loop of socket alone blocks";
                    complaints.push(Complaint::at(path, line, why));
                }
            }
        }
        for (at, line) in code.lines().enumerate() {
            if let Some(word) = STANDSTILLS.iter().find(|word| has_word(line, word))
                && !line.contains("tokio::")
            {
                let why = format!("{word} makes a thread wait: await it, or wait in socket");
                complaints.push(Complaint::at(path, at + 1, why));
            }
        }
    }
    complaints
}

const TOOLS: &str = "crates/tools/src/";

/// What would be a socket of another make; addresses are only words.
const FOREIGN_SOCKETS: &[&str] = &[
    "TcpListener",
    "TcpSocket",
    "TcpStream",
    "UdpSocket",
    "UnixDatagram",
    "UnixListener",
    "UnixStream",
    "rustix::net",
    "socket2",
    "tokio::net",
];

/// `tools` takes its sockets from `socket` alone.
pub(crate) fn sockets_have_one_source(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (path, text) in tree.rust().filter(|(path, _)| path.starts_with(TOOLS)) {
        let code = without_tests(&code(text));
        for word in FOREIGN_SOCKETS {
            complaints.extend(lines_with(&code, word).map(|line| {
                Complaint::at(
                    path,
                    line,
                    format!("{word}: tools take sockets from landline-socket"),
                )
            }));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::super::sample::{assert_fires, sample};

    #[test]
    fn std_in_wire_fires() {
        const LIB: &str = "crates/wire/src/lib.rs";
        let tree = sample().edited(LIB, "#![no_std]\n", "");
        assert_fires(&tree, "wire-pure", LIB, 0);
        let tree = sample().edited(LIB, "#![no_std]", "#![cfg_attr(not(test), no_std)]");
        assert_fires(&tree, "wire-pure", LIB, 0);
        let tree = sample().edited(LIB, "#[cfg(test)]\n", "");
        assert_fires(&tree, "wire-pure", LIB, 3);
        let tree = sample().with("crates/wire/src/a.rs", "//! A.\nuse std::time::Instant;\n");
        assert_fires(&tree, "wire-pure", "crates/wire/src/a.rs", 2);
    }

    #[test]
    fn unsafe_away_from_home_fires() {
        for path in ["crates/socket/src/lib.rs", "crates/cli/src/main.rs"] {
            let tree = sample().with(path, "//! Unsafe.\n// unsafe\nfn f() { unsafe { g() } }\n");
            assert_fires(&tree, "unsafe", path, 3);
        }
        let tree = sample().with("crates/socket/src/sys/linux.rs", "//! Linux.\nunsafe {}\n");
        assert_eq!(super::unsafe_has_one_home(&tree), []);
    }

    #[test]
    fn every_noise_below_cli_fires() {
        for (word, _) in super::NOISE {
            for path in ["crates/socket/src/a.rs", "crates/tools/src/chat/mod.rs"] {
                let tree = sample().with(path, &format!("//! Noise.\nfn f() {{ {word}; }}\n"));
                assert_fires(&tree, "below-cli", path, 2);
            }
        }
    }

    #[test]
    fn tests_and_cli_may_print() {
        let tree = sample().with(
            "crates/tools/src/chat/mod.rs",
            "//! Quiet: println!\nlet x = \"println!\";\n#[cfg(test)]\nmod tests { fn f() { println!() } }\n",
        );
        assert_eq!(super::quiet_below_cli(&tree), []);
    }

    #[test]
    fn a_second_wait_fires() {
        let second = "//! Second.\nuse rustix::event::{PollFd, poll};\n";
        let tree = sample().with("crates/tools/src/chat/mod.rs", second);
        assert_fires(&tree, "one-wait", "crates/tools/src/chat/mod.rs", 2);
        let tree = sample().with("crates/socket/src/attempt.rs", second);
        assert_fires(&tree, "one-wait", "crates/socket/src/attempt.rs", 2);
    }

    #[test]
    fn a_thread_that_waits_for_another_fires() {
        const PATH: &str = "crates/tools/src/chat/mod.rs";
        for line in [
            "use std::sync::Condvar;",
            "std::thread::park();",
            "let next = lines.recv_timeout(second);",
            "use std::sync::mpsc::channel;",
        ] {
            let tree = sample().with(PATH, &format!("//! Waits.\n{line}\n"));
            assert_fires(&tree, "one-wait", PATH, 2);
            let tree = sample().with("crates/cli/src/main.rs", &format!("//! Waits.\n{line}\n"));
            assert_eq!(super::one_place_blocks(&tree), [], "cli may");
        }
        let awaited = "//! Waits.\nuse tokio::sync::{mpsc, Barrier};\nuse tokio::sync::mpsc;\n";
        assert_eq!(super::one_place_blocks(&sample().with(PATH, awaited)), []);
    }

    #[test]
    fn a_socket_of_another_make_fires() {
        const PATH: &str = "crates/tools/src/http/mod.rs";
        for word in super::FOREIGN_SOCKETS {
            let tree = sample().with(PATH, &format!("//! HTTP.\nuse {word};\n"));
            assert_fires(&tree, "sockets", PATH, 2);
        }
        let fine = "//! HTTP.\nuse std::net::{IpAddr, SocketAddr};\nuse landline_socket::Socket;\n\
            #[cfg(test)]\nmod tests { use std::net::TcpStream; }\n";
        assert_eq!(
            super::sockets_have_one_source(&sample().with(PATH, fine)),
            []
        );
    }
}
