//! Lesson 21: a file arrives whole, or not at all.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use crate::program::{lesson, python};

/// More than any buffer on the way, and no multiple of one.
fn content() -> Vec<u8> {
    (0..1_000_003_u32)
        .map(|at| (at.wrapping_mul(at) >> 7) as u8)
        .collect()
}

#[test]
fn a_file_arrives_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (original, content) = (path("original"), content());
    fs::write(&original, &content).unwrap();
    for (copy, sender_in_python, receiver_in_python) in [
        ("ours", false, false),
        ("python's", false, true),
        ("from python", true, false),
    ] {
        let mut sender = match sender_in_python {
            true => python("21_file_sender", &[&original, "0"]),
            false => lesson("21-file-sender", &[&original, "0"]),
        };
        let (port, copy) = (sender.port(), path(copy));
        let lines = match receiver_in_python {
            true => python("21_file_receiver", &[&copy, &port]).ends(),
            false => lesson("21-file-receiver", &[&copy, &port]).ends(),
        };
        assert!(lines[0].ends_with("with the right MD5"), "{lines:?}");
        assert!(fs::read(&copy).unwrap() == content);
        sender.ends();
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 4, "no half file");
}

#[test]
fn what_is_damaged_is_not_kept() {
    let digits = b"5d41402abc4b2a76b9719d911017c592";
    for (bytes, complaint) in [
        ([digits, b"hello".as_slice()].concat(), None),
        ([digits, b"hellO".as_slice()].concat(), Some("damaged")),
        ([digits, b"hell".as_slice()].concat(), Some("damaged")),
        (b"5d41".to_vec(), Some("failed to fill whole buffer")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy");
        let lines = received(&bytes, &copy, complaint.is_none());
        match complaint {
            None => assert_eq!(fs::read(&copy).unwrap(), b"hello"),
            Some(text) => assert!(lines[0].contains(text), "{lines:?}"),
        }
        let left = fs::read_dir(&folder).unwrap().count();
        assert_eq!(left, usize::from(complaint.is_none()));
    }
}

#[test]
fn a_name_that_is_taken_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    fs::write(&copy, "mine").unwrap();
    let lines = received(b"5d41402abc4b2a76b9719d911017c592hello", &copy, false);
    assert!(lines[0].contains("File exists"), "{lines:?}");
    assert_eq!(fs::read(&copy).unwrap(), b"mine");
}

/// What the receiver prints who is sent this, and nothing more.
fn received(bytes: &[u8], copy: &Path, ends_well: bool) -> Vec<String> {
    let sender = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = sender.local_addr().unwrap().port().to_string();
    let bytes = bytes.to_vec();
    let sending = thread::spawn(move || sender.accept().unwrap().0.write_all(&bytes));
    let receiver = lesson("21-file-receiver", &[copy.to_str().unwrap(), &port]);
    let lines = match ends_well {
        true => receiver.ends(),
        false => receiver.fails(),
    };
    sending.join().unwrap().unwrap();
    lines
}
