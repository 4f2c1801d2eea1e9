//! The programs that take part: built once, then found.

use std::env;
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::case::{Line, Program};
use crate::process::{cargo, find, run, says};

/// Where the programs of a topic lie.
pub(crate) struct Programs {
    /// `bench/<topic>`.
    source: PathBuf,
    /// `target/bench`.
    built: PathBuf,
    /// The interpreter itself: what PATH finds may be a script that looks for it.
    python: PathBuf,
}

impl Programs {
    /// Builds everything, optimised.
    ///
    /// # Errors
    /// If a compiler is missing or fails.
    pub(crate) fn build(root: &Path, topic: &str) -> Result<Self, String> {
        let built = root.join("target/bench");
        let source = root.join("bench").join(topic);
        for (package, profile) in [
            ("landline-bench", "release"),
            ("landline-bench", "plain"),
            ("landline", "release"),
        ] {
            run(cargo(root)
                .args(["build", "--locked", "--package", package])
                .args(["--profile", profile, "--target-dir"])
                .arg(&built))?;
        }
        let c = built.join("c");
        fs::create_dir_all(&c).map_err(|why| format!("cannot make {}: {why}", c.display()))?;
        for program in c_programs(&root.join("bench"))? {
            run(Command::new("cc")
                .args(["-O2", "-Wall", "-Wextra", "-pthread", "-o"])
                .arg(c.join(program.file_stem().unwrap_or_default()))
                .arg(&program))?;
        }
        let python = says("python3", &["-c", "import sys; print(sys.executable)"])
            .ok_or("python3 is missing")?;
        Ok(Self {
            source,
            built,
            python: python.trim().into(),
        })
    }

    /// The command of a line.
    pub(crate) fn command(&self, (program, arguments): Line) -> Command {
        let path = match program {
            Program::C(name) => self.built.join("c").join(name),
            Program::Python(_) => self.python.clone(),
            Program::Ours => self.built.join("release/landline-bench"),
            Program::Plain => self.built.join("plain/landline-bench"),
            Program::Landline => self.built.join("release/landline"),
            Program::Installed(name) => name.into(),
        };
        let mut command = match program {
            Program::C(_) | Program::Ours | Program::Plain => Command::new(path),
            // They do not pin themselves.
            Program::Python(_) | Program::Landline | Program::Installed(_) => {
                let mut pinned = Command::new(self.built.join("c/pinned"));
                pinned.arg(path);
                pinned
            }
        };
        if let Program::Python(name) = program {
            command.arg(self.source.join(name).with_extension("py"));
        }
        command.args(arguments);
        // Programs that run others find ours by its name.
        let path = env::var_os("PATH").unwrap_or_default();
        let places = iter::once(self.built.join("release")).chain(env::split_paths(&path));
        if let Ok(places) = env::join_paths(places) {
            command.env("PATH", places);
        }
        command
    }

    /// What the figures depend on beside us.
    pub(crate) fn versions(&self) -> String {
        let first_line = |program: &str| {
            says(program, &["--version"])
                .and_then(|said| said.lines().next().map(str::to_owned))
                .unwrap_or_else(|| format!("no {program}"))
        };
        let valgrind =
            find("valgrind").map_or("no valgrind".to_owned(), |_| first_line("valgrind"));
        format!(
            "{}, {}, {valgrind}",
            first_line("cc"),
            first_line(&self.python.display().to_string()),
        )
    }
}

/// The C programs in the folders of a folder, one for each topic.
fn c_programs(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut programs = Vec::new();
    for topic in paths(folder)?.iter().filter(|topic| topic.is_dir()) {
        let sources = paths(topic)?.into_iter();
        programs.extend(sources.filter(|path| path.extension().is_some_and(|kind| kind == "c")));
    }
    programs.sort();
    Ok(programs)
}

fn paths(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries =
        fs::read_dir(folder).map_err(|why| format!("cannot read {}: {why}", folder.display()))?;
    Ok(entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect())
}
