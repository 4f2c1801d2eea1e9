//! The lints that guard the house are on, everywhere, and exceptions say why.

use super::Complaint;
use super::source::{code, has_word, lines_with};
use super::tree::Tree;
use crate::manifest::Manifest;

/// The workspace lints that stand for a rule of the house, and the level each must have; `warn` is
/// enough where `cargo xtask test` turns it into an error.
const NEEDED: &[(&str, &str, &str)] = &[
    ("rust", "missing_docs", "warn"),
    ("rust", "unreachable_pub", "warn"),
    ("rust", "unsafe_code", "deny"),
    ("clippy", "dbg_macro", "deny"),
    ("clippy", "disallowed_methods", "deny"),
    ("clippy", "exit", "deny"),
    ("clippy", "fn_params_excessive_bools", "warn"),
    ("clippy", "missing_errors_doc", "warn"),
    ("clippy", "print_stderr", "deny"),
    ("clippy", "print_stdout", "deny"),
    ("clippy", "struct_excessive_bools", "warn"),
    ("clippy", "todo", "deny"),
    ("clippy", "too_many_arguments", "warn"),
    ("clippy", "too_many_lines", "warn"),
    ("clippy", "undocumented_unsafe_blocks", "deny"),
    ("clippy", "unimplemented", "deny"),
];

/// The budgets of clippy.toml: no flow, signature or settings struct may be larger.
const BUDGETS: &[(&str, &str)] = &[
    ("too-many-lines-threshold", "60"),
    ("too-many-arguments-threshold", "5"),
    ("max-struct-bools", "3"),
    ("max-fn-params-bools", "1"),
];

const DISALLOWED: &[&str] = &[
    "std::thread::sleep",
    "std::process::exit",
    "std::env::var",
    "std::env::var_os",
    "std::env::vars",
];

/// The lints are set once, inherited by every crate, and the budgets stand.
pub(crate) fn are_inherited(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let root = Manifest::parse(tree.text("Cargo.toml").unwrap_or_default());
    for (tool, lint, level) in NEEDED {
        let set = root.get(&format!("workspace.lints.{tool}"), lint);
        if set != Some(level) {
            let why = format!("the lint {lint} must be {level}");
            complaints.push(Complaint::at("Cargo.toml", 0, why));
        }
    }
    let clippy = Manifest::parse(tree.text("clippy.toml").unwrap_or_default());
    for (budget, number) in BUDGETS {
        if clippy.get("", budget) != Some(number) {
            let why = format!("{budget} must be {number}");
            complaints.push(Complaint::at("clippy.toml", 0, why));
        }
    }
    let disallowed = clippy.get("", "disallowed-methods").unwrap_or_default();
    for method in DISALLOWED {
        if !disallowed.contains(&format!("\"{method}\"")) {
            let why = format!("{method} must be disallowed");
            complaints.push(Complaint::at("clippy.toml", 0, why));
        }
    }
    for (path, text) in members(tree) {
        let manifest = Manifest::parse(text);
        if path == LESSONS {
            complaints.extend(lessons_keep_to(&root, &manifest));
        } else if manifest.get("lints", "workspace") != Some("true") {
            let why = "inherit the lints: [lints] workspace = true";
            complaints.push(Complaint::at(path, 0, why));
        }
    }
    complaints
}

/// A member that inherits lints cannot except one, and each lesson would have to; so it has a copy of them.
const LESSONS: &str = "examples/Cargo.toml";
/// What a lesson has to show, it prints.
const LESSONS_MAY: &str = "print_stdout";

/// The lessons' lints are the workspace's, but for one.
fn lessons_keep_to(root: &Manifest<'_>, lessons: &Manifest<'_>) -> Vec<Complaint> {
    let needed = root.entries.iter().filter_map(|entry| {
        let section = entry.section.strip_prefix("workspace.")?;
        (section.starts_with("lints.") && entry.key != LESSONS_MAY).then_some((section, entry))
    });
    needed
        .filter(|(section, entry)| {
            lessons.get(section, entry.key) != Some(entry.value.trim_matches('"'))
        })
        .map(|(_, entry)| {
            let why = format!("the lint {} is the workspace's: {}", entry.key, entry.value);
            Complaint::at(LESSONS, 0, why)
        })
        .collect()
}

/// The manifests of the workspace's members.
pub(crate) fn members(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.files().filter(|(path, _)| {
        path.ends_with("/Cargo.toml")
            && ["crates/", "examples/", "bench/", "xtask/"]
                .iter()
                .any(|folder| path.starts_with(folder))
    })
}

