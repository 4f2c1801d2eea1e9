//! What is typed: read on a thread of its own, which also hears of a new size and of Ctrl-Z.

use std::future::pending;
use std::io;
use std::os::fd::AsFd as _;

use landline_socket::AsyncDescriptor;
use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{desk, key, mode};

/// The lines that are typed, without their ends.
pub(super) fn lines() -> io::Result<Receiver<Vec<u8>>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let (sender, receiver) = channel(LINES_WAITING);
    let keyboard = {
        let _inside = runtime.enter();
        Keyboard::new(sender)?
    };
    std::thread::Builder::new()
        .name("landline-terminal".to_owned())
        .spawn(move || runtime.block_on(keyboard.read()))?;
    Ok(receiver)
}

struct Keyboard {
    terminal: AsyncDescriptor,
    /// Where lines go, until nothing more is typed.
    typed: Option<Sender<Vec<u8>>>,
    /// The beginning of a line that the kernel edits.
    begun: Vec<u8>,
    resized: Signals,
    stopped: Signals,
    continued: Signals,
}

impl Keyboard {
    fn new(typed: Sender<Vec<u8>>) -> io::Result<Self> {
        let terminal = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Self {
            terminal: AsyncDescriptor::new(terminal)?,
            typed: Some(typed),
            begun: Vec::new(),
            resized: signal(SignalKind::window_change())?,
            stopped: signal(SignalKind::from_raw(Signal::TSTP.as_raw()))?,
            continued: signal(SignalKind::from_raw(Signal::CONT.as_raw()))?,
        })
    }

    async fn read(mut self) {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            tokio::select! {
                read = self.terminal.read(&mut buffer), if self.typed.is_some() => {
                    // A terminal that is gone types nothing.
                    self.take(&buffer[..read.unwrap_or(0)]).await;
                }
                // Nobody wants more.
                () = closed(self.typed.as_ref()) => self.end(),
                _ = self.resized.recv() => desk::resize(),
                _ = self.stopped.recv() => {
                    mode::restore();
                    let _ = kill_process(getpid(), Signal::STOP);
                }
                _ = self.continued.recv() => {
                    if desk::is_open() && mode::set().is_ok() {
                        desk::resize();
                    }
                }
            }
        }
    }

    async fn take(&mut self, bytes: &[u8]) {
        let lines = match desk::press(bytes) {
            Some(_) if bytes.is_empty() => vec![None],
            Some(lines) => lines
                .into_iter()
                .map(|line| line.map(|line| key::bytes(&line)))
                .collect(),
            None => self.edited_by_kernel(bytes),
        };
        for line in lines {
            let (Some(line), Some(typed)) = (line, &self.typed) else {
                return self.end();
            };
            if typed.send(line).await.is_err() {
                return self.end();
            }
        }
    }

    /// Nothing at all is the end, as Ctrl-D makes it.
    fn edited_by_kernel(&mut self, bytes: &[u8]) -> Vec<Option<Vec<u8>>> {
        let mut lines = Vec::new();
        self.begun.extend_from_slice(bytes);
        while let Some(end) = self.begun.iter().position(|&byte| byte == b'\n') {
            let rest = self.begun.split_off(end + 1);
            self.begun.truncate(end);
            lines.push(Some(std::mem::replace(&mut self.begun, rest)));
        }
        if bytes.is_empty() {
            if !self.begun.is_empty() {
                lines.push(Some(std::mem::take(&mut self.begun)));
            }
            lines.push(None);
        }
        lines
    }

    fn end(&mut self) {
        self.typed = None;
        desk::end();
    }
}

async fn closed(typed: Option<&Sender<Vec<u8>>>) {
    match typed {
        Some(typed) => typed.closed().await,
        None => pending().await,
    }
}

/// Lines that may wait to be sent.
const LINES_WAITING: usize = 64;
/// What one read takes at most: what a kernel's line may have.
const READ_BYTES: usize = 4096;
