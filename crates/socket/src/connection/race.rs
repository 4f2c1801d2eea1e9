//! RFC 8305 without sockets and without a clock: which address is tried next, and when.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::address::Address;
use crate::deadline::{Deadline, Timeout};
use crate::kind::Family;

/// Of how many attempts the outcome may be open at once: a name whose owner gives it a thousand silent
/// addresses must not take a thousand descriptors.
pub(crate) const OPEN_MAX: usize = 64;

/// No next attempt sooner than this (RFC 8305 section 8), unless one fails.
pub(crate) const DELAY_MIN: Duration = Duration::from_millis(10);

/// RFC 8305 section 4: the families take turns, beginning with that of the first address; within a family
/// the order stays. Each address comes once.
pub(crate) fn in_turns(addresses: impl IntoIterator<Item = Address>) -> Vec<Address> {
    let mut seen = HashSet::new();
    let mut families: Vec<(Family, Vec<Address>)> = Vec::new();
    for address in addresses {
        if !seen.insert(address.clone()) {
            continue;
        }
        let family = address.family();
        match families.iter_mut().find(|(known, _)| *known == family) {
            Some((_, of_it)) => of_it.push(address),
            None => families.push((family, vec![address])),
        }
    }
    let mut queues: Vec<_> = families
        .into_iter()
        .map(|(_, of_it)| of_it.into_iter())
        .collect();
    let mut turns = Vec::with_capacity(seen.len());
    while turns.len() < seen.len() {
        turns.extend(queues.iter_mut().filter_map(Iterator::next));
    }
    turns
}

/// RFC 8305 section 5: attempts begun one after another, a delay apart, the next one at once when one fails.
#[derive(Debug)]
pub(crate) struct Race {
    count: usize,
    delay: Timeout,
    begun: usize,
    open: usize,
    next: Deadline,
}

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// Begin the attempt of this number.
    Begin(usize),
    /// Wait for the outcome of one that is open, no longer than this; then ask again.
    Wait(Deadline),
    /// All have failed.
    Lost,
}

impl Race {
    /// Of `count` addresses, from `start` on.
    pub(crate) fn new(count: usize, delay: Duration, start: Instant) -> Self {
        Self {
            count,
            delay: Timeout::After(delay.max(DELAY_MIN)),
            begun: 0,
            open: 0,
            next: Deadline::counted_from(start, Timeout::Zero),
        }
    }

    /// What to do now. An attempt that this says to begin is open until [`Race::failed`].
    pub(crate) fn advance(&mut self, now: Instant) -> Move {
        let never = Deadline::counted_from(now, Timeout::Never);
        if self.begun == self.count {
            return match self.open {
                0 => Move::Lost,
                _ => Move::Wait(never),
            };
        }
        if self.open == OPEN_MAX {
            return Move::Wait(never);
        }
        if self.next.remaining_at(now).is_ok() {
            return Move::Wait(self.next);
        }
        let number = self.begun;
        self.begun += 1;
        self.open += 1;
        self.next = Deadline::counted_from(now, self.delay);
        Move::Begin(number)
    }

