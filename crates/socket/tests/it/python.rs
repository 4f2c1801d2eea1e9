//! CPython as a judge: what it answers to the same questions.

use std::io::Write;
use std::process::{Command, Stdio};

/// What a script prints, line by line.
pub(crate) fn lines_of(script: &str) -> Vec<String> {
    let mut python = Command::new("python3")
        .args(["-I", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 judges this test");
    // It reads all of the script before it prints anything.
    let mut stdin = python.stdin.take().unwrap();
    stdin.write_all(script.as_bytes()).unwrap();
    drop(stdin);
    let output = python.wait_with_output().unwrap();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complained}");
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().map(str::to_owned).collect()
}
