//! The integration tests of the tools, a module a theme.

mod base;
mod chat;
mod echo;
mod http;
mod hub;
mod peer;
mod tls;
