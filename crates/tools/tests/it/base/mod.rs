//! The base on real sockets and real folders.

mod accept;
mod fresh;
mod root;
