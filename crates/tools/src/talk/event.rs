//! What happens in a conversation, as it happens.

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
    /// A conversation is over.
    Ended {
        /// Who, made printable.
        peer: &'e str,
        /// How.
        report: &'e Report,
    },
}
