//! Streams: each connection is answered until it ends, or once.

use landline_socket::server::{End, Handler, Reply};

use super::answer::{Answering, Behaviour};
use super::event::Event;
use crate::base::name_of;

pub(super) struct Connections<F> {
    answering: Answering<F>,
    close: bool,
}

/// One connection so far.
pub(super) struct Talk {
    peer: String,
    messages: u64,
    bytes: u64,
}

impl<F> Connections<F> {
    pub(super) fn new(answering: Answering<F>, close: bool) -> Self {
        Self { answering, close }
    }
}

impl<F: Fn(&Event<'_>) + Send + Sync + 'static> Handler for Connections<F> {
    type Session = Talk;

    fn open(&self, reply: &mut Reply) -> Option<Talk> {
        let peer = name_of(reply.peer());
        (self.answering.on_event)(&Event::Connected { peer: &peer });
        if let Behaviour::Greet(text) = &self.answering.behaviour {
            reply.send(text);
            reply.close();
        }
        Some(Talk {
            peer,
            messages: 0,
            bytes: 0,
        })
    }

    fn receive(&self, talk: &mut Talk, data: &[u8], reply: &mut Reply) {
        talk.messages += 1;
        talk.bytes += data.len() as u64;
        reply.send(&self.answering.answer(&talk.peer, talk.messages, data));
        if self.close {
            reply.close();
        }
    }

    fn end(&self, talk: Talk, end: &End) {
        (self.answering.on_event)(&Event::Ended {
            peer: &talk.peer,
            messages: talk.messages,
            bytes: talk.bytes,
            end,
        });
    }
}
