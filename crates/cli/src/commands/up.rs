//! `landline up`: files and chat on one page.

use std::path::Path;
use std::sync::Arc;

use landline_tools::base::root::Root;
use landline_tools::base::{Key, Stop, printable};
use landline_tools::hub::{self, Listeners, Options};
use serde_json::json;

use crate::address::Typed;
use crate::args::Up;
use crate::exit::Failure;
use crate::invitation::Invitation;
use crate::journal::Journal;
use crate::listening::{Listener, listen};
use crate::{interrupt, output};

/// Opens the room and keeps it open until it is stopped.
///
/// # Errors
/// When the folder, an address or the log cannot be had, or stdout cannot be written.
pub(crate) fn run(arguments: &Up) -> Result<(), Failure> {
    let folder = std::fs::canonicalize(&arguments.folder)
        .map_err(|error| Failure::new(format!("share {}", arguments.folder.display()), error))?;
    let shown_folder = printable(&folder.to_string_lossy()).into_owned();
    let root = Root::open(&folder, arguments.access.hidden)
        .map_err(|error| Failure::new(format!("share {shown_folder}"), error))?;
    let descriptors = landline_socket::descriptor_limit::raise()
        .map_err(|error| Failure::new("raise the limit of open descriptors", error))?;
    let page = listen(
        &arguments.place.listen,
        &default_address(arguments, PAGE_PORT),
    )?;
    let chat = listen(
        &arguments.place.chat_listen,
        &default_address(arguments, CHAT_PORT),
    )?;
    let key = key(
        arguments,
        page.iter().chain(&chat).all(Listener::is_private),
    )?;
    let room = arguments.room.clone().unwrap_or_else(|| room_name(&folder));
    let invitation = Invitation {
        room: &printable(&room),
        folder: &shown_folder,
        page: &page,
        chat: &chat,
        key: key.as_ref(),
        writable: arguments.access.write,
        hidden: arguments.access.hidden,
    };
    let journal =
        Journal::new(&arguments.output).map_err(|error| Failure::new("open the log", error))?;
    let options = Options {
        history: usize::try_from(arguments.history).unwrap_or(usize::MAX),
        writable: arguments.access.write,
        key: key.clone(),
        hosts: hosts(arguments),
        origin: invitation.origins().into_iter().next().unwrap_or_default(),
        descriptors,
        room: room.clone(),
    };
    let stop = Stop::new();
    interrupt::stops(&stop).map_err(|error| Failure::new("wait for signals", error))?;
    announce(&invitation, arguments.output.json)
        .map_err(|error| Failure::new("print the addresses", error))?;
    let sockets = |listeners: Vec<Listener>| {
        listeners
            .into_iter()
            .map(|listener| listener.socket)
            .collect()
    };
    let listeners = Listeners {
        page: sockets(page),
        chat: sockets(chat),
    };
    let journal = Arc::new(journal);
    hub::run(root, &listeners, options, &stop, move |event| {
        journal.tell(event);
    })
    .map_err(|error| Failure::new("keep the room open", error))?;
    Ok(())
}

/// Says where to go: the ready lines first, for whoever waits for them.
fn announce(invitation: &Invitation<'_>, as_json: bool) -> std::io::Result<()> {
    let ready = [("http", invitation.page), ("tcp", invitation.chat)];
    let ready = ready
        .iter()
        .flat_map(|(scheme, listeners)| listeners.iter().map(move |listener| listener.url(scheme)));
    let mut text = String::new();
    for address in ready {
        text += &match as_json {
            true => format!("{}\n", json!({"event": "listening", "address": address})),
            false => format!("listening on {address}\n"),
        };
    }
    for listener in invitation.page.iter().chain(invitation.chat) {
        if let (Some(from), Some(port)) = (listener.moved_from, listener.address.port()) {
            output::say(&format!("port {from} is taken, so this is port {port}"));
        }
    }
    if as_json {
        let open: Vec<_> = invitation
            .origins()
            .iter()
            .map(|origin| invitation.address_to_open(origin))
            .collect();
        text += &format!(
            "{}\n",
            json!({"event": "open", "addresses": open, "access": invitation.access()})
        );
    } else {
        text += &invitation.text();
    }
    output::write_stdout(text.as_bytes())
}

/// The key that is asked for: wherever others can come, and where the user wants one.
fn key(arguments: &Up, all_private: bool) -> Result<Option<Key>, Failure> {
    match arguments.access.key.as_deref() {
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
        Some(chosen) => return Ok(Some(Key::new(chosen.to_owned()))),
        None if all_private || arguments.access.no_key => return Ok(None),
        None => {}
    }
    Key::random()
        .map(Some)
        .map_err(|error| Failure::new("make a key", error))
}

fn default_address(arguments: &Up, port: u16) -> Typed {
    if arguments.place.lan {
        return Typed::Every { port };
    }
    Typed::Host {
        host: std::net::Ipv4Addr::LOCALHOST.to_string(),
        port,
    }
}

/// Names that this machine is asked for by.
fn hosts(arguments: &Up) -> Vec<String> {
    let mut hosts = arguments.place.allow_host.clone();
    let own = landline_socket::host_name();
    // The name that multicast DNS gives every machine of a home network.
    hosts.push(format!("{own}.local"));
    hosts.push(own);
    hosts
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