    /// One of the open attempts has failed.
    pub(crate) fn failed(&mut self, now: Instant) {
        self.open -= 1;
        self.next = Deadline::counted_from(now, Timeout::Zero);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::{DELAY_MIN, Move, OPEN_MAX, Race, in_turns};
    use crate::address::Address;
    use crate::kind::Family;

    fn v4(n: u16) -> Address {
        SocketAddr::from((Ipv4Addr::LOCALHOST, n)).into()
    }

    fn v6(n: u16) -> Address {
        SocketAddr::from((Ipv6Addr::LOCALHOST, n)).into()
    }

    #[test]
    fn rfc8305_4_families_take_turns_from_the_first() {
        assert_eq!(
            in_turns([v6(1), v6(2), v6(3), v4(1), v4(2)]),
            [v6(1), v4(1), v6(2), v4(2), v6(3)]
        );
        assert_eq!(in_turns([v4(1), v4(2), v6(1)]), [v4(1), v6(1), v4(2)]);
        assert_eq!(in_turns([v4(1), v4(1), v4(2), v4(1)]), [v4(1), v4(2)]);
        assert_eq!(in_turns([]), []);
    }

    proptest! {
        #[test]
        fn turns_lose_and_swap_nothing(picks in proptest::collection::vec((any::<bool>(), 0u16..8), 0..24)) {
            let given: Vec<_> = picks.iter().map(|&(six, n)| if six { v6(n) } else { v4(n) }).collect();
            let turns = in_turns(given.clone());
            for family in [Family::INET, Family::INET6] {
                let mut expected: Vec<_> = Vec::new();
                for address in given.iter().filter(|address| address.family() == family) {
                    if !expected.contains(&address) {
                        expected.push(address);
                    }
                }
                let of_it: Vec<_> = turns.iter().filter(|address| address.family() == family).collect();
                prop_assert_eq!(of_it, expected);
            }
            // As long as both are left, no two of one family follow each other.
            let shorter = turns.iter().filter(|address| address.family() == Family::INET).count();
            let shorter = shorter.min(turns.len() - shorter);
            for pair in turns.windows(2).take((2 * shorter).saturating_sub(1)) {
                prop_assert_ne!(pair[0].family(), pair[1].family());
            }
        }

        /// Whatever fails whenever: each is begun once, in order; never two within the delay unless one failed
        /// between; never late; never too many open; the end is reached when, and only when, all have failed.
        #[test]
        fn rfc8305_5_attempts_are_a_delay_apart_or_follow_a_failure(
            count in 0usize..100,
            delay in 0u64..400,
            lives in proptest::collection::vec(proptest::option::of(0u64..2000), 100),
        ) {
            let start = Instant::now();
            let at = |milliseconds| start + Duration::from_millis(milliseconds);
            let delay_kept = Duration::from_millis(delay).max(DELAY_MIN);
            let mut race = Race::new(count, Duration::from_millis(delay), start);
            let mut now = 0;
            // When each open attempt fails; `None` never does.
            let mut open: Vec<Option<u64>> = Vec::new();
            let mut begun = 0;
            let mut due = start;
            loop {
                match race.advance(at(now)) {
                    Move::Begin(number) => {
                        prop_assert_eq!(number, begun);
                        prop_assert!(at(now) >= due);
                        open.push(lives[number].map(|life| now + life));
                        prop_assert!(open.len() <= OPEN_MAX);
                        begun += 1;
                        due = at(now) + delay_kept;
                        continue;
                    }
                    Move::Lost => {
                        prop_assert_eq!((begun, open.len()), (count, 0));
                        break;
                    }
                    Move::Wait(until) => {
                        prop_assert!(!open.is_empty(), "nothing to wait for");
                        let failure = open.iter().flatten().min().copied();
                        let timer = until.remaining_at(at(now)).unwrap();
                        if begun < count && open.len() < OPEN_MAX {
                            // Neither early nor late.
                            prop_assert_eq!(at(now) + timer.unwrap(), due);
                        }
                        let timer = timer.map(|left| now + left.as_millis() as u64);
                        match (failure, timer) {
                            (None, None) => break,
                            (Some(failure), timer) if timer.is_none_or(|timer| failure <= timer) => {
                                now = failure;
                                open.remove(open.iter().position(|&one| one == Some(failure)).unwrap());
                                race.failed(at(now));
                                due = at(now);
                            }
                            (_, timer) => now = timer.unwrap(),
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_delay_without_end_waits_for_a_failure() {
        let now = Instant::now();
        let mut race = Race::new(2, Duration::MAX, now);
        assert_eq!(race.advance(now), Move::Begin(0));
        let Move::Wait(until) = race.advance(now) else {
            panic!("the first is open");
        };
        assert_eq!(until.remaining_at(now), Ok(None));
        race.failed(now);
        assert_eq!(race.advance(now), Move::Begin(1));
    }
}
