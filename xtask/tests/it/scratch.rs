//! A crate in a folder of its own, under the lints and budgets of this repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// A folder with this one source file, `lib.rs`.
    pub(crate) fn new(name: &str, source: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("src/lib.rs"), source).unwrap();
        fs::copy(root().join("clippy.toml"), folder.join("clippy.toml")).unwrap();
        let ours = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let manifest = format!(
            "[package]\nname = \"scratch\"\nedition = \"2024\"\n\n[workspace]\n\n{}",
            lints(&ours)
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        Self(folder)
    }

    /// What clippy says about it, as JSON lines.
    pub(crate) fn clippy(&self) -> String {
        let output = Command::new(env!("CARGO"))
            .args(["clippy", "--offline", "--quiet", "--message-format=json"])
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", self.0.join("target"))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Whether the compiler takes it, and what it says.
    pub(crate) fn compile(&self) -> (bool, String) {
        let output = Command::new(env!("CARGO"))
            .args(["check", "--offline", "--quiet"])
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", self.0.join("target"))
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stderr).unwrap(),
        )
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The sections `[workspace.lints.*]` of our manifest as a crate's own.
fn lints(manifest: &str) -> String {
    let mut within = false;
    let mut lints = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            within = line.starts_with("[workspace.lints.");
        }
        if within {
            lints.push_str(&line.replace("[workspace.lints.", "[lints."));
            lints.push('\n');
        }
    }
    assert!(!lints.is_empty(), "our manifest has no lints");
    lints
}
