//! The programs that take part: built once, then found.

use std::fs;
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
        for profile in ["release", "plain"] {
            run(cargo(root)
                .args(["build", "--locked", "--package", "landline-bench"])
                .args(["--profile", profile, "--target-dir"])
                .arg(&built))?;
        }
        let c = built.join("c");
        fs::create_dir_all(&c).map_err(|why| format!("cannot make {}: {why}", c.display()))?;
        for name in c_programs(&source)? {
            run(Command::new("cc")
                .args(["-O2", "-Wall", "-Wextra", "-pthread", "-o"])
                .arg(c.join(&name))
                .arg(source.join(&name).with_extension("c")))?;
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
        };
        let mut command = Command::new(path);
        if let Program::Python(name) = program {
            command.arg(self.source.join(name).with_extension("py"));
        }
        command.args(arguments);
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

/// The names of the C programs in a folder.
fn c_programs(folder: &Path) -> Result<Vec<String>, String> {
    let entries =
        fs::read_dir(folder).map_err(|why| format!("cannot read {}: {why}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_suffix(".c")?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}
