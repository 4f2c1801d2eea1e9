//! Options: buffers, Nagle's delay, keep-alive, and why a server that restarts needs `SO_REUSEADDR`.
//!
//! Run `cargo lesson 08-options`. Both ends are in this program.

use landline_socket::{Address, Family, Kind, Protocol, Result, Socket};

fn main() -> Result<()> {
    let socket = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;

    // Each socket has two buffers in the kernel. It doubles what is asked for, for its own use.
    println!("send buffer: {} bytes", socket.send_buffer_bytes()?);
    println!("receive buffer: {} bytes", socket.receive_buffer_bytes()?);
    socket.set_receive_buffer_bytes(10_000)?;
    println!("10000 asked for: {} given", socket.receive_buffer_bytes()?);

    // Nagle's algorithm holds a small piece back while another is on its way. Off: each goes at once.
    println!("no delay: {}", socket.no_delay()?);
    socket.set_no_delay(true)?;
    println!("no delay now: {}", socket.no_delay()?);

    // Without traffic nobody notices that the other side is gone. Keep-alive asks, after two hours of silence.
    socket.set_keep_alive(true)?;
    println!("keep-alive: {}", socket.keep_alive()?);

    reuse()
}

/// A server that hangs up first leaves its port in TIME_WAIT for a minute: late packets may still come.
fn reuse() -> Result<()> {
    let server = listening_on(
        &std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into(),
        true,
    )?;
    let address = server.local_address()?;
    let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    client.connect(&address)?;
    let (connection, _) = server.accept()?;
    // The server says goodbye first; the client has heard it when it receives the end.
    connection.close()?;
    client.recv(&mut [0])?;
    client.close()?;
    server.close()?;

    match listening_on(&address, false) {
        Ok(_) => println!("without reuse: the port is free"),
        Err(error) => println!("without reuse: {error}"),
    }
    listening_on(&address, true)?;
    println!("with reuse: the server is back on its port");
    Ok(())
}

fn listening_on(address: &Address, reuse: bool) -> Result<Socket> {
    let server = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    server.set_reuse_address(reuse)?;
    server.bind(address)?;
    server.listen(16)?;
    Ok(server)
}
