//! The integration tests of the tools, a module a theme.

mod base;
mod chat;
mod http;
mod hub;
mod peer;
