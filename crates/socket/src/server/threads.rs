//! The models with threads: a connection, or a datagram, each on its own.

use std::sync::Arc;

use super::Report;
use super::accept::{Caller, accept_one};
use super::connection::Connection;
use super::crew::Crew;
use super::datagram::{Message, send};
use super::handler::Handler;
use super::intake::Intake;
use super::service::Service;
use crate::deadline::Timeout;
use crate::error::{Error, Result};
use crate::socket::Socket;

/// Connections, at most `places` at a time, each served by `work` on a socket with this timeout.
pub(super) fn serve_connections<H: Send + Sync + 'static>(
    listener: Socket,
    service: &Arc<Service<H>>,
    places: usize,
    timeout: Timeout,
    work: fn(&Connection, &Arc<Service<H>>),
) -> Result<Report> {
    let mut crew = Crew::new(places)?;
    let mut intake = Intake::new(&service.options, &service.stop);
    let outcome = crew.serve(&listener, &mut intake, &service.stop, |crew| {
        let Some(caller) = accept_one(&listener, service, timeout)? else {
            return Ok(());
        };
        let Caller {
            socket,
            peer,
            permit,
        } = caller;
        let connection = Arc::new(Connection::new(socket, peer, service.stop.clone()));
        let (service_there, connection_there) = (Arc::clone(service), Arc::clone(&connection));
        let started = crew.start(Some(connection), service.options.longest, move || {
            let _permit = permit;
            work(&connection_there, &service_there);
        });
        started.map_err(|error| {
            service.tally.turned_away();
            Error::from_io("start a thread")(error)
        })
    });
    // Whoever calls from here on is refused by the kernel.
    drop(listener);
    let left_behind = crew.drain(service.options.grace);
    Ok(service.tally.report(outcome?, left_behind))
}

/// Datagrams, at most `places` at a time.
pub(super) fn serve_datagrams<H: Handler>(
    socket: Socket,
    service: &Arc<Service<H>>,
    places: usize,
) -> Result<Report> {
    let socket = Arc::new(socket);
    let mut crew = Crew::new(places)?;
    let mut intake = Intake::new(&service.options, &service.stop);
    let outcome = crew.serve(&socket, &mut intake, &service.stop, |crew| {
        let Some((message, permit)) = Message::receive(&socket, service)? else {
            return Ok(());
        };
        let (service_there, socket) = (Arc::clone(service), Arc::clone(&socket));
        let started = crew.start(None, None, move || {
            let _permit = permit;
            if let Some(answer) = message.answer(&service_there) {
                send(&service_there, &socket, &message, &answer);
            }
        });
        started.map_err(|error| {
            service.tally.turned_away();
            Error::from_io("start a thread")(error)
        })
    });
    let left_behind = crew.drain(service.options.grace);
    Ok(service.tally.report(outcome?, left_behind))
}
