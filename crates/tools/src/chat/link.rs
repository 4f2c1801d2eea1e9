//! One connection: what came in, what goes out, and the one place where it waits for either.

use std::io;
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf, ReadHalf, WriteHalf, split};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::member::{Lagged, Member};
use super::outbox::Outbox;
use super::pace::Meter;
use super::room::Room;
use crate::base::Stop;

/// How much one read brings at most.
const READ_BYTES: usize = 16 * 1024;

/// How often one that is ahead of its pace looks again, at most.
const TICK: Duration = Duration::from_millis(10);

/// How long a peer may take nothing of what waits for it.
const STALL_AFTER: Duration = Duration::from_secs(30);

/// How long the last words may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long the peer is given to end its side too, so that the last words are not lost to a reset.
const LINGER: Duration = Duration::from_millis(500);

/// Why a conversation is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// The peer ended its side.
    Ended,
    /// The connection broke.
    Lost,
    /// The room is closing.
    Stopped,
    /// The peer read too slowly, or not at all.
    Slow,
}

impl From<io::Error> for Over {
    fn from(_: io::Error) -> Self {
        Self::Lost
    }
}

impl From<Lagged> for Over {
    fn from(_: Lagged) -> Self {
        Self::Slow
    }
}

pub(super) struct Link<S> {
    reader: ReadHalf<S>,
    writer: WriteHalf<S>,
    /// What came and has not been understood.
    pub(super) inbox: BytesMut,
    pub(super) outbox: Outbox,
    pub(super) meter: Meter,
    /// When something came last.
    pub(super) heard_at: Instant,
    /// Whether the peer has ended its side.
    pub(super) is_ended: bool,
    wrote_at: Instant,
    alarm: Pin<Box<Sleep>>,
    /// Kept from turn to turn, so that it registers once.
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link<S> {
    pub(super) fn new(stream: S, inbox: BytesMut, room: &Room, stop: &Stop) -> Self {
        let now = Instant::now();
        let (reader, writer) = split(stream);
        Self {
            reader,
            writer,
            inbox,
            outbox: Outbox::default(),
            meter: room.meter(),
            heard_at: now,
            is_ended: false,
            wrote_at: now,
            alarm: Box::pin(sleep_until(now)),
            stopped: Box::pin(stopped(stop.clone())),
        }
    }

    /// Whether more of the peer is understood now: its pace allows it, and it reads what it is answered.
    pub(super) fn is_ready(&self) -> bool {
        !self.outbox.is_full() && self.meter.ready_at() <= Instant::now()
    }

    /// Waits until something has come, gone or happened, or until `wake_at`; then the caller looks again at
    /// what it waits for. While the peer is ahead of its pace, or does not read its answers, it is not read.
    pub(super) async fn turn(
        &mut self,
        member: Option<&mut Member>,
        wake_at: Option<Instant>,
    ) -> Result<(), Over> {
        if self.inbox.is_empty() {
            // Gives back what the last message took: a connection at rest holds no buffer.
            self.inbox = BytesMut::new();
        }
        let member = match member {
            Some(member) if self.outbox.is_empty() => {
                member.collect(&mut self.outbox)?;
                Some(member).filter(|_| self.outbox.is_empty())
            }
            _ => None,
        };
        let may_read = !self.is_ended && self.is_ready();
        self.set_alarm(wake_at);
        let news = async {
            match member {
                Some(member) => member.news().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.stopped.as_mut() => return Err(Over::Stopped),
            wrote = self.outbox.write(&mut self.writer), if !self.outbox.is_empty() => {
                wrote?;
                self.wrote_at = Instant::now();
            }
            read = receive(&mut self.reader, &mut self.inbox), if may_read => {
                let bytes = read?;
                self.is_ended = bytes == 0;
                self.meter.spend_bytes(bytes);
                self.heard_at = Instant::now();
            }
            () = news => {}
            () = self.alarm.as_mut() => {
                if !self.outbox.is_empty() && self.wrote_at + STALL_AFTER <= Instant::now() {
                    return Err(Over::Slow);
                }
            }
        }
        if self.outbox.is_empty() {
            // What is put there next waits from now on.
            self.wrote_at = Instant::now();
        }
        Ok(())
    }

    /// Waits for `work`, unless the room closes first.
    pub(super) async fn wait_for<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Over> {
        tokio::select! {
            () = self.stopped.as_mut() => Err(Over::Stopped),
            done = work => Ok(done),
        }
    }

    /// Sets the alarm to the first of what is waited for; one that rings too early does no harm and stays as it is.
    fn set_alarm(&mut self, wake_at: Option<Instant>) {
        let now = Instant::now();
        let stall = (!self.outbox.is_empty()).then(|| self.wrote_at + STALL_AFTER);
        // Not at every message's turn: a crowd that waits for the room's pace would do nothing but wake.
        let pace = Some(self.meter.ready_at()).filter(|at| *at > now);
        let pace = pace.map(|at| at.max(now + TICK));
        // Without anything to wait for, it rings now and then for nothing.
        let first = [wake_at, stall, pace].into_iter().flatten().min();
        let first = first.unwrap_or(now + STALL_AFTER);
        let set = self.alarm.deadline();
        if self.alarm.is_elapsed() || set > first {
            self.alarm.as_mut().reset(first);
        }
    }

    /// Delivers what the room has for a member who says no more, for at most a second.
    pub(super) async fn deliver(&mut self, member: &mut Member) {
        let _ = timeout(FAREWELL, async {
            loop {
                if self.outbox.is_empty() {
                    member.collect(&mut self.outbox)?;
                }
                if self.outbox.is_empty() {
                    return Ok::<(), Over>(());
                }
                self.turn(None, None).await?;
            }
        })
        .await;
    }

    /// Writes the last words, ends this side, and gives the peer a moment to end its own.
    pub(super) async fn finish(mut self) {
        let farewell = async {
            while !self.outbox.is_empty() {
                self.outbox.write(&mut self.writer).await?;
            }
            self.writer.shutdown().await
        };
        let Ok(Ok(())) = timeout(FAREWELL, farewell).await else {
            return;
        };
        let _ = timeout(LINGER, async {
            while matches!(receive(&mut self.reader, &mut self.inbox).await, Ok(1..)) {
                self.inbox.clear();
            }
        })
        .await;
    }
}

async fn stopped(stop: Stop) {
    stop.stopped().await;
}

/// Reads once, through the stack, so that waiting takes no buffer; safe to cancel.
async fn receive(reader: &mut (impl AsyncRead + Unpin), inbox: &mut BytesMut) -> io::Result<usize> {
    let mut reader = pin!(reader);
    std::future::poll_fn(|cx| {
        let mut stack = [const { MaybeUninit::uninit() }; READ_BYTES];
        let mut received = ReadBuf::uninit(&mut stack);
        std::task::ready!(reader.as_mut().poll_read(cx, &mut received))?;
        inbox.extend_from_slice(received.filled());
        std::task::Poll::Ready(Ok(received.filled().len()))
    })
    .await
}
