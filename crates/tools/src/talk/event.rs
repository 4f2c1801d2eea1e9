//! What happens in a conversation, as it happens.

use super::options::Holder;
use super::report::Report;
use crate::base::tls::{Refusal, Session};

/// Something that happened.
#[derive(Debug)]
pub enum Event<'e> {
    /// Somebody came who may not, and was sent away without a word.
    Refused {
        /// Who, made printable.
        peer: &'e str,
    },
    /// Datagrams came from others than the peer, and were dropped.
    Strangers {
        /// With whom the conversation was, made printable.
        peer: &'e str,
        /// How many.
        messages: u64,
    },
    /// Somebody came with whom there is no TLS, and was closed.
    Insecure {
        /// Who, made printable.
        peer: &'e str,
        /// Why.
        refusal: &'e Refusal,
    },
    /// Somebody is there.
    Began {
        /// Who, made printable.
        peer: &'e str,
        /// What was agreed on, where it is TLS.
        session: Option<&'e Session>,
    },
    /// The turn is somebody's: told at the beginning, when it passes, and when it is asked for in vain.
    Turn {
        /// Whose.
        holder: Holder,
    },
    /// A line was typed out of turn: it leaves when the turn comes.
    Held {
        /// As it was typed.
        line: &'e [u8],
    },
    /// A line leaves, in our turn.
    Spoken {
        /// As it was typed.
        line: &'e [u8],
    },
    /// A line was typed out of turn and cannot wait: too many do. It is not sent.
    Overfull,
    /// A conversation is over.
    Ended {
        /// Who, made printable.
        peer: &'e str,
        /// How.
        report: &'e Report,
    },
}
