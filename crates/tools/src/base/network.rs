//! Networks as they are typed, and who may come from which.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use landline_socket::Address;

/// A block of addresses, RFC 4632 section 3.1 and RFC 4291 section 2.3: `10.0.0.0/8`, `fd00::/8`; without a prefix, one address.
///
/// Bits behind the prefix count for nothing, so what `ip address` shows (`192.168.1.17/24`) is the network it is in. IPv4 and IPv6
/// are apart: `::/0` has no IPv4 address in it. One that is mapped into IPv6 (`::ffff:10.0.0.0/104`) is the IPv4 network.
///
/// ```
/// use landline_tools::base::Network;
///
/// let network: Network = "10.1.2.3/8".parse()?;
/// assert_eq!(network.to_string(), "10.0.0.0/8");
/// assert!(network.contains([10, 255, 0, 1].into()));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix: u32,
}

impl Network {
    /// Whether `ip` is in it, mapped into IPv6 or not.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        ip.is_ipv4() == self.base.is_ipv4() && masked(ip, self.prefix) == self.base
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let ip = ip_of(address)?;
        let most = bits(ip);
        let prefix = match length {
            None => most,
            Some(digits) => prefix_of(digits, most)?,
        };
        let (ip, prefix) = match ip.to_canonical() {
            IpAddr::V4(v4) if ip.is_ipv6() => match prefix.checked_sub(MAPPED_BITS) {
                Some(prefix) => (IpAddr::V4(v4), prefix),
                None => {
                    return Err(format!(
                        "`/{prefix}` is too short behind an IPv4 address in IPv6: it goes from {MAPPED_BITS} to 128"
                    ));
                }
            },
            _ => (ip, prefix),
        };
        Ok(Self {
            base: masked(ip, prefix),
            prefix,
        })
    }
}

/// As it is parsed: `10.0.0.0/8`, and a single address as such.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.base)?;
        if self.prefix < bits(self.base) {
            write!(f, "/{}", self.prefix)?;
        }
        Ok(())
    }
}

/// Who may come: a network that is denied wins over one that is allowed, and where any is allowed, nobody else may.
///
/// ```
/// use landline_tools::base::Networks;
///
/// let home = Networks {
///     allowed: vec!["192.168.0.0/16".parse()?],
///     denied: vec!["192.168.0.66".parse()?],
/// };
/// let from = |ip: [u8; 4]| std::net::SocketAddr::from((ip, 4711)).into();
/// assert!(home.admits(&from([192, 168, 0, 1])));
/// assert!(!home.admits(&from([192, 168, 0, 66])));
/// assert!(!home.admits(&from([192, 0, 2, 1])));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks {
    /// Where there is any, nobody from elsewhere comes in. Default: none.
    pub allowed: Vec<Network>,
    /// Nobody from there comes in. Default: none.
    pub denied: Vec<Network>,
}

impl Networks {
    /// Whether `peer` may come. One without an IP address, as on a Unix socket, is in no network.
    #[must_use]
    pub fn admits(&self, peer: &Address) -> bool {
        let is_in = |networks: &[Network]| {
            peer.ip()
                .is_some_and(|ip| networks.iter().any(|network| network.contains(ip)))
        };
        !is_in(&self.denied) && (self.allowed.is_empty() || is_in(&self.allowed))
    }
}

fn ip_of(text: &str) -> Result<IpAddr, String> {
    if text.is_empty() {
        return Err(format!("the address is missing; {FORMS}"));
    }
    text.parse().map_err(|_| {
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        if let Some((address, _)) = bare.split_once('%')
            && address.parse::<Ipv6Addr>().is_ok()
        {
            return format!("a network has no interface: `{address}` alone");
        }
        if bare != text && bare.parse::<Ipv6Addr>().is_ok() {
            return format!("brackets are for ports: `{bare}` alone");
        }
        format!("`{text}` is not an IP address; {FORMS}")
    })
}

fn prefix_of(digits: &str, most: u32) -> Result<u32, String> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err(format!("`{digits}` is not a prefix length; {FORMS}"));
    }
    match digits.parse() {
        Ok(prefix) if prefix <= most => Ok(prefix),
        _ => Err(format!(
            "`/{digits}` is out of range: it goes from 0 to {most}"
        )),
    }
}

/// How many bits an address of this family has.
fn bits(ip: IpAddr) -> u32 {
    match ip {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The first `prefix` bits, and zeros; `prefix` is at most what the family has.
fn masked(ip: IpAddr, prefix: u32) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => IpAddr::V4(ip & Ipv4Addr::from(!u32::MAX.unbounded_shr(prefix))),
        IpAddr::V6(ip) => IpAddr::V6(ip & Ipv6Addr::from(!u128::MAX.unbounded_shr(prefix))),
    }
}

/// What stands before an IPv4 address that is mapped into IPv6.
const MAPPED_BITS: u32 = 96;

