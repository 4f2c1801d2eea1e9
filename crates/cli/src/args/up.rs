//! The command line of `up`.

use std::path::PathBuf;

use clap::Args;
use landline_tools::chat::{HISTORY_DEFAULT, HISTORY_EVENTS};

use crate::address::Typed;

/// Put files and chat on one page, for browsers, phones and plain nc
///
/// Shares a folder and a chat room with everybody who can reach this machine's page: from a browser, from a
/// phone (--lan), from curl, and the chat from plain nc. Nobody can delete or rename anything, or replace what
/// they do not name by its version (If-Match).
///
/// An ADDRESS is `8080` (loopback), `host:8080`, `[::1]:8080`, `*:8080` (every interface), `unix:/path` or
/// `unix:@name`; port 0 asks the kernel for a free one.
#[derive(Args, Debug)]
#[command(after_help = UP_EXAMPLES)]
pub(crate) struct Up {
    /// The folder to share
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) folder: PathBuf,

    /// What the room is called [default: the folder's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) room: Option<String>,

    /// How many past messages a newcomer is shown
    #[arg(long, value_name = "N", default_value_t = HISTORY_DEFAULT, value_parser = history)]
    pub(crate) history: usize,

    #[command(flatten)]
    pub(crate) place: Place,

    #[command(flatten)]
    pub(crate) access: Access,

    #[command(flatten)]
    pub(crate) output: Output,
}

/// Where a room can be reached.
#[derive(Args, Debug)]
#[command(next_help_heading = "Where")]
pub(crate) struct Place {
    /// Address of the page; repeatable [default: 8080, or the next free port]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Vec<Typed>,

    /// Address of the text chat for nc; repeatable [default: 9000, or the next free port]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) chat_listen: Vec<Typed>,

    /// Listen on every interface where no address is given, so that the whole network can come; needs a key
    #[arg(long)]
    pub(crate) lan: bool,

    /// Another name that this machine is reached by, such as one of a reverse proxy; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
}

impl Place {
    /// Where to listen when no address is given.
    pub(crate) fn default_address(&self, port: u16) -> Typed {
        if self.lan {
            return Typed::Every { port };
        }
        let host = std::net::Ipv4Addr::LOCALHOST.to_string();
        Typed::Host { host, port }
    }
}

/// Who may do what.
#[derive(Args, Debug)]
#[command(next_help_heading = "Access")]
pub(crate) struct Access {
    /// Let everybody in the room add files
    #[arg(long)]
    pub(crate) write: bool,

    /// Share names that start with a dot as well
    #[arg(long)]
    pub(crate) hidden: bool,

    /// Ask for a key, on loopback too: this one, or a random one
    ///
    /// A key is asked for in any case wherever a listener is neither loopback nor a private Unix socket. One that
    /// you choose is best given in the environment, where other users do not see it.
    #[arg(long, value_name = "KEY", num_args = 0..=1, require_equals = true, default_missing_value = "",
          env = "LANDLINE_KEY", hide_env_values = true, conflicts_with = "no_key")]
    pub(crate) key: Option<String>,

    /// Let everybody in who can reach this machine
    #[arg(long)]
    pub(crate) no_key: bool,
}

/// What is said, and where.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub(crate) struct Output {
    /// Say nothing of joins, leaves, uploads and downloads
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Say what happens as JSON lines on stdout, the addresses first
    #[arg(long)]
    pub(crate) json: bool,

    /// Append a line per request to this file, in the combined log format
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
}

/// A number of messages that a room can keep.
fn history(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(messages) if messages <= HISTORY_EVENTS => Ok(messages),
        _ => Err(format!("it goes from 0 to {HISTORY_EVENTS}")),
    }
}

const UP_EXAMPLES: &str = "\
Examples:
  landline up                        share this folder with this machine's users, and chat
  landline up ~/photos --lan         with the whole network: prints the address, the key, a QR code
  landline up --write --room Plans   others may add files

  nc 127.0.0.1 9000                  the same room, from a terminal
  curl -O http://127.0.0.1:8080/a.txt
  curl -T a.txt http://127.0.0.1:8080/";
