//! The binary: parse, run, exit code.

mod address;
mod args;
mod commands;
mod exit;
mod interrupt;
mod invitation;
mod journal;
mod listening;
mod output;
mod scribe;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Verb};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit::conclude(match arguments.verb {
        Verb::Up(up) => commands::up::run(&up),
        Verb::Completions(completions) => commands::completions::run(&completions),
        Verb::Man(man) => commands::man::run(&man),
    })
}
