//! The chat room: one log of events that pages and text members read, each at its own pace.
//!
//! [`Room`] is shared by every core. [`serve_web`] and [`serve_text`] carry one connection each;
//! a member holds a cursor into the room's log, and of what it has not taken yet no more than one write takes.

mod animal;
mod ear;
mod event;
mod link;
mod log;
mod member;
mod outbox;
mod pace;
mod room;
mod state;
mod text;
mod web;

pub use event::ChatEvent;
pub use log::{HISTORY_DEFAULT, HISTORY_EVENTS};
pub use pace::Pace;
pub use room::{Room, RoomOptions, SharedFile};
pub use text::{Files, TextOptions, serve_text};
pub use web::serve_web;
