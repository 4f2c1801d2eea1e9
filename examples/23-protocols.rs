//! The classic protocols, and what each says first: the table, or which of them a server speaks.
//!
//! Run `cargo lesson 23-protocols` for the table. To ask a server, run one, such as `cargo lesson 19-http-server`,
//! and then `cargo lesson 23-protocols 127.0.0.1 7000`.

use std::env;
use std::error::Error;
use std::time::Duration;

use landline_socket::{ConnectOptions, Socket, create_connection};

/// Name, port, who speaks first; then how the server's first words begin, and what else is in them.
const TABLE: &[(&str, u16, &str, &str, &str)] = &[
    ("echo", 7, "client", "GET / HTTP", ""),
    ("daytime", 13, "server", "", ":"),
    ("FTP", 21, "server", "220", ""),
    ("SSH", 22, "server", "SSH-2.0-", ""),
    ("Telnet", 23, "server", "\u{ff}", ""),
    ("SMTP", 25, "server", "220", "SMTP"),
    ("Gopher", 70, "client", "", "\t"),
    ("HTTP", 80, "client", "HTTP/1.", ""),
    ("POP3", 110, "server", "+OK", ""),
    ("NNTP", 119, "server", "20", ""),
    ("IMAP", 143, "server", "* OK", ""),
    ("IRC", 6667, "client", ":", " "),
];

fn main() -> Result<(), Box<dyn Error>> {
    let (Some(host), Some(port)) = (env::args().nth(1), env::args().nth(2)) else {
        println!("who       port  who begins    the server's first words begin … and have in them");
        for (name, port, first, begin, with) in TABLE {
            println!("{name:<8} {port:>5}  {first} first  {begin:?} … {with:?}");
        }
        return Ok(());
    };
    // A second is long for a server that speaks first. If it has said nothing by then, it is our turn.
    let server = create_connection(&host, port.parse::<u16>()?, &ConnectOptions::default())?;
    server.set_timeout(Duration::from_secs(1))?;
    let said = hear(&server).or_else(|_| {
        println!("it waits for us to speak first");
        server.send_all(b"GET / HTTP/1.0\r\n\r\n")?;
        hear(&server)
    })?;
    println!("it says {said:?}");
    // Of the rows that fit, the one that asks for most.
    let fits = |begin: &str, with| said.starts_with(begin) && said.to_uppercase().contains(with);
    let rows = TABLE.iter().filter(|(.., begin, with)| fits(begin, *with));
    match rows.max_by_key(|(.., begin, with)| begin.len() + with.len()) {
        Some((name, ..)) => println!("it speaks {name}"),
        None => println!("it speaks none of these"),
    }
    Ok(())
}

fn hear(server: &Socket) -> landline_socket::Result<String> {
    let mut buffer = [0; 1024];
    let received = server.recv(&mut buffer)?;
    Ok(buffer[..received].iter().map(|&b| char::from(b)).collect())
}
