//! The binary: parse, run, exit code.

mod address;
mod args;
mod commands;
mod conversation;
mod dial;
mod exit;
mod herald;
mod interrupt;
mod invitation;
mod journal;
mod listening;
mod output;
mod program;
mod scribe;
mod target;
mod terminal;
mod tls;
mod unit;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Verb};

fn main() -> ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| args::lead_on(error).exit());
    exit::conclude(match arguments.verb {
        Verb::Up(up) => commands::up::run(&up),
        Verb::Listen(listen) => commands::listen::run(&listen),
        Verb::Connect(connect) => commands::connect::run(&connect),
        Verb::Echo(echo) => commands::echo::run(&echo),
        Verb::Completions(completions) => commands::completions::run(&completions),
        Verb::Man(man) => commands::man::run(&man),
    })
}
