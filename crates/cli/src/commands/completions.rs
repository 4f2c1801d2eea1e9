//! `landline completions`: the script that completes our words in a shell.

use crate::args::{self, Completions};
use crate::exit::{Failure, cannot};
use crate::output;

/// Prints the script.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn run(arguments: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut args::definition(),
        "landline",
        &mut script,
    );
    output::write_stdout(&script).map_err(cannot("print the completions"))
}
