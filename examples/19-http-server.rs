//! A small web server: routes, a template that greets the visitor by address, a page for errors.
//!
//! Run `cargo lesson 19-http-server`, then open http://127.0.0.1:7000/ in a browser, or run
//! `cargo lesson 18-http-get 127.0.0.1 7000 /about`. Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io::{BufRead, Read};
use std::net::SocketAddr;

use landline_socket::server::{Connection, Options, Stop, serve_connections};
use landline_socket::{ServerOptions, create_server};

const PAGE: &str = "<!doctype html>\n<title>{status}</title>\n<h1>{status}</h1>\n<p>{text}\n";

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on http://{}", server.local_address()?);
    // Lesson 04 ready-made: a thread each, with limits on how many, how long and how idle.
    serve_connections(server, answer, &Options::default(), &Stop::new())?;
    Ok(())
}

/// One request, one answer.
fn answer(connection: &Connection) -> landline_socket::Result<()> {
    // A head of more than 16 KiB is not read to its end, and no answer to it.
    let file = connection.make_file();
    let mut lines = file.take(16 * 1024).lines().map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    if !lines.any(|line| line.is_empty()) {
        return Ok(());
    }
    // The routes. What a visitor sends never gets onto the page, so there is nothing to escape.
    let peer = connection.peer();
    let (status, text) = match request.split(' ').collect::<Vec<_>>()[..] {
        ["GET", "/", _] => ("200 OK", format!("Hello, {peer}!")),
        ["GET", "/about", _] => ("200 OK", "Fifty lines of Rust on a socket.".into()),
        ["GET", _, _] => ("404 Not Found", "There is no such page.".into()),
        _ => ("501 Not Implemented", "Only GET is served.".into()),
    };
    println!("{peer} {request:?} {status}");
    let body = PAGE.replace("{status}", status).replace("{text}", &text);
    let length = body.len();
    let head = "Content-Type: text/html; charset=utf-8\r\nConnection: close\r\nContent-Length";
    let answer = format!("HTTP/1.1 {status}\r\n{head}: {length}\r\n\r\n{body}");
    connection.send_all(answer.as_bytes())
}
