//! What came of a conversation.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::base::{Size, message};

/// What came of a conversation.
#[derive(Debug)]
pub struct Report {
    /// Bytes that went to the peer.
    pub sent_bytes: u64,
    /// Bytes that came from the peer.
    pub received_bytes: u64,
    /// How it ended.
    pub ending: Result<Ending, Fault>,
}

/// How a conversation ends well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Each side ended.
    Both,
    /// One side ended, and the other went on for as long as [`Options::wait`](super::Options::wait).
    Waited,
}

/// Why a conversation did not end well.
#[derive(Debug)]
pub enum Fault {
    /// The connection was lost.
    Cut(io::Error),
    /// The peer ended in its turn, and so many typed lines still waited for ours.
    Unsent(usize),
    /// Nothing came and nothing went for so long.
    Idle(Duration),
    /// It was one of many, and so many bytes behind the others.
    Behind(u64),
    /// It was one of many, and took nothing of what waited for it for so long.
    Stalled(Duration),
    /// The program that was to talk with it could not be run.
    Program(io::Error),
    /// Our input could not be read.
    Input(io::Error),
    /// Our output could not be written.
    Output(io::Error),
    /// We were asked to stop.
    Stopped,
}

impl Fault {
    /// Why something did not go: it was no message, or the connection was lost.
    pub(super) fn of_sending(error: io::Error) -> Self {
        match error.get_ref() {
            Some(why) if why.is::<message::Fault>() => Self::Input(error),
            _ => Self::Cut(error),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut(error) => write!(f, "the connection was lost: {error}"),
            Self::Unsent(1) => f.write_str("the peer ended, and a line still waited for our turn"),
            Self::Unsent(lines) => {
                write!(
                    f,
                    "the peer ended, and {lines} lines still waited for our turn"
                )
            }
            Self::Idle(time) => write!(f, "nothing came and nothing went for {time:?}"),
            Self::Behind(bytes) => write!(f, "it read too slowly and was {} behind", Size(*bytes)),
            Self::Stalled(time) => write!(f, "it took nothing for {time:?}"),
            Self::Program(error) => write!(f, "the program cannot be run: {error}"),
            Self::Input(error) => write!(f, "the input cannot be read: {error}"),
            Self::Output(error) => write!(f, "the output cannot be written: {error}"),
            Self::Stopped => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for Fault {}
