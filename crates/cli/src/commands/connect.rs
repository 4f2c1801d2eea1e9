//! `landline connect`: connect to somebody and talk.

use std::io::ErrorKind;
use std::time::Duration;

use landline_socket::{AsyncSocket, ConnectOptions, Timeout};
use landline_tools::base::cores;
use landline_tools::talk::{Part, Peer, Report, Talk};

use crate::address::Typed;
use crate::args::Connect;
use crate::conversation::{conclude, local, talk};
use crate::exit::{Failure, INTERRUPTED, TIMED_OUT, cannot};
use crate::target::Target;

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
    let socket = tokio::select! {
        socket = dial(target, arguments.conversation.timeout) => socket.map_err(|error| {
            let failure = failed(error.cause());
            match error.kind() {
                ErrorKind::TimedOut => failure.code(TIMED_OUT),
                _ => failure,
            }
        })?,
        () = talk.stop.stopped() => return Err(failed(&"interrupted").code(INTERRUPTED)),
    };
    let peer = Peer::stream(socket, target.place.to_string());
    Ok(talk.converse(peer, local).await)
}

/// A connection to a target, by whichever of its addresses answers first.
async fn dial(target: &Target, timeout: Option<Duration>) -> landline_socket::Result<AsyncSocket> {
    let options = ConnectOptions {
        timeout: timeout.map_or(Timeout::Never, Timeout::from),
        ..ConnectOptions::default()
    };
    match &target.place {
        Typed::Host { host, port } => AsyncSocket::create_connection(host, *port, &options).await,
        place => AsyncSocket::connect_any(&[place.resolve()?], &options).await,
    }
}
