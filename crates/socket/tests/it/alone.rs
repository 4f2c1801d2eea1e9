//! A test in a process of its own: one that counts descriptors or threads, or wants a machine of its own.

use std::env;
use std::path::Path;
use std::process::{Command, Output};

/// What the test is told by, among its process's arguments; as a filter it matches no test.
const MARK: &str = "alone-in-its-process";

/// Whether this process runs one test alone.
pub(crate) fn is_alone() -> bool {
    env::args().any(|argument| argument == MARK)
}

/// Runs the test of this name again, alone, and fails as it fails.
pub(crate) fn run(test: &str) {
    let output = run_under(&mut Command::new("env"), test);
    assert_passed(test, &output);
}

/// Runs the test of this name again, alone, under a command that takes a program and its arguments.
pub(crate) fn run_under(command: &mut Command, test: &str) -> Output {
    let myself = env::current_exe().unwrap();
    command
        .arg(&myself)
        .args(["--exact", test, MARK, "--nocapture", "--test-threads=1"])
        .output()
        .unwrap()
}

pub(crate) fn assert_passed(test: &str, output: &Output) {
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complained}");
    // A name that matches nothing would pass too.
    assert!(said.contains("1 passed"), "{test}: {said}");
}

/// How many descriptors this process has, that of the counting not among them.
pub(crate) fn descriptors() -> usize {
    count("/proc/self/fd") - 1
}

/// How many threads this process has.
pub(crate) fn threads() -> usize {
    count("/proc/self/task")
}

/// How many of them have this name.
pub(crate) fn threads_called(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // One that has ended since has no name any more.
    let names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|of_this| of_this.trim_end() == name).count()
}

fn count(folder: impl AsRef<Path>) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}
