//! What `listen` and `connect` have in common: our own side, what is said of it, and how it ends.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

use landline_tools::base::message::Frames;
use landline_tools::base::tls::Fingerprint;
use landline_tools::base::{Size, Stop, printable};
use landline_tools::talk::{
    self, Ending, Event, Fault, Holder, Input, Local, Mode, Newline, Options, Output, Report, Talk,
};
use rustix::stdio::{dup2_stdin, dup2_stdout};
use serde_json::json;

use crate::args::{self, Conversation, Part};
use crate::exit::{CUT, FAILED, Failure, INTERRUPTED, TIMED_OUT, cannot};
use crate::scribe::Scribe;
use crate::target::Transport;
use crate::terminal::{self, Prompt, Terminal};
use crate::{herald, interrupt, output};

/// What a conversation is held by, as the user asked for it; `part` is what we are in a simplex one when nobody says,
/// and who sends there begins where one speaks in turns.
///
/// # Errors
/// When there is no such conversation, or signals cannot be waited for.
pub(crate) fn talk(
    wanted: &Conversation,
    transport: Transport,
    part: talk::Part,
) -> Result<Talk, Failure> {
    let frames = frames(wanted, transport)?;
    let stop = Stop::new();
    interrupt::stops(&stop).map_err(cannot("wait for signals"))?;
    let first = match part {
        talk::Part::Sender => Holder::Us,
        talk::Part::Receiver => Holder::Them,
    };
    let mode = match wanted.mode.simplex {
        None if wanted.mode.half => Mode::Half(first),
        None => Mode::Full,
        Some(None) => Mode::Simplex(part),
        Some(Some(Part::Send)) => Mode::Simplex(talk::Part::Sender),
        Some(Some(Part::Receive)) => Mode::Simplex(talk::Part::Receiver),
    };
    let options = Options {
        mode,
        frames,
        idle: wanted.idle,
        wait: wanted.wait,
        newline: match (wanted.line.crlf, wanted.line.no_newline) {
            (true, _) => Newline::CrLf,
            (_, true) => Newline::Nothing,
            _ => Newline::AsItIs,
        },
    };
    let voice = Voice::new(wanted);
    let events = voice.scribe().map_err(cannot("start"))?;
    Ok(Talk {
        options,
        stop,
        tls: None,
        tell: Rc::new(move |event| {
            show(event, mode);
            voice.tell(event, &events);
        }),
        record: record(&wanted.record)?,
    })
}

fn frames(wanted: &Conversation, transport: Transport) -> Result<Option<Frames>, Failure> {
    let Some(format) = wanted.frames else {
        return Ok(None);
    };
    match transport {
        Transport::Stream | Transport::Tls => Ok(Some(Frames::new(format, wanted.limit))),
        Transport::Datagram | Transport::Packet => Err(Failure::usage(
            "speak in frames there",
            "each datagram is a message by itself, without a length in front",
        )),
    }
}

/// Where what passes is kept, if it is.
///
/// # Errors
/// When the file cannot be had.
fn record(wanted: &args::Record) -> Result<Option<talk::Record>, Failure> {
    let file = match &wanted.record {
        Some(path) => {
            let file = File::options().create(true).append(true).open(path);
            Some(file.map_err(cannot(format!("keep a record in {}", path.display())))?)
        }
        None => None,
    };
    let hex = wanted.hex;
    if file.is_none() && !hex {
        return Ok(None);
    }
    let file = RefCell::new(file);
    Ok(Some(Rc::new(move |text: &str| {
        if hex {
            terminal::dump(text);
        }
        let mut file = file.borrow_mut();
        let kept = file.as_mut().map(|file| file.write_all(text.as_bytes()));
        if let Some(Err(error)) = kept {
            // The conversation matters more than its record.
            *file = None;
            output::say(&format!("the record ends here: {error}"));
        }
    })))
}

