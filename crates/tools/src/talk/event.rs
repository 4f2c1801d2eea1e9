//! What happens in a conversation, as it happens.

use super::report::Report;

/// Something that happened.
#[derive(Debug)]
pub enum Event<'e> {
    /// Somebody is there.
    Began {
        /// Who, made printable.
        peer: &'e str,
    },
    /// A conversation is over.
    Ended {
        /// Who, made printable.
        peer: &'e str,
        /// How.
        report: &'e Report,
    },
}
