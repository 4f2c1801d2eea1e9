//! The integration tests of the tools, a module a theme.

mod chat;