/// Our own side: stdin and stdout, or the terminal that they are. What is no terminal is closed when its direction
/// ends; in its place stands `/dev/null`.
///
/// # Errors
/// When they cannot be had, for want of descriptors or of `/dev/null`, or the terminal cannot be waited for.
pub(crate) fn local(terminal: &Terminal, wanted: &Conversation) -> Result<Local, Failure> {
    let cannot = cannot::<io::Error>;
    let input = match terminal.input().map_err(cannot("read the terminal"))? {
        Some(typed) => typed,
        None => Input::descriptor(
            taken(&io::stdin(), |nothing| dup2_stdin(nothing)).map_err(cannot("use stdin"))?,
        ),
    };
    let output = match terminal.output() {
        // The dump stands in its place.
        Some(_) if wanted.record.hex => Output::shown(|_| Ok(())),
        Some(shown) => shown,
        None => Output::descriptor(
            taken(&io::stdout(), |nothing| dup2_stdout(nothing)).map_err(cannot("use stdout"))?,
        ),
    };
    Ok(Local { input, output })
}

/// A descriptor of our own for what a standard one is, which becomes nothing.
fn taken(
    standard: &dyn AsFd,
    replace: impl FnOnce(&File) -> rustix::io::Result<()>,
) -> io::Result<OwnedFd> {
    let taken = standard.as_fd().try_clone_to_owned()?;
    replace(&File::options().read(true).write(true).open("/dev/null")?)?;
    Ok(taken)
}

/// Shows on the terminal, if there is one, what becomes of the line that is typed.
fn show(event: &Event<'_>, mode: Mode) {
    match event {
        Event::Began { .. } if mode == Mode::Full || mode == Mode::Simplex(talk::Part::Sender) => {
            terminal::prompt(Prompt::Free);
        }
        Event::Turn { holder: Holder::Us } => terminal::prompt(Prompt::Ours),
        Event::Turn {
            holder: Holder::Them,
        } => terminal::prompt(Prompt::Theirs),
        Event::Held { line } => terminal::held(line),
        Event::Spoken { line } => terminal::spoken(line),
        _ => {}
    }
}

/// How a conversation's report becomes an exit code.
///
/// # Errors
/// When it did not end well.
pub(crate) fn conclude(report: Report) -> Result<(), Failure> {
    let fault = match report.ending {
        Ok(Ending::Both | Ending::Waited) => return Ok(()),
        Err(fault) => fault,
    };
    let code = match &fault {
        // Nobody was there, which datagrams tell only when they are answered.
        Fault::Cut(error)
            if error.kind() == io::ErrorKind::ConnectionRefused && report.received_bytes == 0 =>
        {
            FAILED
        }
        Fault::Cut(_) | Fault::Unsent(_) => CUT,
        Fault::Idle(_) => TIMED_OUT,
        Fault::Stopped => INTERRUPTED,
        // Whoever read our output has had enough: as in any pipe.
        Fault::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
        Fault::Behind(_)
        | Fault::Stalled(_)
        | Fault::Program(_)
        | Fault::Input(_)
        | Fault::Output(_) => return Err(Failure::new("go on", fault)),
    };
    Err(Failure::new("go on", fault).code(code))
}

/// How it is said what happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Voice {
    Quiet,
    Text,
    Json,
}

impl Voice {
    pub(crate) fn new(wanted: &Conversation) -> Self {
        match (wanted.json, wanted.quiet) {
            (true, _) => Self::Json,
            (false, true) => Self::Quiet,
            (false, false) => Self::Text,
        }
    }

    /// Says where we listen.
    pub(crate) fn ready(self, url: &str) {
        match self {
            Self::Json => say_json(&json!({"event": "listening", "address": url})),
            // It is what a script waits for, so quiet does not silence it.
            Self::Quiet | Self::Text => output::say(&format!("listening on {}", printable(url))),
        }
    }

    /// Says that nobody could be reached, and when it is tried again.
    pub(crate) fn again(self, error: &landline_socket::Error, wait: Duration) {
        let wait = output::time(wait);
        match self {
            Self::Quiet => {}
            Self::Json => say_json(&json!({
                "event": "retrying",
                "why": error.to_string(),
                "after": wait,
            })),
            Self::Text => output::say(&format!("{error}; trying again in {wait}")),
        }
    }

