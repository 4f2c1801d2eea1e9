//! The room as a value: who is here and what happened. No lock, no clock, no wake-ups.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use landline_wire::chat::{Event, MemberView, Name, Via};
use landline_wire::limits::CHAT_NAME_CHARS;
use landline_wire::ws::encode_text;

use super::animal;
use super::event::ChatEvent;
use super::log::{Entry, Log, Own};
use super::room::SharedFile;

#[derive(Debug)]
pub(super) struct State {
    pub(super) log: Log,
    people: BTreeMap<u64, Person>,
    /// Who has the name with this key.
    names: HashMap<String, u64>,
    clients: HashMap<Arc<str>, u64>,
    /// What the connections of pages show.
    watches: BTreeMap<u64, Watch>,
    origin: String,
    /// Makes the names of those who give none others each time.
    seed: u64,
    /// The last number given to a member or a connection.
    last: u64,
}

/// A member; a page that was opened again, or twice, is the same one with several connections.
#[derive(Debug)]
struct Person {
    name: Name,
    via: Via,
    client: Option<Arc<str>>,
    connections: usize,
}

#[derive(Debug)]
struct Watch {
    folder: String,
    changed: bool,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Everybody is told.
    Published,
    /// Everybody was told before, by the event of this number; with the sender's copy of it.
    Before(u64, Bytes),
    /// There was nothing in it.
    Empty,
}

impl State {
    pub(super) fn new(history: usize, origin: String, seed: u64) -> Self {
        Self {
            log: Log::new(history),
            people: BTreeMap::new(),
            names: HashMap::new(),
            clients: HashMap::new(),
            watches: BTreeMap::new(),
            origin,
            seed,
            last: 0,
        }
    }

    /// A number for a member or a connection, never given again.
    pub(super) fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(super) fn members(&self) -> Vec<MemberView> {
        let view = |(&id, person): (&u64, &Person)| MemberView {
            id,
            name: person.name.to_string(),
            via: person.via,
        };
        self.people.iter().map(view).collect()
    }

    pub(super) fn name(&self, id: u64) -> &str {
        self.people
            .get(&id)
            .map_or("", |person| person.name.as_str())
    }

    /// Somebody comes, or comes again. The event is there when it is news to the room.
    pub(super) fn join(
        &mut self,
        via: Via,
        wanted: Option<&str>,
        client: Option<&Arc<str>>,
        at: u64,
    ) -> (u64, Option<ChatEvent>) {
        if let Some(&id) = client.and_then(|client| self.clients.get(client))
            && let Some(person) = self.people.get_mut(&id)
        {
            person.connections += 1;
            // It may have taken another name while it was away.
            let renamed = wanted
                .and_then(|wanted| Name::parse(wanted).ok())
                .and_then(|name| self.rename(id, name, at).ok().flatten());
            return (id, renamed);
        }
        let id = self.number();
        let name = self.free_name(wanted, client, id);
        self.names.insert(name.key(), id);
        if let Some(client) = client {
            self.clients.insert(client.clone(), id);
        }
        self.publish(Some(id), |seq| Event::Joined {
            seq,
            at,
            member: id,
            name: name.as_str(),
            via,
        });
        let event = ChatEvent::Joined {
            name: name.to_string(),
            via,
        };
        let person = Person {
            name,
            via,
            client: client.cloned(),
            connections: 1,
        };
        self.people.insert(id, person);
        (id, Some(event))
    }

    /// One connection of a member ends; the event is there when it was the last.
    pub(super) fn leave(&mut self, id: u64, at: u64) -> Option<ChatEvent> {
        let person = self.people.get_mut(&id)?;
        person.connections -= 1;
        if person.connections > 0 {
            return None;
        }
        let person = self.people.remove(&id)?;
        self.names.remove(&person.name.key());
        if let Some(client) = &person.client {
            self.clients.remove(client);
        }
        self.publish(Some(id), |seq| Event::Left {
            seq,
            at,
            member: id,
            name: person.name.as_str(),
        });
        Some(ChatEvent::Left {
            name: person.name.to_string(),
            via: person.via,
        })
    }

    /// Gives a member another name; `Err` when somebody else has it. The event is there unless it has the name already.
    pub(super) fn rename(
        &mut self,
        id: u64,
        name: Name,
        at: u64,
    ) -> Result<Option<ChatEvent>, NameTaken> {
        if self
            .names
            .get(&name.key())
            .is_some_and(|&holder| holder != id)
        {
            return Err(NameTaken);
        }
        let Some(person) = self.people.get_mut(&id) else {
            return Ok(None);
        };
        if person.name == name {
            return Ok(None);
        }
        let was = std::mem::replace(&mut person.name, name.clone());
        self.names.remove(&was.key());
        self.names.insert(name.key(), id);
        // Nobody hears of it as their own doing: a text member is told its new name like the others.
        self.publish(None, |seq| Event::Renamed {
            seq: Some(seq),
            at,
            member: id,
            name: name.as_str(),
            was: was.as_str(),
        });
        Ok(Some(ChatEvent::Renamed {
            was: was.to_string(),
            name: name.to_string(),
        }))
    }

