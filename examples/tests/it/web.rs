//! Lessons 18 and 19: HTTP by hand, on both sides; curl and Python's own server judge.

use std::process::Command;

use crate::program::{Program, interpreter, lesson};

#[test]
fn a_browser_is_greeted_by_its_address() {
    let mut server = lesson("19-http-server", &["0"]);
    let port = server.port();
    let lines = lesson("18-http-get", &["127.0.0.1", &port, "/"]).ends();
    assert_eq!(lines[0], "status: \"HTTP/1.1 200 OK\"");
    assert!(
        lines.iter().any(|line| line.contains("Hello, 127.0.0.1:")),
        "{lines:?}"
    );
    assert!(server.line().ends_with("\"GET / HTTP/1.1\" 200 OK"));
    let lines = lesson("18-http-get", &["localhost", &port, "/about"]).ends();
    assert!(
        lines.iter().any(|line| line.contains("Fifty lines")),
        "{lines:?}"
    );
    let lines = lesson("18-http-get", &["127.0.0.1", &port, "/<script>"]).ends();
    assert_eq!(lines[0], "status: \"HTTP/1.1 404 Not Found\"");
    assert!(
        !lines.iter().any(|line| line.contains("<script>")),
        "{lines:?}"
    );
}

#[test]
fn curl_is_content_with_the_server() {
    let mut server = lesson("19-http-server", &["0"]);
    let port = server.port();
    let url = format!("http://127.0.0.1:{port}/");
    let curl = |arguments: &[&str]| {
        let mut command = Command::new("curl");
        command.args([
            "--silent",
            "--show-error",
            "--write-out",
            "\n%{http_code}\n",
        ]);
        Program::start("curl", command.args(arguments))
    };
    let lines = curl(&[&url]).ends();
    assert!(
        lines
            .iter()
            .any(|line| line.contains("<p>Hello, 127.0.0.1:")),
        "{lines:?}"
    );
    assert_eq!(lines.last().unwrap(), "200");
    let lines = curl(&["--data", "x=1", &url]).ends();
    assert_eq!(lines.last().unwrap(), "501");
    // A head that never ends is not answered, and the next visitor is.
    let long = format!("Long: {}", "x".repeat(20_000));
    curl(&["--header", &long, &url]).fails();
    assert_eq!(curl(&[&url]).ends().last().unwrap(), "200");
}

#[test]
fn a_page_is_fetched_from_python_s_server() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.txt"), "from a file\n").unwrap();
    let mut command = Command::new(interpreter());
    command.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]);
    let mut server = Program::start("http.server", command.current_dir(folder.path()));
    // Serving HTTP on 127.0.0.1 port 43213 (http://127.0.0.1:43213/) ...
    let line = server.until("Serving HTTP on ");
    let port = line.split(' ').nth(5).unwrap();
    let lines = lesson("18-http-get", &["127.0.0.1", port, "/page.txt"]).ends();
    assert!(lines[0].ends_with(" 200 OK\""), "{lines:?}");
    assert_eq!(
        lines[lines.len() - 2..],
        ["body of 12 bytes:", "\"from a file\""]
    );
}
