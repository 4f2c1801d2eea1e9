//! Talk: a conversation between a peer and our own side, which is a pair of descriptors or a terminal.
//!
//! How it ends, whoever ends first, is a table in `docs/talk.md` ("How it ends"), and each of its rows a test of the binary.

mod bulk;
mod datagram;
mod event;
mod exec;
mod flow;
mod frames;
mod half;
mod input;
mod line;
mod listen;
mod local;
mod many;
mod options;
mod output;
mod packet;
mod peer;
mod record;
mod report;
mod retry;
mod welcome;

pub use event::Event;
pub use exec::Program;
pub use input::Input;
pub use listen::{Entrance, Waiting};
pub use local::Local;
pub use many::{Audience, Gathering, Served};
pub use options::{Holder, Mode, Newline, Options, Part};
pub use output::Output;
pub use peer::Peer;
pub use record::Record;
pub use report::{Ending, Fault, Report};
pub use retry::{Backoff, is_worth_retry};

use std::rc::Rc;

use crate::base::Stop;
use crate::base::tls::Acceptor;
use flow::Flow;
use half::Table;

/// What conversations are held by: how, until when, and who is told of what happens.
#[derive(Clone)]
pub struct Talk {
    /// How they are held.
    pub options: Options,
    /// Ends them.
    pub stop: Stop,
    /// What whoever comes to a listener must shake hands with. `None`: they speak in plain text.
    pub tls: Option<Acceptor>,
    /// Is told of what happens, on the thread on which it does.
    pub tell: Rc<dyn Fn(&Event<'_>)>,
    /// Keeps what passes, if it is to be kept.
    pub record: Option<Record>,
}

impl Talk {
    /// One conversation, to its end or until it is stopped.
    ///
    /// Each direction ends by itself: the end of our input ends our side, and what the peer still sends is shown;
    /// the peer's end closes our output, and our input still goes out.
    pub async fn converse(&self, peer: Peer, local: Local) -> Report {
        let is_typed = local.input.is_typed();
        let work = async |flow: &Flow<'_>, peer| {
            tokio::select! {
                ending = self.hold(flow, peer, local) => ending,
                () = self.stop.stopped() => Err(Fault::Stopped),
            }
        };
        self.tell_of(peer, is_typed, work).await
    }

    /// Has a conversation held by `work`, and tells of its beginning and its end.
    async fn tell_of(
        &self,
        peer: Peer,
        is_typed: bool,
        work: impl AsyncFnOnce(&Flow<'_>, Peer) -> Result<Ending, Fault>,
    ) -> Report {
        let peer = match &self.record {
            Some(record) => peer.recorded(record),
            None => peer,
        };
        let peer = match self.options.frames {
            Some(frames) => peer.framed(frames),
            None => peer,
        };
        let name = peer.name.clone();
        let strangers = peer.inlet.strangers();
        (self.tell)(&Event::Began {
            peer: &name,
            session: peer.inlet.session(),
        });
        let flow = Flow::new(&self.options, is_typed);
        let ending = work(&flow, peer).await;
        let report = flow.report(ending);
        if strangers.get() > 0 {
            (self.tell)(&Event::Strangers {
                peer: &name,
                messages: strangers.get(),
            });
        }
        (self.tell)(&Event::Ended {
            peer: &name,
            report: &report,
        });
        report
    }

    async fn hold(&self, flow: &Flow<'_>, peer: Peer, local: Local) -> Result<Ending, Fault> {
        let (mut inlet, mut outlet) = (peer.inlet, peer.outlet);
        let Local { input, output } = local;
        match self.options.mode {
            Mode::Full => {
                let out = flow.send(input, &mut outlet);
                flow.both(out, flow.receive(&mut inlet, output)).await
            }
            Mode::Simplex(Part::Sender) => {
                let out = flow.send(input, &mut outlet);
                flow.both(out, flow.count(&mut inlet)).await
            }
            // Our side stays open, silent, until the peer's end: who quits at an end of stream must not lose bytes.
            Mode::Simplex(Part::Receiver) => {
                let ended = flow.alone(flow.receive(&mut inlet, output)).await?;
                // TLS has an end to say; all has been received, so that it is nothing to us whether it is heard.
                let _ = outlet.finish().await;
                Ok(ended)
            }
            Mode::Half(first) => {
                let table = Table::new(flow, first, &*self.tell);
                table
                    .hold((&mut inlet, &mut outlet), Local { input, output })
                    .await
            }
        }
    }
}
