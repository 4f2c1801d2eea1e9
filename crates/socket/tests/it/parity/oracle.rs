//! CPython's own run of the scenarios: its traces, its constants, its names of errors.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) struct Oracle {
    constants: HashMap<String, i64>,
    errnos: HashMap<i32, String>,
    /// By the name of the scenario; none where this Python is too old for it.
    pub(super) traces: HashMap<String, Vec<(usize, String)>>,
}

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity")
}

impl Oracle {
    /// Runs every scenario of these files.
    pub(super) fn ask(files: &[PathBuf]) -> Self {
        let output = Command::new("python3")
            .arg(folder().join("runner.py"))
            .args(files)
            .output()
            .expect("python3 is installed: `cargo xtask test` sees to it");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Self::read(&String::from_utf8(output.stdout).unwrap())
    }

    fn read(output: &str) -> Self {
        let mut oracle = Self {
            constants: HashMap::new(),
            errnos: HashMap::new(),
            traces: HashMap::new(),
        };
        let mut scenario = String::new();
        for line in output.lines().skip(1) {
            let fields: Vec<_> = line.splitn(3, '\t').collect();
            match fields[..] {
                ["constant", name, number] => {
                    oracle
                        .constants
                        .insert(name.to_owned(), number.parse().unwrap());
                }
                ["errno", name, number] => {
                    let number: i32 = number.parse().unwrap();
                    oracle.constants.insert(name.to_owned(), number.into());
                    oracle.errnos.insert(number, name.to_owned());
                }
                [number, outcome] => {
                    let trace: &mut Vec<_> = oracle.traces.get_mut(&scenario).unwrap();
                    trace.push((number.parse().unwrap(), outcome.to_owned()));
                }
                ["skipped"] => drop(oracle.traces.remove(&scenario)),
                _ => {
                    let name = line.strip_prefix("=== ").expect(line);
                    name.clone_into(&mut scenario);
                    oracle.traces.insert(name.to_owned(), Vec::new());
                }
            }
        }
        oracle
    }

    pub(super) fn constant(&self, name: &str) -> Option<i64> {
        self.constants.get(name).copied()
    }

    pub(super) fn errno(&self, errno: i32) -> String {
        match self.errnos.get(&errno) {
            Some(name) => name.clone(),
            None => format!("errno {errno}"),
        }
    }
}
