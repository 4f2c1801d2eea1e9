//! The two directions of a conversation, each to its own end.

use std::cell::Cell;
use std::future::pending;
use std::io::IoSlice;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::input::{Input, Kind, Source};
use super::line::{Line, Lines};
use super::options::{Newline, Options};
use super::output::{Output, Sink};
use super::peer::{Inlet, Outlet, Received};
use super::report::{Ending, Fault, Report};

/// What both directions of a conversation count and obey.
pub(super) struct Flow<'o> {
    options: &'o Options,
    sent_bytes: Cell<u64>,
    received_bytes: Cell<u64>,
    last: Cell<Instant>,
    /// Whether somebody types, who is done when the peer is.
    typed: bool,
    /// Whether `quit` was typed.
    quit: Cell<bool>,
}

impl<'o> Flow<'o> {
    pub(super) fn new(options: &'o Options, typed: bool) -> Self {
        Self {
            options,
            sent_bytes: Cell::new(0),
            received_bytes: Cell::new(0),
            last: Cell::new(Instant::now()),
            typed,
            quit: Cell::new(false),
        }
    }

    /// Our input goes out, and its end ends our side.
    pub(super) async fn send(&self, input: Input, outlet: &mut Outlet) -> Result<(), Fault> {
        let mut source = input.open().map_err(Fault::Input)?;
        if self.typed || self.options.newline != Newline::AsItIs {
            return self.send_lines(Lines::new(source), outlet).await;
        }
        match (&source.kind, outlet.plain()) {
            (Kind::Pipe(pipe), Some(socket)) => self.send_pipe(pipe, socket).await?,
            (Kind::File(file), Some(socket)) => {
                self.send_file(file, socket).await?;
                self.send_rest(&mut source, outlet).await?;
            }
            _ => self.send_rest(&mut source, outlet).await?,
        }
        outlet.finish().await.map_err(Fault::of_sending)
    }

    async fn send_rest(&self, source: &mut Source, outlet: &mut Outlet) -> Result<(), Fault> {
        loop {
            let mut data = source.read().await.map_err(Fault::Input)?;
            if data.is_empty() {
                return Ok(());
            }
            // A slow peer that takes some of it is not idle.
            while !data.is_empty() {
                let sent = outlet.send_some(&[IoSlice::new(data)]).await;
                let sent = sent.map_err(Fault::of_sending)?;
                self.sent(sent);
                data = &data[sent..];
            }
        }
    }

    /// Our input goes out line by line, each with the end that is wanted; a typed `quit` is the last one.
    async fn send_lines(&self, mut lines: Lines, outlet: &mut Outlet) -> Result<(), Fault> {
        while let Some(line) = lines.next().await.map_err(Fault::Input)? {
            self.speak(&line.ended_by(self.options.newline), outlet)
                .await?;
            if self.is_quit(&line) {
                self.quit();
                break;
            }
        }
        outlet.finish().await.map_err(Fault::Cut)
    }

    /// Somebody typed `quit`, and is not kept waiting for long.
    pub(super) fn quit(&self) {
        self.quit.set(true);
    }

    /// Whether somebody types.
    pub(super) fn is_typed(&self) -> bool {
        self.typed
    }

    /// How a line ends on its way.
    pub(super) fn newline(&self) -> Newline {
        self.options.newline
    }

    /// Whether a line leaves as a frame.
    pub(super) fn is_framed(&self) -> bool {
        self.options.frames.is_some()
    }

    /// Sends a line.
    pub(super) async fn speak(&self, line: &[u8], outlet: &mut Outlet) -> Result<(), Fault> {
        if !line.is_empty() {
            outlet.send(line).await.map_err(Fault::of_sending)?;
            self.sent(line.len());
        }
        Ok(())
    }

    /// Whether a line is the last one: a typed `quit`.
    pub(super) fn is_quit(&self, line: &Line) -> bool {
        self.typed && line.text() == b"quit"
    }

    /// What comes is written out, and the peer's end closes our output.
    pub(super) async fn receive(&self, inlet: &mut Inlet, output: Output) -> Result<(), Fault> {
        let mut sink = output.open().map_err(Fault::Output)?;
        if let (Sink::Pipe(pipe), Some(socket)) = (&sink, inlet.plain()) {
            return self.receive_pipe(socket, pipe).await;
        }
        let mut data = Vec::new();
        while inlet.receive(&mut data).await.map_err(Fault::Cut)? == Received::Data {
            self.received(data.len());
            sink.write_all(&data).await.map_err(Fault::Output)?;
            data.clear();
        }
        Ok(())
    }

