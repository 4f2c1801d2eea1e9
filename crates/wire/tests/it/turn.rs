//! Turns: never two holders while each speaks only in its turn, and nothing typed is lost in silence.

use std::collections::VecDeque;

use bytes::Bytes;
use landline_wire::turn::{Full, Heard, Holder, Step, Turn};
use proptest::prelude::*;

fn ours() -> Turn {
    Turn::new(Holder::Us, 100)
}

fn theirs() -> Turn {
    Turn::new(Holder::Them, 100)
}

fn send(line: &'static str) -> Option<Step> {
    Some(Step::Send(line.into()))
}

#[test]
fn a_line_passes_the_turn_and_a_line_brings_it_back() {
    let mut turn = ours();
    turn.hold("one\n".into()).unwrap();
    turn.hold("two\n".into()).unwrap();
    assert_eq!(turn.next_step(), send("one\n"));
    assert_eq!((turn.holder(), turn.next_step()), (Holder::Them, None));
    assert_eq!(turn.unsent(), 1);
    assert_eq!(turn.receive(b"an"), Heard::Beginning);
    assert_eq!(turn.next_step(), None, "not before the newline");
    assert_eq!(turn.receive(b"swer\nand more"), Heard::Line);
    assert_eq!(turn.next_step(), send("two\n"));
    assert_eq!(turn.unsent(), 0);
}

#[test]
fn quiet_passes_what_has_no_newline_and_nothing_else() {
    let mut turn = theirs();
    assert!(!turn.quiet(), "nothing was said yet");
    assert_eq!(turn.receive(b"login: "), Heard::Beginning);
    assert!(turn.awaits_quiet());
    assert!(turn.quiet());
    assert_eq!(turn.holder(), Holder::Us);
    assert!(!turn.awaits_quiet() && !turn.quiet());
    turn.hold("me".into()).unwrap();
    assert_eq!(turn.next_step(), send("me"));
    assert!(!turn.quiet(), "their last turn does not count for this one");
}

#[test]
fn an_empty_line_passes_it() {
    let mut turn = ours();
    turn.hold("\n".into()).unwrap();
    assert_eq!(turn.next_step(), send("\n"));
    assert_eq!(turn.holder(), Holder::Them);
}

#[test]
fn what_comes_out_of_turn_leaves_the_turn_where_it_is() {
    let mut turn = ours();
    assert_eq!(turn.receive(b"welcome\n"), Heard::OutOfTurn);
    assert_eq!(turn.holder(), Holder::Us);
    assert!(!turn.quiet());
}

#[test]
fn two_who_both_hold_it_are_one_again_after_one_line() {
    let (mut a, mut b) = (ours(), ours());
    a.hold("a\n".into()).unwrap();
    a.next_step();
    assert_eq!(b.receive(b"a\n"), Heard::OutOfTurn);
    assert_eq!((a.holder(), b.holder()), (Holder::Them, Holder::Us));
}

#[test]
fn a_lost_turn_can_be_taken_and_the_line_that_waited_leaves() {
    let mut turn = ours();
    turn.hold("lost\n".into()).unwrap();
    turn.next_step();
    turn.hold("again\n".into()).unwrap();
    assert_eq!(turn.next_step(), None);
    assert!(turn.take());
    assert_eq!(turn.next_step(), send("again\n"));
    assert!(turn.take() && !turn.take(), "only from them");
}

#[test]
fn our_side_ends_in_our_turn_after_all_that_was_typed() {
    let mut turn = theirs();
    turn.hold("last\n".into()).unwrap();
    turn.finish();
    assert_eq!(turn.hold("later\n".into()), Err(Full));
    assert_eq!(turn.next_step(), None);
    turn.receive(b"go\n");
    assert_eq!(turn.next_step(), send("last\n"));
    assert_eq!(turn.next_step(), None, "the end has a turn of its own");
    turn.receive(b"go\n");
    assert_eq!(turn.next_step(), Some(Step::Finish));
    assert_eq!(turn.next_step(), None);
    assert_eq!(
        turn.receive(b"a word\n"),
        Heard::Line,
        "they may still speak"
    );
    assert!(!turn.take() && turn.holder() == Holder::Them);
}

#[test]
fn a_goodbye_takes_the_turn_and_what_is_held_leaves_before_it() {
    let mut turn = theirs();
    turn.hold("first\n".into()).unwrap();
    turn.hold_last("quit\n".into()).unwrap();
    assert_eq!(turn.hold("later\n".into()), Err(Full));
    assert_eq!(turn.holder(), Holder::Us);
    assert_eq!(turn.next_step(), send("first\n"));
    assert_eq!(turn.next_step(), send("quit\n"));
    assert_eq!(turn.next_step(), Some(Step::Finish));
    assert_eq!((turn.next_step(), turn.holder()), (None, Holder::Them));
}

