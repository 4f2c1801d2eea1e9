//! A program that talks in our place, one for each peer.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use landline_socket::Socket;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::flow::Flow;
use super::{
    Ending, Entrance, Fault, Gathering, Input, Local, Output, Peer, Report, Served, Talk, Waiting,
};

/// A program, run without a shell. Its stdin and stdout are the peer; its stderr is ours.
///
/// In its environment `LANDLINE_PEER` says who the peer is. It leads a process group of its own, and of our descriptors
/// it has none but those three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// Its arguments, without its name.
    pub arguments: Vec<OsString>,
}

impl Talk {
    /// Waits for one peer, as [`Talk::listen`], and has a program talk with it.
    ///
    /// # Errors
    /// As [`Talk::listen`].
    pub async fn listen_with(
        &self,
        listener: Socket,
        entrance: &Entrance,
        program: &Program,
    ) -> io::Result<Waiting> {
        let talk = async |peer| self.run(peer, program).await;
        self.listen_for(listener, entrance, talk).await
    }

    /// Has a program talk with everybody who comes, one for each, all at once, until it is stopped.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub async fn keep_open_with(
        &self,
        listener: Socket,
        gathering: &Gathering,
        program: &Program,
    ) -> io::Result<Served> {
        let talk = async |peer: Peer| {
            self.run(peer, program).await;
        };
        self.gather(listener, gathering, talk).await
    }

    /// Has a program talk with a peer, each direction to its own end.
    ///
    /// When it has ended, all that it wrote is sent, our side ended, and the peer given 2 s to end its own. When the
    /// peer has gone, or we are stopped, its stdin is closed; 1 s later its group gets SIGHUP and SIGTERM, and
    /// another 2 s later SIGKILL.
    pub async fn run(&self, peer: Peer, program: &Program) -> Report {
        let work = async |flow: &Flow<'_>, peer: Peer| {
            let started = program.start(&peer.name).map_err(Fault::Program);
            let (mut running, local) = started?;
            let ending = tokio::select! {
                ending = supervise(flow, peer, local, &mut running) => ending,
                () = self.stop.stopped() => Err(Fault::Stopped),
            };
            running.end().await;
            ending
        };
        self.tell_of(peer, false, work).await
    }
}

impl Program {
    fn start(&self, peer: &str) -> io::Result<(Running, Local)> {
        let (stdin, to_stdin) = io::pipe()?;
        let (from_stdout, stdout) = io::pipe()?;
        // The command has its ends of the pipes open for as long as it is there, so that is no longer than this.
        let child = Command::new(&self.path)
            .args(&self.arguments)
            .env("LANDLINE_PEER", peer)
            .stdin(stdin)
            .stdout(stdout)
            .stderr(Stdio::inherit())
            .process_group(0)
            .spawn()?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let local = Local {
            input: Input::descriptor(from_stdout.into()),
            output: Output::descriptor(to_stdin.into()),
        };
        Ok((Running { child, group }, local))
    }
}

async fn supervise(
    flow: &Flow<'_>,
    peer: Peer,
    local: Local,
    running: &mut Running,
) -> Result<Ending, Fault> {
    let (mut inlet, mut outlet) = (peer.inlet, peer.outlet);
    let all_sent = Notify::new();
    let out = async {
        let sent = flow.send(local.input, &mut outlet).await;
        all_sent.notify_one();
        sent
    };
    let into = async {
        match flow.receive(&mut inlet, local.output).await {
            // It reads no more, and may still have something to say: a connection that is closed on what was not
            // read is reset.
            Err(Fault::Output(_)) => flow.count(&mut inlet).await,
            outcome => outcome,
        }
    };
    let over = async {
        all_sent.notified().await;
        running.has_ended().await;
        sleep(LINGER).await;
    };
    tokio::select! {
        ending = flow.both(out, into) => ending,
        () = over => Ok(Ending::Waited),
    }
}

/// A program that runs. Dropped, it and what it started are killed.
struct Running {
    child: Child,
    /// `None` once it has been waited for: from then on the number may be somebody else's.
    group: Option<Pid>,
}

impl Running {
    async fn has_ended(&mut self) {
        // What cannot be waited for is not there.
        let _ = self.child.wait().await;
        self.group = None;
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // It may have gone by itself meanwhile.
            let _ = kill_process_group(group, signal);
        }
    }

    /// Sees to its end; its pipes are closed by now.
    async fn end(&mut self) {
        for (signals, patience) in [
            (&[][..], LEAVE),
            (&[Signal::HUP, Signal::TERM][..], OBEY),
            (&[Signal::KILL][..], LEAVE),
        ] {
            for signal in signals {
                self.signal(*signal);
            }
            if timeout(patience, self.has_ended()).await.is_ok() {
                return;
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// How long a peer is given to end its side too.
const LINGER: Duration = Duration::from_secs(2);

/// How long a program may go on without its peer.
const LEAVE: Duration = Duration::from_secs(1);

/// How long it may go on when it was asked to end.
const OBEY: Duration = Duration::from_secs(2);
