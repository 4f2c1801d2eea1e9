//! Where the many meet us: our input, which all hear, and our output, where all are heard.

use std::future::pending;
use std::io;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{sleep, timeout};

use super::super::flow::Flow;
use super::super::input::Input;
use super::super::output::{Output, Sink};
use super::super::peer::{Inlet, Received};
use super::super::{Fault, Mode, Part, Peer, Talk};
use super::Audience;
use super::crowd::Crowd;
use super::lines::{Lines, Seam};

pub(super) struct Hall<'t> {
    talk: &'t Talk,
    audience: Audience,
    crowd: Crowd,
    floor: Mutex<Floor>,
    failed: UnboundedSender<Fault>,
}

/// Our output, and who wrote there last.
struct Floor {
    sink: Sink,
    seam: Seam,
}

impl<'t> Hall<'t> {
    /// A hall with nobody in it, and where it is said that our output has failed.
    pub(super) fn open(
        talk: &'t Talk,
        audience: Audience,
        output: Output,
    ) -> io::Result<(Self, UnboundedReceiver<Fault>)> {
        let (failed, failure) = unbounded_channel();
        let sink = output.open()?;
        let seam = Seam::default();
        let hall = Self {
            talk,
            audience,
            crowd: Crowd::default(),
            floor: Mutex::new(Floor { sink, seam }),
            failed,
        };
        Ok((hall, failure))
    }

    /// Says our input to all; ready only when it cannot be read.
    pub(super) async fn speak(&self, input: Input) -> Fault {
        if self.talk.options.mode == Mode::Simplex(Part::Receiver) {
            return pending().await;
        }
        let mut source = match input.open() {
            Ok(source) => source,
            Err(error) => return Fault::Input(error),
        };
        let mut lines = Lines::default();
        loop {
            self.crowd.has_room(None).await;
            let say = async |rest| self.crowd.say(None, &rest);
            let data = match whole_or(&mut lines, source.read(), say).await {
                Ok(data) => data,
                Err(error) => return Fault::Input(error),
            };
            let piece = match self.audience {
                _ if data.is_empty() => lines.take(),
                // Nobody else's words come between, so there is nothing to wait for.
                Audience::Us => Some(Bytes::copy_from_slice(data)),
                Audience::Everybody => lines.push(data),
            };
            if let Some(piece) = piece {
                self.crowd.say(None, &piece);
            }
            if data.is_empty() {
                return pending().await;
            }
        }
    }

    /// One of them, from coming to going.
    pub(super) async fn attend(&self, peer: Peer) {
        let work = async |flow: &Flow<'_>, peer| flow.alone(self.seat(flow, peer)).await;
        self.talk.tell_of(peer, false, work).await;
    }

    async fn seat(&self, flow: &Flow<'_>, peer: Peer) -> Result<(), Fault> {
        let (mut inlet, mut outlet) = (peer.inlet, peer.outlet);
        let seat = self.crowd.enter();
        let mut told = pin!(self.crowd.deliver(&seat.queue, &mut outlet, flow));
        let is_stopped = {
            let mut heard = pin!(self.hear(flow, &mut inlet, seat.number));
            tokio::select! {
                told = &mut told => {
                    // Who takes no more may have said something before.
                    if matches!(told, Err(Fault::Cut(_))) {
                        seat.leave();
                        let _ = heard.await;
                    }
                    return told;
                }
                heard = &mut heard => {
                    heard?;
                    false
                }
                () = self.talk.stop.stopped() => true,
            }
        };
        if let Some(wait) = self.talk.options.wait
            && !is_stopped
        {
            tokio::select! {
                told = &mut told => return told,
                () = sleep(wait) => {}
                () = self.talk.stop.stopped() => {}
            }
        }
        seat.queue.close();
        told.await?;
        if is_stopped {
            // A connection that is closed on what was not read is reset, and takes our last words with it.
            let _ = timeout(LINGER, flow.count(&mut inlet)).await;
        }
        Ok(())
    }

    /// What one of them says, until they end their side.
    async fn hear(&self, flow: &Flow<'_>, inlet: &mut Inlet, from: u64) -> Result<(), Fault> {
        let is_cut_anywhere = inlet.is_stream();
        let mut lines = Lines::default();
        loop {
            if self.audience == Audience::Everybody {
                self.crowd.has_room(Some(from)).await;
            }
            let receive = async {
                let mut data = Vec::new();
                let received = inlet.receive(&mut data).await?;
                Ok((received, data))
            };
            let pass = async |rest| self.pass(from, rest).await;
            let received = whole_or(&mut lines, receive, pass).await;
            let (piece, end) = match received {
                Ok((Received::Data, data)) => {
                    flow.received(data.len());
                    let piece = match is_cut_anywhere {
                        true => lines.push(&data),
                        false => Some(Bytes::from(data)),
                    };
                    (piece, None)
                }
                Ok((Received::End, _)) => (lines.take(), Some(Ok(()))),
                Err(error) => (lines.take(), Some(Err(Fault::Cut(error)))),
            };
            if let Some(piece) = piece {
                self.pass(from, piece).await;
            }
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// What one of them said, to all who are to hear it.
    async fn pass(&self, from: u64, piece: Bytes) {
        if self.audience == Audience::Everybody {
            self.crowd.say(Some(from), &piece);
        }
        if self.talk.options.mode == Mode::Simplex(Part::Sender) {
            return;
        }
        let mut floor = self.floor.lock().await;
        let mut words = Vec::with_capacity(1 + piece.len());
        if floor.seam.breaks(Some(from), &piece) {
            words.push(b'\n');
        }
        words.extend(piece);
        if let Err(error) = floor.sink.write_all(&words).await {
            // It ends all of this; nobody is heard until then.
            let _ = self.failed.send(Fault::Output(error));
            drop(floor);
            pending::<()>().await;
        }
    }
}

/// What `next` gives; a line that has begun is let go to `say` when nothing comes for 100 ms.
async fn whole_or<T>(
    lines: &mut Lines,
    next: impl Future<Output = T>,
    say: impl AsyncFn(Bytes),
) -> T {
    let mut next = pin!(next);
    if lines.is_open() {
        match timeout(QUIET, &mut next).await {
            Ok(next) => return next,
            Err(_) => {
                if let Some(rest) = lines.take() {
                    say(rest).await;
                }
            }
        }
    }
    next.await
}

/// How long a line that has begun is waited for: not everybody sends a newline.
const QUIET: Duration = Duration::from_millis(100);

/// How long a peer is given to end its side too.
const LINGER: Duration = Duration::from_millis(500);
