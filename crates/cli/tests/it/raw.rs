//! Requests written by hand, since no client would send what these tests send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A field's value, or nothing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value.trim())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends `bytes` and reads until the other side ends.
#[track_caller]
pub(crate) fn exchange(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .expect("an answer and its end");
    answer
}

/// Sends one request with these fields (`Host` is added unless one is given) and reads its answer.
#[track_caller]
pub(crate) fn request(
    address: &str,
    method: &str,
    target: &str,
    fields: &[&str],
    body: &[u8],
) -> Answer {
    let mut bytes = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
    if !fields
        .iter()
        .any(|field| field.to_ascii_lowercase().starts_with("host:"))
    {
        bytes += &format!("Host: {address}\r\n");
    }
    if !body.is_empty() || method == "PUT" || method == "POST" {
        bytes += &format!("Content-Length: {}\r\n", body.len());
    }
    for field in fields {
        bytes += &format!("{field}\r\n");
    }
    let mut bytes = (bytes + "\r\n").into_bytes();
    bytes.extend_from_slice(body);
    parse(&exchange(address, &bytes))
}

/// A GET without more.
#[track_caller]
pub(crate) fn get(address: &str, target: &str) -> Answer {
    request(address, "GET", target, &[], b"")
}

#[track_caller]
pub(crate) fn parse(bytes: &[u8]) -> Answer {
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("a whole head");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .expect("a status line");
    Answer {
        status,
        head,
        body: bytes[end + 4..].to_vec(),
    }
}
