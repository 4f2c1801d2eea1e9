//! What the repository carries beside code: lock file, versions, licences, papers; and no trace of a machine.

use super::Complaint;
use super::lints::members;
use super::source::is_word;
use super::tree::Tree;
use crate::manifest::Manifest;

/// The crates that `deny.toml` keeps out: one list, for `cargo deny` and for us.
fn banned(tree: &Tree) -> Vec<String> {
    let deny = Manifest::parse(tree.text("deny.toml").unwrap_or_default());
    let list = deny.get("bans", "deny").unwrap_or_default();
    list.split("crate = \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// What stands in the lock file and is never built: cargo locks a dependency that a feature names only in
/// case it is there (`ring?/alloc`). By whom alone it may be named.
const LOCKED_ONLY: &[(&str, &str)] = &[("ring", "rustls-webpki")];

/// Whether a banned crate is in a lock file only because one known crate names it, so that nothing builds it.
fn is_locked_only(lock: &Manifest<'_>, banned: &str) -> bool {
    let mut package = "";
    let mut users = Vec::new();
    for entry in &lock.entries {
        if entry.key == "name" {
            package = entry.value.trim_matches('"');
        } else if entry.key == "dependencies" {
            // `"ring"`, or `"ring 0.17.14"` where there are two.
            let mut names = entry.value.split('"').skip(1).step_by(2);
            if names.any(|name| name.split(' ').next() == Some(banned)) {
                users.push(package);
            }
        }
    }
    let known = LOCKED_ONLY.iter().find(|(name, _)| *name == banned);
    known.is_some_and(|(_, user)| users == [*user])
}

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// `Cargo.lock` is kept, has nothing that `deny.toml` bans, and names no other registry than the public one.
pub(crate) fn lock_is_clean(tree: &Tree) -> Vec<Complaint> {
    const LOCK: &str = "Cargo.lock";
    let mut complaints = Vec::new();
    let banned = banned(tree);
    if banned.is_empty() {
        let why = "bans nothing, or in a form that tidy cannot read";
        complaints.push(Complaint::at("deny.toml", 0, why));
    }
    if !tree.has(LOCK) {
        let why = "is not there: it is kept, so that builds agree";
        complaints.push(Complaint::at(LOCK, 0, why));
    }
    for (path, text) in tree.files().filter(|(path, _)| path.ends_with(LOCK)) {
        let lock = Manifest::parse(text);
        for entry in &lock.entries {
            let value = entry.value.trim_matches('"');
            let is_banned = entry.key == "name" && banned.iter().any(|name| name == value);
            if is_banned && !is_locked_only(&lock, value) {
                let why = format!("{value} is kept out");
                complaints.push(Complaint::at(path, entry.line, why));
            } else if entry.key == "source" && value != CRATES_IO {
                let why = format!("comes from {value}");
                complaints.push(Complaint::at(path, entry.line, why));
            }
        }
    }
    let ignored = tree.text(".gitignore").unwrap_or_default();
    if let Some(at) = ignored.lines().position(|line| line.contains(LOCK)) {
        complaints.push(Complaint::at(".gitignore", at + 1, "Cargo.lock is kept"));
    }
    complaints
}

const VERSIONS: &[(&str, &str, &str)] = &[
    ("workspace", "resolver", "3"),
    ("workspace.package", "edition", "2024"),
    ("workspace.package", "rust-version", "1.95"),
    ("workspace.package", "license", "MIT OR Apache-2.0"),
];

const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "authors"];

/// Edition, compiler, resolver and licence are said once and inherited by every member.
pub(crate) fn members_are_alike(tree: &Tree) -> Vec<Complaint> {
    let root = Manifest::parse(tree.text("Cargo.toml").unwrap_or_default());
    let mut complaints: Vec<Complaint> = VERSIONS
        .iter()
        .filter(|(section, key, value)| root.get(section, key) != Some(value))
        .map(|(_, key, value)| Complaint::at("Cargo.toml", 0, format!("{key} must be {value}")))
        .collect();
    for (path, text) in members(tree) {
        let manifest = Manifest::parse(text);
        complaints.extend(
            INHERITED
                .iter()
                .filter(|key| manifest.get("package", &format!("{key}.workspace")) != Some("true"))
                .map(|key| Complaint::at(path, 0, format!("inherit it: {key}.workspace = true"))),
        );
    }
    complaints
}

const PAPERS: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "README.zh-CN.md",
    "SECURITY.md",
];

/// The papers are there, and `.ci/run` calls exactly `cargo xtask test`.
pub(crate) fn papers_are_there(tree: &Tree) -> Vec<Complaint> {
    let mut complaints: Vec<Complaint> = PAPERS
        .iter()
        .filter(|paper| tree.text(paper).is_none())
        .map(|paper| Complaint::at(paper, 0, "is not there"))
        .collect();
    let commands = tree.text(".ci/run").unwrap_or_default().lines();
    if commands
        .filter(|line| line.starts_with("cargo"))
        .ne(["cargo xtask test"])
    {
        let why = "calls exactly `cargo xtask test`: one door";
        complaints.push(Complaint::at(".ci/run", 0, why));
    }
    complaints
}

/// Where people's homes lie; split, so that this file does not name one.
const HOMES: &[&str] = &[
    concat!("/home", "/"),
    concat!("/Users", "/"),
    concat!("/root", "/"),
];

