//! The integration tests of the protocols, a module a theme.

mod chat;
mod corpus;
mod http;
mod line;
mod name;
mod turn;
mod ws;
