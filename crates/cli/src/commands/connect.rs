//! `landline connect`: connect to somebody and talk.

use std::io;

use landline_socket::AsyncSocket;
use landline_tools::base::cores;
use landline_tools::talk::{Part, Peer, Report, Talk};

use crate::args::Connect;
use crate::conversation::{Voice, conclude, local, talk};
use crate::dial::Dial;
use crate::exit::{Failure, INTERRUPTED, TIMED_OUT, cannot};
use crate::target::{Target, Transport};

/// Connects and talks.
///
/// # Errors
/// When nobody is there, or the conversation does not end well.
pub(crate) fn run(arguments: &Connect) -> Result<(), Failure> {
    let talk = talk(&arguments.conversation, Part::Sender)?;
    let report = cores::on_this_thread(hold(arguments, &talk)).map_err(cannot("start"))??;
    conclude(report)
}

async fn hold(arguments: &Connect, talk: &Talk) -> Result<Report, Failure> {
    let target = &arguments.target;
    let local = local()?;
    let failed =
        |why: &dyn std::fmt::Display| Failure::new(format!("connect to {}", target.place), why);
    let dial = Dial {
        target,
        source: arguments.source.as_ref(),
        timeout: arguments.conversation.timeout,
        retries: match arguments.retry {
            None => Some(0),
            Some(times) => times,
        },
    };
    let voice = Voice::new(&arguments.conversation);
    let socket = tokio::select! {
        socket = dial.run(|error, wait| voice.again(error, wait)) => socket.map_err(|error| {
            match error {
                Some(error) => failed(error.cause()),
                None => failed(&"timed out").code(TIMED_OUT),
            }
        })?,
        () = talk.stop.stopped() => return Err(failed(&"interrupted").code(INTERRUPTED)),
    };
    let peer = peer(socket, target, talk).map_err(|error| failed(&error))?;
    Ok(talk.converse(peer, local).await)
}

fn peer(socket: AsyncSocket, target: &Target, talk: &Talk) -> io::Result<Peer> {
    let name = target.place.to_string();
    match target.transport {
        Transport::Datagram => Peer::datagram(socket, name, talk.options.wait),
        Transport::Packet => Peer::packets(socket, name),
        Transport::Stream | Transport::Tls => Ok(Peer::stream(socket, name)),
    }
}
