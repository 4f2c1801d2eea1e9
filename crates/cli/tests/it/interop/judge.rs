//! The judge itself, tried on programs that others wrote in our place: it can pass, and it can fail.

use std::process::Command;

use super::cell::{Cell, Mode, Order, Peer, Transport, cells};
use super::failures;
use super::peers::{self, Identity, Place};
use super::play::Stage;

fn stand_in(cell: Cell, place: &Place, identity: &Identity) -> Command {
    peers::socat(cell.transport, cell.we, place, identity)
}

/// Ends as soon as one direction has.
fn hasty(cell: Cell, place: &Place, identity: &Identity) -> Command {
    let mut command = stand_in(cell, place, identity);
    let arguments: Vec<_> = command.get_args().skip(2).map(ToOwned::to_owned).collect();
    command = Command::new("socat");
    command.args(["-t", "0"]).args(arguments);
    command
}

/// Says that it was cut when it was not.
fn gloomy(cell: Cell, place: &Place, identity: &Identity) -> Command {
    let inner = stand_in(cell, place, identity);
    let mut command = Command::new("sh");
    command.args(["-c", "\"$@\"; exit 3", "sh"]);
    command.arg(inner.get_program()).args(inner.get_args());
    command
}

/// Which of these cells fail when that stands in our place.
fn verdicts(
    ours: fn(Cell, &Place, &Identity) -> Command,
    wanted: impl Fn(&Cell) -> bool,
) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let identity = Identity::new(folder.path());
    let stage = Stage {
        folder: folder.path(),
        identity: &identity,
        ours,
    };
    let transports = [Transport::Tcp, Transport::Unix];
    let all = transports
        .into_iter()
        .flat_map(|transport| cells(Peer::Nc, transport));
    let all: Vec<Cell> = all.filter(wanted).collect();
    failures(&stage, &all)
}

#[test]
fn it_passes_socat_and_nc_where_they_do_as_we_do() {
    let failures = verdicts(stand_in, |cell| {
        // socat keeps its stdout open when the peer has ended, and has no code for a cut.
        cell.mode == Mode::Full && matches!(cell.order, Order::OursFirst | Order::Together)
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn it_sees_an_answer_that_is_lost_at_the_end() {
    let failures = verdicts(hasty, |cell| {
        cell.mode == Mode::Full && cell.order == Order::TheirsFirst
    });
    assert_eq!(failures.len(), 4, "{failures:#?}");
}

#[test]
fn it_sees_who_talks_out_of_turn_or_the_wrong_way() {
    for mode in [Mode::Half, Mode::Send, Mode::Receive] {
        let failures = verdicts(stand_in, |cell| {
            cell.mode == mode && cell.order == Order::Together
        });
        assert_eq!(failures.len(), 4, "{failures:#?}");
        let heard = failures.iter().all(|failure| failure.contains("heard"));
        assert!(heard, "{failures:#?}");
    }
}

#[test]
fn it_sees_a_wrong_exit_code() {
    let failures = verdicts(gloomy, |cell| {
        cell.mode == Mode::Full && cell.order == Order::Together
    });
    assert_eq!(failures.len(), 4, "{failures:#?}");
    let code = |failure: &String| failure.contains("exit code is 3, not [0]");
    assert!(failures.iter().all(code), "{failures:#?}");
}
