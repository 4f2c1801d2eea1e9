//! `landline up`: files and chat on one page.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use landline_tools::base::root::Root;
use landline_tools::base::{Key, Stop, printable, printable_bytes};
use landline_tools::http::Hosts;
use landline_tools::hub::{self, Event, Listeners, Options};

use crate::args::{Access, Place, Up};
use crate::exit::{Failure, cannot};
use crate::interrupt;
use crate::invitation::Invitation;
use crate::journal::Journal;
use crate::listening::{Listener, listen};

/// Opens the room and keeps it open until it is stopped.
///
/// # Errors
/// When the folder, an address or the log cannot be had, or stdout cannot be written.
pub(crate) fn run(arguments: &Up) -> Result<(), Failure> {
    let (place, access) = (&arguments.place, &arguments.access);
    let typed = arguments.folder.display();
    let folder =
        std::fs::canonicalize(&arguments.folder).map_err(cannot(format!("share {typed}")))?;
    let root = Root::open(&folder, access.hidden).map_err(cannot(format!("share {typed}")))?;
    let descriptors = landline_socket::descriptor_limit::raise()
        .map_err(cannot("raise the limit of open descriptors"))?;
    let page = listen(&place.listen, &place.default_address(PAGE_PORT))?;
    let chat = listen(&place.chat_listen, &place.default_address(CHAT_PORT))?;
    let is_private = page.iter().chain(&chat).all(Listener::is_private);
    let key = key(access, is_private)?;
    let room = arguments.room.clone().unwrap_or_else(|| room_name(&folder));
    let invitation = Invitation {
        room: &printable(&room),
        folder: &printable_bytes(folder.as_os_str().as_bytes()),
        page: &page,
        chat: &chat,
        key: key.as_ref(),
        writable: access.write,
        hidden: access.hidden,
    };
    let journal = Arc::new(Journal::new(&arguments.output).map_err(cannot("open the log"))?);
    let options = Options {
        room: room.clone(),
        history: arguments.history,
        writable: access.write,
        key: key.clone(),
        hosts: hosts(place),
        origin: invitation.origins().into_iter().next().unwrap_or_default(),
        descriptors,
    };
    let stop = Stop::new();
    interrupt::stops(&stop).map_err(cannot("wait for signals"))?;
    invitation
        .announce(arguments.output.json)
        .map_err(cannot("print the addresses"))?;
    let listeners = Listeners {
        page: page.into_iter().map(Listener::into_socket).collect(),
        chat: chat.into_iter().map(Listener::into_socket).collect(),
    };
    let told = Arc::clone(&journal);
    let tell = move |event: &Event<'_>| told.tell(event);
    let report =
        hub::run(root, listeners, options, &stop, tell).map_err(cannot("keep the room open"))?;
    journal.conclude(&report);
    Ok(())
}

/// The key that is asked for: wherever others can come, and where the user wants one.
fn key(access: &Access, is_private: bool) -> Result<Option<Key>, Failure> {
    match access.key.as_deref() {
        Some("") => {}
        Some(chosen) if chosen.len() < KEY_BYTES => {
            let why = format!("it has fewer than {KEY_BYTES} characters, so it could be guessed");
            return Err(Failure::usage("use that key", why).hint("--key alone makes a random one"));
        }
        Some(chosen)
            if !chosen
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)) =>
        {
            let why = "it stands in an address, so it may have letters, digits and -._~ alone";
            return Err(Failure::usage("use that key", why));
        }
        Some(chosen) => {
            return Key::new(chosen.to_owned())
                .map(Some)
                .map_err(cannot("use that key"));
        }
        None if is_private || access.no_key => return Ok(None),
        None => {}
    }
    Key::random().map(Some).map_err(cannot("make a key"))
}

/// Names that the page is asked for by.
fn hosts(place: &Place) -> Hosts {
    let own = landline_socket::host_name();
    Hosts {
        // Multicast DNS gives every machine of a home network its name with this ending.
        own: vec![format!("{own}.local"), own],
        allowed: place.allow_host.clone(),
    }
}

/// A room is called what its folder is called.
fn room_name(folder: &Path) -> String {
    folder.file_name().map_or_else(
        || "Landline".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

const PAGE_PORT: u16 = 8080;
const CHAT_PORT: u16 = 9000;
/// 16 characters of a person's choice are the least that is not guessed over a network.
const KEY_BYTES: usize = 16;