/// Settings by which a machine takes its packages from somewhere else.
const MIRRORS: &[&str] = &["replace-with", "[source.", "[registries"];

/// No file names a home folder, where this copy lies, or another place to take packages from.
pub(crate) fn no_machine_is_named(tree: &Tree) -> Vec<Complaint> {
    // A copy right below the root could have any address of a web server for its path.
    let here = format!("{}/", crate::root().display());
    let here = (here.matches('/').count() > 2).then_some(here.as_str());
    let places: Vec<&str> = HOMES.iter().copied().chain(here).collect();
    let mut complaints = Vec::new();
    for (path, text) in tree.files() {
        for (at, line) in text.lines().enumerate() {
            if places.iter().any(|place| names_place(line, place)) {
                let why = "names a place on one machine";
                complaints.push(Complaint::at(path, at + 1, why));
            }
            let mirror = path.ends_with(".toml")
                && MIRRORS
                    .iter()
                    .any(|mirror| line.trim_start().starts_with(mirror));
            if mirror {
                let why = "where packages come from is each machine's own business";
                complaints.push(Complaint::at(path, at + 1, why));
            }
        }
    }
    complaints
}

/// Whether an absolute path stands in the line, not as the end of a longer one.
fn names_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + place.len()..].chars().next();
        !before.is_some_and(|c| is_word(c) || ".-/}".contains(c)) && after.is_some_and(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{assert_fires, sample};
    use std::os::unix::fs::PermissionsExt as _;

    use super::{HOMES, INHERITED, PAPERS, VERSIONS};

    #[test]
    fn a_lock_file_that_is_gone_or_unclean_fires() {
        assert_fires(&sample().without("Cargo.lock"), "lock", "Cargo.lock", 0);
        let banned = super::banned(&sample());
        assert!(
            banned.iter().any(|name| name == "openssl-sys"),
            "{banned:?}"
        );
        for name in banned {
            let tree = sample().edited("Cargo.lock", "\"tokio\"", &format!("\"{name}\""));
            assert_fires(&tree, "lock", "Cargo.lock", 4);
        }
        let tree = sample().edited("Cargo.lock", "github.com", "mirror.example");
        assert_fires(&tree, "lock", "Cargo.lock", 6);
        assert_fires(&sample().without("deny.toml"), "lock", "deny.toml", 0);
        let tree = sample().with(".gitignore", "/target\nCargo.lock\n");
        assert_fires(&tree, "lock", ".gitignore", 2);
    }

    #[test]
    fn what_is_locked_and_never_built_passes_until_somebody_else_names_it() {
        let source = format!("source = \"{}\"\n", super::CRATES_IO);
        let package = |name: &str, uses: &str| {
            format!("\n[[package]]\nname = \"{name}\"\n{source}dependencies = [\n \"{uses}\",\n]\n")
        };
        let lock = package("rustls-webpki", "ring") + &package("ring", "cc");
        let tree = sample().with("Cargo.lock", &lock);
        assert_eq!(super::lock_is_clean(&tree), []);
        for user in [package("rustls", "ring"), package("rcgen", "ring 0.17.14")] {
            let tree = sample().with("Cargo.lock", &(user + &lock));
            assert_eq!(super::lock_is_clean(&tree).len(), 1);
        }
    }

    #[test]
    fn other_versions_fire() {
        for (_, key, value) in VERSIONS {
            let set = format!("\n{key} = \"{value}\"");
            let tree = sample().edited("Cargo.toml", &set, &format!("\n{key} = \"0\""));
            assert_fires(&tree, "workspace", "Cargo.toml", 0);
        }
        for key in INHERITED {
            let tree = sample().edited(
                "crates/cli/Cargo.toml",
                &format!("\n{key}.workspace = true"),
                &format!("\n{key} = \"0\""),
            );
            assert_fires(&tree, "workspace", "crates/cli/Cargo.toml", 0);
        }
    }

    #[test]
    fn a_missing_paper_fires() {
        for paper in PAPERS {
            let tree = sample()
                .with("README.md", "\n")
                .with("README.zh-CN.md", "\n")
                .without(paper);
            assert_fires(&tree, "papers", paper, 0);
        }
    }

    #[test]
    fn another_way_to_test_fires() {
        for text in ["cargo test\n", "cargo xtask test\ncargo bench\n", ""] {
            let tree = sample().with(".ci/run", text);
            assert_fires(&tree, "papers", ".ci/run", 0);
        }
    }

    #[test]
    fn the_way_to_test_can_be_run() {
        let run = crate::root().join(".ci/run");
        let mode = std::fs::metadata(run).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111);
    }

    #[test]
    fn a_machine_that_is_named_fires() {
        let path = "crates/wire/src/a.rs";
        for place in HOMES {
            let tree = sample().with(path, &format!("//! A.\nopen(\"{place}x\");\n"));
            assert_fires(&tree, "machine", path, 2);
            let tree = sample().with(path, &format!("//! A.\nmod a; // base{place}x\n"));
            assert_eq!(super::no_machine_is_named(&tree), []);
        }
        let tree = sample().with(".cargo/config.toml", "[source.crates-io]\n");
        assert_fires(&tree, "machine", ".cargo/config.toml", 1);
    }
}