#[test]
fn a_peer_that_ends_in_its_turn_leaves_it_to_us_for_good() {
    let mut turn = theirs();
    for line in ["one\n", "two\n"] {
        turn.hold(line.into()).unwrap();
    }
    assert_eq!(turn.next_step(), None);
    turn.end();
    assert_eq!(turn.unsent(), 2, "known to who gives up here");
    assert_eq!(turn.next_step(), send("one\n"));
    assert_eq!(turn.next_step(), send("two\n"));
    turn.finish();
    assert_eq!(turn.next_step(), Some(Step::Finish));
}

#[test]
fn lines_that_wait_are_bounded() {
    let mut turn = Turn::new(Holder::Us, 10);
    turn.hold("a line of any length need not wait\n".into())
        .unwrap();
    turn.next_step();
    turn.hold("123456789\n".into()).unwrap();
    assert_eq!(turn.hold("x".into()), Err(Full));
    assert_eq!(turn.unsent(), 1);
}

/// What happens next between two machines.
#[derive(Clone, Debug)]
enum Happening {
    Typed(usize),
    /// So many bytes arrive at one of them.
    Arrives(usize, usize),
    /// Nothing is on the way, for longer than the quiet.
    Quiet,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0..2usize).prop_map(Happening::Typed),
        (0..2usize, 1..6usize).prop_map(|(at, bytes)| Happening::Arrives(at, bytes)),
        Just(Happening::Quiet),
    ]
}

struct Pair {
    turns: [Turn; 2],
    /// What is on the way to each.
    wires: [VecDeque<u8>; 2],
    sent: [Vec<u8>; 2],
}

impl Pair {
    fn new() -> Self {
        Self {
            turns: [Holder::Us, Holder::Them].map(|first| Turn::new(first, usize::MAX)),
            wires: Default::default(),
            sent: Default::default(),
        }
    }

    fn send(&mut self, from: usize) {
        while let Some(Step::Send(line)) = self.turns[from].next_step() {
            self.sent[from].extend(&line);
            self.wires[1 - from].extend(&line);
        }
    }

    fn arrive(&mut self, at: usize, bytes: usize) {
        let bytes = bytes.min(self.wires[at].len());
        let chunk: Vec<u8> = self.wires[at].drain(..bytes).collect();
        if !chunk.is_empty() {
            assert_ne!(self.turns[at].receive(&chunk), Heard::OutOfTurn);
        }
        self.send(at);
    }

    fn quiet(&mut self) {
        for at in 0..2 {
            self.arrive(at, usize::MAX);
        }
        for at in 0..2 {
            self.turns[at].quiet();
        }
        for at in 0..2 {
            self.send(at);
        }
    }

    fn holders(&self) -> usize {
        let holds = |turn: &&Turn| turn.holder() == Holder::Us;
        self.turns.iter().filter(holds).count()
    }
}

proptest! {
    #[test]
    fn never_two_holders_and_everything_typed_leaves_in_order(
        newline in any::<bool>(),
        happenings in proptest::collection::vec(happening(), 0..80),
    ) {
        let mut pair = Pair::new();
        let mut typed = [Vec::new(), Vec::new()];
        for (n, happening) in happenings.into_iter().enumerate() {
            match happening {
                Happening::Typed(at) => {
                    let line = format!("line {n}{}", if newline { "\n" } else { "" });
                    typed[at].extend(line.as_bytes());
                    pair.turns[at].hold(Bytes::from(line)).unwrap();
                    pair.send(at);
                }
                Happening::Arrives(at, bytes) => pair.arrive(at, bytes),
                Happening::Quiet => pair.quiet(),
            }
            prop_assert!(pair.holders() <= 1);
        }
        // What still waits leaves as the turn goes to and fro: each lets it go with an empty line.
        while pair.turns.iter().any(|turn| turn.unsent() > 0) {
            pair.quiet();
            prop_assert!(pair.holders() <= 1);
            let holder = pair.turns.iter().position(|turn| turn.holder() == Holder::Us);
            if let Some(at) = holder {
                typed[at].push(b'\n');
                pair.turns[at].hold("\n".into()).unwrap();
                pair.send(at);
            }
        }
        prop_assert_eq!(typed, pair.sent);
    }
}
