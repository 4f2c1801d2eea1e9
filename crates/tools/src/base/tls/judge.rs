//! The verdict on one server's certificate, and which certificate it was about.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::trust::{Anchors, Trust};
use super::{Fingerprint, provider};

/// Judges the one server of one connection.
///
/// Whoever is trusted must show in the handshake that it has the certificate's key, a pinned one too.
#[derive(Debug)]
pub(super) struct Judge {
    trust: Trust,
    algorithms: WebPkiSupportedAlgorithms,
    seen: OnceLock<Fingerprint>,
}

impl Judge {
    pub(super) fn new(trust: Trust) -> Arc<Self> {
        Arc::new(Self {
            trust,
            algorithms: provider().signature_verification_algorithms,
            seen: OnceLock::new(),
        })
    }

    /// The certificate that the server showed, if it came that far.
    pub(super) fn seen(&self) -> Option<Fingerprint> {
        self.seen.get().copied()
    }
}

impl Anchors {
    /// Whether one of them vouches for a server's `own` certificate, perhaps through `others`, under this name and now.
    fn vouch(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let parsed = ParsedCertificate::try_from(own)?;
        let algorithms = provider().signature_verification_algorithms.all;
        let chain = verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &self.roots,
            others,
            now,
            algorithms,
        );
        match chain {
            // `openssl req -x509` marks what it makes as an authority's certificate, and webpki takes none of
            // those for a server's. One that was named itself as trusted needs nobody to vouch for it. Its dates
            // have been held against the clock before webpki comes to that mark.
            Err(error)
                if is_an_authority(&error) && self.themselves.iter().any(|one| one == own) => {}
            // Somebody of that name is trusted, and it is another key that signed: nobody vouches. Left as it is, it would
            // not differ from a server that has not got its certificate's key.
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) => {
                return Err(CertificateError::UnknownIssuer.into());
            }
            verdict => verdict?,
        }
        verify_server_name(&parsed, name)
    }
}

/// Whether that is all that was wrong: a certificate that may vouch for others was shown as a server's own.
pub(super) fn is_an_authority(error: &Error) -> bool {
    let Error::InvalidCertificate(CertificateError::Other(other)) = error else {
        return false;
    };
    matches!(
        other.0.downcast_ref(),
        Some(webpki::Error::CaUsedAsEndEntity)
    )
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = *self.seen.get_or_init(|| Fingerprint::of(own));
        match &self.trust {
            Trust::Anchors(anchors) => anchors.vouch(own, others, name, now)?,
            Trust::Pin(pin) if *pin == shown => {}
            Trust::Pin(_) => return Err(CertificateError::ApplicationVerificationFailure.into()),
            Trust::Anybody => {}
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, own, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, own, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
