//! Fuzz target: any bytes are an address, and what it says of itself in bytes is that address again.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use landline_socket::{Address, Family, UnixAddress};

pub(crate) fn run(data: &[u8]) {
    let address = Address::from_bytes(data);
    let family = data.first_chunk().map_or(Family::UNIX, |family| {
        Family::from_raw(u16::from_ne_bytes(*family).into())
    });
    assert_eq!(address.family(), family);
    let printed = address.to_string();
    assert!(!printed.chars().any(char::is_control), "{printed:?}");
    assert_eq!(address.ip().is_some(), address.port().is_some());
    match address.to_bytes() {
        Ok(bytes) => {
            assert!(bytes.len() <= 128);
            assert_eq!(Address::from_bytes(&bytes), address);
        }
        // The kernel may give one byte more than it is asked to take (unix(7)).
        Err(error) => {
            let is_longest = match &address {
                Address::Unix(UnixAddress::Path(path)) => path.as_os_str().len() == 108,
                Address::Unix(UnixAddress::Abstract(name)) => name.len() > 107,
                _ => false,
            };
            assert!(is_longest, "{error}");
        }
    }
}
