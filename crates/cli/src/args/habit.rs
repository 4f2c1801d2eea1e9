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
    let (there, here) = HABITS.iter().find(|(there, _)| {
        let option = there.split_once(' ').map(|(_program, option)| option);
        option == Some(typed)
    })?;
    Some(format!("what `{there}` does: {here}"))
}

/// The options of nc and ncat that are not ours, and ours. The newcomers' table is in `docs/talk.md`.
const HABITS: &[(&str, &str)] = &[
    ("nc -l", "`landline listen 9000`"),
    (
        "nc -p",
        "`landline listen 9000`, or `landline connect HOST:9000 --source '*:5000'`",
    ),
    ("nc -u", "`udp://HOST:9000`"),
    ("nc -U", "`unix:/path`"),
    ("ncat --ssl", "`tls://HOST:9000`"),
    ("nc -4", "`127.0.0.1:9000`"),
    ("nc -6", "`[::1]:9000`"),
    (
        "nc -w",
        "`--timeout 5s` to connect, `--idle 5s` from then on",
    ),
    ("nc -k", "`--keep-open`"),
    ("ncat -e", "`--exec PROGRAM ARGS…`, last on the line"),
    ("ncat -c", "`--exec sh -c COMMAND`, last on the line"),
    ("nc -C", "`--crlf`"),
    ("nc -s", "`--source ADDRESS`"),
    (
        "nc -N",
        "nothing to ask for: the end of stdin ends our side",
    ),
    (
        "nc -n",
        "nothing to ask for: an address in digits is no name",
    ),
    (
        "nc -v",
        "nothing to ask for: what happens is said on stderr",
    ),
];
