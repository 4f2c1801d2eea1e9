//! The binary: terminal, arguments, exit codes.
fn main() {}
