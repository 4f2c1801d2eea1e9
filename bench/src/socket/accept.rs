//! Servers that take connections and close them: `bench/socket/accept.c` does the same, `bench/socket/knock.c` is the client.

use landline_socket::AsyncSocket;
use tokio::net::TcpListener;

use super::echo::{serve, std_listener};
use crate::Result;
use crate::measure::{Core, listener, pin};

/// By our blocking socket.
pub(crate) fn blocking() -> Result {
    pin(Core::First)?;
    let server = listener()?;
    loop {
        let (connection, _) = server.accept()?;
        connection.close()?;
    }
}

/// By our [`AsyncSocket`].
pub(crate) fn ours() -> Result {
    serve(async {
        let server = AsyncSocket::from_socket(listener()?)?;
        loop {
            drop(server.accept().await?);
        }
    })
}

/// By tokio's own [`TcpListener`].
pub(crate) fn tokios() -> Result {
    serve(async {
        let server = TcpListener::from_std(std_listener()?)?;
        loop {
            drop(server.accept().await?);
        }
    })
}
