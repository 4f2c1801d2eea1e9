//! `landline connect`: connect to somebody and talk.

use landline_socket::AsyncSocket;
use landline_tools::base::cores;
use landline_tools::base::tls::Connector;
use landline_tools::talk::{Part, Peer, Report, Talk};

use crate::address::Typed;
use crate::args::Connect;
use crate::conversation::{Voice, conclude, local, talk};
use crate::dial::Dial;
use crate::exit::{Failure, INTERRUPTED, TIMED_OUT, cannot};
use crate::target::{Target, Transport};
use crate::terminal::Terminal;
use crate::tls;

/// Connects and talks.
///
/// # Errors
/// When nobody is there, or the conversation does not end well.
pub(crate) fn run(arguments: &Connect) -> Result<(), Failure> {
    let talk = talk(
        &arguments.conversation,
        arguments.target.transport,
        Part::Sender,
    )?;
    somewhere(&arguments.target)?;
    let report = cores::on_this_thread(hold(arguments, &talk)).map_err(cannot("start"))??;
    conclude(report)
}

/// A place to listen at need not be one to connect to.
fn somewhere(target: &Target) -> Result<(), Failure> {
    let what = || format!("connect to {}", target.place);
    match &target.place {
        Typed::Every { port } => {
            let failure = Failure::usage(what(), "`*` is every interface, for listening");
            Err(failure.hint(format!("this machine is `{port}`")))
        }
        Typed::Host { port: 0, .. } => Err(Failure::usage(
            what(),
            "port 0 is a free one, for listening",
        )),
        _ => Ok(()),
    }
}

async fn hold(arguments: &Connect, talk: &Talk) -> Result<Report, Failure> {
    let (target, trust) = (&arguments.target, &arguments.trust);
    let connector = tls::connector(trust, target, arguments.conversation.timeout)?;
    if connector.is_some() && trust.insecure {
        Voice::new(&arguments.conversation).warn(NOBODY_IS_VERIFIED);
    }
    let terminal = Terminal::open().map_err(cannot("set the terminal"))?;
    let local = local(&terminal, &arguments.conversation)?;
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
    let peer = tokio::select! {
        peer = peer(arguments, talk, connector, socket) => peer?,
        () = talk.stop.stopped() => return Err(failed(&"interrupted").code(INTERRUPTED)),
    };
    Ok(talk.converse(peer, local).await)
}

/// Makes a peer of a connected socket, by a handshake where there is a connector.
async fn peer(
    arguments: &Connect,
    talk: &Talk,
    connector: Option<Connector>,
    socket: AsyncSocket,
) -> Result<Peer, Failure> {
    let target = &arguments.target;
    let name = target.place.to_string();
    if let Some(connector) = connector {
        let shaken = connector.connect(tls::name(&arguments.trust, target), socket);
        let stream = shaken
            .await
            .map_err(|refusal| tls::failure(target, &refusal))?;
        return Ok(Peer::tls(stream, name));
    }
    match target.transport {
        Transport::Datagram => Peer::datagram(socket, name, talk.options.wait),
        Transport::Packet => Peer::packets(socket, name),
        Transport::Stream | Transport::Tls => Ok(Peer::stream(socket, name)),
    }
    .map_err(cannot(format!("connect to {}", target.place)))
}

const NOBODY_IS_VERIFIED: &str = "--insecure: the server is not verified; whoever stands in between can read and change everything";
