//! The lessons run: the programs themselves, on port 0, with each other and with their counterparts in Python.

mod course;
mod datagrams;
mod files;
mod greeting;
mod headers;
mod messages;
mod modes;
mod program;
mod protocols;
mod servers;
mod single;
mod web;
