//! What is answered, to connections and datagrams alike.

use std::borrow::Cow;

use super::event::Event;
use super::template::Template;

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// What came.
    Echo,
    /// The same in capitals: ASCII's letters alone, as Python's `bytes.upper`.
    Upper,
    /// This, whatever comes: a connection gets it before it has said anything, and is closed.
    Greet(Vec<u8>),
    /// This, filled in for each message.
    Reply(Template),
}

/// What both kinds of handlers have: what to say, and whom to tell.
pub(super) struct Answering<F> {
    pub(super) behaviour: Behaviour,
    pub(super) on_event: F,
}

impl<F: Fn(&Event<'_>)> Answering<F> {
    /// Tells of the `count`th message, and answers it.
    pub(super) fn answer<'d>(&'d self, peer: &str, count: u64, data: &'d [u8]) -> Cow<'d, [u8]> {
        (self.on_event)(&Event::Message { peer, count, data });
        match &self.behaviour {
            Behaviour::Echo => Cow::Borrowed(data),
            Behaviour::Upper => Cow::Owned(data.to_ascii_uppercase()),
            Behaviour::Greet(text) => Cow::Borrowed(text),
            Behaviour::Reply(template) => {
                let (line, newline) = split_newline(data);
                let mut reply = template.fill(peer, line, count);
                reply.extend_from_slice(newline);
                Cow::Owned(reply)
            }
        }
    }
}

/// A message, and the LF or CRLF at its end if it has one.
fn split_newline(data: &[u8]) -> (&[u8], &[u8]) {
    let length = match data {
        [line @ .., b'\r', b'\n'] | [line @ .., b'\n'] => line.len(),
        _ => data.len(),
    };
    data.split_at(length)
}

#[cfg(test)]
mod tests {
    use super::split_newline;

    #[test]
    fn one_newline_is_taken_off_and_no_more() {
        for (data, line) in [
            ("", ""),
            ("a", "a"),
            ("a\n", "a"),
            ("a\r\n", "a"),
            ("a\n\n", "a\n"),
            ("a\nb", "a\nb"),
            ("\r\n", ""),
            ("a\r", "a\r"),
        ] {
            let (got, newline) = split_newline(data.as_bytes());
            assert_eq!(got, line.as_bytes());
            assert_eq!([got, newline].concat(), data.as_bytes());
        }
    }
}
