//! Why there is no TLS with a peer, in plain words.

use std::fmt;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, Error, HandshakeType};

use super::judge::is_an_authority;
use super::stream::alert_name;
use super::{Fingerprint, Opening};
use crate::base::printable;

/// Why there is no TLS with a peer.
#[derive(Debug)]
pub enum Refusal {
    /// The handshake was not done in this time.
    Late(Duration),
    /// The peer does not speak TLS, and began like this.
    Plain(Opening),
    /// The peer sent our own hello back, as a plain echo does, or takes itself for a client too.
    Echo,
    /// The peer ended the connection in the middle of the handshake.
    Ended,
    /// The server is not believed.
    Certificate {
        /// The certificate that it showed.
        shown: Fingerprint,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// The peer broke off with this alert, as RFC 8446 6 spells it.
    Alert(String),
    /// The peer broke the rules of TLS, or knows nothing of it that we know.
    Broken(String),
    /// The certificate is to be verified, and nobody said for which name.
    Nameless,
    /// The socket failed.
    Io(io::Error),
}

/// What is wrong with a server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its time was over so long ago.
    Expired(Duration),
    /// Its time comes so much later.
    NotYetValid(Duration),
    /// It is for these names, made printable, and not for the one that was asked for.
    OtherName {
        /// The name that was asked for.
        wanted: String,
        /// The names that it has.
        names: Vec<String>,
    },
    /// Nobody who is trusted vouches for it; it may be signed by itself.
    UnknownIssuer,
    /// It is marked as an authority's, to vouch for others and not for a server.
    Authority,
    /// It is not the pinned one.
    NotPinned,
    /// The server could not show that it has its key: it is somebody else's.
    NoKey,
    /// Anything else.
    Other(String),
}

impl Refusal {
    /// What became of a handshake with a server that showed this certificate, or none.
    pub(super) fn of(error: io::Error, shown: Option<Fingerprint>) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Self::Ended;
        }
        let Some(inner) = error.get_ref() else {
            return Self::Io(error);
        };
        if let Some(opening) = inner.downcast_ref::<Opening>() {
            return Self::Plain(opening.clone());
        }
        match (inner.downcast_ref::<Error>(), shown) {
            (None, _) => Self::Io(error),
            (Some(why @ Error::InvalidCertificate(flaw)), Some(shown)) => Self::Certificate {
                shown,
                flaw: if is_an_authority(why) {
                    Flaw::Authority
                } else {
                    Flaw::of(flaw)
                },
            },
            (Some(Error::AlertReceived(alert)), _) => Self::Alert(describe(*alert)),
            (
                Some(Error::InappropriateHandshakeMessage {
                    got_type: HandshakeType::ClientHello,
                    ..
                }),
                _,
            ) => Self::Echo,
            (Some(broken), _) => Self::Broken(broken.to_string()),
        }
    }
}

impl Flaw {
    fn of(error: &CertificateError) -> Self {
        match error {
            CertificateError::ExpiredContext { time, not_after } => Self::Expired(
                Duration::from_secs(time.as_secs().saturating_sub(not_after.as_secs())),
            ),
            CertificateError::NotValidYetContext { time, not_before } => Self::NotYetValid(
                Duration::from_secs(not_before.as_secs().saturating_sub(time.as_secs())),
            ),
            CertificateError::NotValidForNameContext {
                expected,
                presented,
            } => Self::OtherName {
                wanted: expected.to_str().into_owned(),
                names: presented
                    .iter()
                    .take(NAMES)
                    .map(|name| bare(name))
                    .collect(),
            },
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            CertificateError::ApplicationVerificationFailure => Self::NotPinned,
            CertificateError::BadSignature => Self::NoKey,
            other => Self::Other(printable(&other.to_string()).into_owned()),
        }
    }
}

/// `DnsName("a.example")`, as webpki says it, without its wrapping.
fn bare(name: &str) -> String {
    let inside = name
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .map_or(name, |rest| rest.trim_matches('"'));
    printable(inside).into_owned()
}

fn describe(alert: AlertDescription) -> String {
    let name = alert_name(alert);
    let meaning = match alert {
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            "no cipher that both know"
        }
        AlertDescription::ProtocolVersion => "no version of TLS that both know",
        AlertDescription::UnrecognisedName => "it does not go by the name that was asked for",
        AlertDescription::UnknownCA
        | AlertDescription::BadCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::CertificateExpired
        | AlertDescription::AccessDenied => "it does not believe our certificate",
        AlertDescription::CertificateRequired => "it asks for a certificate of ours",
        _ => return name,
    };
    format!("{name}: {meaning}")
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late(time) => write!(f, "the TLS handshake was not done within {time:?}"),
            Self::Plain(opening) if opening.is_http() => {
                write!(
                    f,
                    "the peer speaks HTTP and not TLS: it began with `{opening}`"
                )
            }
            Self::Plain(opening) => {
                write!(f, "the peer does not speak TLS: it began with `{opening}`")
            }
            Self::Echo => f.write_str(
                "the peer sent a client's hello back: it echoes, or takes itself for a client",
            ),
            Self::Ended => {
                f.write_str("the peer ended the connection in the middle of the TLS handshake")
            }
            Self::Certificate { shown, flaw } => write!(f, "{flaw}; it is {shown}"),
            Self::Alert(alert) => write!(f, "the peer broke off the TLS handshake with {alert}"),
            Self::Broken(why) => write!(f, "the TLS handshake failed: {why}"),
            Self::Nameless => f.write_str("there is no name to verify the certificate for"),
            Self::Io(error) => write!(f, "the TLS handshake failed: {error}"),
        }
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired(ago) => write!(f, "its certificate expired {} ago", Span(*ago)),
            Self::NotYetValid(to_come) => write!(
                f,
                "its certificate is not valid yet, but in {}",
                Span(*to_come)
            ),
            Self::OtherName { wanted, names } if names.is_empty() => write!(
                f,
                "its certificate is not for `{wanted}`: it has no subjectAltName"
            ),
            Self::OtherName { wanted, names } => write!(
                f,
                "its certificate is not for `{wanted}`, but for {}",
                names.join(", ")
            ),
            Self::UnknownIssuer => f.write_str("nobody who is trusted vouches for its certificate"),
            Self::Authority => {
                f.write_str("its certificate is an authority's own, and none that is trusted")
            }
            Self::NoKey => f.write_str("it has not got the key of the certificate that it shows"),
            Self::NotPinned => f.write_str("its certificate is not the pinned one"),
            Self::Other(why) => write!(f, "its certificate is not accepted: {why}"),
        }
    }
}

/// A time as people say it, rounded down: by days, hours, minutes or seconds.
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (count, unit) = match seconds {
            0..60 => (seconds, "second"),
            60..3600 => (seconds / 60, "minute"),
            3600..86_400 => (seconds / 3600, "hour"),
            _ => (seconds / 86_400, "day"),
        };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

/// How many of a certificate's names are told.
const NAMES: usize = 8;