    /// Says which certificate was made on the spot, and who connects by it; without that nobody could, so quiet does not
    /// silence it.
    pub(crate) fn certificate(self, made: Fingerprint, invitation: &str) {
        match self {
            Self::Json => say_json(&json!({
                "event": "certificate",
                "fingerprint": made.to_string(),
                "connect": invitation,
            })),
            Self::Quiet | Self::Text => {
                output::say(&format!("certificate made on the spot: {made}"));
                output::say(&format!("connect by: {}", printable(invitation)));
            }
        }
    }

    /// Says what nobody should overlook.
    pub(crate) fn warn(self, warning: &str) {
        match self {
            Self::Json => say_json(&json!({"event": "warning", "text": warning})),
            Self::Quiet | Self::Text => output::say(&format!("warning: {warning}")),
        }
    }

    /// Who writes to stderr what happens: peers make it happen, and a reader of ours who does not read must hold up
    /// none of them.
    fn scribe(self) -> io::Result<Scribe> {
        match self {
            Self::Json => Scribe::with(EVENTS, io::stderr(), herald::missed),
            Self::Quiet | Self::Text => Scribe::new(EVENTS, io::stderr()),
        }
    }

    fn tell(self, event: &Event<'_>, events: &Scribe) {
        let line = match self {
            Self::Quiet => None,
            Self::Json => Some(as_json(event).to_string()),
            Self::Text => as_text(event),
        };
        if let Some(line) = line.filter(|line| !terminal::say(line)) {
            events.write(line);
        }
    }
}

/// The name of the thread that writes what happens.
const EVENTS: &str = "landline-events";

fn say_json(event: &serde_json::Value) {
    output::say(&event.to_string());
}

/// What is said of it, if anything is.
fn as_text(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::Refused { peer } => format!("refused: {peer}, who may not come"),
        Event::Strangers { peer, messages } => {
            format!("dropped: {messages} datagrams that were not from {peer}")
        }
        Event::Insecure { peer, refusal } => format!("refused: {peer}, {refusal}"),
        Event::Began {
            peer,
            session: None,
        } => format!("connected: {peer}"),
        Event::Began {
            peer,
            session: Some(session),
        } => {
            let (version, suite) = (session.version, &session.cipher_suite);
            let shown = session
                .peer
                .map_or_else(String::new, |peer| format!(", certificate {peer}"));
            format!("connected: {peer}, {version}, {suite}{shown}")
        }
        Event::Overfull => "not sent: too much waits for the turn (/take takes it)".to_owned(),
        // The prompt says it.
        Event::Turn { .. } | Event::Held { .. } | Event::Spoken { .. } => return None,
        Event::Ended { peer, report } => {
            let why = report.ending.as_ref().err();
            format!(
                "ended: {peer}, {} sent, {} received{}",
                Size(report.sent_bytes),
                Size(report.received_bytes),
                why.map_or_else(String::new, |fault| format!(": {fault}"))
            )
        }
    })
}

fn as_json(event: &Event<'_>) -> serde_json::Value {
    match event {
        Event::Refused { peer } => json!({"event": "refused", "peer": peer}),
        Event::Strangers { peer, messages } => {
            json!({"event": "dropped", "peer": peer, "messages": messages})
        }
        Event::Insecure { peer, refusal } => json!({
            "event": "refused",
            "peer": peer,
            "why": refusal.to_string(),
        }),
        Event::Began {
            peer,
            session: None,
        } => json!({"event": "connected", "peer": peer}),
        Event::Began {
            peer,
            session: Some(session),
        } => json!({
            "event": "connected",
            "peer": peer,
            "tls": session.version,
            "cipher": session.cipher_suite,
            "certificate": session.peer.map(|peer| peer.to_string()),
        }),
        Event::Turn { holder } => json!({
            "event": "turn",
            "holder": match holder {
                Holder::Us => "us",
                Holder::Them => "them",
            },
        }),
        Event::Held { .. } => json!({"event": "held"}),
        Event::Spoken { .. } => json!({"event": "spoken"}),
        Event::Overfull => json!({"event": "overfull"}),
        Event::Ended { peer, report } => json!({
            "event": "ended",
            "peer": peer,
            "sent": report.sent_bytes,
            "received": report.received_bytes,
            "fault": report.ending.as_ref().err().map(ToString::to_string),
        }),
    }
}
