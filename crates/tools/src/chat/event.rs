//! What the room tells its host.

use std::fmt;

use landline_wire::chat::Via;

/// Something worth a line in the host's log. All text in it is printable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "the fields are what the variant's words say they are"
)]
pub enum ChatEvent {
    /// Somebody came.
    Joined { name: String, via: Via },
    /// Somebody went.
    Left { name: String, via: Via },
    /// Somebody has another name.
    Renamed { was: String, name: String },
    /// A member was put out.
    Dropped { name: String, reason: &'static str },
    /// A connection was not let in.
    Refused { peer: String, reason: &'static str },
}

impl fmt::Display for ChatEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Joined { name, via } => write!(f, "{name} joined by {}", by(*via)),
            Self::Left { name, .. } => write!(f, "{name} left"),
            Self::Renamed { was, name } => write!(f, "{was} is now {name}"),
            Self::Dropped { name, reason } => write!(f, "{name} was dropped: {reason}"),
            Self::Refused { peer, reason } => write!(f, "refused {peer}: {reason}"),
        }
    }
}

fn by(via: Via) -> &'static str {
    match via {
        Via::Browser => "browser",
        Via::Text => "text",
    }
}
