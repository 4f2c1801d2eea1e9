//! Plays a cell: starts both programs, goes through the steps, and judges what each side heard and how it ended.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use super::cell::{Cell, Mode, Order, Peer, Role, Transport};
use super::peers::{self, Identity, Place};
use super::program::{DEADLINE, Program, START};
use super::transcript::{Step, Words, codes, steps};

/// What the cells of a test share.
pub(super) struct Stage<'s> {
    pub(super) folder: &'s Path,
    pub(super) identity: &'s Identity,
    /// What stands in our place: ours, or what the judge itself is tried on.
    pub(super) ours: fn(Cell, &Place, &Identity) -> Command,
}

/// A conversation under way.
struct Scene {
    cell: Cell,
    ours: Program,
    theirs: Program,
    we_hear: Vec<u8>,
    they_hear: Vec<u8>,
    ahead: Vec<u8>,
    /// For what is heard next.
    deadline: Duration,
}

impl Stage<'_> {
    /// # Errors
    /// What went wrong, and at which step.
    pub(super) fn play(&self, cell: Cell) -> Result<(), String> {
        let mut scene = self.start(cell)?;
        for (at, step) in steps(cell).iter().enumerate() {
            scene.take(step).map_err(|why| {
                let (ours, theirs) = (scene.ours.excuse(), scene.theirs.excuse());
                format!("step {at}, {step:?}: {why}; we{ours}; they{theirs}")
            })?;
        }
        scene.end()
    }

    fn start(&self, cell: Cell) -> Result<Scene, String> {
        let place = Place::fresh(cell.transport, self.folder);
        let ours = || Program::start(&mut (self.ours)(cell, &place, self.identity));
        let theirs = || Program::start(&mut peers::peer(cell, &place, self.identity));
        let standing = |program: Program| match peers::stands(&place, cell.transport) {
            true => Ok(program),
            false => Err(format!("it does not listen{}", program.excuse())),
        };
        let (ours, theirs) = match cell.we {
            Role::Listen => {
                let ours = standing(ours()?)?;
                (ours, theirs()?)
            }
            Role::Connect => {
                let theirs = standing(theirs()?)?;
                (ours()?, theirs)
            }
        };
        Ok(Scene {
            cell,
            ours,
            theirs,
            we_hear: Vec::new(),
            they_hear: Vec::new(),
            ahead: Vec::new(),
            deadline: START,
        })
    }
}

impl Scene {
    fn take(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::We(words) => {
                let bytes = self.give(*words);
                self.arrives(&bytes);
            }
            Step::Ahead(words) => {
                let bytes = self.give(*words);
                self.ahead.extend(bytes);
            }
            Step::Due => {
                let due = std::mem::take(&mut self.ahead);
                self.arrives(&due);
            }
            Step::They(words) => {
                let bytes = words.bytes(self.cell.transport);
                self.theirs.say(&bytes);
                if self.cell.mode != Mode::Send {
                    self.we_hear.extend(bytes);
                }
            }
            Step::Heard => {
                let deadline = self.deadline;
                if !(self.we_hear.is_empty() && self.they_hear.is_empty()) {
                    self.deadline = DEADLINE;
                }
                let ours = self.ours.hears(deadline, &self.we_hear);
                ours.map_err(|why| format!("we heard: {why}"))?;
                let theirs = self.theirs.hears(deadline, &self.they_hear);
                theirs.map_err(|why| format!("they heard: {why}"))?;
            }
            Step::WeEnd => self.ours.end(),
            Step::TheyEnd => self.theirs.end(),
            // Who only sends has an stdout that says nothing anyway.
            Step::Closed if self.cell.mode == Mode::Send => {}
            Step::Closed => {
                let ours = self.ours.heard_all(&self.we_hear);
                ours.map_err(|why| format!("we heard: {why}"))?;
            }
            Step::Cut => self.cut()?,
        }
        Ok(())
    }

    /// Puts words into our stdin.
    fn give(&self, words: Words) -> Vec<u8> {
        let bytes = words.bytes(self.cell.transport);
        self.ours.say(&bytes);
        bytes
    }

    fn arrives(&mut self, bytes: &[u8]) {
        if self.cell.mode != Mode::Receive {
            self.they_hear.extend(bytes);
        }
    }

    /// They go, and we are told so by a reset.
    fn cut(&mut self) -> Result<(), String> {
        if self.cell.transport == Transport::Udp {
            // The kernel answers for who has gone, once something is sent there.
            self.theirs.signal(Signal::KILL);
            self.theirs.code()?;
            self.give(Words::Line("anybody there?\n"));
            return Ok(());
        }
        if self.cell.peer == Peer::Python && self.cell.transport != Transport::Unix {
            self.theirs.signal(Signal::TERM);
            return Ok(());
        }
        if self.cell.mode != Mode::Receive {
            self.theirs.signal(Signal::STOP);
            self.give(Words::Line("anybody there?\n"));
            if !peers::leaves_unread(&self.theirs, self.cell.transport) {
                return Err("nothing is left unread".to_owned());
            }
        }
        self.theirs.signal(Signal::KILL);
        Ok(())
    }

    fn end(mut self) -> Result<(), String> {
        let ours = self.ours.heard_all(&self.we_hear);
        let said = |why: String, program: &Program| format!("{why}{}", program.excuse());
        ours.map_err(|why| said(format!("in the end we heard: {why}"), &self.ours))?;
        let (got, wanted) = (self.ours.code()?, codes(self.cell));
        if !wanted.contains(&got) {
            let why = format!("our exit code is {got}, not {wanted:?}");
            return Err(said(why, &self.ours));
        }
        if self.cell.transport == Transport::Udp || self.cell.order == Order::Cut {
            // They know of no end.
            let theirs = self.theirs.hears(DEADLINE, &self.they_hear);
            return theirs.map_err(|why| format!("in the end they heard: {why}"));
        }
        let theirs = self.theirs.heard_all(&self.they_hear);
        theirs.map_err(|why| said(format!("in the end they heard: {why}"), &self.theirs))?;
        self.theirs.code().map(|_| ())
    }
}
