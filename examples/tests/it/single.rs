//! Lessons 08, 09, 10 and 17: both ends in one program.

use crate::program::lesson;

#[test]
fn options_are_shown_and_reuse_is_needed() {
    let lines = lesson("08-options", &[]).ends();
    let has = |text: &str| assert!(lines.iter().any(|line| line.contains(text)), "{lines:?}");
    has("10000 asked for: 20000 given");
    has("no delay: false");
    has("no delay now: true");
    has("keep-alive: true");
    has("without reuse: bind to 127.0.0.1:");
    has("address already in use");
    assert_eq!(
        lines.last().unwrap(),
        "with reuse: the server is back on its port"
    );
}

#[test]
fn timeouts_end_what_would_not_end() {
    let lines = lesson("09-timeouts", &[]).ends();
    for (line, expected) in lines.iter().zip([
        "accept: timed out after 0.",
        "receive: timed out after 0.",
        "send to one who does not read: timed out after 0.",
        "receive without waiting: receive: resource temporarily unavailable",
        "receive in time: done after 0.",
    ]) {
        assert!(line.starts_with(expected), "{lines:?}");
    }
    assert_eq!(lines.len(), 5);
    assert!(
        lines[..3].iter().all(|line| !line.ends_with("0.0 s")),
        "{lines:?}"
    );
}

#[test]
fn what_never_waits_asks_again() {
    let lines = lesson("10-nonblocking", &[]).ends();
    assert!(lines[0].starts_with("nobody yet: accept: "), "{lines:?}");
    assert!(lines[1].starts_with("done, and "), "{lines:?}");
    assert!(lines[2].starts_with("done, and "), "{lines:?}");
    assert_eq!(lines[3], "received \"at last\"");
}

#[cfg(feature = "all")]
#[test]
fn four_models_serve_the_same_crowd() {
    let lines = lesson("17-models", &[]).ends();
    for (line, model) in lines
        .iter()
        .zip(["Single", "Threads(64)", "Readiness", "Tasks"])
    {
        let expected = format!("{model}: 8 clients with 100 questions each in ");
        assert!(line.starts_with(&expected), "{lines:?}");
    }
    assert_eq!(lines.len(), 4);
}
