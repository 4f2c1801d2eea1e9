//! The options of TLS: whom a client believes, and what a server shows.

use std::path::PathBuf;

use clap::Args;
use landline_tools::base::tls::Fingerprint;

/// Whom a client believes. The default: whom the system's authorities vouch for, under the target's name.
#[derive(Args, Debug)]
#[command(next_help_heading = "TLS")]
pub(crate) struct Trust {
    /// Believe the server that has this very certificate, sha256:HEX, whatever its issuer, names and dates
    #[arg(long, value_name = "FINGERPRINT", conflicts_with = "insecure")]
    pub(crate) pin: Option<Fingerprint>,

    /// Believe whom the certificates in this PEM file vouch for, instead of the system's
    #[arg(long, value_name = "FILE", env = "SSL_CERT_FILE")]
    pub(crate) ca: Option<PathBuf>,

    /// The name that the server is asked for and must have a certificate for [default: the target's host]
    #[arg(long, value_name = "NAME")]
    pub(crate) server_name: Option<String>,

    /// Believe anybody: what is said is encrypted, and may be said to the wrong one
    #[arg(long)]
    pub(crate) insecure: bool,
}

/// What a server shows. The default: a certificate made on the spot, to be pinned by its fingerprint.
#[derive(Args, Debug)]
#[command(next_help_heading = "TLS")]
pub(crate) struct Identity {
    /// The certificate in a PEM file, followed by those that vouch for it
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) cert: Option<PathBuf>,

    /// The certificate's private key in a PEM file
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) tls_key: Option<PathBuf>,
}
