//! The command lines of `listen` and `connect`.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use landline_tools::base::message::FrameFormat;
use landline_tools::base::{Network, Networks};
use landline_tools::talk::Entrance;

use super::{Identity, Trust};
use crate::dial::Source;
use crate::target::Target;
use crate::unit;

/// Wait for somebody and talk: what comes goes to stdout, stdin goes back
///
/// stdout carries the peer's bytes and nothing else; the ready line and all that is said goes to stderr.
///
/// A TARGET is an ADDRESS, for TCP, or one with `udp://` or `tls://` in front, or `unix:/path`, `unix-datagram:/path`,
/// `unix-seqpacket:/path`. An ADDRESS is `8080` (loopback), `host:8080`, `[::1]:8080`, `*:8080` (every interface),
/// `unix:/path` or `unix:@name`; port 0 asks the kernel for a free one.
#[derive(Args, Debug)]
#[command(after_help = LISTEN_EXAMPLES)]
pub(crate) struct Listen {
    /// Where to listen
    #[arg(value_name = "TARGET")]
    pub(crate) target: Target,

    /// Only who comes from this network, such as 10.0.0.0/8 or ::1; repeatable
    #[arg(long, value_name = "NETWORK")]
    pub(crate) allow: Vec<Network>,

    /// Nobody who comes from this network, allowed or not; repeatable
    #[arg(long, value_name = "NETWORK")]
    pub(crate) deny: Vec<Network>,

    #[command(flatten)]
    pub(crate) conversation: Conversation,

    #[command(flatten)]
    pub(crate) company: Company,

    #[command(flatten)]
    pub(crate) identity: Identity,
}

impl Listen {
    /// Who may come, and until when.
    pub(crate) fn entrance(&self) -> Entrance {
        Entrance {
            timeout: self.conversation.timeout,
            networks: Networks {
                allowed: self.allow.clone(),
                denied: self.deny.clone(),
            },
        }
    }
}

/// Who else is there, and who talks with them.
#[derive(Args, Debug)]
#[command(next_help_heading = "Many at once")]
pub(crate) struct Company {
    /// Go on listening, and talk with everybody who comes, all at once
    ///
    /// What we send goes to all, and waits for the first while nobody is there; what they send comes to stdout line by line.
    /// The end of stdin ends nothing; Ctrl-C does. Who is 1 MiB behind, or takes nothing for 30 s, is dropped.
    #[arg(long, conflicts_with_all = ALONE)]
    pub(crate) keep_open: bool,

    /// The same, and each hears what the others say
    #[arg(long, conflicts_with_all = ALONE)]
    pub(crate) broadcast: bool,

    /// The same, for at most so many at once [default: 1024]; who is too many is closed at once
    #[arg(long, value_name = "N", conflicts_with_all = ALONE)]
    pub(crate) max_connections: Option<NonZeroUsize>,

    /// Have this program talk, without a shell, one for each peer; the last option, as all that follows is the program's
    ///
    /// Its stdin and stdout are the peer, its stderr is ours, and LANDLINE_PEER says who the peer is. When the peer has gone its
    /// stdin is closed; 1 s later its process group gets SIGHUP and SIGTERM, and after another 2 s SIGKILL.
    #[arg(long, value_names = ["PROGRAM", "ARGS"], num_args = 1.., allow_hyphen_values = true,
          conflicts_with_all = ["broadcast", "half", "simplex", "crlf", "no_newline"])]
    pub(crate) exec: Vec<OsString>,
}

impl Company {
    /// Whether more than one is talked with.
    pub(crate) fn is_many(&self) -> bool {
        self.keep_open || self.broadcast || self.max_connections.is_some()
    }
}

/// Connect to somebody and talk: stdin goes there, what comes goes to stdout
///
/// stdout carries the peer's bytes and nothing else; all that is said goes to stderr.
///
/// A TARGET is an ADDRESS, for TCP, or one with `udp://` or `tls://` in front, or `unix:/path`, `unix-datagram:/path`,
/// `unix-seqpacket:/path`. An ADDRESS is `8080` (loopback), `host:8080`, `[::1]:8080`, `unix:/path` or `unix:@name`.
#[derive(Args, Debug)]
#[command(after_help = CONNECT_EXAMPLES)]
pub(crate) struct Connect {
    /// Where to connect
    #[arg(value_name = "TARGET")]
    pub(crate) target: Target,

    /// Where to connect from: an address of this machine, with a port or without; `*:PORT` is a port alone
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) source: Option<Source>,

    /// Try again when nobody is there, so many times [default: without end]; the waits grow from 0.2 s to 30 s
    ///
    /// --timeout is for all tries together. What trying again cannot mend, such as a name that does not exist, is not tried.
    #[expect(
        clippy::option_option,
        reason = "not given, given alone, given with a number"
    )]
    #[arg(long, value_name = "TIMES", num_args = 0..=1, require_equals = true)]
    pub(crate) retry: Option<Option<u32>>,

    #[command(flatten)]
    pub(crate) conversation: Conversation,

    #[command(flatten)]
    pub(crate) trust: Trust,
}

