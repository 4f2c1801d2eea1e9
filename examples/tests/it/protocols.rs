//! Lessons 22 and 23: which ports are open, and what is spoken there.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use landline_socket::{Family, Kind, Protocol, Socket};

use crate::program::lesson;

#[test]
fn open_ports_are_found_and_closed_ones_are_not() {
    let open = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = open.local_addr().unwrap().port();
    let (first, last) = (port.saturating_sub(300), port.saturating_add(300));
    let arguments = ["127.0.0.1", &first.to_string(), &last.to_string()];
    let lines = lesson("22-scanner", &arguments).ends();
    let found = format!("{port} is open (");
    assert!(
        lines.iter().any(|line| line.starts_with(&found)),
        "{lines:?}"
    );
    let asked = format!(" of {} are open, after ", last - first + 1);
    assert!(lines.last().unwrap().contains(&asked), "{lines:?}");

    // Bound and not listening: nobody else gets this port, and nobody answers there.
    let closed = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    closed.bind(&any_port.into()).unwrap();
    let port = closed.local_address().unwrap().port().unwrap().to_string();
    let lines = lesson("22-scanner", &["127.0.0.1", &port, &port]).ends();
    assert!(lines[0].starts_with("0 of 1 are open"), "{lines:?}");
}

#[test]
fn the_table_is_shown() {
    let lines = lesson("23-protocols", &[]).ends();
    assert_eq!(lines.len(), 13);
    assert!(lines[0].starts_with("who       port  who begins"));
    assert!(
        lines[3].starts_with("FTP         21  server first  \"220\""),
        "{lines:?}"
    );
}

/// What a server says to our first words.
type Answer = fn(&[u8]) -> Vec<u8>;

/// Answers one caller: at once, or to its first words.
fn speaker(says: &'static [u8], answers: Answer) -> String {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port().to_string();
    thread::spawn(move || -> std::io::Result<()> {
        let mut peer: TcpStream = server.accept()?.0;
        peer.write_all(says)?;
        let mut buffer = [0; 1024];
        let heard = peer.read(&mut buffer)?;
        peer.write_all(&answers(&buffer[..heard]))
    });
    port
}

#[test]
fn each_protocol_is_told_by_its_first_words() {
    let speaks_first: [(&[u8], &str); 12] = [
        (b"220 (vsFTPd 3.0.5)\r\n", "FTP"),
        (b"220-Welcome\r\n220 ProFTPD Server ready\r\n", "FTP"),
        (b"220 mail.example ESMTP Postfix\r\n", "SMTP"),
        (b"+OK Dovecot ready.\r\n", "POP3"),
        (b"* OK [CAPABILITY IMAP4rev1] ready\r\n", "IMAP"),
        (b"200 news.example InterNetNews ready\r\n", "NNTP"),
        (b"201 news.example, no posting: sorry\r\n", "NNTP"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH"),
        (b"\xff\xfd\x18\xff\xfd\x20", "Telnet"),
        (
            b":irc.example NOTICE * :*** Looking up your hostname\r\n",
            "IRC",
        ),
        (b"Fri Nov 20 23:45:48 2026\r\n", "daytime"),
        (b"\x00\x01", "none of these"),
    ];
    for (says, name) in speaks_first {
        let port = speaker(says, |_| Vec::new());
        let lines = lesson("23-protocols", &["127.0.0.1", &port]).ends();
        assert_eq!(lines[1..], [format!("it speaks {name}")], "{lines:?}");
    }
}

#[test]
fn who_waits_is_spoken_to() {
    let answers: [(Answer, &str); 4] = [
        (<[u8]>::to_vec, "echo"),
        (
            |_| b"HTTP/1.1 400 Bad Request\r\nDate: Fri\r\n\r\n".to_vec(),
            "HTTP",
        ),
        (
            |_| b"3 no such item\t\terror.host\t1\r\n.\r\n".to_vec(),
            "Gopher",
        ),
        (
            |_| b":irc.example 451 * :You have not registered\r\n".to_vec(),
            "IRC",
        ),
    ];
    // At once, because each waits for a second.
    let running = answers.map(|(answer, name)| {
        let port = speaker(b"", answer);
        (lesson("23-protocols", &["127.0.0.1", &port]), name)
    });
    for (program, name) in running {
        let lines = program.ends();
        assert_eq!(lines[0], "it waits for us to speak first");
        assert_eq!(lines[2], format!("it speaks {name}"), "{lines:?}");
    }
}
