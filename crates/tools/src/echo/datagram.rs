//! Datagrams: at most one answer each, no longer than what it answers, and none to who would answer it.

use std::sync::atomic::{AtomicU64, Ordering};

use landline_socket::server::{Handler, Reply};
use landline_socket::{Address, UnixAddress};

use super::answer::Answering;
use super::event::{Event, Silence};
use crate::base::name_of;

pub(super) struct Datagrams<F> {
    answering: Answering<F>,
    own_port: Option<u16>,
    count: AtomicU64,
}

impl<F> Datagrams<F> {
    /// Those that come to `own`.
    pub(super) fn new(answering: Answering<F>, own: &Address) -> Self {
        Self {
            answering,
            own_port: own.port(),
            count: AtomicU64::new(0),
        }
    }

    fn silence(&self, reply: &Reply) -> Option<Silence> {
        match (reply.peer(), reply.peer().port()) {
            (_, Some(port)) if ANSWERING.contains(&port) || self.own_port == Some(port) => {
                Some(Silence::Answers(port))
            }
            (Address::Unix(UnixAddress::Unnamed), _) => Some(Silence::Unnamed),
            _ if reply.is_truncated() => Some(Silence::TooLong),
            _ => None,
        }
    }
}

impl<F: Fn(&Event<'_>) + Send + Sync + 'static> Handler for Datagrams<F> {
    type Session = ();

    fn open(&self, reply: &mut Reply) -> Option<()> {
        let Some(why) = self.silence(reply) else {
            return Some(());
        };
        let peer = &name_of(reply.peer());
        (self.answering.on_event)(&Event::Ignored { peer, why });
        None
    }

    fn receive(&self, (): &mut (), data: &[u8], reply: &mut Reply) {
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let answer = self.answering.answer(&name_of(reply.peer()), count, data);
        // Who is named as the sender may be somebody else's target. A Unix socket's name is the kernel's word.
        let most = match reply.peer() {
            Address::Unix(_) => answer.len(),
            _ => data.len().min(answer.len()),
        };
        reply.send(&answer[..most]);
    }
}

/// Services that answer whatever comes to them: echo, daytime, quote of the day, character generator (RFC 862, 867, 865, 864), DNS.
const ANSWERING: [u16; 5] = [7, 13, 17, 19, 53];