/// How two talk.
#[derive(Args, Debug)]
pub(crate) struct Conversation {
    #[command(flatten)]
    pub(crate) mode: Mode,

    #[command(flatten)]
    pub(crate) line: Line,

    #[command(flatten)]
    pub(crate) record: Record,

    /// Speak in messages behind their length: each line sent is one, each one that comes is a line
    ///
    /// The length has so many bits, big-endian or little-endian (`u32be` is Python's `struct.pack('>I', …)`), or is a varint.
    /// For streams; a datagram is a message by itself.
    #[arg(long, value_name = "FORMAT", value_parser = frame_format(), conflicts_with_all = ["crlf", "no_newline"])]
    pub(crate) frames: Option<FrameFormat>,

    /// The most bytes that a frame may have, its length not counted
    #[arg(long, value_name = "SIZE", value_parser = unit::size, default_value = "64KiB", requires = "frames")]
    pub(crate) limit: usize,

    /// How long to wait for a connection, such as 5s
    #[arg(long, value_name = "TIME", value_parser = unit::time)]
    pub(crate) timeout: Option<Duration>,

    /// End when nothing came and nothing went for so long
    #[arg(long, value_name = "TIME", value_parser = unit::time)]
    pub(crate) idle: Option<Duration>,

    /// How long one direction may go on once the other has ended [default: until it ends too]
    #[arg(long, value_name = "TIME", value_parser = unit::time)]
    pub(crate) wait: Option<Duration>,

    /// Say nothing but errors
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Say what happens as JSON lines, on stderr
    #[arg(long)]
    pub(crate) json: bool,
}

fn frame_format() -> impl TypedValueParser<Value = FrameFormat> {
    PossibleValuesParser::new(FrameFormat::ALL.map(FrameFormat::name)).try_map(|name| name.parse())
}

/// Who may send when.
#[derive(Args, Debug)]
pub(crate) struct Mode {
    /// One side only sends, the other only receives [default: connect sends, listen receives]
    #[expect(
        clippy::option_option,
        reason = "not given, given alone, given with a part"
    )]
    #[arg(long, value_name = "PART", num_args = 0..=1, require_equals = true)]
    pub(crate) simplex: Option<Option<Part>>,

    /// One after the other: the turn passes with a line, or with bytes and a tenth of a second of quiet
    ///
    /// The side that connects has the first turn. At a terminal the prompt shows whose turn it is, a line typed out of
    /// turn waits for it, /over passes the turn with an empty line, and /take takes one that was lost.
    #[arg(long, conflicts_with = "simplex")]
    pub(crate) half: bool,

    /// Both ways at once, which is the default
    #[arg(long, conflicts_with_all = ["simplex", "half"])]
    pub(crate) full: bool,
}

/// How a line ends on its way.
#[derive(Args, Debug)]
pub(crate) struct Line {
    /// End each line that is sent by CR and LF
    #[arg(long)]
    pub(crate) crlf: bool,

    /// Send each line without its newline
    #[arg(long, conflicts_with = "crlf")]
    pub(crate) no_newline: bool,
}

/// What is kept of what passes.
#[derive(Args, Debug)]
pub(crate) struct Record {
    /// Show what passes, each way, as a dump: at a terminal in its place, else on stderr
    #[arg(long)]
    pub(crate) hex: bool,

    /// Append the dump to a file
    ///
    /// `sed -n 's/^< //p' FILE | xxd -r` gives what came, and with `>` what was sent.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
}

/// A part in a simplex conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Only sends
    Send,
    /// Only receives
    Receive,
}

/// Who speaks in turns, or has lines of their own, talks with one.
const ALONE: [&str; 3] = ["half", "crlf", "no_newline"];

const LISTEN_EXAMPLES: &str = "\
Examples:
  landline listen 9000                    talk with whoever connects, until both have ended
  landline listen 9000 > backup.tar       receive a stream
  landline listen '*:9000' --simplex      only receive, from the network
  landline listen 9000 --frames u32be     messages behind their length, a line each
  landline listen 9000 --half             speak in turns; the other side begins
  landline listen tls://9000              encrypted, by a certificate made on the spot
  landline listen 9000 --broadcast        a room: everybody hears everybody
  landline listen 9000 --keep-open --exec tr a-z A-Z";

const CONNECT_EXAMPLES: &str = "\
Examples:
  landline connect example.org:80         talk to a server by hand
  tar c . | landline connect host:9000    send a stream
  landline connect unix:/run/app.sock     a Unix socket
  landline connect tls://example.org:443  encrypted, and only with who really is example.org";
