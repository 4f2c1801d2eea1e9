//! Who we are: a certificate with its key, from PEM or made on the spot.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber, SignatureAlgorithm, SigningKey,
    date_time_ymd,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::CertifiedKey;

use super::trust::certificates;
use super::{Defect, Fingerprint, provider};
use crate::base::clock;

/// A certificate, those that vouch for it, and the private key.
#[derive(Clone, Debug)]
pub struct Identity(Arc<CertifiedKey>);

impl Identity {
    /// From PEM: the chain with the server's own certificate first, and that one's key, as PKCS #8, PKCS #1
    /// or SEC 1.
    ///
    /// # Errors
    /// When one of them cannot be read, or the key is another certificate's.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, Defect> {
        let chain = certificates(chain)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| {
            if is_encrypted(key) {
                return Defect::EncryptedKey;
            }
            match error {
                rustls::pki_types::pem::Error::NoItemsFound => Defect::NoKey,
                error => Defect::BadKey(error.to_string()),
            }
        })?;
        Self::new(chain, key)
    }

    /// Made on the spot: a P-256 key that never leaves this process and a certificate for `names` (host names
    /// and IP addresses) that it signs itself, good for a year. Nobody trusts it but who is told its fingerprint.
    ///
    /// # Errors
    /// [`Defect::BadName`] for a name that no certificate can have; [`Defect::BadKey`] when the system has no random numbers.
    ///
    /// # Examples
    /// ```
    /// use landline_tools::base::tls::Identity;
    ///
    /// let identity = Identity::made(&["localhost", "127.0.0.1"])?;
    /// println!("landline connect tls://localhost:4433 --pin {}", identity.fingerprint());
    /// # Ok::<(), landline_tools::base::tls::Defect>(())
    /// ```
    pub fn made(names: &[&str]) -> Result<Self, Defect> {
        let key = Key::random()?;
        let certificate = parameters(names)?
            .self_signed(&key)
            .map_err(|error| Defect::BadCertificate(error.to_string()))?;
        let pkcs8 = key.0.to_pkcs8v1().map_err(bad_key)?;
        let private = PrivatePkcs8KeyDer::from(pkcs8.as_ref().to_vec());
        Self::new(vec![certificate.der().clone()], private.into())
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, Defect> {
        CertifiedKey::from_der(chain, key, &provider())
            .map(|certified| Self(Arc::new(certified)))
            .map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => Defect::OtherKey,
                rustls::Error::InvalidCertificate(why) => Defect::BadCertificate(why.to_string()),
                error => Defect::BadKey(error.to_string()),
            })
    }

    /// What a client pins it by.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.0.cert.first().map_or(&[], |own| own.as_ref()))
    }

    pub(super) fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0)
    }
}

/// PKCS #8 says it in the label, the older forms in a header.
fn is_encrypted(pem: &[u8]) -> bool {
    [
        &b"BEGIN ENCRYPTED PRIVATE KEY"[..],
        b"Proc-Type: 4,ENCRYPTED",
    ]
    .iter()
    .any(|mark| pem.windows(mark.len()).any(|window| window == *mark))
}

fn parameters(names: &[&str]) -> Result<CertificateParams, Defect> {
    let mut parameters = CertificateParams::default();
    for name in names {
        let bad = || Defect::BadName((*name).to_owned());
        // rcgen takes any ASCII for the name of a host.
        ServerName::try_from(name.strip_prefix("*.").unwrap_or(name)).map_err(|_| bad())?;
        let one = CertificateParams::new([(*name).to_owned()]).map_err(|_| bad())?;
        parameters.subject_alt_names.extend(one.subject_alt_names);
    }
    let now = date_time_ymd(1970, 1, 1) + Duration::from_secs(clock::seconds());
    // A client's clock may be behind ours.
    parameters.not_before = now - DAY;
    parameters.not_after = now + 365 * DAY;
    parameters.distinguished_name = DistinguishedName::new();
    parameters
        .distinguished_name
        .push(DnType::CommonName, "Landline");
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let mut serial = [0; 16];
    getrandom::fill(&mut serial).map_err(|error| Defect::BadKey(error.to_string()))?;
    // A serial number is positive, and so is one whose first bit is not set (RFC 5280 4.1.2.2).
    serial[0] = serial[0] & 0x7f | 0x40;
    parameters.serial_number = Some(SerialNumber::from_slice(&serial));
    Ok(parameters)
}

/// A P-256 key, for rcgen to sign by: its own backend would bring `x509-parser` into the lock file, and with that `ring`.
struct Key(EcdsaKeyPair);

impl Key {
    fn random() -> Result<Self, Defect> {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)
            .map(Self)
            .map_err(bad_key)
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.0
            .sign(&SystemRandom::new(), message)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

fn bad_key(error: aws_lc_rs::error::Unspecified) -> Defect {
    Defect::BadKey(error.to_string())
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
