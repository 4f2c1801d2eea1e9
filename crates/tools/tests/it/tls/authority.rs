//! Certificates that a test makes: an authority's, those it vouches for, and those that stand alone.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, PKCS_ECDSA_P256_SHA256,
    PublicKeyData, SerialNumber, SignatureAlgorithm, SigningKey, date_time_ymd,
};

/// A certificate and its key.
pub(crate) struct Made {
    pub(crate) chain: String,
    pub(crate) key: String,
    pub(crate) der: Vec<u8>,
}

/// When a certificate is good, in days from today.
#[derive(Clone, Copy)]
pub(crate) struct Days(pub(crate) i32, pub(crate) i32);

pub(crate) const GOOD: Days = Days(-1, 1);

/// Somebody who vouches for others.
pub(crate) struct Authority {
    issuer: Issuer<'static, Key>,
    pub(crate) pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::of(&[], IsCa::Ca(BasicConstraints::Unconstrained))
    }

    /// Somebody who signs for others, whether they may or not.
    pub(crate) fn of(names: &[&str], is_ca: IsCa) -> Self {
        let mut parameters = parameters(names, GOOD);
        parameters.is_ca = is_ca;
        let key = Key::random();
        parameters
            .distinguished_name
            .push(DnType::CommonName, "an authority");
        let own = parameters.self_signed(&key).unwrap();
        Self {
            pem: pem("CERTIFICATE", own.der()),
            issuer: Issuer::new(parameters, key),
        }
    }

    /// Vouches for a server of these names.
    pub(crate) fn vouch(&self, names: &[&str], days: Days) -> Made {
        let key = Key::random();
        let certificate = parameters(names, days).signed_by(&key, &self.issuer);
        Made::new(certificate.unwrap().der(), &key)
    }
}

impl Made {
    /// One that signs for itself.
    pub(crate) fn alone(names: &[&str], days: Days) -> Self {
        Self::by_itself(parameters(names, days))
    }

    /// One that signs for itself and says that it may sign for others, as `openssl req -x509` makes them.
    pub(crate) fn openssls(names: &[&str], days: Days) -> Self {
        let mut parameters = parameters(names, days);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self::by_itself(parameters)
    }

    fn by_itself(parameters: CertificateParams) -> Self {
        let key = Key::random();
        Self::new(parameters.self_signed(&key).unwrap().der(), &key)
    }

    fn new(der: &[u8], key: &Key) -> Self {
        Self {
            chain: pem("CERTIFICATE", der),
            key: pem("PRIVATE KEY", key.0.to_pkcs8v1().unwrap().as_ref()),
            der: der.to_vec(),
        }
    }
}

fn parameters(names: &[&str], days: Days) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut parameters = CertificateParams::new(names).unwrap();
    let day = |days: i32| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let length = Duration::from_secs(24 * 60 * 60) * days.unsigned_abs();
        let now = date_time_ymd(1970, 1, 1) + now;
        if days < 0 { now - length } else { now + length }
    };
    parameters.not_before = day(days.0);
    parameters.not_after = day(days.1);
    parameters.serial_number = Some(SerialNumber::from(1));
    parameters
}

/// RFC 7468: base64 in lines of 64.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..text.len().min(at + 64)])
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

struct Key(EcdsaKeyPair);

impl Key {
    fn random() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
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
        let signature = self.0.sign(&SystemRandom::new(), message).unwrap();
        Ok(signature.as_ref().to_vec())
    }
}
