//! Protocols without I/O: bytes in, messages out.
#![no_std]
extern crate alloc;

pub mod character;
pub mod chat;
pub mod codec;
pub mod frame;
pub mod http;
pub mod limits;
pub mod line;
pub mod name;
mod query;
pub mod size;
pub mod turn;
pub mod value;
pub mod ws;
