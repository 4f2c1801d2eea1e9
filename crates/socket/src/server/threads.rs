//! The models with threads: a connection, or a datagram, each on its own.

use std::sync::Arc;

use super::accept::accept_one;
use super::connection::Connection;
use super::crew::{Crew, Task};
use super::datagram::{Message, send};
use super::handler::Handler;
use super::intake::Intake;
use super::service::Service;
use super::{Reason, Report};
use crate::deadline::Timeout;
use crate::error::Result;
use crate::socket::Socket;

/// Connections, at most `places` at a time, each served by `work` on a socket with this timeout.
pub(super) fn serve_connections<H: Send + Sync + 'static>(
    listener: Socket,
    service: &Arc<Service<H>>,
    places: usize,
    timeout: Timeout,
    work: fn(&Connection, &Arc<Service<H>>),
) -> Result<Report> {
    let mut crew = Crew::new(places, service.options.longest)?;
    let mut intake = Intake::new(&service.options, &service.stop);
    let outcome = crew.serve(&listener, &mut intake, &service.stop, || {
        let Some(caller) = accept_one(&listener, service, timeout)? else {
            return Ok(None);
        };
        let connection = Connection::new(caller.socket, caller.peer, service.stop.clone());
        let connection = Arc::new(connection);
        let (service_there, connection_there) = (Arc::clone(service), Arc::clone(&connection));
        let permit = caller.permit;
        Ok(Some(Task {
            connection: Some(connection),
            work: Box::new(move || {
                let _permit = permit;
                work(&connection_there, &service_there);
            }),
        }))
    });
    // Whoever calls from here on is refused by the kernel.
    drop(listener);
    report(crew, service, outcome)
}

/// Datagrams, at most `places` at a time.
pub(super) fn serve_datagrams<H: Handler>(
    socket: Socket,
    service: &Arc<Service<H>>,
    places: usize,
) -> Result<Report> {
    let socket = Arc::new(socket);
    let mut crew = Crew::new(places, None)?;
    let mut intake = Intake::new(&service.options, &service.stop);
    let outcome = crew.serve(&socket, &mut intake, &service.stop, || {
        let Some((message, permit)) = Message::receive(&socket, service)? else {
            return Ok(None);
        };
        let (service_there, socket) = (Arc::clone(service), Arc::clone(&socket));
        Ok(Some(Task {
            connection: None,
            work: Box::new(move || {
                let _permit = permit;
                if let Some(answer) = message.answer(&service_there) {
                    send(&service_there, &socket, &message, &answer);
                }
            }),
        }))
    });
    report(crew, service, outcome)
}

fn report<H>(crew: Crew, service: &Service<H>, outcome: Result<Reason>) -> Result<Report> {
    let drained = crew.drain(service.options.grace);
    if drained.turns_away {
        service.tally.turned_away();
    }
    Ok(service.tally.report(outcome?, drained.left_behind))
}