const FORMS: &str = "a network is `10.0.0.0/8`, `fd00::/8`, or one address";

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, SocketAddr};

    use landline_socket::{Address, UnixAddress};
    use proptest::prelude::{any, prop_oneof, proptest};
    use proptest::prop_assert_eq;
    use proptest::strategy::Strategy;

    use super::{Network, Networks, bits};

    fn network(text: &str) -> Network {
        text.parse().unwrap_or_else(|why| panic!("{text}: {why}"))
    }

    fn peer(ip: &str) -> Address {
        SocketAddr::from((ip.parse::<IpAddr>().unwrap(), 4711)).into()
    }

    #[test]
    fn every_form_of_the_grammar() {
        for (typed, printed) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("192.168.1.17/24", "192.168.1.0/24"),
            ("127.0.0.1", "127.0.0.1"),
            ("127.0.0.1/32", "127.0.0.1"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::1", "::1"),
            ("::/0", "::/0"),
            ("fe80::1/10", "fe80::/10"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:127.0.0.1", "127.0.0.1"),
        ] {
            assert_eq!(network(typed).to_string(), printed);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (typed, part) in [
            ("", "the address is missing"),
            ("/8", "the address is missing"),
            ("localhost", "`localhost` is not an IP address"),
            ("10.0.0/8", "`10.0.0` is not an IP address"),
            ("010.0.0.1", "`010.0.0.1` is not an IP address"),
            ("10.0.0.0/", "`` is not a prefix length"),
            ("10.0.0.0/+8", "`+8` is not a prefix length"),
            ("10.0.0.0/8/8", "`8/8` is not a prefix length"),
            ("10.0.0.0/255.0.0.0", "`255.0.0.0` is not a prefix length"),
            ("10.0.0.0/33", "`/33` is out of range: it goes from 0 to 32"),
            ("::/129", "`/129` is out of range: it goes from 0 to 128"),
            ("::/99999999999", "out of range"),
            ("fe80::1%eth0/64", "no interface: `fe80::1` alone"),
            ("::ffff:0.0.0.0/95", "`/95` is too short"),
            ("[::1]", "brackets are for ports: `::1` alone"),
        ] {
            let error = typed.parse::<Network>().unwrap_err();
            assert!(error.contains(part), "{typed}: {error}");
        }
    }

    #[test]
    fn the_families_are_apart_and_mapped_addresses_are_ipv4() {
        let everything_else = network("::/0");
        assert!(!everything_else.contains([127, 0, 0, 1].into()));
        assert!(!everything_else.contains("::ffff:127.0.0.1".parse().unwrap()));
        assert!(network("127.0.0.0/8").contains("::ffff:127.9.9.9".parse().unwrap()));
        assert!(!network("0.0.0.0/0").contains("::1".parse().unwrap()));
    }

    #[test]
    fn deny_wins_and_an_allow_list_means_nobody_else() {
        let list = |texts: &[&str]| texts.iter().map(|text| network(text)).collect();
        let networks = |allowed: &[&str], denied: &[&str]| Networks {
            allowed: list(allowed),
            denied: list(denied),
        };
        let unix = Address::Unix(UnixAddress::Unnamed);

        let anybody = Networks::default();
        assert!(anybody.admits(&peer("192.0.2.1")) && anybody.admits(&unix));

        let some = networks(&["10.0.0.0/8", "::1"], &[]);
        assert!(some.admits(&peer("10.1.1.1")) && some.admits(&peer("::1")));
        assert!(!some.admits(&peer("192.0.2.1")) && !some.admits(&unix));

        let not_those = networks(&[], &["10.0.0.0/8"]);
        assert!(not_those.admits(&peer("192.0.2.1")) && not_those.admits(&unix));
        assert!(!not_those.admits(&peer("::ffff:10.1.1.1")));

        // However narrow what is allowed and however wide what is denied.
        let both = networks(&["10.1.1.1"], &["10.0.0.0/8"]);
        assert!(!both.admits(&peer("10.1.1.1")));
    }

    fn ip() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            any::<[u8; 4]>().prop_map(IpAddr::from),
            any::<[u8; 16]>().prop_map(IpAddr::from),
            any::<[u8; 4]>().prop_map(|ip| Ipv4Addr::from(ip).to_ipv6_mapped().into()),
        ]
    }

    fn octets(ip: IpAddr) -> Vec<u8> {
        match ip {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        }
    }

    proptest! {
        #[test]
        fn a_network_has_what_begins_with_the_same_bits(one in ip(), other in ip(), share in 0_u32..=128, kin in 0_u32..3) {
            let one = one.to_canonical();
            let prefix = share.min(bits(one));
            // Two random addresses share next to nothing, so mostly the other is this one but for a bit: the last
            // of the prefix, or the first behind it.
            let other = match kin {
                0 => other,
                kin => turned(one, (prefix + kin).saturating_sub(2)),
            };
            let bit = |ip: IpAddr, at: usize| octets(ip)[at / 8] >> (7 - at % 8) & 1;
            let canonical = other.to_canonical();
            let same = canonical.is_ipv4() == one.is_ipv4()
                && (0..prefix as usize).all(|at| bit(canonical, at) == bit(one, at));
            prop_assert_eq!(network(&format!("{one}/{prefix}")).contains(other), same);
        }

        #[test]
        fn what_is_printed_is_parsed_again(ip in ip(), share in 0_u32..=128) {
            let ip = ip.to_canonical();
            let network = network(&format!("{ip}/{}", share.min(bits(ip))));
            prop_assert_eq!(network.to_string().parse(), Ok(network));
        }

        #[test]
        fn no_text_panics(text in "[0-9a-f:./%\\[\\]é]{0,40}") {
            let _ = text.parse::<Network>();
        }
    }

    /// With one bit turned.
    fn turned(ip: IpAddr, at: u32) -> IpAddr {
        let at = at.min(bits(ip) - 1);
        match ip {
            IpAddr::V4(ip) => IpAddr::V4((u32::from(ip) ^ 1 << (31 - at)).into()),
            IpAddr::V6(ip) => IpAddr::V6((u128::from(ip) ^ 1 << (127 - at)).into()),
        }
    }
}