    /// Publishes a text that is already printable, once for each number of the same client.
    pub(super) fn say(&mut self, id: u64, text: &str, number: Option<&str>, at: u64) -> Said {
        let Some(person) = self.people.get(&id) else {
            return Said::Empty;
        };
        let (name, client) = (person.name.clone(), person.client.clone());
        let number: Option<Arc<str>> = number.map(Arc::from);
        if let (Some(client), Some(number)) = (&client, &number)
            && let Some(entry) = self.log.sent(client, number)
        {
            let own = entry.own.as_ref().map_or(&entry.web, |own| &own.web);
            return Said::Before(entry.seq, own.clone());
        }
        let seq = self.log.next();
        let said = |client, number| Event::Said {
            seq,
            at,
            member: id,
            name: name.as_str(),
            text,
            client,
            id: number,
        };
        let own = number.as_ref().map(|number| Own {
            client: client.clone(),
            id: number.clone(),
            web: frame(&said(client.as_deref(), Some(number))),
        });
        self.push(Some(id), &said(None, None), own);
        Said::Published
    }

    /// Publishes that a file is here, whole; by whom, if the client is known.
    pub(super) fn share(&mut self, file: &SharedFile<'_>, client: Option<&str>, at: u64) {
        let id = client.and_then(|client| self.clients.get(client)).copied();
        let person = id.and_then(|id| self.people.get(&id));
        let name = person.map(|person| person.name.to_string());
        // Told to everybody: whoever brought it wants to see that it is there.
        self.publish(None, |seq| Event::Shared {
            seq,
            at,
            member: id,
            name: name.as_deref(),
            path: file.path,
            href: file.href,
            size: file.size,
        });
    }

    fn publish<'a>(&mut self, member: Option<u64>, event: impl FnOnce(u64) -> Event<'a>) {
        let event = event(self.log.next());
        self.push(member, &event, None);
    }

    fn push(&mut self, member: Option<u64>, event: &Event<'_>, own: Option<Own>) {
        self.log.push(Entry {
            seq: self.log.next(),
            is_message: matches!(event, Event::Said { .. } | Event::Shared { .. }),
            member,
            web: frame(event),
            text: event.to_text(&self.origin).into(),
            own,
        });
    }

    /// The first name that nobody has: the one wanted, the same with a number, an animal, a guest.
    fn free_name(&self, wanted: Option<&str>, client: Option<&Arc<str>>, id: u64) -> Name {
        let wanted = wanted.and_then(|name| Name::parse(name).ok());
        let numbered = wanted.iter().flat_map(|name| {
            let stem: String = name.as_str().chars().take(CHAT_NAME_CHARS - 4).collect();
            (2..100).map(move |number| format!("{} {number}", stem.trim_end()))
        });
        // Who comes with a token is offered the same animal again.
        let stranger = client.is_none().then_some((self.seed, id));
        let animals = animal::names((client, stranger));
        let guests = (id..).map(|number| format!("Guest {number}"));
        wanted
            .iter()
            .map(ToString::to_string)
            .chain(numbered)
            .chain(animals)
            .chain(guests)
            .filter_map(|name| Name::parse(&name).ok())
            .find(|name| !self.names.contains_key(&name.key()))
            .expect("there are more guests' numbers than members")
    }

    /// A connection's page shows this folder from now on.
    pub(super) fn watch(&mut self, connection: u64, folder: String) {
        let watch = Watch {
            folder,
            changed: false,
        };
        self.watches.insert(connection, watch);
    }

    /// A connection's page shows nothing any more; whether it showed a folder.
    pub(super) fn unwatch(&mut self, connection: u64) -> bool {
        self.watches.remove(&connection).is_some()
    }

    /// Marks the pages that show the folder; whether there are any.
    pub(super) fn change(&mut self, folder: &str) -> bool {
        let mut any = false;
        for watch in self.watches.values_mut() {
            if watch.folder == folder {
                watch.changed = true;
                any = true;
            }
        }
        any
    }

    /// The frame that tells a connection of what [`change`](Self::change) marked, once.
    pub(super) fn take_change(&mut self, connection: u64) -> Option<Bytes> {
        let watch = self.watches.get_mut(&connection)?;
        std::mem::take(&mut watch.changed).then(|| {
            frame(&Event::Changed {
                path: &watch.folder,
            })
        })
    }

    /// Whether nobody is here, and nothing is kept of anybody who was.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.people.is_empty()
            && self.names.is_empty()
            && self.clients.is_empty()
            && self.watches.is_empty()
    }

    /// The folders on show, each once.
    pub(super) fn watched(&self) -> BTreeSet<String> {
        self.watches
            .values()
            .map(|watch| watch.folder.clone())
            .collect()
    }
}

/// An event as pages get it.
pub(super) fn frame(event: &Event<'_>) -> Bytes {
    encode_text(&event.to_json())
}

/// Somebody in the room has that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameTaken;
