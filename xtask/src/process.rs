//! Other programs: cargo itself, what is on PATH, and a run whose output is read on its way through.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The cargo that runs us, in the repository.
pub(crate) fn cargo(root: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(root);
    command
}

/// Runs to the end, its output going straight through.
///
/// # Errors
/// If it cannot start, or ends with another status than success.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|why| format!("cannot start {}: {why}", shown(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} ended with {status}", shown(command)))
    }
}

/// Runs to the end; each line of its stdout is shown and handed to `on_line`.
///
/// # Errors
/// If it cannot start, or ends with another status than success.
pub(crate) fn run_lines(
    command: &mut Command,
    mut on_line: impl FnMut(&str),
) -> Result<(), String> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|why| format!("cannot start {}: {why}", shown(command)))?;
    if let Some(stdout) = child.stdout.take() {
        // By bytes, because a failing test may print what is not UTF-8.
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(|why| format!("cannot read {}: {why}", shown(command)))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            on_line(&line);
        }
    }
    let status = child
        .wait()
        .map_err(|why| format!("cannot wait for {}: {why}", shown(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} ended with {status}", shown(command)))
    }
}

/// What a program says on stdout and stderr together; `None` if it cannot start.
pub(crate) fn says(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Some(text)
}

/// Where PATH finds a program.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

fn shown(command: &Command) -> String {
    let mut text = command
        .get_program()
        .to_string_lossy()
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{find, run, run_lines, says};
    use std::process::Command;

    #[test]
    fn a_status_other_than_success_is_an_error_that_names_the_command() {
        assert_eq!(run(&mut Command::new("true")), Ok(()));
        let why = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(why, "sh -c exit 3 ended with exit status: 3");
        assert!(
            run(&mut Command::new("no-such-program"))
                .unwrap_err()
                .starts_with("cannot start no-such-program")
        );
    }

    #[test]
    fn lines_are_handed_over_even_when_it_fails_or_is_not_utf8() {
        let mut lines = Vec::new();
        let ended = run_lines(
            Command::new("sh").args(["-c", "printf 'a\\n\\377b\\nlast'; exit 1"]),
            |line| {
                lines.push(line.to_owned());
            },
        );
        assert!(ended.is_err());
        assert_eq!(lines, ["a", "\u{fffd}b", "last"]);
    }

    #[test]
    fn programs_are_found_by_path_and_heard_on_both_streams() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program").is_none());
        assert_eq!(
            says("sh", &["-c", "echo out; echo err >&2"]).as_deref(),
            Some("out\nerr\n")
        );
        assert_eq!(says("no-such-program", &[]), None);
    }
}
