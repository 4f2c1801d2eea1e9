//! The socket library, beside C, CPython and tokio's own sockets.

mod accept;
mod call;
mod datagram;
mod echo;

use crate::Result;

/// Runs one case: what it measures of us is in bench/README.md.
pub(crate) fn run(case: &[&str]) -> Result {
    match case {
        ["pair", "never", count] => call::pair(None, count.parse()?),
        ["pair", "timeout", count] => call::pair(Some(call::TIMEOUT), count.parse()?),
        ["would-block", count] => call::would_block(count.parse()?),
        ["echo", "ours"] => echo::ours(),
        ["echo", "selector"] => echo::selector(),
        ["echo", "stream"] => echo::stream(),
        ["echo", "tokio"] => echo::tokios(),
        ["accept", "blocking"] => accept::blocking(),
        ["accept", "ours"] => accept::ours(),
        ["accept", "tokio"] => accept::tokios(),
        ["udp", how, size, milliseconds] => {
            datagram::one_way(how.parse()?, size.parse()?, milliseconds.parse()?)
        }
        other => Err(format!("no such case: {}", other.join(" ")).into()),
    }
}