    /// What comes while we only send: taken, so that the peer can go on to its end, and not shown.
    pub(super) async fn count(&self, inlet: &mut Inlet) -> Result<(), Fault> {
        let mut data = Vec::new();
        while inlet.receive(&mut data).await.map_err(Fault::Cut)? == Received::Data {
            self.received(data.len());
            data.clear();
        }
        Ok(())
    }

    /// Both directions until each has ended, or one has failed. When the peer takes no more, what it sent before
    /// is still received.
    pub(super) async fn both(
        &self,
        out: impl Future<Output = Result<(), Fault>>,
        into: impl Future<Output = Result<(), Fault>>,
    ) -> Result<Ending, Fault> {
        let (mut out, mut into, mut idle) = (pin!(out), pin!(into), pin!(self.idle()));
        let (mut sending, mut receiving) = (true, true);
        let mut refused = None;
        let mut wait = self.options.wait;
        let mut rest = pin!(sleep(wait.unwrap_or(Duration::MAX)));
        while sending || receiving {
            let ended_one = !(sending && receiving);
            tokio::select! {
                outcome = &mut out, if sending => {
                    match outcome {
                        Err(Fault::Cut(error)) => refused = Some(error),
                        outcome => outcome?,
                    }
                    sending = false;
                    if self.quit.get() {
                        wait = wait.or(Some(QUIT_WAIT));
                    }
                }
                outcome = &mut into, if receiving => {
                    outcome?;
                    receiving = false;
                    if self.typed {
                        sending = false;
                    }
                }
                fault = &mut idle => return Err(fault),
                () = &mut rest, if ended_one && wait.is_some() => break,
            }
            if let Some(wait) = wait
                && !ended_one
            {
                rest.as_mut().reset(Instant::now() + wait);
            }
        }
        match refused {
            Some(error) => Err(Fault::Cut(error)),
            None if sending || receiving => Ok(Ending::Waited),
            None => Ok(Ending::Both),
        }
    }

    /// One direction until it has ended.
    pub(super) async fn alone(
        &self,
        one: impl Future<Output = Result<(), Fault>>,
    ) -> Result<Ending, Fault> {
        tokio::select! {
            outcome = one => outcome.map(|()| Ending::Both),
            fault = self.idle() => Err(fault),
        }
    }

    /// Ready when nothing has passed for too long.
    async fn idle(&self) -> Fault {
        let Some(longest) = self.options.idle else {
            return pending().await;
        };
        loop {
            let end = self.last.get() + longest;
            if Instant::now() >= end {
                return Fault::Idle(longest);
            }
            sleep_until(end).await;
        }
    }

    pub(super) fn sent(&self, bytes: usize) {
        self.passed(&self.sent_bytes, bytes);
    }

    pub(super) fn received(&self, bytes: usize) {
        self.passed(&self.received_bytes, bytes);
    }

    fn passed(&self, count: &Cell<u64>, bytes: usize) {
        count.set(count.get() + bytes as u64);
        self.last.set(Instant::now());
    }

    pub(super) fn report(&self, ending: Result<Ending, Fault>) -> Report {
        Report {
            sent_bytes: self.sent_bytes.get(),
            received_bytes: self.received_bytes.get(),
            ending,
        }
    }
}

/// How long a peer may still speak to somebody who typed `quit`, where nobody says how long.
const QUIT_WAIT: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::Arc;

    use futures_util::FutureExt as _;
    use landline_socket::{AsyncSocket, Family, Kind, Protocol};

    use super::{Flow, Input, Options, Outlet};

    #[tokio::test]
    async fn what_a_slow_peer_took_counts_before_the_rest_has_gone() {
        let pair = AsyncSocket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
        pair.0.socket().set_send_buffer_bytes(64 * 1024).unwrap();
        let mut outlet = Outlet::Stream(Arc::new(pair.0));
        let options = Options::default();
        let flow = Flow::new(&options, false);
        let zeros = Input::descriptor(File::open("/dev/zero").unwrap().into());
        assert!(flow.send(zeros, &mut outlet).now_or_never().is_none());
        assert!(flow.sent_bytes.get() > 0);
    }
}
