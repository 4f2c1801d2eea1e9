//! The chat room's language: what happens in the room, and what its members ask for, as JSON for pages and as lines for `nc`.

mod command;
mod event;
mod hello;
mod name;
mod opening;
mod request;

pub use command::{Command, HELP};
pub use event::{Event, MemberView, Via, announcement};
pub use hello::{Hello, HelloError};
pub use name::{Name, NameError};
pub use opening::{Opening, opening};
pub use request::{Request, RequestError};
