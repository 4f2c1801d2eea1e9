//! Where a protocol meets a socket: one folder per tool.
//!
//! Every tool has one shape: bound sockets come in, events stream out, a report comes back.
//! Nothing here prints, exits, reads the environment, or sleeps to wait.

pub mod base;
pub mod chat;
pub mod echo;
pub mod http;
pub mod hub;
pub mod talk;
