//! `landline echo`: send back what comes.

use std::io;
use std::sync::Arc;

use landline_socket::server::{End, Model, Report};
use landline_tools::base::{Stop, printable_bytes};
use landline_tools::echo::{self, Behaviour, Event, Options};
use serde_json::{Value, json};

use crate::args::{self, Echo};
use crate::exit::{Failure, cannot};
use crate::herald::Herald;
use crate::interrupt;
use crate::listening::listen_on;
use crate::output;
use crate::target::Transport;

/// Serves until it is stopped.
///
/// # Errors
/// When the address cannot be had or served, or stdout cannot be written.
pub(crate) fn run(arguments: &Echo) -> Result<(), Failure> {
    let target = &arguments.target;
    if arguments.close && target.transport == Transport::Datagram {
        return Err(Failure::usage("close", "datagrams have no connection"));
    }
    let descriptors = landline_socket::descriptor_limit::raise()
        .map_err(cannot("raise the limit of open descriptors"))?;
    let listener = listen_on(&target.place, target.transport.kind())?;
    let url = target.transport.url(&listener.address);
    let options = Options {
        behaviour: behaviour(&arguments.behaviour),
        close: arguments.close,
        model: model(arguments.model),
        descriptors,
    };
    let herald = Arc::new(herald(arguments).map_err(cannot("tell what happens"))?);
    let stop = Stop::new();
    interrupt::stops(&stop).map_err(cannot("wait for signals"))?;
    herald.ready(&url).map_err(cannot("print the address"))?;
    let told = Arc::clone(&herald);
    let tell = move |event: &Event<'_>| told.tell(|| as_text(event), || as_json(event));
    let report = echo::run(listener.into_socket(), options, &stop, tell)
        .map_err(cannot(format!("serve {url}")))?;
    herald.tell(|| Some(sum(&report)), || Some(sum_as_json(&report)));
    Ok(())
}

fn herald(wanted: &Echo) -> io::Result<Herald> {
    match (wanted.json, wanted.quiet) {
        (true, _) => Herald::json(),
        (false, true) => Ok(Herald::Quiet),
        (false, false) => Herald::text(),
    }
}

fn behaviour(wanted: &args::Behaviour) -> Behaviour {
    match (&wanted.greet, &wanted.reply) {
        (Some(greeting), _) => Behaviour::Greet(format!("{greeting}\n").into_bytes()),
        (_, Some(template)) => Behaviour::Reply(template.clone()),
        _ if wanted.upper => Behaviour::Upper,
        _ => Behaviour::Echo,
    }
}

fn model(wanted: args::Model) -> Model {
    match wanted {
        args::Model::Single => Model::Single,
        args::Model::Threads => Model::Threads(THREADS),
        args::Model::Select => Model::Readiness,
        args::Model::Async => Model::Tasks,
    }
}

fn as_text(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Connected { peer } => Some(format!("{peer} connected")),
        Event::Ended {
            peer,
            messages,
            bytes,
            end,
        } => Some(format!(
            "{peer} {}: {}, {}",
            reason(end),
            output::counted(*messages, "message"),
            output::counted(*bytes, "byte")
        )),
        Event::Ignored { peer, why } => Some(format!("{peer} is not answered: {why}")),
        _ => None,
    }
}

fn as_json(event: &Event<'_>) -> Option<Value> {
    Some(match event {
        Event::Connected { peer } => json!({"event": "connected", "peer": peer}),
        Event::Message { peer, count, data } => {
            let shown = printable_bytes(&data[..data.len().min(SHOWN_BYTES)]);
            json!({"event": "message", "peer": peer, "count": count, "bytes": data.len(), "data": shown})
        }
        Event::Ended {
            peer,
            messages,
            bytes,
            end,
        } => {
            json!({"event": "ended", "peer": peer, "messages": messages, "bytes": bytes, "why": reason(end)})
        }
        Event::Ignored { peer, why } => {
            json!({"event": "ignored", "peer": peer, "why": why.to_string()})
        }
        _ => return None,
    })
}

fn sum(report: &Report) -> String {
    format!(
        "served {}, {} bytes received, {} sent; {} not served",
        report.accepted, report.received_bytes, report.sent_bytes, report.refused
    )
}

fn sum_as_json(report: &Report) -> Value {
    json!({
        "event": "closed", "served": report.accepted, "refused": report.refused,
        "received": report.received_bytes, "sent": report.sent_bytes,
    })
}

/// Why a connection is over, in a few words.
fn reason(end: &End) -> String {
    match end {
        End::Peer => "has ended".to_owned(),
        End::Closed => "was answered and closed".to_owned(),
        End::Idle => "was idle for too long".to_owned(),
        End::Stopped => "was cut by our end".to_owned(),
        End::Overflow => "would be answered too much at once".to_owned(),
        End::Failed(error) => format!("was lost ({})", error.cause()),
        _ => "was cut".to_owned(),
    }
}

/// More than come at a time to be taught how threads serve; the others wait to be accepted.
const THREADS: usize = 1024;
/// As much of a message as is told.
const SHOWN_BYTES: usize = 256;
