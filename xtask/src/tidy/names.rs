//! Names of files and modules, and what stands in their first line.

use super::Complaint;
use super::source::{code, lines_with};
use super::tree::Tree;

/// Names that say nothing, and so attract everything.
const GRAB_BAGS: &[&str] = &[
    "common", "helper", "helpers", "misc", "shared", "util", "utils",
];

const OURS: [&str; 6] = [
    "crates/",
    "xtask/",
    "fuzz/",
    "examples/",
    "bench/",
    "python/",
];

/// No grab-bag: neither a file, a folder nor a module.
pub(crate) fn are_nouns(tree: &Tree) -> Vec<Complaint> {
    const WHY: &str = "a grab-bag name: call it by what it does";
    let mut complaints = Vec::new();
    for (path, text) in tree.files() {
        if !OURS.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let bag = |part: &str| GRAB_BAGS.contains(&part.split('.').next().unwrap_or(part));
        if path.split('/').any(bag) {
            complaints.push(Complaint::at(path, 0, WHY));
        } else if path.ends_with(".rs") {
            let code = code(text);
            for bag in GRAB_BAGS {
                let module = format!("mod {bag}");
                complaints
                    .extend(lines_with(&code, &module).map(|line| Complaint::at(path, line, WHY)));
            }
        }
    }
    complaints
}

/// Every source file opens with a line that says what it is.
pub(crate) fn files_say_what_they_are(tree: &Tree) -> Vec<Complaint> {
    let openings = |path: &str| -> Option<&[&str]> {
        match path.rsplit_once('.')?.1 {
            "rs" => Some(&["//! "]),
            "js" => Some(&["// ", "/* ", "/** "]),
            "css" => Some(&["/* "]),
            _ => None,
        }
    };
    tree.files()
        .filter_map(|(path, text)| {
            let openings = openings(path)?;
            let first = text.lines().next().unwrap_or_default();
            let says = openings
                .iter()
                .any(|opening| first.len() > opening.len() && first.starts_with(opening));
            (!says).then(|| {
                let why = format!("the first line says what the file is: {}…", openings[0]);
                Complaint::at(path, 1, why)
            })
        })
        .collect()
}

/// A crate's integration tests are one binary, `tests/it/`; long ones are another, `tests/prove/`.
pub(crate) fn one_test_binary(tree: &Tree) -> Vec<Complaint> {
    tree.rust()
        .filter_map(|(path, _)| {
            let crates = || Some(path.strip_prefix("crates/")?.split_once("/tests/")?.1);
            let inner = path.strip_prefix("examples/tests/").or_else(crates)?;
            let home = inner.starts_with("it/") || inner.starts_with("prove/");
            (!home)
                .then(|| Complaint::at(path, 0, "a module of tests/it/, not a binary of its own"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{assert_fires, sample};
    use super::GRAB_BAGS;

    #[test]
    fn every_grab_bag_fires() {
        for bag in GRAB_BAGS {
            for path in [
                format!("crates/tools/src/base/{bag}.rs"),
                format!("crates/cli/tests/it/{bag}/mod.rs"),
                format!("crates/tools/src/hub/{bag}.js"),
                format!("xtask/src/{bag}.rs"),
                format!("fuzz/fuzz_targets/{bag}.rs"),
            ] {
                let tree = sample().with(&path, "//! Things.\n");
                let tree = match path.ends_with(".js") {
                    true => tree.with(&path, "// Things.\n"),
                    false => tree,
                };
                assert_fires(&tree, "names", &path, 0);
            }
            let path = "crates/wire/src/a.rs";
            let tree = sample().with(path, &format!("//! A.\npub mod {bag} {{}}\n"));
            assert_fires(&tree, "names", path, 2);
        }
    }

    #[test]
    fn a_file_that_does_not_say_what_it_is_fires() {
        for (path, text) in [
            (
                "crates/wire/src/a.rs",
                "#![allow(x, reason = \"\")]\n//! A.\n",
            ),
            ("crates/wire/src/a.rs", "//!\n"),
            ("crates/wire/src/a.rs", ""),
            ("crates/wire/build.rs", "fn main() {}\n"),
            ("crates/tools/src/hub/a.js", "\"use strict\";\n"),
            ("crates/tools/src/hub/a.css", "body {}\n"),
        ] {
            let tree = sample().with(path, text);
            assert_fires(&tree, "first-line", path, 1);
        }
    }

    #[test]
    fn a_second_test_binary_fires() {
        for path in ["crates/tools/tests/chat.rs", "examples/tests/chat.rs"] {
            let tree = sample().with(path, "//! Chat.\n");
            assert_fires(&tree, "one-test-binary", path, 0);
        }
    }
}
