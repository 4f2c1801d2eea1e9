//! Datagrams: each is an exchange of one message and at most one answer.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags};

use super::Report;
use super::door::Permit;
use super::exchange::with_buffer;
use super::handler::{End, Handler};
use super::intake::{Intake, first_of};
use super::service::Service;
use crate::address::Address;
use crate::error::{Cause, Error, Result};
use crate::kind::MsgFlags;
use crate::socket::Socket;
use crate::wait::poll_any;

/// One datagram, and who sent it.
pub(super) struct Message {
    data: Vec<u8>,
    peer: Address,
    truncated: bool,
}

impl Message {
    /// Takes one from a socket that does not block; `None` for one from a source above its limit.
    pub(super) fn receive<H>(
        socket: &Socket,
        service: &Service<H>,
    ) -> Result<Option<(Self, Permit)>> {
        with_buffer(Self::room(service), |buffer| {
            let (received, peer) = socket.recv_from(buffer).inspect_err(|_| {
                // What is left in the queue of errors (`IP_RECVERR`) would end every wait at once.
                while socket.recv_with(&mut [0], MsgFlags::ERRQUEUE).is_ok() {}
            })?;
            Ok(Self::admit(service, &buffer[..received], peer))
        })
    }

    /// What was received into [`room`](Self::room).
    pub(super) fn admit<H>(
        service: &Service<H>,
        data: &[u8],
        peer: Address,
    ) -> Option<(Self, Permit)> {
        let permit = service.admit(&peer)?;
        let most = service.options.datagram_bytes;
        let message = Self {
            data: data[..data.len().min(most)].to_vec(),
            peer,
            truncated: data.len() > most,
        };
        Some((message, permit))
    }

    /// One byte more than is wanted, which tells what was cut from what just fits.
    pub(super) fn room<H>(service: &Service<H>) -> usize {
        service.options.datagram_bytes + 1
    }

    pub(super) fn answer<H: Handler>(&self, service: &Service<H>) -> Option<Vec<u8>> {
        service.answer(&self.data, &self.peer, self.truncated)
    }
}

/// Sends an answer if it can go at once. One that cannot is dropped, as datagrams are: whoever does not
/// take its answers must not hold up the others.
pub(super) fn send<H>(service: &Service<H>, socket: &Socket, message: &Message, answer: &[u8]) {
    let send = || socket.send_to(answer, &message.peer);
    // With `IP_RECVERR` a send may be told of another's answer, once, and sends nothing then.
    let sent = send().or_else(|error| match error.kind() {
        std::io::ErrorKind::ConnectionRefused => send(),
        _ => Err(error),
    });
    match sent {
        Ok(sent) => service.tally.sent(sent),
        Err(error) => service.tally.ended(&End::Failed(error)),
    }
}

/// One at a time, on this thread.
pub(super) fn serve<H: Handler>(socket: &Socket, service: &Arc<Service<H>>) -> Result<Report> {
    let mut intake = Intake::new(&service.options, &service.stop);
    loop {
        let now = Instant::now();
        if let Some(reason) = intake.over(now) {
            return Ok(service.tally.report(reason, 0));
        }
        let stopped = PollFd::from_borrowed_fd(service.stop.descriptor()?, PollFlags::IN);
        let arrived = PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::IN);
        let mut events = [stopped, arrived];
        // While it is paused only the switch is waited for.
        let watched = if intake.is_paused(now) { 1 } else { 2 };
        match poll_any(&mut events[..watched], first_of([intake.deadline()])) {
            Ok(_) | Err(Cause::TimedOut) => {}
            Err(cause) => return Err(Error::new("wait for datagrams", cause)),
        }
        if !events[1].revents().is_empty() {
            take(
                socket,
                service,
                &mut intake,
                Message::receive(socket, service),
            )?;
        }
    }
}

/// Answers what was received, or makes of the failure what it means.
pub(super) fn take<H: Handler>(
    socket: &Socket,
    service: &Service<H>,
    intake: &mut Intake,
    received: Result<Option<(Message, Permit)>>,
) -> Result<()> {
    match received {
        Ok(received) => {
            intake.took_one();
            if let Some((message, _permit)) = received
                && let Some(answer) = message.answer(service)
            {
                send(service, socket, &message, &answer);
            }
            Ok(())
        }
        Err(error) => intake.endure(error),
    }
}
