//! The key of a room: compared in constant time, never shown, traded for a session.

use std::fmt;
use std::io;

/// A secret that admits whoever has it.
#[derive(Clone)]
pub struct Key {
    text: String,
    digest: blake3::Hash,
    session: String,
    session_digest: blake3::Hash,
}

impl Key {
    /// A key that somebody chose.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(text: String) -> io::Result<Self> {
        // Not made of the key: who sees it, another server on this host, could guess the key by it.
        let session = random_letters()?;
        Ok(Self {
            digest: blake3::hash(text.as_bytes()),
            session_digest: blake3::hash(session.as_bytes()),
            text,
            session,
        })
    }

    /// A fresh key of 128 random bits, in characters that survive an address, a shell and a voice.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn random() -> io::Result<Self> {
        Self::new(random_letters()?)
    }

    /// Whether `guess` is the key; takes the same time whatever the guess is.
    #[must_use]
    pub fn fits(&self, guess: &[u8]) -> bool {
        // blake3's hashes are compared in constant time.
        blake3::hash(guess) == self.digest
    }

    /// What a browser keeps instead of the key, as long as this process lives: random.
    #[must_use]
    pub fn session(&self) -> &str {
        &self.session
    }

    /// Whether `guess` is the [`session`](Self::session); takes the same time whatever it is.
    #[must_use]
    pub fn fits_session(&self, guess: &[u8]) -> bool {
        blake3::hash(guess) == self.session_digest
    }

    /// The key itself, for the one place that tells the owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// 128 random bits as 26 letters and digits, without those that look alike: 0, 1, i, l.
fn random_letters() -> io::Result<String> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(io::Error::other)?;
    let number = u128::from_be_bytes(bits);
    let letter = |place: u32| {
        let index = usize::try_from(number >> (5 * place) & 31).unwrap_or(0);
        char::from(b"abcdefghjkmnopqrstuvwxyz23456789"[index])
    };
    Ok((0..26).map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn only_the_key_fits_and_the_session_is_not_the_key() {
        let key = Key::random().unwrap();
        assert!(key.fits(key.reveal().as_bytes()));
        assert!(!key.fits(b"") && !key.fits(key.session().as_bytes()));
        assert!(key.fits_session(key.session().as_bytes()));
        assert!(!key.fits_session(key.reveal().as_bytes()));
        assert!(!format!("{key:?}").contains(key.reveal()));
    }

    #[test]
    fn random_keys_carry_128_bits_and_differ() {
        let (one, two) = (Key::random().unwrap(), Key::random().unwrap());
        assert_eq!(one.reveal().len(), 26, "26 x 5 bits");
        assert_ne!(one.reveal(), two.reveal());
    }
}
