//! The command line's one definition: help, completions and man pages all come from it.

mod echo;
mod habit;
mod talk;
mod tls;
mod up;

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

pub(crate) use echo::{Behaviour, Echo, Model};
pub(crate) use habit::lead_on;
pub(crate) use talk::{Company, Connect, Conversation, Listen, Part, Record};
pub(crate) use tls::{Identity, Trust};
pub(crate) use up::{Access, Output, Place, Up};

/// What you pick up when two machines have to talk.
#[derive(Debug, Parser)]
#[command(
    name = "landline",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = FROM_NC
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What landline does.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Up(Up),
    Listen(Listen),
    Connect(Connect),
    Echo(Echo),
    Completions(Completions),
    Man(Man),
}

/// Print the completion script for a shell
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  landline completions bash > ~/.local/share/bash-completion/completions/landline"
)]
pub(crate) struct Completions {
    /// Which shell
    pub(crate) shell: clap_complete::Shell,
}

/// Write the man pages
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  landline man ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The folder to write them to
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

/// The definition itself, for what is made from it.
pub(crate) fn definition() -> clap::Command {
    Arguments::command()
}

const FROM_NC: &str = "\
From nc: `nc -l 9000` is `landline listen 9000`, `nc host 9000` is `landline connect host:9000`.";
