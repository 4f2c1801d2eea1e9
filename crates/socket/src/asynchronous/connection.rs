//! A connection in one call, awaited.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::address::Address;
use crate::asynchronous::AsyncSocket;
use crate::asynchronous::wait::in_time;
use crate::connection::race::{Move, in_turns};
use crate::connection::{ConnectOptions, Contest, chosen, name, names, question};
use crate::deadline::Deadline;
use crate::error::{Cause, Error, Result};
use crate::name::lookup;
use crate::name::resolve::{self, Service};

/// Connecting in one call.
impl AsyncSocket {
    /// Python's `create_connection`: as [`create_connection`](crate::create_connection). The resolver works on a
    /// thread of its own, and the options' timeout bounds the whole of this call. Cancelled, every attempt is closed.
    ///
    /// # Errors
    /// As [`create_connection`](crate::create_connection).
    ///
    /// # Panics
    /// Outside a tokio runtime with its I/O and time drivers enabled.
    ///
    /// # Examples
    /// ```
    /// use std::net::SocketAddr;
    /// use std::time::Duration;
    /// use landline_socket::{AsyncSocket, ConnectOptions, ServerOptions, create_server};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    ///
    /// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    /// let server = create_server(&any_port, &ServerOptions::default())?;
    /// let port = server.local_address()?.port().unwrap_or(0);
    /// let options = ConnectOptions {
    ///     timeout: Duration::from_secs(5).into(),
    ///     ..ConnectOptions::default()
    /// };
    /// let client = AsyncSocket::create_connection("localhost", port, &options).await?;
    /// assert_eq!(client.peer_address()?.port(), Some(port));
    /// # Ok::<(), landline_socket::Error>(())
    /// # })?;
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub async fn create_connection<'name>(
        host: &str,
        service: impl Into<Service<'name>>,
        options: &ConnectOptions,
    ) -> Result<Self> {
        let service = service.into();
        let deadline = Deadline::after(options.timeout);
        let found = match question(host, service, options) {
            Ok(question) => question.answer_awaited(deadline).await,
            Err(cause) => Err(cause),
        };
        let found = found
            .map_err(lookup::said_for(options.timeout))
            .map_err(|cause| resolve::failed(Some(host), cause))?;
        let addresses = in_turns(found.into_iter().map(|one| one.address));
        let contest = Contest::new(&addresses, options, deadline);
        connect(contest, &name(host, service)).await
    }

    /// As [`connect_any`](crate::connect_any). Cancelled, every attempt is closed.
    ///
    /// # Errors
    /// As [`connect_any`](crate::connect_any).
    ///
    /// # Panics
    /// Outside a tokio runtime with its I/O and time drivers enabled.
    pub async fn connect_any(addresses: &[Address], options: &ConnectOptions) -> Result<Self> {
        let deadline = Deadline::after(options.timeout);
        let addresses = chosen(addresses, options)?;
        let contest = Contest::new(&addresses, options, deadline);
        connect(contest, &names(&addresses)).await
    }
}

/// An attempt whose outcome is open. Dropped, its socket is closed.
struct Attempt<'a> {
    number: usize,
    outcome: Pin<Box<dyn Future<Output = Result<AsyncSocket>> + Send + 'a>>,
}

impl<'a> Attempt<'a> {
    fn begin(contest: &Contest<'a>, number: usize) -> Self {
        let address = contest.address(number);
        let socket = contest.socket(number).and_then(AsyncSocket::from_socket);
        let outcome = Box::pin(async move {
            let socket = socket?;
            socket.connect(address).await?;
            Ok(socket)
        });
        Self { number, outcome }
    }
}

async fn connect(mut contest: Contest<'_>, to: &str) -> Result<AsyncSocket> {
    let mut open: Vec<Attempt<'_>> = Vec::new();
    let why = loop {
        match contest.advance() {
            Ok(Move::Begin(number)) => open.push(Attempt::begin(&contest, number)),
            Ok(Move::Wait(until)) => {
                let outcome = poll_fn(|context| first_outcome(&mut open, context));
                match in_time(until, outcome).await {
                    Ok((_, Ok(socket))) => return Ok(socket),
                    Ok((number, Err(error))) => contest.failed(number, error),
                    Err(_) if contest.is_over() => break Some(Cause::TimedOut),
                    Err(_) => {}
                }
            }
            Ok(Move::Lost) => break None,
            Err(cause) => break Some(cause),
        }
    };
    let open = open.iter().map(|attempt| attempt.number);
    Err(contest.lost(to, why, open))
}

/// Takes out the attempt that has come to an end first.
fn first_outcome(
    open: &mut Vec<Attempt<'_>>,
    context: &mut Context<'_>,
) -> Poll<(usize, Result<AsyncSocket, Error>)> {
    for (index, attempt) in open.iter_mut().enumerate() {
        if let Poll::Ready(outcome) = attempt.outcome.as_mut().poll(context) {
            let attempt = open.remove(index);
            return Poll::Ready((attempt.number, outcome));
        }
    }
    Poll::Pending
}
