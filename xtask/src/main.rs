//! The one door for whoever works on the code: `cargo xtask test`, `tidy`, `prove`, `bench`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the workshop talks to whoever works here"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "the workshop reads PATH and CARGO from the environment"
)]

mod bench;
mod machine;
mod manifest;
mod packages;
mod process;
mod prove;
mod results;
mod test;
mod tidy;

use std::num::{NonZeroU32, NonZeroU64};
use std::path::Path;
use std::process::ExitCode;

const HELP: &str = "\
Landline's workshop

usage: cargo xtask <command>

  test                  everything a change must pass: packages, tidy, format, clippy, docs, build, tests
  tidy                  the house rules alone, in a second
  prove [--seconds N]   the long cases: every fuzz target for N seconds (default 60), then big files and
                        soak; the result replaces its section of bench/RESULTS.md
  bench socket [--rounds N]
                        ours beside C, CPython and tokio, N times in turn (default 15); the result replaces
                        its section of bench/RESULTS.md
  bench talk [--rounds N]
                        landline echo, listen and connect beside C, socat, ncat, nc and asyncio, likewise
  help                  this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["test"] => match test::passes(root()) {
            true => Ok(()),
            // It has said why: its last line is the count.
            false => return ExitCode::FAILURE,
        },
        ["tidy"] => tidy::run(root()),
        ["prove"] => prove::run(root(), prove::DEFAULT_SECONDS),
        ["prove", "--seconds", seconds] => match seconds.parse::<NonZeroU64>() {
            Ok(seconds) => prove::run(root(), seconds.get()),
            // To the fuzzer 0 means for ever.
            Err(_) => return usage("--seconds takes a whole number from 1"),
        },
        ["bench", topic] => bench::run(root(), topic, bench::DEFAULT_ROUNDS),
        ["bench", topic, "--rounds", rounds] => match rounds.parse::<NonZeroU32>() {
            Ok(rounds) => bench::run(root(), topic, rounds.get()),
            Err(_) => return usage("--rounds takes a whole number from 1"),
        },
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        [] => return usage("a command is missing"),
        other => return usage(&format!("cannot understand `{}`", other.join(" "))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

fn usage(why: &str) -> ExitCode {
    eprint!("xtask: {why}\n\n{HELP}");
    ExitCode::from(2)
}

/// The repository: the folder that holds xtask's own.
fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}
