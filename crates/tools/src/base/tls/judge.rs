//! The verdict on one server's certificate, and which certificate it was about.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

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
        if self.themselves.iter().any(|one| one == own) {
            // It needs nobody to vouch for it, and may be an authority's: `openssl req -x509` marks what it makes as one,
            // and webpki takes none of those for a server's.
            match alone(&parsed, now) {
                Err(error) if is_an_authority(&error) => {}
                Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {}
                verdict => verdict?,
            }
            return verify_server_name(&parsed, name);
        }
        match verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &self.roots,
            others,
            now,
            provider().signature_verification_algorithms.all,
        ) {
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

/// What webpki says of a certificate for which nobody vouches: what is wrong with its dates, then that it is an
/// authority's, then anything else, and if there is nothing, that its issuer is unknown.
fn alone(certificate: &ParsedCertificate<'_>, now: UnixTime) -> Result<(), Error> {
    let algorithms = provider().signature_verification_algorithms.all;
    let nobody = RootCertStore::empty();
    verify_server_cert_signed_by_trust_anchor(certificate, &nobody, &[], now, algorithms)
}

/// Whether it may vouch for others, which an authority's says of itself; one of version 1 cannot, and is believed
/// (RFC 5280 6.1.4 (k)).
pub(super) fn may_vouch(certificate: &CertificateDer<'_>) -> bool {
    let Ok(parsed) = ParsedCertificate::try_from(certificate) else {
        return true;
    };
    let verdict = match alone(&parsed, UnixTime::since_unix_epoch(Duration::ZERO)) {
        Err(Error::InvalidCertificate(CertificateError::NotValidYetContext {
            not_before, ..
        })) => alone(&parsed, not_before),
        verdict => verdict,
    };
    verdict.is_err_and(|error| is_an_authority(&error))
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
