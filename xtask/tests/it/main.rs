//! The guards that a compiler or a lint keeps are seen to fire, on crates made to break them.

mod compiler;
mod lint;
mod scratch;
