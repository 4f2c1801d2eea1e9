//! The base on real sockets and real folders.

mod accept;
mod fresh;
mod message;
mod root;
