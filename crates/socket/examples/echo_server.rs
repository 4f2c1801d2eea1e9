//! One handler, served by each model in turn: what is sent comes back in capitals.
//!
//! `cargo run -p landline-socket --all-features --example echo_server`

use landline_socket::server::{self, Model, Options};
use landline_socket::{
    Family, Kind, Protocol, Result, ServerOptions, Shutdown, Socket, create_server,
};

pub(crate) fn main() -> Result<()> {
    for model in [
        Model::Single,
        Model::Threads(8),
        Model::Readiness,
        #[cfg(feature = "tokio")]
        Model::Tasks,
    ] {
        for kind in [Kind::STREAM, Kind::DGRAM] {
            serve(model, kind)?;
        }
    }
    Ok(())
}

/// Starts a server on a free port, calls it and stops it.
fn serve(model: Model, kind: Kind) -> Result<()> {
    let any_port = std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into();
    let listening = ServerOptions {
        kind,
        ..ServerOptions::default()
    };
    let options = Options {
        model,
        ..Options::default()
    };
    let upper = server::reply(|data, reply| reply.send(&data.to_ascii_uppercase()));
    let running = server::start(create_server(&any_port, &listening)?, upper, &options)?;

    let client = Socket::new(Family::INET, kind, Protocol::DEFAULT)?;
    client.connect(running.address())?;
    client.send_all(b"hello")?;
    let mut buffer = [0; 64];
    let received = client.recv(&mut buffer)?;
    assert_eq!(&buffer[..received], b"HELLO");
    if kind == Kind::STREAM {
        client.shutdown(Shutdown::Write)?;
        assert_eq!(client.recv(&mut buffer)?, 0, "it has all been answered");
    }

    running.stop();
    let report = running.join()?;
    assert_eq!((report.accepted, report.sent_bytes), (1, 5));
    Ok(())
}
