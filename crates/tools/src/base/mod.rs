//! What every tool stands on: accepting, event loops, stopping, a held folder, whole files, the key,
//! printable text, the time of day.

pub mod accept;
pub mod clock;
pub mod cores;
pub mod fresh;
pub mod key;
pub mod printable;
pub mod root;
pub mod stop;

pub use key::Key;
pub use landline_wire::size::Size;
pub use printable::{printable, printable_bytes};
pub use stop::Stop;