/// An `allow` or `expect` of a lint has a `reason`.
pub(crate) fn exceptions_say_why(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (path, text) in tree.rust() {
        let code = code(text);
        for opening in ["[allow(", "[expect("] {
            for (at, _) in code.match_indices(opening) {
                let attribute = code[at..].split(']').next().unwrap_or_default();
                if !has_word(attribute, "reason") {
                    let line = code[..at].matches('\n').count() + 1;
                    let why = "an exception needs a reason = \"…\"";
                    complaints.push(Complaint::at(path, line, why));
                }
            }
        }
    }
    complaints
}

/// No test is switched off, and nothing is left for later.
pub(crate) fn nothing_is_skipped(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (path, text) in tree.rust() {
        let code = code(text);
        for word in ["#[ignore", "todo!", "unimplemented!"] {
            complaints.extend(lines_with(&code, word).map(|line| {
                Complaint::at(
                    path,
                    line,
                    format!("{word} proves nothing: finish it or leave it out"),
                )
            }));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::super::sample::{assert_fires, sample};
    use super::{BUDGETS, DISALLOWED, NEEDED};

    #[test]
    fn a_lint_that_is_weaker_or_gone_fires() {
        for (_, lint, level) in NEEDED {
            let set = format!("\n{lint} = \"{level}\"");
            let tree = sample().edited("Cargo.toml", &set, &format!("\n{lint} = \"allow\""));
            assert_fires(&tree, "lints", "Cargo.toml", 0);
            let tree = sample().edited("Cargo.toml", &set, "");
            assert_fires(&tree, "lints", "Cargo.toml", 0);
        }
    }

    #[test]
    fn a_looser_budget_fires() {
        for (budget, number) in BUDGETS {
            let set = format!("{budget} = {number}");
            let tree = sample().edited("clippy.toml", &set, &format!("{budget} = 99"));
            assert_fires(&tree, "lints", "clippy.toml", 0);
        }
        for method in DISALLOWED {
            let tree = sample().edited("clippy.toml", &format!("\"{method}\""), "\"x\"");
            assert_fires(&tree, "lints", "clippy.toml", 0);
        }
    }

    #[test]
    fn a_crate_without_the_lints_fires() {
        let tree = sample().edited(
            "crates/wire/Cargo.toml",
            "[lints]\nworkspace = true",
            "[lints.rust]\nunsafe_code = \"allow\"",
        );
        assert_fires(&tree, "lints", "crates/wire/Cargo.toml", 0);
    }

    #[test]
    fn a_lint_that_the_lessons_lack_fires() {
        let inherited = sample().text("xtask/Cargo.toml").unwrap().to_owned();
        let root = sample().text("Cargo.toml").unwrap().to_owned();
        let lints = root.split("[workspace.lints.rust]").nth(1).unwrap();
        let lints = lints.split("[profile").next().unwrap();
        let lints = format!("[lints.rust]{lints}").replace("[workspace.lints", "[lints");
        let copied = inherited.replace("[lints]\nworkspace = true\n", &lints);
        let with = |text: &str| sample().with(super::LESSONS, text);
        assert_eq!(super::are_inherited(&with(&copied)), []);
        let may_print = copied.replace("\nprint_stdout = \"deny\"", "");
        assert_eq!(super::are_inherited(&with(&may_print)), []);
        for (lint, weaker) in [
            ("\nexit = \"deny\"", ""),
            ("\nunsafe_code = \"deny\"", "\nunsafe_code = \"warn\""),
            ("\ntoo_many_lines = \"warn\"", ""),
        ] {
            assert!(may_print.contains(lint), "{lint}");
            let tree = with(&may_print.replace(lint, weaker));
            assert_fires(&tree, "lints", super::LESSONS, 0);
        }
    }

    #[test]
    fn an_exception_without_a_reason_fires() {
        const LIB: &str = "crates/wire/src/a.rs";
        for attribute in ["#![allow(dead_code)]", "#[expect(\n    dead_code\n)]"] {
            let tree = sample().with(LIB, &format!("//! A.\n{attribute}\n"));
            assert_fires(&tree, "reasons", LIB, 2);
        }
        let tree = sample().with(LIB, "//! A.\n#[allow(a, b, reason = \"c\")]\n");
        assert_eq!(super::exceptions_say_why(&tree), []);
    }

    #[test]
    fn what_is_switched_off_fires() {
        const TEST: &str = "crates/tools/tests/it/main.rs";
        for line in [
            "#[ignore]",
            "#[ignore = \"slow\"]",
            "todo!()",
            "unimplemented!()",
        ] {
            let tree = sample().with(TEST, &format!("//! Tests.\n{line}\n"));
            assert_fires(&tree, "no-skipping", TEST, 2);
        }
    }
}
