//! The start lines: where to go, how to join, who may read and write, and how to change that.

use std::io::{self, IsTerminal};
use std::net::{IpAddr, SocketAddr};

use fast_qr::QRBuilder;
use landline_socket::Address;
use landline_tools::base::Key;
use serde_json::json;

use crate::listening::{Listener, is_every_interface};
use crate::output;

/// What the start lines tell of.
pub(crate) struct Invitation<'i> {
    pub(crate) room: &'i str,
    pub(crate) folder: &'i str,
    pub(crate) page: &'i [Listener],
    pub(crate) chat: &'i [Listener],
    pub(crate) key: Option<&'i Key>,
    pub(crate) writable: bool,
    pub(crate) hidden: bool,
}

impl Invitation<'_> {
    /// Says where to go: the ready lines first, for whoever waits for them.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn announce(&self, as_json: bool) -> io::Result<()> {
        let page = self.page.iter().map(|listener| listener.url("http"));
        let chat = self.chat.iter().map(|listener| listener.url("tcp"));
        let mut text = String::new();
        for address in page.chain(chat) {
            if as_json {
                text += &format!("{}\n", json!({"event": "listening", "address": address}));
            } else {
                text += &format!("listening on {address}\n");
            }
        }
        for listener in self.page.iter().chain(self.chat) {
            if let (Some(from), Some(port)) = (listener.moved_from, listener.address.port()) {
                output::say(&format!("port {from} is taken, so this is port {port}"));
            }
        }
        if as_json {
            let open: Vec<_> = self
                .origins()
                .iter()
                .map(|origin| self.address_to_open(origin))
                .collect();
            text += &format!(
                "{}\n",
                json!({"event": "open", "addresses": open, "access": self.access()})
            );
        } else {
            text += &self.text();
        }
        output::write_stdout(text.as_bytes())
    }

    /// Addresses of the page as others can use them, the best first, without the key.
    pub(crate) fn origins(&self) -> Vec<String> {
        reachable(self.page)
            .into_iter()
            .map(|place| format!("http://{place}"))
            .collect()
    }

    /// The address to open: with the key in it, where there is one.
    pub(crate) fn address_to_open(&self, origin: &str) -> String {
        match self.key {
            Some(key) => format!("{origin}/?key={}", key.reveal()),
            None => format!("{origin}/"),
        }
    }

    /// Everything a person wants to know, in a few lines.
    fn text(&self) -> String {
        let mut lines = vec![String::new(), format!("  {}", self.room), String::new()];
        let mut say = |label: &str, text: &str| lines.push(format!("  {label:<8}{text}"));
        let origins = self.origins();
        for (index, origin) in origins.iter().enumerate() {
            say(
                if index == 0 { "Open" } else { "" },
                &self.address_to_open(origin),
            );
        }
        for (index, place) in reachable(self.chat).iter().enumerate() {
            say(
                if index == 0 { "Chat" } else { "" },
                &format!("nc {} {}", place.ip(), place.port()),
            );
        }
        for line in self.unix_lines() {
            say("", &line);
        }
        let scope = if self.hidden {
            ", hidden names too"
        } else {
            ""
        };
        say("Folder", &format!("{}{scope}", self.folder));
        for (index, line) in self.access().iter().enumerate() {
            say(if index == 0 { "Access" } else { "" }, line);
        }
        say("Stop", "Ctrl-C");
        if self.is_for_others()
            && io::stdout().is_terminal()
            && let Some(origin) = origins.first()
            && let Ok(code) = QRBuilder::new(self.address_to_open(origin)).build()
        {
            lines.push(String::new());
            lines.push(code.to_str());
        }
        lines.push(String::new());
        lines.join("\n") + "\n"
    }

    /// Who may read and write, and how to change it.
    fn access(&self) -> Vec<String> {
        let may = if self.writable {
            "read and add files"
        } else {
            "read"
        };
        let is_mine = self.listeners().all(|listener| listener.is_private_file());
        let mut lines = vec![match (self.key.is_some(), self.is_for_others()) {
            (true, _) => format!("whoever has the key can {may}"),
            (false, true) => {
                format!("EVERYBODY who can reach this machine can {may}: there is no key")
            }
            (false, false) if is_mine => {
                format!("you alone can {may} (--listen 8080 lets this machine's users in)")
            }
            (false, false) => format!(
                "every user of this machine can {may}; nobody else can (--lan lets the network in)"
            ),
        }];
        lines.push(match self.writable {
            true => "nobody can delete or rename; only PUT with a fitting If-Match replaces a file"
                .to_owned(),
            false => "nobody can add files (--write allows it), or replace, delete or rename any"
                .to_owned(),
        });
        if self.is_for_others() {
            lines.push("plain HTTP: who listens on the network in between can read everything, the key too".to_owned());
        }
        lines
    }

    /// Whether anybody but this machine's users can come.
    fn is_for_others(&self) -> bool {
        self.listeners().any(|listener| !listener.is_local())
    }

    fn listeners(&self) -> impl Iterator<Item = &Listener> {
        self.page.iter().chain(self.chat)
    }

    fn unix_lines(&self) -> Vec<String> {
        let of_page = self
            .page
            .iter()
            .map(|listener| (listener, "curl --unix-socket {} http://localhost/"));
        let of_chat = self.chat.iter().map(|listener| (listener, "nc -U {}"));
        of_page
            .chain(of_chat)
            .filter_map(|(listener, form)| {
                let text = listener.address.to_string();
                text.strip_prefix("unix:")
                    .map(|path| form.replace("{}", path))
            })
            .collect()
    }
}

/// Every address that others can use; every interface becomes each one's address.
fn reachable(listeners: &[Listener]) -> Vec<SocketAddr> {
    let mut places = Vec::new();
    for listener in listeners {
        let (Some(ip), Some(port)) = (listener.address.ip(), listener.address.port()) else {
            continue;
        };
        if !is_every_interface(&listener.address) {
            places.push(SocketAddr::new(ip, port));
            continue;
        }
        let takes_v6 = matches!(listener.address, Address::Inet6(_));
        let addresses = interface_addresses()
            .into_iter()
            .filter(|ip| takes_v6 || ip.is_ipv4());
        places.extend(addresses.map(|ip| SocketAddr::new(ip, port)));
    }
    places
}

/// This machine's addresses that another machine could type, IPv4 first; loopback where that is all.
fn interface_addresses() -> Vec<IpAddr> {
    let found = if_addrs::get_if_addrs().unwrap_or_default();
    let mut addresses: Vec<IpAddr> = found
        .into_iter()
        .map(|interface| interface.ip())
        // A link-local IPv6 address needs a zone, which no browser takes.
        .filter(|ip| {
            !ip.is_loopback() && !matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
        })
        .collect();
    addresses.sort_by_key(IpAddr::is_ipv6);
    addresses.dedup();
    if addresses.is_empty() {
        addresses.push(std::net::Ipv4Addr::LOCALHOST.into());
    }
    addresses
}
