//! The command line of `echo`.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use landline_tools::echo::Template;

use crate::target::{Target, Transport};

/// Send back what comes: over TCP, UDP or a Unix socket
///
/// One message is what came at once, as a script's recv has it; a datagram is one. A newline at its end is not part of {data},
/// and ends the reply again, so nc and a script that sends no newline are both answered as they talk.
///
/// By UDP an answer is cut to the length of what it answers, and nothing is answered to the ports 7, 13, 17, 19 and 53 and to
/// the echo's own port number: they would answer the answer.
///
/// An ADDRESS is `7000` (loopback), `host:7000`, `[::1]:7000`, `*:7000` (every interface), the same behind `udp://`,
/// `unix:/path`, `unix:@name` or `unix-datagram:/path`; port 0 asks the kernel for a free one.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Echo {
    /// Where to listen
    #[arg(value_name = "ADDRESS", value_parser = address)]
    pub(crate) target: Target,

    #[command(flatten)]
    pub(crate) behaviour: Behaviour,

    /// Close each connection after its first answer
    #[arg(long, conflicts_with = "greet")]
    pub(crate) close: bool,

    /// How many are served at a time, and by what
    #[arg(long, value_name = "MODEL", value_enum, default_value_t = Model::Async)]
    pub(crate) model: Model,

    /// Say nothing of who comes and goes
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Say what happens as JSON lines on stdout: a line for each connection that begins or ends and for each message
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is answered; without any of these, what came.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct Behaviour {
    /// Answer in capitals: the letters of ASCII alone, as Python's bytes.upper
    #[arg(long)]
    pub(crate) upper: bool,

    /// Say this and a newline to whoever comes, and close
    #[arg(long, value_name = "TEXT")]
    pub(crate) greet: Option<String>,

    /// Answer each message with this, where {peer}, {data} and {count} are filled in; {{ and }} are braces
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) reply: Option<Template>,
}

/// The models of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Model {
    /// One after the other
    Single,
    /// A thread for each
    Threads,
    /// One thread that waits for all
    Select,
    /// A task for each, on one thread
    Async,
}

/// A target that an echo can have.
fn address(text: &str) -> Result<Target, String> {
    let target = Target::from_str(text)?;
    match target.transport {
        Transport::Stream | Transport::Datagram => Ok(target),
        Transport::Tls => Err("there is no echo over TLS".to_owned()),
        Transport::Packet => Err("there is no echo over unix-seqpacket".to_owned()),
    }
}

const EXAMPLES: &str = "\
Examples:
  landline echo 7000                             what is sent comes back
  landline echo 7000 --upper                     in capitals
  landline echo 7000 --greet 'Thank you'         a greeting for everybody who connects
  landline echo 7000 --reply '{peer} said {data}, which makes {count}'
  landline echo udp://7000                       datagrams
  landline echo '*:7000' --json                  for the whole network, and told as JSON

  nc 127.0.0.1 7000                              talk to it
  nc -u 127.0.0.1 7000";
