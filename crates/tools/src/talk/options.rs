//! How a conversation is held.

use std::time::Duration;

pub use landline_wire::turn::Holder;

use crate::base::message::Frames;

/// How a conversation is held. Times: `None` is without end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Who may send when. Default: both at once.
    pub mode: Mode,
    /// What goes over a stream: a frame for each line of our input, a line for each frame that comes. Default: `None`, the
    /// bytes as they are.
    pub frames: Option<Frames>,
    /// Ends the conversation when nothing came and nothing went for so long. Default: `None`.
    pub idle: Option<Duration>,
    /// How long one direction may go on once the other has ended. Default: `None`, until it ends too.
    pub wait: Option<Duration>,
    /// How a line ends on its way. Default: as it came.
    pub newline: Newline,
}

/// How a line ends on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Newline {
    /// As it came; a typed one by LF.
    #[default]
    AsItIs,
    /// By CR and LF.
    CrLf,
    /// By nothing: each line is a send of its own.
    Nothing,
}

/// Who may send when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Both at once.
    #[default]
    Full,
    /// One only sends, the other only receives; what we are.
    Simplex(Part),
    /// One after the other, by turns; who begins. By custom that is the side that connected.
    Half(Holder),
}

/// A part in a simplex conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Sends; what comes is counted and not shown.
    Sender,
    /// Receives, and sends nothing, not even an end before the peer's.
    Receiver,
}
