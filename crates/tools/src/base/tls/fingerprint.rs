//! The SHA-256 of a certificate: what a pin names it by.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

/// The SHA-256 of a certificate's DER bytes, as `openssl x509 -fingerprint -sha256` has it.
///
/// Prints as `sha256:` and 64 hexadecimal digits; is read from that, and from pairs with colons between them.
///
/// # Examples
/// ```
/// use landline_tools::base::tls::Fingerprint;
///
/// let text = format!("sha256:{}", "0a".repeat(32));
/// let pin: Fingerprint = text.parse()?;
/// assert_eq!(pin.to_string(), text);
/// assert_eq!(format!("SHA256:{}0A", "0A:".repeat(31)).parse(), Ok(pin));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; SHA256_OUTPUT_LEN]);

impl Fingerprint {
    /// That of a certificate, given its DER bytes.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        let mut hash = [0; SHA256_OUTPUT_LEN];
        hash.copy_from_slice(digest(&SHA256, certificate).as_ref());
        Self(hash)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text
            .split_at_checked(SCHEME.len())
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME))
            .map(|(_, digits)| digits.replace(':', ""))
            .ok_or_else(|| format!("a fingerprint begins with `{SCHEME}`"))?;
        let wanted = 2 * SHA256_OUTPUT_LEN;
        if digits.len() != wanted || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!(
                "`{SCHEME}` is followed by {wanted} hexadecimal digits"
            ));
        }
        let mut hash = [0; SHA256_OUTPUT_LEN];
        for (at, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16)
                .map_err(|error| error.to_string())?;
        }
        Ok(Self(hash))
    }
}

const SCHEME: &str = "sha256:";

#[cfg(test)]
mod tests {
    use super::Fingerprint;

    #[test]
    fn it_is_the_sha256_of_the_bytes() {
        assert_eq!(
            Fingerprint::of(b"abc").to_string(),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn what_is_no_fingerprint_is_refused() {
        let zeros = "0".repeat(64);
        for text in [
            String::new(),
            zeros.clone(),
            format!("sha1:{zeros}"),
            format!("sha256:{zeros}0"),
            format!("sha256:{}", &zeros[1..]),
            format!("sha256:{}g", &zeros[1..]),
            format!("sha256:{}é", &zeros[2..]),
            "sha25é:".to_owned(),
        ] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
