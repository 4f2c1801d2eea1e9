//! The program of `--exec`, found before anybody comes.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use landline_tools::talk::Program;

use crate::exit::Failure;

/// The program that these words name, as a shell would find it; `None` where there are none.
///
/// # Errors
/// When there is no such program.
pub(crate) fn program(words: &[OsString]) -> Result<Option<Program>, Failure> {
    let Some((name, arguments)) = words.split_first() else {
        return Ok(None);
    };
    let path = find(Path::new(name)).map_err(|why| {
        let name = name.to_string_lossy();
        let failure = Failure::new(format!("run `{}`", name.escape_debug()), why);
        if name.contains(' ') {
            return failure
                .hint("there is no shell: the program and its arguments are words of their own");
        }
        failure
    })?;
    Ok(Some(Program {
        path,
        arguments: arguments.to_vec(),
    }))
}

fn find(name: &Path) -> Result<PathBuf, &'static str> {
    if name.components().count() != 1 || name.is_absolute() {
        return match (is_program(name), name.exists()) {
            (true, _) => Ok(name.to_owned()),
            (false, true) => Err("it is not an executable file"),
            (false, false) => Err("no such file"),
        };
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "where programs are is not an option of ours, and never to be printed as one"
    )]
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|path| is_program(path))
        .ok_or("there is no such program in PATH")
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
