//! What every tool stands on, beside the sockets' own [`server`](landline_socket::server): event loops, a held
//! folder, whole files, messages on sockets, TLS, the key, networks that may come, printable text, who a peer is,
//! the time of day.

mod caller;
pub mod clock;
pub mod cores;
pub mod fresh;
pub mod key;
pub mod message;
pub mod network;
pub mod printable;
pub mod root;
pub mod tls;

pub(crate) use caller::name_of;
pub use key::Key;
pub use landline_socket::server::Stop;
pub use landline_wire::size::Size;
pub use network::{Network, Networks};
pub use printable::{printable, printable_bytes};
