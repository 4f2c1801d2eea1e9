//! What is said in a cell, step by step, and how it must end.

use super::cell::{Cell, Mode, Order, Role, Transport};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// We say it.
    We(Words),
    /// They say it.
    They(Words),
    /// We are given it to say while the turn is theirs.
    Ahead(Words),
    /// What we were given ahead may go now.
    Due,
    /// Each side has heard all that was said to it, and nothing else.
    Heard,
    /// Our input ends.
    WeEnd,
    /// Their input ends.
    TheyEnd,
    /// They have ended, so our stdout is closed, while our input goes on.
    Closed,
    /// They reset the connection.
    Cut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// Lines, one of them empty, one with a carriage return, one with a NUL.
    Lines,
    /// No final newline.
    Rest,
    /// Far more than pipes and sockets hold at once, where there is a stream for it.
    Bulk,
    /// A turn.
    Line(&'static str),
}

impl Words {
    pub(super) fn bytes(self, transport: Transport) -> Vec<u8> {
        match self {
            Self::Lines => b"first\n\nwith a return\r\na \0 in it\n".to_vec(),
            Self::Rest => b"\xff\xfe and no newline".to_vec(),
            Self::Bulk => {
                let size = if transport == Transport::Udp {
                    999
                } else {
                    200_000
                };
                // Of a prime period, so that a block that is lost or doubled shows.
                (0..size).map(|at: u32| (at % 251) as u8).collect()
            }
            Self::Line(line) => line.as_bytes().to_vec(),
        }
    }
}

/// The steps of a cell.
pub(super) fn steps(cell: Cell) -> Vec<Step> {
    let mut steps = match cell.mode {
        Mode::Half => turns(cell),
        _ => talk(cell),
    };
    if cell.they_quit_at_our_end() && cell.order == Order::OursFirst {
        let told = match cell.mode {
            // Who only receives does not tell its end.
            Mode::Receive => steps.len(),
            // It waits for our turn.
            Mode::Half => steps.len() - 1,
            _ => position(&steps, &Step::WeEnd),
        };
        let mut at = 0..;
        let is_theirs = |step: &Step| matches!(step, Step::They(_) | Step::TheyEnd);
        steps.retain(|step| at.next() < Some(told) || !is_theirs(step));
    }
    if cell.they_end_tls_by_a_cut() {
        // Nothing can follow it.
        steps.truncate(position(&steps, &Step::TheyEnd) + 1);
    }
    steps
}

fn position(steps: &[Step], wanted: &Step) -> usize {
    let found = steps.iter().position(|step| step == wanted);
    found.unwrap_or(steps.len())
}

/// Full and simplex: in simplex both speak too, and who should not is not heard.
fn talk(cell: Cell) -> Vec<Step> {
    use {Step::*, Words::*};
    // Over UDP who connects speaks first: nobody knows of it before.
    let mut steps = match cell.we {
        Role::Connect if cell.never_heard_of_them() => vec![We(Lines), Heard],
        Role::Connect => vec![We(Lines), Heard, They(Lines), Heard],
        Role::Listen => vec![They(Lines), Heard, We(Lines), Heard],
    };
    steps.extend(match cell.order {
        Order::OursFirst => vec![We(Bulk), WeEnd, Heard, They(Rest), Heard, TheyEnd],
        // Where we only send, our output does not tell when their end has been said.
        Order::TheirsFirst
            if cell.mode == Mode::Send && cell.they_lose_what_comes_as_they_end() =>
        {
            vec![They(Bulk), We(Rest), Heard, TheyEnd, WeEnd]
        }
        Order::TheirsFirst => vec![They(Bulk), TheyEnd, Closed, We(Rest), WeEnd],
        Order::Together if cell.they_lose_what_comes_as_they_end() => {
            vec![They(Bulk), Heard, We(Bulk), Heard, WeEnd, TheyEnd]
        }
        Order::Together => vec![They(Bulk), Heard, We(Bulk), WeEnd, TheyEnd],
        Order::Cut => vec![Cut],
    });
    steps
}

/// Half duplex: who connects has the first turn, and a line passes it.
fn turns(cell: Cell) -> Vec<Step> {
    use {Step::*, Words::*};
    let mut steps = match cell.we {
        Role::Connect => vec![We(Line("one\n")), Ahead(Line("three\n"))],
        Role::Listen => vec![
            Ahead(Line("two\n")),
            They(Line("one\n")),
            Due,
            Ahead(Line("four\n")),
        ],
    };
    steps.push(Heard);
    steps.extend(match cell.order {
        // A turn without a newline passes after a moment's quiet. Our end waits for its turn as well.
        Order::OursFirst => vec![
            WeEnd,
            They(Rest),
            Due,
            Heard,
            They(Line("late\n")),
            Heard,
            TheyEnd,
        ],
        // Nothing can follow its end, so all is said before.
        Order::TheirsFirst if cell.they_end_tls_by_a_cut() => {
            vec![They(Line("next\n")), Due, Heard, TheyEnd]
        }
        // The turn of who has ended is ours.
        Order::TheirsFirst => vec![They(Bulk), TheyEnd, Closed, Due, Heard, We(Bulk), WeEnd],
        Order::Together => vec![They(Line("next\n")), Due, Heard, WeEnd, TheyEnd],
        Order::Cut => vec![
            They(Line("next\n")),
            Due,
            Heard,
            They(Line("ours again\n")),
            Heard,
            Cut,
        ],
    });
    steps
}

/// What our exit code may be, by the truth table in `docs/talk.md`.
pub(super) fn codes(cell: Cell) -> &'static [i32] {
    const DONE: i32 = 0;
    const FAILED: i32 = 1;
    const CUT: i32 = 3;
    const TIMED_OUT: i32 = 4;
    let is_told = cell.mode != Mode::Receive;
    match (cell.order, cell.transport) {
        // Nobody was there, for all we know.
        (Order::Cut, _) if cell.never_heard_of_them() => &[FAILED],
        (Order::Cut, _) => &[CUT],
        (Order::OursFirst, _) if cell.they_quit_at_our_end() && is_told => &[DONE],
        // Whether it ends by itself or quits at our end is decided by which it sees first.
        (Order::Together, _)
            if cell.they_end_tls_by_a_cut() && cell.they_quit_at_our_end() && is_told =>
        {
            &[DONE, CUT]
        }
        _ if cell.they_end_tls_by_a_cut() => &[CUT],
        // Nothing but silence ends it.
        (_, Transport::Udp) if cell.mode == Mode::Receive => &[TIMED_OUT],
        _ => &[DONE],
    }
}
