//! `wire` cannot do I/O or tell the time: its own header makes the compiler refuse it.

use std::fs;

use crate::scratch::{Scratch, root};

/// The crate attributes and `extern crate` lines of `wire` as it stands.
fn header() -> String {
    let lib = fs::read_to_string(root().join("crates/wire/src/lib.rs")).unwrap();
    lib.lines()
        .filter(|line| line.starts_with("#![no_std") || line.starts_with("extern crate alloc"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn a_clock_a_socket_a_file_or_a_thread_in_wire_does_not_compile() {
    for door in [
        "time::Instant",
        "net::TcpStream",
        "fs::File",
        "thread::Thread",
    ] {
        let name = format!("wire-{}", door.replace("::", "-"));
        let source = format!("//! Wire.\n{}pub use std::{door};\n", header());
        let (compiles, said) = Scratch::new(&name, &source).compile();
        assert!(!compiles, "{source}");
        assert!(said.contains("E0432") || said.contains("E0433"), "{said}");
    }
}

#[test]
fn what_wire_is_made_of_compiles() {
    let source = format!("//! Wire.\n{}pub use alloc::vec::Vec;\n", header());
    let (compiles, said) = Scratch::new("wire-alloc", &source).compile();
    assert!(compiles, "{said}");
}
