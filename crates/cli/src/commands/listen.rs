//! `landline listen`: wait for somebody and talk.

use landline_tools::base::cores;
use landline_tools::talk::{Part, Waiting};

use crate::args::Listen;
use crate::conversation::{Voice, conclude, local, talk};
use crate::exit::{Failure, INTERRUPTED, TIMED_OUT, cannot};
use crate::listening::listen_on;
use crate::terminal::Terminal;
use crate::tls;

/// Waits for a peer and talks with it.
///
/// # Errors
/// When the address cannot be had, nobody comes in time, or the conversation does not end well.
pub(crate) fn run(arguments: &Listen) -> Result<(), Failure> {
    let (target, wanted) = (&arguments.target, &arguments.conversation);
    let mut talk = talk(wanted, target.transport, Part::Receiver)?;
    let acceptor = tls::acceptor(&arguments.identity, target)?;
    let terminal = Terminal::open().map_err(cannot("set the terminal"))?;
    let local = local(&terminal, wanted)?;
    let listener = listen_on(&target.place, target.transport.kind())?;
    let url = target.transport.url(&listener.address);
    let voice = Voice::new(wanted);
    if let Some((acceptor, made)) = acceptor {
        talk.tls = Some(acceptor);
        if let Some(pin) = made {
            voice.certificate(pin, &tls::invitation(target, &listener.address, pin));
        }
    }
    voice.ready(&url);
    let entrance = arguments.entrance();
    let waiting = cores::on_this_thread(talk.listen(listener.into_socket(), &entrance, local))
        .map_err(cannot("start"))?;
    match waiting.map_err(cannot(format!("listen on {url}")))? {
        Waiting::Talked(report) => conclude(report),
        Waiting::Nobody => {
            let failure = Failure::new(format!("talk on {url}"), "nobody came in time");
            Err(failure.code(TIMED_OUT))
        }
        Waiting::Stopped => {
            let failure = Failure::new(format!("talk on {url}"), "interrupted before anybody came");
            Err(failure.code(INTERRUPTED))
        }
    }
}
