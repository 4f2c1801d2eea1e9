//! Turns: two sides of a plain stream that speak one after the other, as half duplex.
//!
//! Nothing marks a turn on the wire, so that a peer may be any program. The turn passes with a line (the first
//! newline of what the holder says), or, for peers that send no newline, with bytes that [`QUIET`] follows.
//! What may go wrong has an outcome of its own:
//!
//! - **Both talk at once**: what is received out of turn is for showing, and the turn stays. Where both sides came
//!   to hold it, it is one holder's again with the next line that one of them says alone.
//! - **A lost turn** (a datagram that did not arrive): each side waits for the other; [`Turn::take`] ends that.
//! - **A pause of more than [`QUIET`] within a line**: taken for the end of a line, as nothing tells it from one;
//!   the rest arrives out of turn.
//! - **A peer that ends its side**, in its turn or not: it says nothing any more, so the turn is ours for good.
//!   [`Turn::unsent`] is what had not left by then.

use alloc::collections::VecDeque;
use core::time::Duration;

use bytes::Bytes;

/// How long nothing may come until what came without a newline counts as said.
pub const QUIET: Duration = Duration::from_millis(100);

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// This side may speak.
    Us,
    /// The other side may.
    Them,
}

/// What became of the turn when bytes were received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A line of the holder's: the turn is ours now.
    Line,
    /// The holder has begun, without a newline so far: [`QUIET`] would pass the turn.
    Beginning,
    /// It was our turn, and it stays ours.
    OutOfTurn,
}

/// What is to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// This line leaves, as it was given.
    Send(Bytes),
    /// Our side ends: nothing follows.
    Finish,
}

/// No line could be held any more: those that wait for the turn are at their limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// One side of a conversation in turns: lines and received bytes go in, what may leave comes out.
///
/// ```
/// use landline_wire::turn::{Heard, Holder, Step, Turn};
///
/// let mut turn = Turn::new(Holder::Us, 1024);
/// turn.hold("hello\n".into()).unwrap();
/// turn.hold("are you there?\n".into()).unwrap();
/// assert_eq!(turn.next_step(), Some(Step::Send("hello\n".into())));
/// assert_eq!(turn.next_step(), None);
/// assert_eq!(turn.receive(b"hel"), Heard::Beginning);
/// assert_eq!(turn.receive(b"lo back\n"), Heard::Line);
/// assert_eq!(turn.next_step(), Some(Step::Send("are you there?\n".into())));
/// assert_eq!(turn.holder(), Holder::Them);
/// ```
#[derive(Clone, Debug)]
pub struct Turn {
    holder: Holder,
    /// Whether they have said something in this turn of theirs.
    begun: bool,
    held: VecDeque<Bytes>,
    held_bytes: usize,
    limit: usize,
    ours: Side,
    theirs: Side,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Open,
    /// Nothing more will be given, but what is held leaves first; then the end, in the next turn of ours.
    Ending,
    /// The same, and the end follows the last line in the same turn.
    Leaving,
    Ended,
}

impl Turn {
    /// A conversation that `first` begins: by custom the side that connected. At most `limit` bytes of
    /// lines wait for the turn.
    #[must_use]
    pub fn new(first: Holder, limit: usize) -> Self {
        Self {
            holder: first,
            begun: false,
            held: VecDeque::new(),
            held_bytes: 0,
            limit,
            ours: Side::Open,
            theirs: Side::Open,
        }
    }

    /// Whose turn it is.
    #[must_use]
    pub fn holder(&self) -> Holder {
        self.holder
    }

    /// Takes a line to send, with its newline if it is to have one; it leaves by
    /// [`next_step`](Self::next_step) in our turn, one line a turn.
    ///
    /// # Errors
    /// When more would wait than the limit allows, or our side is ending: the line is not taken.
    pub fn hold(&mut self, line: Bytes) -> Result<(), Full> {
        // A line may be as long as it likes when it need not wait.
        let waits = self.holder == Holder::Them || !self.held.is_empty();
        let after = self.held_bytes.saturating_add(line.len());
        if self.ours != Side::Open || (waits && after > self.limit) {
            return Err(Full);
        }
        self.held_bytes = after;
        self.held.push_back(line);
        Ok(())
    }

    /// Whether [`next_step`](Self::next_step) has something to be done.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let ends = matches!(self.ours, Side::Ending | Side::Leaving);
        self.holder == Holder::Us && (ends || !self.held.is_empty())
    }

    /// Takes a line after which our side ends: a goodbye, which nobody has to answer. It takes the turn, so that who
    /// leaves need not wait for who may never speak; what is held leaves before it.
    ///
    /// # Errors
    /// As [`hold`](Self::hold).
    pub fn hold_last(&mut self, line: Bytes) -> Result<(), Full> {
        self.hold(line)?;
        self.ours = Side::Leaving;
        self.come();
        Ok(())
    }

    /// What is to be done now; asked until it is `None`, after everything that went in.
    pub fn next_step(&mut self) -> Option<Step> {
        if !self.is_ready() {
            return None;
        }
        if let Some(line) = self.held.pop_front() {
            self.held_bytes -= line.len();
            if self.ours != Side::Leaving {
                self.pass();
            }
            return Some(Step::Send(line));
        }
        self.ours = Side::Ended;
        self.pass();
        Some(Step::Finish)
    }

    /// To them, unless they have ended: then nobody else is left to speak.
    fn pass(&mut self) {
        self.begun = false;
        if self.theirs == Side::Open {
            self.holder = Holder::Them;
        }
    }

    /// Takes what was received, cut anywhere; a frame as the line that it is.
    pub fn receive(&mut self, bytes: &[u8]) -> Heard {
        if self.holder == Holder::Us {
            return Heard::OutOfTurn;
        }
        if !bytes.contains(&b'\n') {
            self.begun = true;
            return Heard::Beginning;
        }
        self.come();
        Heard::Line
    }

    /// Whether [`QUIET`] from the last bytes on would pass the turn to us.
    #[must_use]
    pub fn awaits_quiet(&self) -> bool {
        self.holder == Holder::Them && self.begun
    }

    /// Nothing came for [`QUIET`]. Whether that passed the turn.
    pub fn quiet(&mut self) -> bool {
        let passes = self.awaits_quiet();
        if passes {
            self.come();
        }
        passes
    }

    /// Takes the turn that was lost on the way. Whether it was not ours already.
    pub fn take(&mut self) -> bool {
        let takes = self.holder == Holder::Them && self.ours != Side::Ended;
        if takes {
            self.come();
        }
        takes
    }

    fn come(&mut self) {
        self.begun = false;
        // Who has ended says nothing more: the turn stays where something may be said.
        if self.ours != Side::Ended {
            self.holder = Holder::Us;
        }
    }

    /// Our side ends, once what is held has left and it is our turn.
    pub fn finish(&mut self) {
        if self.ours == Side::Open {
            self.ours = Side::Ending;
        }
    }

    /// Their side has ended: the turn is ours for good.
    pub fn end(&mut self) {
        self.theirs = Side::Ended;
        self.come();
    }

    /// How many lines wait for the turn.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.held.len()
    }
}
