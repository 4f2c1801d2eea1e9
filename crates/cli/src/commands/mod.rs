//! One file per verb: arguments become options, events become lines.

pub(crate) mod completions;
pub(crate) mod connect;
pub(crate) mod echo;
pub(crate) mod listen;
pub(crate) mod man;
pub(crate) mod up;
