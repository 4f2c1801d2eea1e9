//! Echo servers on one thread: `bench/socket/echo.c` does the same by epoll, `bench/socket/ping.c` is the client.

use landline_socket::{AsyncSocket, Interest, Selector, Socket, Timeout, descriptor_limit};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::Result;
use crate::measure::{Core, listener, pin};

/// More than a message, so that a receive that took all there was can be told from one that did not.
const ROOM_BYTES: usize = 128;

/// By our [`Selector`], without a runtime.
pub(crate) fn selector() -> Result {
    pin(Core::First)?;
    descriptor_limit::raise()?;
    let server = listener()?;
    let mut selector = Selector::new()?;
    let accepting = selector.register(&server, Interest::READABLE, None)?;
    let mut events = Vec::new();
    loop {
        selector.wait(&mut events, Timeout::Never)?;
        for event in &events {
            if event.key == accepting {
                let (connection, _) = server.accept()?;
                connection.set_no_delay(true)?;
                connection.set_timeout(Timeout::Zero)?;
                let key = selector.register(&connection, Interest::READABLE, None)?;
                selector.get_mut(key).ok_or("gone")?.replace(connection);
            } else if let Some(Some(connection)) = selector.get_mut(event.key)
                && !answer_now(connection).unwrap_or(false)
            {
                selector.unregister(event.key)?;
            }
        }
    }
}

/// Whether there is more to come. A connection that is reset is over too.
fn answer_now(connection: &Socket) -> landline_socket::Result<bool> {
    let mut buffer = [0; ROOM_BYTES];
    let received = connection.recv(&mut buffer)?;
    connection.send_all(&buffer[..received])?;
    Ok(received > 0)
}

/// By our [`AsyncSocket`].
pub(crate) fn ours() -> Result {
    serve(async {
        let server = AsyncSocket::from_socket(listener()?)?;
        loop {
            let (connection, _) = server.accept().await?;
            connection.socket().set_no_delay(true)?;
            tokio::spawn(answer_ours(connection));
        }
    })
}

async fn answer_ours(connection: AsyncSocket) -> landline_socket::Result<()> {
    let mut buffer = [0; ROOM_BYTES];
    loop {
        match connection.recv(&mut buffer).await? {
            0 => return Ok(()),
            received => connection.send_all(&buffer[..received]).await?,
        }
    }
}

/// By our [`AsyncSocket`] as a stream of tokio's traits.
pub(crate) fn stream() -> Result {
    serve(async {
        let server = AsyncSocket::from_socket(listener()?)?;
        loop {
            let (connection, _) = server.accept().await?;
            connection.socket().set_no_delay(true)?;
            tokio::spawn(answer(connection));
        }
    })
}

/// By tokio's own [`TcpStream`](tokio::net::TcpStream).
pub(crate) fn tokios() -> Result {
    serve(async {
        let server = TcpListener::from_std(std_listener()?)?;
        loop {
            let (connection, _) = server.accept().await?;
            connection.set_nodelay(true)?;
            tokio::spawn(answer(connection));
        }
    })
}

async fn answer(mut connection: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    let mut buffer = [0; ROOM_BYTES];
    loop {
        match connection.read(&mut buffer).await? {
            0 => return Ok(()),
            received => connection.write_all(&buffer[..received]).await?,
        }
    }
}

/// The listener that ours has, for tokio: one and the same queue.
pub(crate) fn std_listener() -> Result<std::net::TcpListener> {
    let server = listener()?;
    server.set_timeout(Timeout::Zero)?;
    Ok(std::os::fd::OwnedFd::from(server).into())
}

/// Serves until it is killed, on one thread and one core.
pub(crate) fn serve(server: impl Future<Output = Result>) -> Result {
    pin(Core::First)?;
    descriptor_limit::raise()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?
        .block_on(server)
}
