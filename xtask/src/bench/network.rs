//! A network of the benchmark's own: nobody else's ports, and a congestion control that does not pace.
//!
//! BBR, the default of some machines, spaces out what it sends, and so bounds bulk on loopback by its estimate of the network
//! instead of by the programs. A namespace can choose for itself, and Reno is always there.

use std::fs;
use std::process::Command;

use crate::process::run;

const CONGESTION_CONTROL: &str = "/proc/sys/net/ipv4/tcp_congestion_control";
const OURS: &str = "reno";

/// Whether we are in it.
pub(crate) fn is_own() -> bool {
    let alone = fs::read_to_string("/proc/net/dev").is_ok_and(|devices| {
        devices
            .lines()
            .skip(2)
            .all(|line| line.trim_start().starts_with("lo:"))
    });
    alone && fs::read_to_string(CONGESTION_CONTROL).is_ok_and(|chosen| chosen.trim() == OURS)
}

/// Runs this command of ours again, in it.
///
/// # Errors
/// If the machine lets us have none, or what is run there fails.
pub(crate) fn enter(arguments: &[&str]) -> Result<(), String> {
    let own = std::env::current_exe().map_err(|why| format!("cannot find ourselves: {why}"))?;
    let script =
        format!("ip link set lo up; echo {OURS} > {CONGESTION_CONTROL}; exec \"$0\" \"$@\"");
    run(Command::new("unshare")
        .args(["--map-root-user", "--net", "sh", "-ec", &script])
        .arg(own)
        .args(arguments))
}
