//! Names: hosts, services, protocols and interfaces, and addresses as text.

pub(crate) mod host;
pub mod inet;
pub(crate) mod interface;
pub(crate) mod lookup;
pub(crate) mod resolve;
pub(crate) mod resolver_error;
pub(crate) mod service;
