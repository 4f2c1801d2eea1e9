//! The model with async tasks: one for each connection, on the caller's runtime or on one made here.

use std::future::{pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use tokio::io::Interest;
use tokio::runtime::{Builder, Handle};
use tokio::task::{JoinError, JoinSet, coop, yield_now};
use tokio::time::{Sleep, sleep_until, timeout};

use super::accept::prepare;
use super::datagram::{self, Message};
use super::door::Door;
use super::exchange::{Channel, Exchange};
use super::handler::{End, Handler};
use super::intake::Intake;
use super::service::{Service, Tally, guard, panicked};
use super::stop::Stop;
use super::{Options, Reason, Report, Shape};
use crate::address::Address;
use crate::asynchronous::AsyncSocket;
use crate::error::{Cause, Error, Result};
use crate::socket::Socket;

/// `accept(2)` in a loop: accepts on `listener` until `stop`, runs `serve` as a task for each connection that the door lets in,
/// then gives the running ones `grace` to end and ends the rest.
///
/// For handlers that are async functions: `serve` takes the [`AsyncSocket`] and the peer's address, and what
/// it returns is spawned. A connection over a limit is closed at once. Without descriptors the loop waits
/// until one of its connections has ended, or 100 ms, and tries again: the backlog keeps the callers meanwhile.
/// Several event loops may accept from [duplicates](Socket::duplicate) of one listener through one door.
///
/// The figures of bytes in the [`Report`] stay 0: they are the handler's.
///
/// # Errors
/// When the listener cannot be accepted from: `EINVAL` where it does not listen.
///
/// # Panics
/// Outside a tokio runtime with I/O and time enabled.
#[doc(alias = "start_server")]
pub async fn accept<S, F>(
    listener: AsyncSocket,
    door: &Arc<Door>,
    stop: &Stop,
    grace: Duration,
    mut serve: S,
) -> Result<Report>
where
    S: FnMut(AsyncSocket, Address) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let options = Options {
        grace,
        ..Options::default()
    };
    let tally = Arc::<Tally>::default();
    let crowd = Crowd {
        intake: Intake::new(&options, stop),
        running: JoinSet::new(),
        tally: Arc::clone(&tally),
    };
    let serve = |crowd: &mut Crowd, socket: AsyncSocket, peer: Address| {
        let permit = door.enter(&peer);
        tally.came(permit.is_some());
        let Some(permit) = permit else { return };
        prepare(socket.socket(), &peer);
        match guard(|| serve(socket, peer)) {
            Ok(connection) => crowd.spawn(async move {
                let _permit = permit;
                connection.await;
            }),
            Err(panicked) => tally.ended(&panicked),
        }
    };
    crowd.serve(listener, stop, grace, serve).await
}

/// Python's `serve_forever`, awaited: [`serve`](super::serve) on the runtime that it is called on: with tasks, whatever the options' model.
///
/// # Errors
/// As [`serve`](super::serve).
///
/// # Panics
/// Outside a tokio runtime with I/O and time enabled.
pub async fn serve_async<H: Handler>(
    listener: AsyncSocket,
    handler: H,
    options: &Options,
    stop: &Stop,
) -> Result<Report> {
    options.check()?;
    let service = Service::new(handler, options, stop);
    match Shape::of(listener.socket())? {
        Shape::Datagrams => serve_datagrams(&listener, &service).await,
        Shape::Connections => {
            let crowd = Crowd {
                intake: Intake::new(options, stop),
                running: JoinSet::new(),
                tally: Arc::clone(&service.tally),
            };
            let serve = |crowd: &mut Crowd, socket: AsyncSocket, peer: Address| {
                if let Some(permit) = service.admit(&peer) {
                    prepare(socket.socket(), &peer);
                    let service = Arc::clone(&service);
                    crowd.spawn(async move {
                        let _permit = permit;
                        exchange(&service, &socket, &peer).await;
                    });
                }
            };
            crowd.serve(listener, stop, options.grace, serve).await
        }
    }
}

