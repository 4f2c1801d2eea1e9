//! `--hex` and `--record`: what passed, as a dump that other programs read.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::talker::Talker;

/// What `xxd` makes of the rows with a mark.
fn undumped(record: &str, mark: char) -> Vec<u8> {
    let rows: Vec<&str> = record
        .lines()
        .filter_map(|row| row.strip_prefix(mark)?.strip_prefix(' '))
        .collect();
    let mut xxd = Command::new("xxd")
        .args(["-r", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let rows = rows.join("\n") + "\n";
    let mut stdin = xxd.stdin.take().unwrap();
    // It writes before it has read everything.
    std::thread::spawn(move || stdin.write_all(rows.as_bytes()));
    xxd.wait_with_output().unwrap().stdout
}

#[test]
fn a_record_has_every_byte_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record");
    let (mut server, url) = Talker::listen(&["127.0.0.1:0"]);
    let record = path.to_str().unwrap();
    let mut client = Talker::start(&["connect", &url, "--record", record]);
    let sent: Vec<u8> = (0..100_000u32).map(|n| ((n * 7) >> 3) as u8).collect();
    client.send(&sent);
    client.finish();
    server.send(b"an answer\n\x1b[2J");
    server.finish();
    assert_eq!(server.rest(), sent);
    assert_eq!(client.rest(), b"an answer\n\x1b[2J");
    assert_eq!((client.code(), server.code()), (0, 0));
    let record = std::fs::read_to_string(&path).unwrap();
    assert_eq!(undumped(&record, '>'), sent);
    assert_eq!(undumped(&record, '<'), b"an answer\n\x1b[2J");
    let peer = url.trim_start_matches("tcp://");
    for head in record.lines().filter(|row| row.starts_with('#')) {
        let words: Vec<&str> = head.split(' ').collect();
        let [_, time, direction, who, count, "bytes"] = words[..] else {
            panic!("{head}");
        };
        assert!(time.len() == 16 && time.ends_with('Z'), "{head}");
        assert!([">", "<"].contains(&direction) && who == peer, "{head}");
        assert!(count.parse::<usize>().unwrap() > 0);
    }
}

#[test]
fn a_dump_stands_beside_what_comes() {
    let (mut server, url) = Talker::listen(&["127.0.0.1:0", "--hex"]);
    let mut client = Talker::start(&["connect", &url]);
    client.send(b"hello\n");
    server.expect(b"hello\n");
    server.expect_stderr("< 00000000: 6865 6c6c 6f0a                           hello.");
    server.send(b"\x00\xff");
    server.expect_stderr("> 00000000: 00ff                                     ..");
}

#[test]
fn a_record_that_cannot_be_kept_is_said_before_anything_begins() {
    let mut client = Talker::start(&["connect", "127.0.0.1:1", "--record", "/no/such/folder"]);
    assert_eq!(client.code(), 1);
    let said = client.rest_of_stderr();
    assert!(
        said.contains("cannot keep a record in /no/such/folder: "),
        "{said}"
    );
}
