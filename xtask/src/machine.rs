//! What a figure was measured on: date, commit, kernel, processor, compiler.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

/// One line of facts for a table of results; a fact that cannot be had is `unknown`.
pub(crate) fn facts(root: &Path) -> String {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cores = available_parallelism().map_or(0, usize::from);
    format!(
        "{}, commit {}, Linux {}, {cores} cores of {}, {}",
        known(&said(root, "date", &["-u", "+%Y-%m-%d"])),
        known(&said(root, "git", &["describe", "--always", "--dirty"])),
        known(&kernel),
        known(model(&processors)),
        known(&said(root, "rustc", &["--version"])),
    )
}

/// The `model name` of the first processor in `/proc/cpuinfo`.
fn model(processors: &str) -> &str {
    processors
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("", |rest| rest.trim_start_matches([' ', '\t', ':']))
}

fn said(root: &Path, program: &str, arguments: &[&str]) -> String {
    Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default()
}

fn known(fact: &str) -> &str {
    match fact.trim() {
        "" => "unknown",
        fact => fact,
    }
}

#[cfg(test)]
mod tests {
    use super::{facts, known, model};
    use std::path::Path;

    #[test]
    fn the_model_is_the_first_processors() {
        let processors = "processor\t: 0\nmodel name\t: AMD EPYC 7B13\n\nmodel name\t: other\n";
        assert_eq!(model(processors), "AMD EPYC 7B13");
        assert_eq!(known(model("Features : fp")), "unknown");
    }

    #[test]
    fn facts_are_one_line() {
        let facts = facts(Path::new("."));
        assert!(facts.contains("Linux") && !facts.contains('\n'), "{facts}");
    }
}
