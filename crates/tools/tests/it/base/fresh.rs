//! A fresh file: whole under its name or not there at all, and never in another's place unasked.

use std::fs;
use std::path::Path;

use landline_tools::base::fresh::FreshFile;
use landline_tools::base::root::{Error, Root};
use landline_wire::name::RelativeName;
use tempfile::TempDir;

fn place() -> (TempDir, Root) {
    let folder = tempfile::tempdir().unwrap();
    let root = Root::open(folder.path(), false).unwrap();
    (folder, root)
}

fn fresh(root: &Root, content: &[u8]) -> FreshFile {
    let name = RelativeName::parse(b"whatever").unwrap();
    let mut fresh = root.create(&name).unwrap();
    fresh.write_all(content).unwrap();
    fresh
}

/// Every name in the folder, hidden ones included.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_dropped_is_gone() {
    let (folder, root) = place();
    let mut half = fresh(&root, b"half");
    half.sync().unwrap();
    assert!(
        names(folder.path())
            .iter()
            .all(|name| name.starts_with('.')),
        "nobody sees it while it is written"
    );
    drop(half);
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn what_is_kept_is_whole_and_alone() {
    let (folder, root) = place();
    let mut whole = fresh(&root, b"who");
    whole.write_all(b"le").unwrap();
    whole.sync().unwrap();
    let facts = whole.keep_as("a.txt").unwrap();
    assert_eq!(facts.size, 5);
    drop(whole);
    assert_eq!(names(folder.path()), ["a.txt"]);
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), b"whole");
}

#[test]
fn a_taken_name_is_left_alone_and_another_can_be_tried() {
    let (folder, root) = place();
    fs::write(folder.path().join("a.txt"), "old").unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("link")).unwrap();
    let mut new = fresh(&root, b"new");
    for taken in ["a.txt", "folder", "link"] {
        assert!(matches!(new.keep_as(taken), Err(Error::Taken)), "{taken}");
    }
    new.keep_as("b.txt").unwrap();
    drop(new);
    assert_eq!(names(folder.path()), ["a.txt", "b.txt", "folder", "link"]);
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), b"old");
    assert_eq!(fs::read(folder.path().join("b.txt")).unwrap(), b"new");
}

#[test]
fn who_asks_for_it_replaces_in_one_step() {
    let (folder, root) = place();
    fs::write(folder.path().join("a.txt"), "old").unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    let mut new = fresh(&root, b"new");
    assert!(new.replace("folder").is_err(), "a folder is not replaced");
    assert_eq!(new.replace("a.txt").unwrap().size, 3);
    drop(new);
    assert_eq!(names(folder.path()), ["a.txt", "folder"]);
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), b"new");
}

#[test]
fn of_many_that_want_one_name_one_gets_it() {
    let (folder, root) = place();
    let kept: Vec<bool> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8_u8)
            .map(|n| {
                let root = &root;
                scope.spawn(move || {
                    let mut mine = fresh(root, &[n; 1000]);
                    match mine.keep_as("a.bin") {
                        Ok(_) => true,
                        Err(Error::Taken) => false,
                        Err(error) => panic!("{error}"),
                    }
                })
            })
            .collect();
        racers
            .into_iter()
            .map(|racer| racer.join().unwrap())
            .collect()
    });
    assert_eq!(kept.iter().filter(|kept| **kept).count(), 1);
    assert_eq!(names(folder.path()), ["a.bin"]);
    let winner = kept.iter().position(|kept| *kept).unwrap();
    let content = fs::read(folder.path().join("a.bin")).unwrap();
    assert_eq!(content, [u8::try_from(winner).unwrap(); 1000]);
}
