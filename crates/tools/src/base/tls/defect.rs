//! What is wrong with certificates and keys that a user gave.

use std::fmt;

/// Why a certificate or a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// There is no certificate in it, in the form that PEM has.
    NoCertificate,
    /// There is one that cannot be read, and why.
    BadCertificate(String),
    /// There is no private key in it, in the form that PEM has.
    NoKey,
    /// The key is protected by a passphrase, for which nobody here asks.
    EncryptedKey,
    /// The key cannot be used, and why.
    BadKey(String),
    /// The key belongs to another certificate than the first of the chain.
    OtherKey,
    /// A certificate cannot be made out for this name.
    BadName(String),
    /// The system keeps no certificates of authorities where they are looked for.
    NoSystemAnchors,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCertificate => f.write_str("there is no certificate in PEM form"),
            Self::BadCertificate(why) => write!(f, "a certificate cannot be read: {why}"),
            Self::NoKey => f.write_str("there is no private key in PEM form"),
            Self::EncryptedKey => f.write_str("the private key is protected by a passphrase"),
            Self::BadKey(why) => write!(f, "the private key cannot be used: {why}"),
            Self::OtherKey => f.write_str("the key is not that of the first certificate"),
            Self::BadName(name) => write!(f, "no certificate can be made out for `{name}`"),
            Self::NoSystemAnchors => {
                f.write_str("this system has no certificates of authorities to verify by")
            }
        }
    }
}

impl std::error::Error for Defect {}