/// [`serve_async`] on a runtime of its own, on this thread.
pub(super) fn serve_blocking<H: Handler>(
    listener: Socket,
    handler: H,
    options: &Options,
    stop: &Stop,
) -> Result<Report> {
    if Handle::try_current().is_ok() {
        let why =
            "this thread runs async tasks already: call serve_async, or another model's serve";
        return Err(Error::new("start a runtime", Cause::Invalid(why)));
    }
    let runtime = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(Error::from_io("start a runtime"))?;
    runtime.block_on(serve_async(
        AsyncSocket::from_socket(listener)?,
        handler,
        options,
        stop,
    ))
}

/// The tasks that run, and when there may be more.
struct Crowd {
    intake: Intake,
    running: JoinSet<()>,
    tally: Arc<Tally>,
}

impl Crowd {
    fn spawn(&mut self, connection: impl Future<Output = ()> + Send + 'static) {
        self.running.spawn(connection);
    }

    async fn serve(
        mut self,
        listener: AsyncSocket,
        stop: &Stop,
        grace: Duration,
        serve: impl FnMut(&mut Self, AsyncSocket, Address),
    ) -> Result<Report> {
        let outcome = self.take_from(&listener, stop, serve).await;
        // Whoever calls from here on is refused by the kernel.
        drop(listener);
        let drained = timeout(grace, async {
            while let Some(ended) = self.running.join_next().await {
                count(&self.tally, ended);
            }
        });
        if drained.await.is_err() {
            self.running.abort_all();
            while let Some(ended) = self.running.join_next().await {
                count(&self.tally, ended);
            }
        }
        Ok(self.tally.report(outcome?, 0))
    }

    async fn take_from(
        &mut self,
        listener: &AsyncSocket,
        stop: &Stop,
        mut serve: impl FnMut(&mut Self, AsyncSocket, Address),
    ) -> Result<Reason> {
        let mut stopped = pin!(stop.stopped());
        loop {
            let now = Instant::now();
            if let Some(reason) = self.intake.over(now) {
                return Ok(reason);
            }
            let paused = self.intake.is_paused(now);
            let accepted = async {
                if paused {
                    pending::<()>().await;
                }
                listener.accept().await
            };
            let alarm = self.intake.deadline();
            let reap = |context: &mut Context<'_>| self.reap(context);
            match next(stopped.as_mut(), alarm, accepted, reap).await {
                None => {}
                Some(Ok((socket, peer))) => {
                    self.intake.took_one();
                    serve(self, socket, peer);
                }
                Some(Err(error)) => {
                    self.intake.endure(error)?;
                    yield_now().await;
                }
            }
        }
    }

    /// Puts away the tasks that have ended, also while callers queue; whether there is room again that was missed.
    fn reap(&mut self, context: &mut Context<'_>) -> bool {
        let mut resumes = false;
        while let Poll::Ready(Some(ended)) = self.running.poll_join_next(context) {
            count(&self.tally, ended);
            resumes |= self.intake.resume();
        }
        resumes
    }
}

fn count(tally: &Tally, ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        // What did not panic was ended by us.
        let end = error.try_into_panic().map_or(End::Stopped, panicked);
        tally.ended(&end);
    }
}

