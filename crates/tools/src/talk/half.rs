//! A conversation in turns, as half duplex: one speaks, then the other.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;

use landline_wire::limits::TURN_HELD_BYTES;
use landline_wire::turn::{Full, Holder, QUIET, Step, Turn};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::event::Event;
use super::flow::Flow;
use super::line::{Line, Lines};
use super::local::Local;
use super::options::Newline;
use super::output::Sink;
use super::peer::{Inlet, Outlet, Received};
use super::report::{Ending, Fault};

/// Where two sit who speak in turns.
pub(super) struct Table<'t> {
    flow: &'t Flow<'t>,
    tell: &'t dyn Fn(&Event<'_>),
    turn: RefCell<Turn>,
    /// Rings when something happened to the turn.
    changed: Notify,
    /// When something was heard.
    heard: Cell<Instant>,
}

impl<'t> Table<'t> {
    pub(super) fn new(flow: &'t Flow<'t>, first: Holder, tell: &'t dyn Fn(&Event<'_>)) -> Self {
        Self {
            flow,
            tell,
            turn: RefCell::new(Turn::new(first, TURN_HELD_BYTES)),
            changed: Notify::new(),
            heard: Cell::new(Instant::now()),
        }
    }

    /// The conversation, until each side has ended.
    pub(super) async fn hold(
        &self,
        (inlet, outlet): (&mut Inlet, &mut Outlet),
        local: Local,
    ) -> Result<Ending, Fault> {
        self.tell_holder();
        let lines = Lines::new(local.input.open().map_err(Fault::Input)?);
        let sink = local.output.open().map_err(Fault::Output)?;
        let out = async { tokio::try_join!(self.listen(lines), self.speak(outlet)).map(|_| ()) };
        let ending = tokio::select! {
            ending = self.flow.both(out, self.hear(inlet, sink)) => ending?,
            never = self.watch_quiet() => match never {},
        };
        match self.turn.borrow().unsent() {
            0 => Ok(ending),
            lines => Err(Fault::Unsent(lines)),
        }
    }

    /// Lets something happen to the turn, and tells whose it is when that changed.
    fn change<T>(&self, change: impl FnOnce(&mut Turn) -> T) -> T {
        let (outcome, passed) = {
            let mut turn = self.turn.borrow_mut();
            let before = turn.holder();
            let outcome = change(&mut turn);
            (outcome, turn.holder() != before)
        };
        if passed {
            self.tell_holder();
        }
        self.changed.notify_waiters();
        outcome
    }

    fn tell_holder(&self) {
        let holder = self.turn.borrow().holder();
        (self.tell)(&Event::Turn { holder });
    }

    /// Waits until the turn is as it is wanted.
    async fn until(&self, wanted: impl Fn(&Turn) -> bool) {
        loop {
            let changed = self.changed.notified();
            if wanted(&self.turn.borrow()) {
                return;
            }
            changed.await;
        }
    }

    /// Our input, until its end, which ends our side.
    async fn listen(&self, mut lines: Lines) -> Result<(), Fault> {
        loop {
            if !self.flow.is_typed() {
                // A pipe waits for its turn, and what has not been read is kept by whoever writes it.
                self.until(|turn| turn.holder() == Holder::Us && turn.unsent() == 0)
                    .await;
            }
            let Some(line) = lines.next().await.map_err(Fault::Input)? else {
                break;
            };
            if !self.flow.is_typed() {
                let _ = self.take(&line);
            } else if self.take_typed(&line) && self.flow.is_quit(&line) {
                self.flow.quit();
                break;
            }
        }
        self.change(Turn::finish);
        Ok(())
    }

    /// Somebody typed a line, or what to do about the turn. Whether there was room for it.
    fn take_typed(&self, line: &Line) -> bool {
        let holder = self.turn.borrow().holder();
        let taken = match (line.text(), holder) {
            (b"/over", Holder::Us) => self.take(&Line::ended("")),
            (b"/take", Holder::Them) => {
                self.change(Turn::take);
                return true;
            }
            // As it is already.
            (b"/over" | b"/take", _) => {
                self.tell_holder();
                return true;
            }
            (b"//over", _) => self.take(&Line::ended("/over")),
            (b"//take", _) => self.take(&Line::ended("/take")),
            _ => self.take(line),
        };
        // Whoever says goodbye has taken the turn.
        match (taken, self.turn.borrow().holder()) {
            (Err(Full), _) => (self.tell)(&Event::Overfull),
            (Ok(()), Holder::Us) => {}
            (Ok(()), Holder::Them) => {
                let line = line.text();
                (self.tell)(&Event::Held { line });
            }
        }
        taken.is_ok()
    }

    fn take(&self, line: &Line) -> Result<(), Full> {
        let mut sent = line.ended_by(self.flow.newline());
        // A frame leaves with the end of its line; and ours ends only in our next turn, which would not come.
        if self.flow.is_framed() && !sent.ends_with(b"\n") {
            sent.push(b'\n');
        }
        // Nothing at all would pass nothing.
        if sent.is_empty() {
            sent = line.ended_by(Newline::AsItIs);
        }
        self.change(|turn| {
            if self.flow.is_quit(line) {
                turn.hold_last(sent.into())
            } else {
                turn.hold(sent.into())
            }
        })
    }

    /// What may leave leaves, until our side has ended.
    async fn speak(&self, outlet: &mut Outlet) -> Result<(), Fault> {
        loop {
            self.until(Turn::is_ready).await;
            let Some(Step::Send(line)) = self.change(Turn::next_step) else {
                return outlet.finish().await.map_err(Fault::Cut);
            };
            if self.flow.is_typed() {
                let line = line.strip_suffix(b"\n").unwrap_or(&line);
                (self.tell)(&Event::Spoken { line });
            }
            self.flow.speak(&line, outlet).await?;
        }
    }

    /// What the peer says, until its end.
    async fn hear(&self, inlet: &mut Inlet, mut sink: Sink) -> Result<(), Fault> {
        let mut data = Vec::new();
        while inlet.receive(&mut data).await.map_err(Fault::Cut)? == Received::Data {
            self.flow.received(data.len());
            self.heard.set(Instant::now());
            self.change(|turn| turn.receive(&data));
            sink.write_all(&data).await.map_err(Fault::Output)?;
            data.clear();
        }
        self.change(Turn::end);
        Ok(())
    }

    /// Passes the turn of a peer that sends no newline.
    async fn watch_quiet(&self) -> Infallible {
        loop {
            self.until(Turn::awaits_quiet).await;
            let end = self.heard.get() + QUIET;
            if Instant::now() >= end {
                self.change(Turn::quiet);
            } else {
                sleep_until(end).await;
            }
        }
    }
}
