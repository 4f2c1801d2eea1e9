//! What is measured of ours, beside its peers: `cargo xtask bench` builds and runs it.

#![allow(
    clippy::print_stdout,
    reason = "a figure on stdout is what it is run for"
)]

mod measure;
mod socket;

use std::error::Error;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    measure::begin()?;
    match arguments.as_slice() {
        ["socket", case @ ..] => socket::run(case),
        other => Err(format!("no such topic: {}", other.join(" ")).into()),
    }
}
