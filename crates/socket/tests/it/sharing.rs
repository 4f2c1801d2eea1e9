//! Many who wait for one `AsyncSocket`, awaiting and polling, moving and giving up: each is woken.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use landline_socket::{AsyncSocket, Result, Socket, Timeout};
use proptest::prelude::*;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::{tcp_pair, unix_pair};

const TASKS: usize = 3;
const CALLS: usize = 4;

/// What the tasks do before data comes.
#[derive(Clone, Debug)]
enum Step {
    /// A task polls a call, which begins with it or has been polled by any task before.
    Await { call: usize, task: usize },
    /// A call is cancelled.
    Cancel { call: usize },
    /// A task polls as `AsyncRead`, of whom the last is woken.
    Poll { task: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..CALLS, 0..TASKS).prop_map(|(call, task)| Step::Await { call, task }),
        2 => (0..CALLS).prop_map(|call| Step::Cancel { call }),
        1 => (0..TASKS).prop_map(|task| Step::Poll { task }),
    ]
}

/// A task, of which only matters whether it was woken since it was asked last.
#[derive(Default)]
struct Task(AtomicBool);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Task {
    fn was_woken(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }

    async fn woken(&self) {
        while !self.was_woken() {
            tokio::task::yield_now().await;
        }
    }
}

type Call<'a> = Pin<Box<dyn Future<Output = Result<usize>> + 'a>>;

/// The calls that wait, each with the task that polled it last, and the last task that polled the socket.
struct Crowd<'a> {
    socket: &'a AsyncSocket,
    tasks: [Arc<Task>; TASKS],
    calls: [Option<(Call<'a>, usize)>; CALLS],
    poller: Option<usize>,
}

impl<'a> Crowd<'a> {
    fn new(socket: &'a AsyncSocket) -> Self {
        Self {
            socket,
            tasks: Default::default(),
            calls: [const { None }; CALLS],
            poller: None,
        }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Await { call, task } => {
                let begun = self.calls[call].take().map(|(future, _)| future);
                let future = begun.unwrap_or_else(|| Box::pin(receive(self.socket)));
                self.calls[call] = Some((future, task));
                assert_eq!(self.poll_call(call), Poll::Pending);
            }
            Step::Cancel { call } => self.calls[call] = None,
            Step::Poll { task } => {
                self.poller = Some(task);
                assert_eq!(self.poll_socket(), Poll::Pending);
            }
        }
    }

    /// What a byte has come for is over.
    fn poll_call(&mut self, call: usize) -> Poll<usize> {
        let Some((future, task)) = &mut self.calls[call] else {
            return Poll::Pending;
        };
        let waker = Waker::from(Arc::clone(&self.tasks[*task]));
        let outcome = future.as_mut().poll(&mut Context::from_waker(&waker));
        if outcome.is_ready() {
            self.calls[call] = None;
        }
        outcome.map(Result::unwrap)
    }

    fn poll_socket(&mut self) -> Poll<usize> {
        let Some(task) = self.poller else {
            return Poll::Pending;
        };
        let waker = Waker::from(Arc::clone(&self.tasks[task]));
        let mut byte = [0];
        let mut buffer = ReadBuf::new(&mut byte);
        let mut socket = self.socket;
        let outcome =
            Pin::new(&mut socket).poll_read(&mut Context::from_waker(&waker), &mut buffer);
        if outcome.is_ready() {
            self.poller = None;
        }
        outcome.map(|outcome| outcome.map(|()| buffer.filled().len()).unwrap())
    }

    /// Runs a task that was woken: it polls all that it waits for. Returns how many bytes came.
    fn run(&mut self, task: usize) -> usize {
        let mut received = 0;
        let mut count = |outcome| {
            if let Poll::Ready(bytes) = outcome {
                received += bytes;
            }
        };
        for call in 0..CALLS {
            if matches!(self.calls[call], Some((_, last)) if last == task) {
                count(self.poll_call(call));
            }
        }
        if self.poller == Some(task) {
            count(self.poll_socket());
        }
        received
    }

    /// Runs whoever was woken, until nobody is.
    fn settle(&mut self) {
        while let Some(woken) = (0..TASKS).find(|task| self.tasks[*task].was_woken()) {
            assert_eq!(self.run(woken), 0);
        }
    }

    /// The tasks that wait for something.
    fn waiting(&self) -> Vec<usize> {
        let of_calls = self.calls.iter().flatten().map(|(_, task)| *task);
        let mut all: Vec<_> = of_calls.chain(self.poller).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

async fn receive(socket: &AsyncSocket) -> Result<usize> {
    socket.recv(&mut [0]).await
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Each that waits is woken for each byte, until everybody has one.
async fn nobody_is_forgotten((one, other): (Socket, Socket), steps: &[Step]) {
    let socket = AsyncSocket::from_socket(one).unwrap();
    let mut crowd = Crowd::new(&socket);
    for step in steps {
        crowd.take(step);
    }
    loop {
        crowd.settle();
        let waiting = crowd.waiting();
        if waiting.is_empty() {
            return;
        }
        other.send(b"x").unwrap();
        let mut received = 0;
        for task in waiting {
            timeout(Duration::from_secs(5), crowd.tasks[task].woken())
                .await
                .unwrap_or_else(|_| panic!("task {task} was forgotten"));
            received += crowd.run(task);
        }
        assert_eq!(received, 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whoever_waits_is_woken(steps in proptest::collection::vec(step(), 1..16), of_tcp in any::<bool>()) {
        let pair = if of_tcp { tcp_pair() } else { unix_pair() };
        runtime().block_on(nobody_is_forgotten(pair, &steps));
    }
}

/// Threads that receive, give up and begin anew, and in the middle one that polls: every byte is received.
#[test]
fn threads_share_one_socket() {
    const BYTES: usize = 3_000;
    let (one, other) = unix_pair();
    let socket = AsyncSocket::from_socket(one).unwrap();
    let driver = runtime();
    thread::scope(|scope| {
        let receivers: Vec<_> = (0..3_usize)
            .map(|number| {
                let (socket, driver) = (&socket, &driver);
                scope.spawn(move || driver.block_on(receive_until_the_end(socket, number)))
            })
            .collect();
        other.set_timeout(Timeout::Never).unwrap();
        for _ in 0..BYTES {
            other.send(b"x").unwrap();
            thread::yield_now();
        }
        drop(other);
        let received = receivers.into_iter().map(|one| one.join().unwrap());
        assert_eq!(received.sum::<usize>(), BYTES);
    });
}

async fn receive_until_the_end(socket: &AsyncSocket, number: usize) -> usize {
    let mut received = 0;
    loop {
        let step = async {
            let mut byte = [0];
            if number == 2 && (400..500).contains(&received) {
                let mut socket = socket;
                tokio::io::AsyncReadExt::read(&mut socket, &mut byte)
                    .await
                    .unwrap()
            } else if received % 7 == number {
                tokio::select! {
                    bytes = socket.recv(&mut byte) => bytes.unwrap(),
                    () = tokio::task::yield_now() => socket.recv(&mut byte).await.unwrap(),
                }
            } else {
                socket.recv(&mut byte).await.unwrap()
            }
        };
        match timeout(Duration::from_secs(20), step)
            .await
            .expect("a waiter was lost")
        {
            0 => return received,
            bytes => received += bytes,
        }
    }
}
