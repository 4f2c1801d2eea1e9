//! The binary as its users meet it: real processes, real sockets, peers that are not ours.

mod browser;
mod datagram;
mod dial;
mod echo;
mod ending;
mod escape;
mod exec;
mod files;
mod frames;
mod guard;
mod half;
mod hostile_talk;
mod interop;
mod invite;
mod lifecycle;
mod many;
mod nc;
mod raw;
mod record;
mod talk;
mod talker;
mod terminal;
mod text;
mod tls;
mod up;
mod upload;
