//! How long a file may be: a catalogue as long as it must, a flow 500 lines without its tests.

use super::Complaint;
use super::source::{code, tests};
use super::tree::Tree;

const FLOW_LINES: usize = 500;
const COMMAND_LINES: usize = 150;

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
    fn tests_do_not_count() {
        let tests = format!(
            "#[cfg(test)]\nmod tests {{\n{}}}\n",
            "x();\n\n// why\n".repeat(600)
        );
        assert_eq!(lines_without_tests(&format!("//! A.\na();\n{tests}")), 2);
    }
}
