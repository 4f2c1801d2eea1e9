//! HTTP/1.1: a module a theme, a test named after the section that asks for it.

use landline_wire::http::{Fault, HeadLimits, RequestHead};

mod accept;
mod body;
mod condition;
mod connection;
mod date;
mod disposition;
mod head;
mod origin;
mod range;
mod response;
mod target;

/// The head that is all of `text`.
#[track_caller]
fn head(text: impl AsRef<[u8]>) -> RequestHead {
    let text = text.as_ref();
    let (head, consumed) = RequestHead::parse(text, &HeadLimits::default())
        .unwrap()
        .unwrap();
    assert_eq!(consumed, text.len());
    head
}

/// A GET of `/` with these lines after its Host, each of them ended by CR LF.
#[track_caller]
fn get(lines: &str) -> RequestHead {
    head(format!("GET / HTTP/1.1\r\nHost: h\r\n{lines}\r\n"))
}

/// The refusal of such a GET.
#[track_caller]
fn get_fault(lines: &str) -> Fault {
    fault(format!("GET / HTTP/1.1\r\nHost: h\r\n{lines}\r\n"))
}

/// The refusal of `text`.
#[track_caller]
fn fault(text: impl AsRef<[u8]>) -> Fault {
    let answer = RequestHead::parse(text.as_ref(), &HeadLimits::default());
    answer.expect_err(&String::from_utf8_lossy(text.as_ref()))
}

/// The status of the refusal of `text`.
#[track_caller]
fn refusal(text: impl AsRef<[u8]>) -> u16 {
    fault(text).status.code()
}
