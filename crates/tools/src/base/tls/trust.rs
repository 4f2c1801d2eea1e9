//! Whom a client believes: authorities, one pinned certificate, or anybody.

use std::fs;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::judge::may_vouch;
use super::{Defect, Fingerprint};

/// Whom a client believes to be the server.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Whom one of these vouches for, under the name that was asked for, today.
    Anchors(Anchors),
    /// Who has the key of this very certificate. Chain, name and dates are not asked: the pin stands for them.
    Pin(Fingerprint),
    /// Anybody: what is said is encrypted, and may be said to the wrong one.
    Anybody,
}

/// Certificates that are trusted: an authority's to vouch for others, and those from PEM to be a server's themselves.
#[derive(Clone, Debug)]
pub struct Anchors {
    pub(super) roots: Arc<RootCertStore>,
    pub(super) themselves: Arc<[CertificateDer<'static>]>,
}

impl Anchors {
    /// From PEM, one certificate or more. A server that has one of them is believed, whoever signed it; one that is not
    /// an authority's vouches for nobody else.
    ///
    /// # Errors
    /// When there is none, or one that cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, Defect> {
        let themselves = certificates(pem)?;
        let mut roots = RootCertStore::empty();
        for certificate in &themselves {
            let mut root = RootCertStore::empty();
            root.add(certificate.clone())
                .map_err(|error| Defect::BadCertificate(error.to_string()))?;
            if may_vouch(certificate) {
                roots.extend(root.roots);
            }
        }
        Ok(Self {
            roots: Arc::new(roots),
            themselves: themselves.into(),
        })
    }

    /// Those that the system keeps, in the first of the files where distributions have them.
    ///
    /// Read from the disk at each call, with what cannot be read of them left out.
    ///
    /// # Errors
    /// [`Defect::NoSystemAnchors`] when there are none.
    pub fn system() -> Result<Self, Defect> {
        for path in SYSTEM {
            let Ok(pem) = fs::read(path) else {
                continue;
            };
            let found = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok);
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(found);
            if !roots.is_empty() {
                return Ok(Self {
                    roots: Arc::new(roots),
                    themselves: Arc::new([]),
                });
            }
        }
        Err(Defect::NoSystemAnchors)
    }
}

/// Every certificate in a PEM text, of which there must be one.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Defect> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| Defect::BadCertificate(error.to_string()))?;
    if found.is_empty() {
        return Err(Defect::NoCertificate);
    }
    Ok(found)
}

/// Where Linux distributions keep the authorities in one file: the list that Go's `crypto/x509` looks through.
const SYSTEM: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
