//! `landline listen`: wait for somebody and talk.

use std::num::NonZeroUsize;

use landline_socket::Socket;
use landline_socket::server::Limits;
use landline_tools::base::cores;
use landline_tools::talk::{
    Audience, Entrance, Gathering, Part, Program, Report, Served, Talk, Waiting,
};

use crate::args::{Company, Conversation, Listen};
use crate::conversation::{Voice, conclude, local, talk};
use crate::exit::{Failure, INTERRUPTED, TIMED_OUT, cannot};
use crate::listening::listen_on;
use crate::program::program;
use crate::terminal::Terminal;
use crate::tls;

/// Waits for a peer and talks with it, or for many.
///
/// # Errors
/// When the address cannot be had, nobody comes in time, or the conversation does not end well.
pub(crate) fn run(arguments: &Listen) -> Result<(), Failure> {
    let (target, company) = (&arguments.target, &arguments.company);
    let program = program(&company.exec)?;
    let mut talk = talk(&arguments.conversation, target.transport, Part::Receiver)?;
    let acceptor = tls::acceptor(&arguments.identity, target)?;
    let entrance = arguments.entrance();
    let gathering = company
        .is_many()
        .then(|| gathering(company, entrance.clone()))
        .transpose()?;
    let listener = listen_on(&target.place, target.transport.kind())?;
    let url = target.transport.url(&listener.address);
    let voice = Voice::new(&arguments.conversation);
    if let Some((acceptor, made)) = acceptor {
        talk.tls = Some(acceptor);
        if let Some(pin) = made {
            voice.certificate(pin, &tls::invitation(target, &listener.address, pin));
        }
    }
    voice.ready(&url);
    let host = Host {
        talk,
        url,
        program,
        wanted: &arguments.conversation,
    };
    match gathering {
        Some(gathering) => host.serve(listener.into_socket(), &gathering),
        None => host.wait(listener.into_socket(), &entrance),
    }
}

/// Who waits for peers.
struct Host<'a> {
    talk: Talk,
    url: String,
    /// What talks with them in our place, if anything does.
    program: Option<Program>,
    wanted: &'a Conversation,
}

impl Host<'_> {
    /// One peer.
    fn wait(&self, socket: Socket, entrance: &Entrance) -> Result<(), Failure> {
        let waiting = match &self.program {
            Some(program) => {
                cores::on_this_thread(self.talk.listen_with(socket, entrance, program))
            }
            None => {
                let terminal = Terminal::open().map_err(cannot("set the terminal"))?;
                let local = local(&terminal, self.wanted)?;
                cores::on_this_thread(self.talk.listen(socket, entrance, local))
            }
        };
        let waiting = waiting.map_err(cannot("start"))?;
        match waiting.map_err(cannot(format!("listen on {}", self.url)))? {
            Waiting::Talked(report) => conclude(report),
            Waiting::Nobody => Err(self.nobody()),
            Waiting::Stopped => {
                let what = format!("talk on {}", self.url);
                Err(Failure::new(what, "interrupted before anybody came").code(INTERRUPTED))
            }
        }
    }

    /// Many peers; a server that is stopped has done what it was asked to.
    fn serve(&self, socket: Socket, gathering: &Gathering) -> Result<(), Failure> {
        let served = match &self.program {
            Some(program) => {
                cores::on_this_thread(self.talk.keep_open_with(socket, gathering, program))
            }
            None => {
                let terminal = Terminal::open().map_err(cannot("set the terminal"))?;
                let local = local(&terminal, self.wanted)?;
                cores::on_this_thread(self.talk.keep_open(socket, gathering, local))
            }
        };
        let served = served.map_err(cannot("start"))?;
        match served.map_err(cannot(format!("listen on {}", self.url)))? {
            Served::Stopped => Ok(()),
            Served::Nobody => Err(self.nobody()),
            Served::Failed(fault) => conclude(Report {
                sent_bytes: 0,
                received_bytes: 0,
                ending: Err(fault),
            }),
        }
    }

    fn nobody(&self) -> Failure {
        Failure::new(format!("talk on {}", self.url), "nobody came in time").code(TIMED_OUT)
    }
}

fn gathering(company: &Company, entrance: Entrance) -> Result<Gathering, Failure> {
    let descriptors = landline_socket::descriptor_limit::raise()
        .map_err(cannot("raise the limit of open descriptors"))?;
    let room = Limits::for_descriptors(descriptors);
    let total = company
        .max_connections
        .map_or(Limits::default().total, NonZeroUsize::get);
    Ok(Gathering {
        timeout: entrance.timeout,
        networks: entrance.networks,
        limits: Limits {
            total: total.min(room.total),
            ..room
        },
        audience: if company.broadcast {
            Audience::Everybody
        } else {
            Audience::Us
        },
    })
}
