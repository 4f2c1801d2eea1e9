//! Archives: what is in them, and how many are made at once.

use std::io::{Cursor, Read as _};

use crate::hub::House;
use crate::peer::{Peer, field, soon, status};

const ASK: &str =
    "GET /.landline/archive/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// The bytes of a chunked answer's content.
fn unchunked(mut content: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = content.windows(2).position(|two| two == b"\r\n").unwrap();
        let size =
            usize::from_str_radix(std::str::from_utf8(&content[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend_from_slice(&content[end + 2..end + 2 + size]);
        content = &content[end + 4 + size..];
    }
}

#[tokio::test]
async fn an_archive_is_read_by_another_reader_and_holds_what_is_shared() {
    let house = House::open();
    std::fs::create_dir_all(house.path().join("docs/empty")).unwrap();
    for (name, content) in [
        ("a.txt", "a"),
        ("docs/ä b.txt", "b"),
        ("docs/.hidden", "no"),
        ("big", &"x".repeat(300_000)),
    ] {
        std::fs::write(house.path().join(name), content).unwrap();
    }
    std::os::unix::fs::symlink(".", house.path().join("docs/circle")).unwrap();
    std::os::unix::fs::symlink("/etc", house.path().join("docs/out")).unwrap();
    std::os::unix::fs::symlink("../a.txt", house.path().join("docs/link.txt")).unwrap();
    let mut peer = Peer::connect(house.page).await;
    peer.send(ASK).await;
    let head = peer.head().await;
    assert_eq!(field(&head, "content-type"), Some("application/zip"));
    let mut content = Vec::new();
    use tokio::io::AsyncReadExt as _;
    soon(peer.0.read_to_end(&mut content)).await.unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(unchunked(&content))).unwrap();
    let mut names: Vec<String> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "a.txt",
            "big",
            "docs/",
            "docs/empty/",
            "docs/link.txt",
            "docs/ä b.txt"
        ]
    );
    for (name, expected) in [
        ("docs/ä b.txt", "b"),
        ("docs/link.txt", "a"),
        ("big", &"x".repeat(300_000)),
    ] {
        let mut found = String::new();
        archive
            .by_name(name)
            .unwrap()
            .read_to_string(&mut found)
            .unwrap();
        assert!(found == expected, "{name}");
    }
}

#[tokio::test]
async fn only_so_many_are_made_at_once_and_places_come_back() {
    let house = House::open();
    let endless = std::fs::File::create(house.path().join("big.bin")).unwrap();
    endless.set_len(1 << 30).unwrap();
    let mut stuck = Vec::new();
    loop {
        let mut peer = Peer::narrow(house.page).await;
        peer.send(ASK).await;
        let head = peer.head().await;
        match status(&head) {
            200 => stuck.push(peer),
            503 => {
                assert!(field(&head, "retry-after").is_some(), "{head}");
                break;
            }
            other => panic!("{other}: {head}"),
        }
        assert!(stuck.len() < 100, "nothing bounds them");
    }
    assert!(stuck.len() > 3, "only {}", stuck.len());
    // Who leaves in the middle of one takes its thread along.
    drop(stuck);
    std::fs::remove_file(house.path().join("big.bin")).unwrap();
    let again = async {
        loop {
            let mut peer = Peer::connect(house.page).await;
            peer.send(ASK).await;
            if status(&peer.head().await) == 200 {
                break;
            }
        }
    };
    soon(again).await;
}
