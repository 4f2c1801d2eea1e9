//! The matrix: Landline and the programs that others wrote, over each transport, in each mode, to each end.

mod cell;
mod judge;
mod peers;
mod play;
mod program;
mod transcript;

use std::sync::Mutex;
use std::thread;

use cell::{Cell, PEERS, Peer, TRANSPORTS, Transport, cells};
use peers::Identity;
use play::Stage;

/// How many cells of one test go at once.
const AT_ONCE: usize = 8;

/// Plays every cell; the failures, each with its cell's name.
fn failures(stage: &Stage<'_>, cells: &[Cell]) -> Vec<String> {
    let waiting = Mutex::new(cells.iter());
    let failed = Mutex::new(Vec::new());
    let next = || waiting.lock().unwrap().next();
    let play = || {
        while let Some(cell) = next() {
            if let Err(why) = stage.play(*cell) {
                failed.lock().unwrap().push(format!("{cell}: {why}"));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(play);
        }
    });
    failed.into_inner().unwrap()
}

#[track_caller]
fn holds(peer: Peer, transport: Transport) {
    let folder = tempfile::tempdir().unwrap();
    let identity = Identity::new(folder.path());
    let stage = Stage {
        folder: folder.path(),
        identity: &identity,
        ours: peers::landline,
    };
    let possible = cells(peer, transport).filter(|cell| cell.impossible().is_none());
    let possible: Vec<Cell> = possible.collect();
    let failures = failures(&stage, &possible);
    assert!(
        failures.is_empty(),
        "{} of {} cells:\n{}",
        failures.len(),
        possible.len(),
        failures.join("\n")
    );
}

macro_rules! matrix {
    ($($name:ident: $peer:ident over $transport:ident;)+) => {
        $(
            #[test]
            fn $name() {
                holds(Peer::$peer, Transport::$transport);
            }
        )+

        /// Every pair that has a test.
        const PAIRS: &[(Peer, Transport)] = &[$((Peer::$peer, Transport::$transport)),+];
    };
}

matrix! {
    nc_over_tcp: Nc over Tcp;
    nc_over_udp: Nc over Udp;
    nc_over_unix: Nc over Unix;
    ncat_over_tcp: Ncat over Tcp;
    ncat_over_udp: Ncat over Udp;
    ncat_over_unix: Ncat over Unix;
    ncat_over_tls: Ncat over Tls;
    socat_over_tcp: Socat over Tcp;
    socat_over_udp: Socat over Udp;
    socat_over_unix: Socat over Unix;
    socat_over_tls: Socat over Tls;
    python_over_tcp: Python over Tcp;
    python_over_udp: Python over Udp;
    python_over_unix: Python over Unix;
    python_over_tls: Python over Tls;
}

#[test]
fn no_cell_is_missing() {
    let mut run = 0;
    let mut impossible = 0;
    for peer in PEERS {
        for transport in TRANSPORTS {
            let possible = cells(peer, transport).filter(|cell| cell.impossible().is_none());
            let possible = possible.count();
            assert_eq!(PAIRS.contains(&(peer, transport)), possible > 0);
            run += possible;
            impossible += cells(peer, transport).count() - possible;
        }
    }
    assert_eq!(run + impossible, 4 * 4 * 4 * 4 * 2);
    // Who makes a cell impossible says so here too.
    assert_eq!((run, impossible), (390, 122));
}
