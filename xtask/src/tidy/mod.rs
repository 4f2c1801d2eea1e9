//! `cargo xtask tidy`: the house rules that no compiler knows, each a function over the tree.

mod arrows;
mod floors;
mod lints;
mod maps;
mod names;
mod options;
mod packaging;
mod python;
#[cfg(test)]
mod sample;
mod sizes;
mod source;
mod tree;

use std::fmt;
use std::path::Path;

use tree::Tree;

/// A place where a rule is broken, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
struct Complaint {
    path: String,
    /// Counted from 1; 0 for the file as a whole.
    line: usize,
    why: String,
}

impl Complaint {
    fn at(path: &str, line: usize, why: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            why: why.into(),
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.why),
            line => write!(f, "{}:{line}: {}", self.path, self.why),
        }
    }
}

type Rule = fn(&Tree) -> Vec<Complaint>;

/// Every rule with the name by which ARCHITECTURE.md and CONTRIBUTING.md know it.
const RULES: &[(&str, Rule)] = &[
    ("arrows", arrows::point_down),
    ("wire-light", arrows::wire_is_light),
    ("tools-apart", arrows::tools_stay_apart),
    ("wire-pure", floors::wire_is_pure),
    ("unsafe", floors::unsafe_has_one_home),
    ("below-cli", floors::quiet_below_cli),
    ("one-wait", floors::one_place_blocks),
    ("sockets", floors::sockets_have_one_source),
    ("lints", lints::are_inherited),
    ("reasons", lints::exceptions_say_why),
    ("python-names", python::names_are_found),
    ("no-skipping", lints::nothing_is_skipped),
    ("names", names::are_nouns),
    ("first-line", names::files_say_what_they_are),
    ("one-test-binary", names::one_test_binary),
    ("sizes", sizes::flows_are_short),
    ("lessons", sizes::lessons_are_short),
    ("maps", maps::name_what_is_there),
    ("map-complete", maps::name_every_folder),
    ("options", options::are_listed),
    ("lock", packaging::lock_is_clean),
    ("workspace", packaging::members_are_alike),
    ("papers", packaging::papers_are_there),
    ("machine", packaging::no_machine_is_named),
];

/// What the rules say about a tree, each complaint with its rule's name.
fn check(tree: &Tree) -> Vec<(&'static str, Complaint)> {
    RULES
        .iter()
        .flat_map(|(name, rule)| {
            rule(tree)
                .into_iter()
                .map(move |complaint| (*name, complaint))
        })
        .collect()
}

/// Prints every complaint about the repository.
///
/// # Errors
/// If there is one, or a file cannot be read.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let tree = Tree::read(root).map_err(|why| format!("cannot read the repository: {why}"))?;
    let complaints = check(&tree);
    for (rule, complaint) in &complaints {
        println!("{complaint} [{rule}]");
    }
    match complaints.len() {
        0 => {
            println!(
                "{} rules hold over {} files",
                RULES.len(),
                tree.files().count()
            );
            Ok(())
        }
        many => Err(format!("{many} complaints; CONTRIBUTING.md has the rules")),
    }
}

#[cfg(test)]
mod tests {
    use super::sample::sample;
    use super::tree::Tree;
    use super::{RULES, check};
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    #[test]
    fn the_repository_is_tidy() {
        let complaints = check(&Tree::read(crate::root()).unwrap());
        let shown: Vec<String> = complaints
            .iter()
            .map(|(rule, complaint)| format!("{complaint} [{rule}]"))
            .collect();
        assert!(shown.is_empty(), "\n{}", shown.join("\n"));
    }

    #[test]
    fn the_sample_is_tidy() {
        assert_eq!(check(&sample()), []);
    }

    #[test]
    fn rule_names_are_unique() {
        let names: BTreeSet<_> = RULES.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), RULES.len());
    }

    #[test]
    fn a_broken_rule_is_seen_on_disk() {
        let root = std::env::temp_dir().join(format!("landline-tidy-{}", std::process::id()));
        for (path, text) in sample().files() {
            write(&root, path, text);
        }
        // What is built is not ours to judge.
        write(&root, "target/debug/utils/generated.rs", "fn f() {}");
        assert_eq!(check(&Tree::read(&root).unwrap()), []);
        write(
            &root,
            "crates/tools/src/base/utils.rs",
            "//! Odds and ends.\n",
        );
        let seen = check(&Tree::read(&root).unwrap());
        fs::remove_dir_all(&root).unwrap();
        let [("names", complaint)] = seen.as_slice() else {
            panic!("{seen:?}");
        };
        assert_eq!(complaint.path, "crates/tools/src/base/utils.rs");
    }

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
