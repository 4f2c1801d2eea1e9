//! Says something to a group and hears it, on loopback: `cargo run -p landline-socket --example group`.
#![allow(
    clippy::print_stdout,
    dead_code,
    reason = "an example prints; its test calls `talk` alone"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use landline_socket::{Family, Kind, Protocol, Result, Socket};

const GROUP: Ipv4Addr = Ipv4Addr::new(239, 77, 3, 4);
const LOOPBACK: u32 = 1;

fn main() -> Result<()> {
    println!("heard {:?}", talk("hello, all")?);
    Ok(())
}

/// What a member hears of what is said to the group.
pub(crate) fn talk(text: &str) -> Result<String> {
    // On the port that the kernel picks; several members of one machine would share it by `set_reuse_address`.
    let member = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    member.set_timeout(Duration::from_secs(1))?;
    member.bind(&SocketAddr::from((GROUP, 0)).into())?;
    member.join_group(GROUP.into(), LOOPBACK)?;

    let speaker = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    speaker.set_multicast_interface_v4(Ipv4Addr::LOCALHOST)?;
    // No further than this machine.
    speaker.set_multicast_ttl(0)?;
    speaker.send_to(text.as_bytes(), &member.local_address()?)?;

    let mut buffer = [0; 1500];
    let received = member.recv(&mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..received]).into_owned())
}
