//! What a line of text asks for.

/// The commands, in one line.
pub const HELP: &str =
    "/name NEW, /who, /files, /help, /quit; //text says a text that starts with a slash";

/// A line from a text member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// A text for everybody.
    Say(&'a str),
    /// `/name NEW`; empty when no name was given.
    Name(&'a str),
    /// `/who`
    Who,
    /// `/files`
    Files,
    /// `/help`
    Help,
    /// `/quit`
    Quit,
    /// A command that there is not.
    Unknown(&'a str),
}

impl<'a> Command<'a> {
    /// Reads a line, which must be without its end. Only `/` in the first column makes a command, and `//` makes none.
    #[must_use]
    pub fn parse(line: &'a str) -> Self {
        let Some(command) = line.strip_prefix('/') else {
            return Self::Say(line);
        };
        if command.starts_with('/') {
            return Self::Say(command);
        }
        let (word, rest) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        match word {
            "name" | "nick" => Self::Name(rest.trim()),
            "who" => Self::Who,
            "files" => Self::Files,
            "help" => Self::Help,
            "quit" => Self::Quit,
            unknown => Self::Unknown(unknown),
        }
    }
}
