//! Protocols without I/O: bytes in, messages out.
#![no_std]
extern crate alloc;
