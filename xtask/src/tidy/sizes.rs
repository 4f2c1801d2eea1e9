//! How long a file may be: a catalogue as long as it must, a flow 500 lines without its tests.

use super::Complaint;
use super::source::{code, tests};
use super::tree::Tree;

const FLOW_LINES: usize = 500;
const COMMAND_LINES: usize = 150;
const LESSON_LINES: usize = 60;

/// Files that are lists of equal cards in one order, and why each is one.
const CATALOGUES: &[(&str, &str)] = &[(
    "crates/socket/src/options/catalogue.rs",
    "every option of Linux by its C name, a line each",
)];

/// Flows stay short, and a command of the binary is arguments, options, run, print.
pub(crate) fn flows_are_short(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (path, text) in tree.rust() {
        let limit = if path.starts_with("crates/cli/src/commands/") {
            COMMAND_LINES
        } else if path.contains("/src/") {
            FLOW_LINES
        } else {
            continue;
        };
        let is_catalogue = CATALOGUES.iter().any(|(catalogue, _)| *catalogue == path);
        let lines = lines_without_tests(text);
        if lines >= limit && !is_catalogue {
            let why = format!("{lines} lines without tests: under {limit}, or two files");
            complaints.push(Complaint::at(path, 0, why));
        }
    }
    for (path, reason) in CATALOGUES {
        if !tree.has(path) {
            let why = format!("listed as a catalogue ({reason}), and not there");
            complaints.push(Complaint::at(path, 0, why));
        }
    }
    complaints
}

/// A lesson, or its counterpart in Python, is read on one screen.
pub(crate) fn lessons_are_short(tree: &Tree) -> Vec<Complaint> {
    let is_lesson = |path: &str| {
        path.strip_prefix("examples/")
            .and_then(|inner| inner.strip_prefix("python/").or(Some(inner)))
            .is_some_and(|name| {
                !name.contains('/') && (name.ends_with(".rs") || name.ends_with(".py"))
            })
    };
    tree.files()
        .filter(|(path, _)| is_lesson(path))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines >= LESSON_LINES)
        .map(|(path, lines)| {
            let why = format!("{lines} lines: a lesson has under {LESSON_LINES}");
            Complaint::at(path, 0, why)
        })
        .collect()
}

fn lines_without_tests(text: &str) -> usize {
    let code = code(text);
    let of_tests: usize = tests(&code)
        .into_iter()
        .map(|tests| code[tests].lines().count())
        .sum();
    text.lines().count() - of_tests
}

#[cfg(test)]
mod tests {
    use super::super::sample::{assert_fires, sample};
    use super::lines_without_tests;

    #[test]
    fn a_long_flow_fires() {
        let path = "crates/tools/src/chat/room.rs";
        let tree = sample().with(path, &format!("//! Long.\n{}", "x();\n".repeat(499)));
        assert_fires(&tree, "sizes", path, 0);
        let tree = sample().with(path, &format!("//! Long.\n{}", "x();\n".repeat(498)));
        assert_eq!(super::flows_are_short(&tree), []);
    }

    #[test]
    fn a_long_command_fires() {
        let path = "crates/cli/src/commands/up.rs";
        let tree = sample().with(path, &format!("//! Long.\n{}", "x();\n".repeat(149)));
        assert_fires(&tree, "sizes", path, 0);
    }

    #[test]
    fn a_long_lesson_fires() {
        for path in ["examples/01-x.rs", "examples/python/01_x.py"] {
            let of = |lines: usize| format!("//! Long.\n{}", "x();\n".repeat(lines - 1));
            assert_fires(&sample().with(path, &of(60)), "lessons", path, 0);
            assert_eq!(super::lessons_are_short(&sample().with(path, &of(59))), []);
        }
        let tests = sample().with("examples/tests/it/main.rs", &"x();\n".repeat(60));
        assert_eq!(super::lessons_are_short(&tests), []);
    }

    #[test]
    fn tests_do_not_count() {
        let tests = format!(
            "#[cfg(test)]\nmod tests {{\n{}}}\n",
            "x();\n\n// why\n".repeat(600)
        );
        assert_eq!(lines_without_tests(&format!("//! A.\na();\n{tests}")), 2);
    }
}
