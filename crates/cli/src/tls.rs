//! TLS as it was asked for: whom to believe, what to show, and what to do about a handshake that failed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use landline_socket::Address;
use landline_tools::base::tls::{
    Acceptor, Anchors, Connector, Defect, Fingerprint, Flaw, HANDSHAKE_DEFAULT, Identity, Refusal,
    Trust,
};

use crate::address::Typed;
use crate::args;
use crate::exit::{Failure, TIMED_OUT, cannot};
use crate::listening::is_every_interface;
use crate::target::{Target, Transport};

/// The client's side of a target: `None` where it is plain.
///
/// # Errors
/// When the options contradict the target or each other, or a file cannot be used.
pub(crate) fn connector(
    wanted: &args::Trust,
    target: &Target,
    handshake: Option<Duration>,
) -> Result<Option<Connector>, Failure> {
    if target.transport != Transport::Tls {
        let option = [
            (wanted.pin.is_some(), "--pin"),
            (wanted.server_name.is_some(), "--server-name"),
            (wanted.insecure, "--insecure"),
        ];
        // `--ca` may come from the environment, where it stands for every target.
        return plain(option.into_iter()).map(|()| None);
    }
    let trust = match (wanted.pin, wanted.insecure) {
        (Some(pin), _) => Trust::Pin(pin),
        (None, true) => Trust::Anybody,
        (None, false) if name(wanted, target).is_none() => {
            let why = "a certificate is verified for a name, and the target has none";
            let failure = Failure::usage("verify the server", why);
            return Err(failure.hint("give it by --server-name NAME, or --pin its certificate"));
        }
        (None, false) => Trust::Anchors(anchors(wanted.ca.as_deref())?),
    };
    let handshake = handshake.unwrap_or(HANDSHAKE_DEFAULT);
    Ok(Some(Connector::new(trust, handshake)))
}

/// The name that a target's server is asked for; an IPv6 address without its zone.
pub(crate) fn name<'t>(wanted: &'t args::Trust, target: &'t Target) -> Option<&'t str> {
    let host = match &target.place {
        Typed::Host { host, .. } => host.split('%').next(),
        Typed::Every { .. } | Typed::Unix(_) => None,
    };
    wanted.server_name.as_deref().or(host)
}

fn anchors(file: Option<&Path>) -> Result<Anchors, Failure> {
    // A variable that is set to nothing says nothing.
    let Some(file) = file.filter(|file| !file.as_os_str().is_empty()) else {
        return Anchors::system().map_err(|defect| {
            Failure::new("verify the server", defect)
                .hint("install ca-certificates, or say whom to believe: --ca FILE, or --pin")
        });
    };
    let what = format!("use the certificates in {}", file.display());
    Anchors::from_pem(&read(file)?).map_err(cannot(what))
}

/// The server's side of a target: `None` where it is plain; the fingerprint of a certificate made on the spot.
///
/// # Errors
/// When there are options for a plain target, or a file cannot be used.
pub(crate) fn acceptor(
    wanted: &args::Identity,
    target: &Target,
) -> Result<Option<(Acceptor, Option<Fingerprint>)>, Failure> {
    if target.transport != Transport::Tls {
        return plain([(wanted.cert.is_some(), "--cert")].into_iter()).map(|()| None);
    }
    let (identity, is_made) = match (&wanted.cert, &wanted.tls_key) {
        (Some(cert), Some(key)) => (own(cert, key)?, false),
        _ => (made(target).map_err(cannot("make a certificate"))?, true),
    };
    let acceptor = Acceptor::new(&identity, HANDSHAKE_DEFAULT).map_err(cannot("speak TLS"))?;
    Ok(Some((acceptor, is_made.then(|| identity.fingerprint()))))
}

fn own(cert: &Path, key: &Path) -> Result<Identity, Failure> {
    let what = format!(
        "use --cert {} with --tls-key {}",
        cert.display(),
        key.display()
    );
    Identity::from_pem(&read(cert)?, &read(key)?).map_err(|defect| {
        let hint = match defect {
            Defect::OtherKey => "the server's own certificate is the first in its file",
            Defect::EncryptedKey => "`openssl pkey -in FILE -out PLAIN` takes the passphrase away",
            _ => return Failure::new(what, defect),
        };
        Failure::new(what, defect).hint(hint)
    })
}

/// A certificate for what the target is called, and for this machine.
fn made(target: &Target) -> Result<Identity, Defect> {
    let this_machine = landline_socket::host_name();
    let mut names = vec!["localhost"];
    match &target.place {
        Typed::Host { host, .. } if host != "localhost" => names.extend(host.split('%').next()),
        Typed::Every { .. } => names.push(&this_machine),
        Typed::Host { .. } | Typed::Unix(_) => {}
    }
    Identity::made(&names)
}

/// The command line that connects to where we listen, and to nobody else.
pub(crate) fn invitation(target: &Target, address: &Address, pin: Fingerprint) -> String {
    let url = match address.port().filter(|_| is_every_interface(address)) {
        Some(port) => format!("tls://{}:{port}", landline_socket::host_name()),
        None => target.transport.url(address),
    };
    format!("landline connect {url} --pin {pin}")
}

/// What a handshake that failed means, and what could be done.
pub(crate) fn failure(target: &Target, refusal: &Refusal) -> Failure {
    let failure = Failure::new(format!("connect to tls://{}", target.place), refusal);
    let hint = match refusal {
        Refusal::Certificate { flaw: Flaw::NotPinned, .. } => {
            "the server has another certificate than it had, or somebody else answers: ask whoever runs it".to_owned()
        }
        Refusal::Certificate { flaw: Flaw::NoKey, .. } => "somebody else answers in its place".to_owned(),
        Refusal::Certificate { shown, flaw: Flaw::OtherName { .. } } => format!(
            "a name that it has can be asked for by --server-name; or, if whoever runs it says that this is its certificate: --pin {shown}"
        ),
        Refusal::Certificate { shown, .. } => {
            format!("if whoever runs it says that this is its certificate: --pin {shown}")
        }
        Refusal::Plain(_) | Refusal::Echo => "without `tls://` it is spoken to in plain text".to_owned(),
        Refusal::Late(_) => {
            return failure.code(TIMED_OUT).hint("a peer that does not speak TLS may say nothing at all");
        }
        _ => return failure,
    };
    failure.hint(hint)
}

/// Refuses the first option that is given where nothing is encrypted.
fn plain(options: impl Iterator<Item = (bool, &'static str)>) -> Result<(), Failure> {
    match options.into_iter().find(|(is_given, _)| *is_given) {
        None => Ok(()),
        Some((_, option)) => {
            let failure = Failure::usage(format!("use {option}"), "the target is not encrypted");
            Err(failure.hint("put `tls://` in front of it"))
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(cannot(format!("read {}", file.display())))
}
