//! `landline man`: a man page for the program and one per verb.

use crate::args::{self, Man};
use crate::exit::Failure;

/// Writes the pages.
///
/// # Errors
/// When the folder cannot be made or written.
pub(crate) fn run(arguments: &Man) -> Result<(), Failure> {
    let failed = |error| {
        Failure::new(
            format!("write the man pages to {}", arguments.folder.display()),
            error,
        )
    };
    std::fs::create_dir_all(&arguments.folder).map_err(failed)?;
    clap_mangen::generate_to(args::definition(), &arguments.folder).map_err(failed)
}
