//! Our own end of a conversation: where what we send comes from, and where what comes goes.

use super::input::Input;
use super::output::Output;

/// Our own end of a conversation.
#[derive(Debug)]
pub struct Local {
    /// What is sent.
    pub input: Input,
    /// Where what comes goes.
    pub output: Output,
}
