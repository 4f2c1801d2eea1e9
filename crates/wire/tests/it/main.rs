//! The integration tests of the protocols, a module a theme.

mod chat;
mod chunks;
mod corpus;
mod frame;
mod http;
mod line;
mod name;
mod turn;
mod value;
mod ws;