/// The outcome of `work`; `None` when it is time to look around: stopped, the alarm's time, or `interrupt` says so.
async fn next<T>(
    mut stopped: Pin<&mut impl Future<Output = ()>>,
    alarm: Option<Instant>,
    work: impl Future<Output = T>,
    mut interrupt: impl FnMut(&mut Context<'_>) -> bool,
) -> Option<T> {
    let mut work = pin!(work);
    let mut alarm = pin!(alarm.map(|moment| sleep_until(moment.into())));
    poll_fn(|context| {
        if stopped.as_mut().poll(context).is_ready() || interrupt(context) {
            return Poll::Ready(None);
        }
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        match alarm.as_mut().as_pin_mut() {
            Some(alarm) => alarm.poll(context).map(|()| None),
            None => Poll::Pending,
        }
    })
    .await
}

/// One connection with a handler of events, until it is over.
async fn exchange<H: Handler>(service: &Arc<Service<H>>, socket: &AsyncSocket, peer: &Address) {
    let Some(mut exchange) = Exchange::open(service, peer) else {
        return;
    };
    let mut alarm = pin!(None::<Sleep>);
    let mut is_heard = false;
    let end = loop {
        // A peer that always has something to say must not keep the thread from the others.
        coop::consume_budget().await;
        if let Some(end) = exchange.turn(socket) {
            break end;
        }
        // One that is early enough is moved only when it rings: a busy connection would move it all the time.
        if let Some(deadline) = exchange.deadline()
            && (alarm.as_ref().as_pin_ref()).is_none_or(|alarm| deadline < alarm.deadline().into())
        {
            alarm.set(Some(sleep_until(deadline.into())));
            is_heard = false;
        }
        match ready(socket, exchange.interest(), alarm.as_mut(), &mut is_heard).await {
            Some(Ok(())) => {}
            Some(Err(error)) => break End::Failed(error),
            None => {
                alarm.set(None);
                if let Some(end) = exchange.overdue(Instant::now()) {
                    break end;
                }
            }
        }
    };
    exchange.end(&end);
}

/// Waits for events; `None` when the alarm rings first. One that `is_heard` wakes this task when it rings: it need not be
/// asked at every message, which costs what several messages' bookkeeping does.
async fn ready(
    socket: &AsyncSocket,
    events: PollFlags,
    mut alarm: Pin<&mut Option<Sleep>>,
    is_heard: &mut bool,
) -> Option<Result<()>> {
    let interest = match (
        events.contains(PollFlags::IN),
        events.contains(PollFlags::OUT),
    ) {
        (true, true) => Interest::READABLE | Interest::WRITABLE,
        (false, true) => Interest::WRITABLE,
        _ => Interest::READABLE,
    };
    let mut ready = pin!(socket.ready(interest));
    poll_fn(|context| {
        // The alarm first: a peer that never pauses is always ready.
        if let Some(alarm) = alarm.as_mut().as_pin_mut() {
            let rings = if *is_heard {
                alarm.is_elapsed()
            } else {
                // Without budget it does not even listen.
                *is_heard = coop::has_budget_remaining();
                alarm.poll(context).is_ready()
            };
            if rings {
                return Poll::Ready(None);
            }
        }
        ready.as_mut().poll(context).map(Some)
    })
    .await
}

impl Channel for AsyncSocket {
    fn try_recv(&self, buffer: &mut [u8]) -> Result<usize> {
        AsyncSocket::try_recv(self, buffer)
    }

    fn try_send(&self, data: &[u8]) -> Result<usize> {
        AsyncSocket::try_send(self, data)
    }

    fn socket(&self) -> &Socket {
        AsyncSocket::socket(self)
    }
}

/// Datagrams, one at a time: a handler of events does not wait, so there is nothing to gain from tasks.
async fn serve_datagrams<H: Handler>(
    socket: &AsyncSocket,
    service: &Arc<Service<H>>,
) -> Result<Report> {
    let mut intake = Intake::new(&service.options, &service.stop);
    let mut stopped = pin!(service.stop.stopped());
    let mut buffer = vec![0; Message::room(service)];
    loop {
        let now = Instant::now();
        if let Some(reason) = intake.over(now) {
            return Ok(service.tally.report(reason, 0));
        }
        let paused = intake.is_paused(now);
        let arrived = async {
            if paused {
                pending::<()>().await;
            }
            let (received, peer) = socket.recv_from(&mut buffer).await?;
            Ok(Message::admit(service, &buffer[..received], peer))
        };
        let Some(received) = next(stopped.as_mut(), intake.deadline(), arrived, |_| false).await
        else {
            continue;
        };
        datagram::take(socket.socket(), service, &mut intake, received)?;
    }
}
