//! The programs the tests need from outside, installed from Debian's packages where that is possible.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use crate::process::{find, run, says};

struct Need {
    package: &'static str,
    purpose: &'static str,
    is_there: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need {
        package: "chromium",
        purpose: "the browser tests",
        is_there: || find("chromium").is_some(),
    },
    Need {
        package: "netcat-openbsd",
        purpose: "nc as a member of the room and a peer of listen and connect (OpenBSD's, not the traditional one)",
        is_there: || says("nc", &["-h"]).is_some_and(|help| is_openbsd(&help)),
    },
    Need {
        package: "ncat",
        purpose: "a peer of listen and connect, and one side of the talk benchmark",
        is_there: || says("ncat", &["--version"]).is_some_and(|said| said.contains("Ncat")),
    },
    Need {
        package: "socat",
        purpose: "a peer of listen and connect, and one side of the talk benchmark",
        is_there: || says("socat", &["-V"]).is_some_and(|said| said.contains("WITH_OPENSSL 1")),
    },
    Need {
        package: "openssl",
        purpose: "certificates for peers that speak TLS, and a judge of ours",
        is_there: || find("openssl").is_some(),
    },
    Need {
        package: "iperf3",
        purpose: "the throughput shown beside the talk benchmark",
        is_there: || find("iperf3").is_some(),
    },
    Need {
        package: "curl",
        purpose: "a judge of the HTTP server",
        is_there: || find("curl").is_some(),
    },
    Need {
        package: "python3",
        purpose: "peers that are a user's first script, and a reader of our archives",
        is_there: || {
            says("python3", &["-c", "import socket, ssl, zipfile"])
                .is_some_and(|said| said.is_empty())
        },
    },
    Need {
        package: "netbase",
        purpose: "the tables of services and protocols",
        is_there: || {
            ["/etc/services", "/etc/protocols"]
                .iter()
                .all(|table| Path::new(table).exists())
        },
    },
    Need {
        package: "iproute2",
        purpose: "ip, which brings up the loopback of a network that a test made",
        is_there: || find("ip").is_some(),
    },
    Need {
        package: "bsdutils",
        purpose: "script, which gives a program a terminal",
        is_there: || find("script").is_some(),
    },
    Need {
        package: "xxd",
        purpose: "a reader of our records",
        is_there: || find("xxd").is_some(),
    },
    Need {
        package: "gcc",
        purpose: "a C compiler for what dependencies write in C or assembly",
        is_there: || find("cc").is_some(),
    },
];

/// The traditional netcat and nmap's ncat answer to `nc` too, with other flags.
fn is_openbsd(help: &str) -> bool {
    help.contains("OpenBSD netcat")
}

/// Installs what is missing, and says so.
///
/// # Errors
/// If something is missing and cannot be installed here: the text says what to install.
pub(crate) fn ensure() -> Result<(), String> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.is_there)()).collect();
    if missing.is_empty() {
        println!("nothing is missing");
        return Ok(());
    }
    for need in &missing {
        println!("missing: {} for {}", need.package, need.purpose);
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let by_hand = format!(
        "install by hand: apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    if !is_root() || find("apt-get").is_none() {
        return Err(format!(
            "only root on a Debian system can install packages; {by_hand}"
        ));
    }
    println!("installing from Debian's packages: {}", packages.join(" "));
    install(&packages).map_err(|why| format!("{why}; {by_hand}"))?;
    match missing.iter().find(|need| !(need.is_there)()) {
        None => Ok(()),
        Some(need) => Err(format!(
            "{} is installed, but PATH finds another program in its place",
            need.package
        )),
    }
}

/// Whether we may install: what we are in the kernel's eyes is the owner of our own folder in `/proc`.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn install(packages: &[&str]) -> Result<(), String> {
    run(Command::new("apt-get").args(["-q", "update"]))?;
    run(Command::new("apt-get")
        .args(["-q", "install", "-y", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

#[cfg(test)]
mod tests {
    use super::is_openbsd;

    #[test]
    fn only_the_openbsd_netcat_will_do() {
        assert!(is_openbsd(
            "OpenBSD netcat (Debian patchlevel 1.219-1)\nusage: nc [-46CDdFhklNnrStUuvZz]"
        ));
        assert!(!is_openbsd(
            "[v1.10-47]\nconnect to somewhere: nc [-options]"
        ));
        assert!(!is_openbsd("Ncat 7.93 ( https://nmap.org/ncat )"));
    }
}
