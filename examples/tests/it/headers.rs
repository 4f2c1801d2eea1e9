//! Each lesson's header says how to run it, and that works as it is written: on the default port, one command after another.

use std::env;
use std::fs;
use std::process::Command;

use crate::course::lessons;
use crate::program::{Program, executable, home};

/// What the process is told by that has a network, and so port 7000, to itself; as a filter it matches no test.
const MARK: &str = "alone-in-its-network";

#[test]
fn every_header_s_commands_work_as_written() {
    const SELF: &str = "headers::every_header_s_commands_work_as_written";
    if env::args().any(|argument| argument == MARK) {
        for name in lessons() {
            run_as_written(&name);
        }
        return;
    }
    let output = Command::new("unshare")
        .args(["-rn", "sh", "-ec"])
        .arg("ip link set lo up; exec timeout 120 \"$0\" \"$@\"")
        .arg(env::current_exe().unwrap())
        .args(["--exact", SELF, MARK, "--nocapture", "--test-threads=1"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    if complained.contains("unshare: ") {
        // No namespaces for us here; then that the commands exist is all that can be known.
        assert!(complained.contains("not permitted"), "{complained}");
        return;
    }
    assert!(output.status.success(), "{said}{complained}");
    assert!(said.contains("1 passed"), "{said}");
}

/// The commands of a header; what follows a lesson's name are its arguments, and the features it needs.
pub(crate) fn commands(name: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(home().join(name).with_extension("rs")).unwrap();
    let header: Vec<&str> = text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .collect();
    // In backticks, which may go over the end of a line.
    let header = header.join("");
    let quoted = header.split('`').skip(1).step_by(2);
    quoted
        .filter_map(|command| command.strip_prefix("cargo lesson "))
        .map(|command| {
            let (name, arguments) = command.split_once(' ').unwrap_or((command, ""));
            (name.to_owned(), arguments.to_owned())
        })
        .collect()
}

/// In the order of the header; a server goes on, anything else ends, and well. Nothing is typed.
fn run_as_written(name: &str) {
    let commands = commands(name);
    assert!(
        commands.iter().any(|(run, _)| run == name),
        "{name} does not say how to run it"
    );
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("README.md"), "A file to send.\n").unwrap();
    let mut servers = Vec::new();
    for (run, arguments) in commands {
        let needs_more = ["16", "17"].iter().any(|number| run.starts_with(number));
        assert_eq!(
            arguments.contains("--features all"),
            needs_more,
            "{name}: {run}"
        );
        if needs_more && cfg!(not(feature = "all")) {
            return;
        }
        let arguments = arguments.replace("--features all", "");
        let mut shell = Command::new("sh");
        // The shell takes the arguments apart, as it does for whoever copies the line.
        shell
            .arg("-c")
            .arg(format!("exec \"$0\" {arguments}"))
            .arg(executable(&run));
        let mut program = Program::start(&run, shell.current_dir(&folder));
        if is_server(&run) {
            program.until("listening on ");
            program.end_input();
            servers.push(program);
        } else {
            program.ends();
        }
    }
}

/// It waits to be called; all the others call, or do both.
fn is_server(name: &str) -> bool {
    name.ends_with("-server") || ["12-simplex-receiver", "21-file-sender"].contains(&name)
}
