//! What is typed out of habit by who knows `nc` or `ncat`, and what it is here.

use std::env;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// The same error, with what to type instead where it is about a word of `nc`.
pub(crate) fn lead_on(mut error: Error) -> Error {
    let talks = |verb| {
        !["up", "completions", "man"]
            .iter()
            .any(|other| verb == *other)
    };
    if error.kind() == ErrorKind::UnknownArgument
        && env::args_os().nth(1).is_some_and(talks)
        && let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidArg)
        && let Some(tip) = tip(typed)
    {
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    error
}

/// What an argument that is not known here is called here.
fn tip(typed: &str) -> Option<String> {
    if typed.parse::<u16>().is_ok() {
        return Some(format!("host and port are one word: `HOST:{typed}`"));
    }
    let (_, here) = HABITS.iter().find(|(there, _)| *there == typed)?;
    Some(format!("what `nc {typed}` does: {here}"))
}

/// The options of nc and ncat that are not ours, and ours. The newcomers' table is in `docs/talk.md`.
const HABITS: &[(&str, &str)] = &[
    ("-l", "`landline listen 9000`"),
    (
        "-p",
        "`landline listen 9000`, or `landline connect HOST:9000 --source '*:5000'`",
    ),
    ("-u", "`udp://HOST:9000`"),
    ("-U", "`unix:/path`"),
    ("--ssl", "`tls://HOST:9000`"),
    ("-4", "`127.0.0.1:9000`"),
    ("-6", "`[::1]:9000`"),
    ("-w", "`--timeout 5s` to connect, `--idle 5s` from then on"),
    ("-k", "`--keep-open`"),
    ("-e", "`--exec PROGRAM ARGS…`, last on the line"),
    ("-c", "`--exec sh -c COMMAND`, last on the line"),
    ("-C", "`--crlf`"),
    ("-s", "`--source ADDRESS`"),
    ("-x", "`--hex`, or `--record FILE`"),
    ("-N", "nothing to ask for: the end of stdin ends our side"),
    ("-n", "nothing to ask for: an address in digits is no name"),
    ("-v", "nothing to ask for: what happens is said on stderr"),
];
