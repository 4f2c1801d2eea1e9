//! A TLS stream: bytes in and out, each direction to its own end, and a cut told from an end.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use landline_socket::AsyncSocket;
use rustls::{AlertDescription, CommonState, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsStream;

use super::Fingerprint;
use super::intake::Intake;

/// A TLS connection after its handshake, either side of it.
///
/// Each direction ends by itself (RFC 8446 6.1): `shutdown` sends our closing alert after the last byte and ends
/// our side of the socket; reading goes on until the peer's alert, and then comes to the end. What was written
/// has gone only when `flush` says so.
///
/// A read fails with [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) when the stream ends without the peer's alert: it was cut,
/// and what came may be less than what was sent. Dropped without a `shutdown`, it is so for the peer.
///
/// In TLS 1.2 a peer may end its own side, and what it still had to say, as soon as ours has ended (RFC 5246 7.2.1).
#[derive(Debug)]
pub struct Stream(TlsStream<Intake>);

/// What was agreed on in a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// `TLS 1.3` or `TLS 1.2`.
    pub version: &'static str,
    /// The cipher suite by its name in IANA's registry, such as `TLS_AES_128_GCM_SHA256`.
    pub cipher_suite: String,
    /// The peer's certificate, if it has shown one: a server has, a client is not asked.
    pub peer: Option<Fingerprint>,
}

impl Stream {
    pub(super) fn new(stream: impl Into<TlsStream<Intake>>) -> Self {
        Self(stream.into())
    }

    /// What was agreed on.
    #[must_use]
    pub fn session(&self) -> Session {
        let state: &CommonState = self.0.get_ref().1;
        let own = state.peer_certificates().and_then(<[_]>::first);
        let suite = state.negotiated_cipher_suite().map(|agreed| agreed.suite());
        Session {
            version: match state.protocol_version() {
                Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
                _ => "TLS 1.2",
            },
            // rustls says of TLS 1.3's suites that they are.
            cipher_suite: suite.map_or_else(String::new, |suite| {
                format!("{suite:?}").replacen("TLS13_", "TLS_", 1)
            }),
            peer: own.map(|own| Fingerprint::of(own)),
        }
    }

    /// The socket under it, for its addresses and options.
    #[must_use]
    pub fn socket(&self) -> &AsyncSocket {
        self.0.get_ref().0.socket()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0)
            .poll_read(context, buffer)
            .map_err(in_words)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, data)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// What rustls says of a stream that broke, in a person's words.
fn in_words(error: io::Error) -> io::Error {
    let kind = error.kind();
    if kind == io::ErrorKind::UnexpectedEof {
        return io::Error::new(kind, "it was cut, without TLS's closing alert");
    }
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(rustls::Error::AlertReceived(alert)) => {
            let why = format!("the peer broke off with the alert {}", alert_name(*alert));
            io::Error::new(io::ErrorKind::ConnectionAborted, why)
        }
        Some(rustls::Error::DecryptError) => {
            io::Error::new(kind, "what came was not what the peer had encrypted")
        }
        Some(broken) => io::Error::new(kind, format!("the peer broke the rules of TLS: {broken}")),
        None => error,
    }
}

/// An alert's name as RFC 8446 6 spells it.
pub(super) fn alert_name(alert: AlertDescription) -> String {
    let camel = alert
        .as_str()
        .map_or_else(|| u8::from(alert).to_string(), str::to_owned);
    let mut name = String::new();
    let mut was_lower = false;
    for c in camel.chars() {
        if c.is_ascii_uppercase() && was_lower {
            name.push('_');
        }
        was_lower = c.is_ascii_lowercase();
        name.push(c.to_ascii_lowercase());
    }
    name
}

/// How much may wait encrypted for the socket to take it.
pub(super) const OUTGOING_BYTES: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::{AlertDescription, alert_name};

    #[test]
    fn alerts_are_spelled_as_in_the_rfc() {
        for (alert, name) in [
            (AlertDescription::UnknownCA, "unknown_ca"),
            (AlertDescription::HandshakeFailure, "handshake_failure"),
            (AlertDescription::ProtocolVersion, "protocol_version"),
            (AlertDescription::Unknown(200), "200"),
        ] {
            assert_eq!(alert_name(alert), name);
        }
    }
}
