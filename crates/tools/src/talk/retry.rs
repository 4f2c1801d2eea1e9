//! Trying again: which failures are worth it, and how long to wait before.

use std::io;
use std::time::Duration;

use landline_socket::{Cause, Error, ResolverError};

/// How long to wait before each try again: 0.2 s, doubled each time up to 30 s, and each shortened at random by up to a
/// half, so that many who were cut off together do not come back together.
///
/// It does not wait: that is the caller's.
///
/// ```
/// use std::time::Duration;
/// use landline_tools::talk::Backoff;
///
/// let mut backoff = Backoff::default();
/// assert_eq!(backoff.next(u32::MAX), Duration::from_millis(200));
/// assert_eq!(backoff.next(0), Duration::from_millis(200));
/// assert_eq!(backoff.next(u32::MAX), Duration::from_millis(800));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backoff {
    longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { longest: FIRST }
    }
}

impl Backoff {
    /// The next wait, shortened at random.
    pub fn draw(&mut self) -> Duration {
        // Without random numbers it is the whole wait.
        self.next(getrandom::u32().unwrap_or(u32::MAX))
    }

    /// The next wait. `chance` is any number, random where it matters: the largest is the whole wait, 0 the half.
    pub fn next(&mut self, chance: u32) -> Duration {
        let longest = self.longest;
        self.longest = (longest * 2).min(LAST);
        let half = longest / 2;
        half + half.mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

/// Whether connecting again may succeed with nothing changed here: nobody listens yet, the way there or the resolver is
/// down, the peer is full. An address that cannot be, a name that does not exist, a right that is missing are not.
///
/// Of several addresses it is enough that one is worth it.
#[must_use]
pub fn is_worth_retry(error: &Error) -> bool {
    if !error.attempts().is_empty() {
        return error.attempts().iter().any(is_worth_retry);
    }
    match error.cause() {
        Cause::TimedOut => true,
        Cause::Resolver(code) => *code == ResolverError::AGAIN,
        Cause::Os(_) if error.operation() == "connect" => is_passing(error.kind()),
        _ => false,
    }
}

fn is_passing(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        kind,
        Kind::ConnectionRefused
            | Kind::ConnectionReset
            | Kind::ConnectionAborted
            | Kind::TimedOut
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::NetworkDown
            // A Unix socket's file that is not there yet, and one whose listener has its queue full.
            | Kind::NotFound
            | Kind::WouldBlock
    )
}

const FIRST: Duration = Duration::from_millis(200);
const LAST: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use landline_socket::{
        Address, ConnectOptions, Error, Family, Kind, Protocol, ServerOptions, Socket, UnixAddress,
        connect_any, create_server,
    };
    use proptest::prelude::{any, proptest};
    use proptest::{collection, prop_assert};
    use std::net::SocketAddr;

    use super::{Backoff, FIRST, LAST, is_worth_retry};

    #[test]
    fn waits_double_up_to_the_longest() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..10)
            .map(|_| backoff.next(u32::MAX).as_millis() as u64)
            .collect();
        let doubled = [
            200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000,
        ];
        assert_eq!(waits, doubled);
    }

    proptest! {
        #[test]
        fn a_wait_is_never_below_half_nor_above_the_whole(chances in collection::vec(any::<u32>(), 1..40)) {
            let (mut backoff, mut whole) = (Backoff::default(), FIRST);
            for chance in chances {
                let wait = backoff.next(chance);
                prop_assert!(whole / 2 <= wait && wait <= whole, "{:?} of {:?}", wait, whole);
                whole = (whole * 2).min(LAST);
            }
        }
    }

    fn local(port: u16) -> Address {
        SocketAddr::from(([127, 0, 0, 1], port)).into()
    }

    fn failure(address: Address) -> Error {
        connect_any(&[address], &ConnectOptions::default()).unwrap_err()
    }

    #[test]
    fn only_what_may_pass_is_worth_a_retry() {
        // Bound and not listening: refused, and nobody else's.
        let silent = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
        silent.bind(&local(0)).unwrap();
        let refusing = silent.local_address().unwrap();
        let path = |text: &str| UnixAddress::Path(text.into()).into();
        assert!(is_worth_retry(&failure(refusing.clone())));
        assert!(is_worth_retry(&failure(path("/nowhere/landline"))));
        let both = [path("/a/path/that/is/\0/none"), refusing];
        let error = connect_any(&both, &ConnectOptions::default()).unwrap_err();
        assert!(is_worth_retry(&error), "one of them may pass: {error}");

        assert!(!is_worth_retry(&failure(path("/a/path/that/is/\0/none"))));
        let options = ConnectOptions {
            source_address: Some(SocketAddr::from(([192, 0, 2, 1], 0)).into()),
            ..ConnectOptions::default()
        };
        let foreign = connect_any(&[local(1)], &options).unwrap_err();
        assert!(!is_worth_retry(&foreign), "no address of ours: {foreign}");
        let is_taken = create_server(&path("/"), &ServerOptions::default()).unwrap_err();
        assert!(!is_worth_retry(&is_taken), "{is_taken}");
    }
}
