//! A held folder: what is found beneath it, what is made, and what nobody gets to.

use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use landline_tools::base::root::{Error, Opened, Root};
use landline_wire::name::RelativeName;
use rustix::fs::{CWD, FileType, Mode, mkdirat, mknodat};
use tempfile::TempDir;

/// A folder with a secret beside it, and one hidden inside.
fn place() -> (TempDir, Root) {
    let outside = tempfile::tempdir().unwrap();
    let shared = outside.path().join("shared");
    fs::create_dir_all(shared.join("inside/deep")).unwrap();
    fs::write(outside.path().join("secret"), "SECRET").unwrap();
    fs::write(shared.join("a.txt"), "content").unwrap();
    fs::write(shared.join("inside/b.txt"), "b").unwrap();
    fs::write(shared.join(".hidden"), "SECRET").unwrap();
    let root = Root::open(&shared, false).unwrap();
    (outside, root)
}

fn name(text: &str) -> RelativeName {
    RelativeName::parse(text.as_bytes()).unwrap()
}

/// What a name leads to: a file's content, `/` for a folder, or why not.
fn found(root: &Root, text: &str) -> String {
    match root.find(&name(text)) {
        Ok(Opened::File(mut file, facts)) => {
            let mut content = String::new();
            file.read_to_string(&mut content).unwrap();
            assert_eq!(facts.size, content.len() as u64);
            content
        }
        Ok(Opened::Folder(_)) => "/".to_owned(),
        Err(Error::Io(error)) => panic!("{text}: {error}"),
        Err(error) => format!("{error:?}"),
    }
}

/// The names in a folder, sorted, and whether there were more.
fn listed(root: &Root, folder: &str, limit: usize) -> (Vec<String>, bool) {
    let Ok(Opened::Folder(folder)) = root.find(&name(folder)) else {
        panic!("{folder:?} is no folder");
    };
    let (entries, cut) = folder.entries(root, limit).unwrap();
    let mut names: Vec<String> = entries
        .iter()
        .map(|entry| {
            let mark = if entry.is_folder { "/" } else { "" };
            let link = if entry.is_link { "@" } else { "" };
            format!("{}{mark}{link}", String::from_utf8_lossy(&entry.name))
        })
        .collect();
    names.sort();
    (names, cut)
}

#[test]
fn what_is_there_is_found_and_nothing_else() {
    let (_outside, root) = place();
    assert_eq!(found(&root, ""), "/");
    assert_eq!(found(&root, "a.txt"), "content");
    assert_eq!(found(&root, "inside/b.txt"), "b");
    assert_eq!(found(&root, "inside/deep"), "/");
    for absent in [
        "none",
        "inside/none",
        "a.txt/x",
        "none/x",
        ".hidden",
        ".",
        "inside/.x",
    ] {
        if let Ok(name) = RelativeName::parse(absent.as_bytes()) {
            assert!(matches!(root.find(&name), Err(Error::Absent)), "{absent}");
        }
    }
    let long = format!("inside/{}", "n".repeat(255));
    assert_eq!(found(&root, &long), "Absent", "a name as long as can be");
}

#[test]
fn what_is_no_folder_cannot_be_shared() {
    let (outside, _) = place();
    assert!(Root::open(&outside.path().join("secret"), false).is_err());
    assert!(Root::open(&outside.path().join("none"), false).is_err());
}

#[test]
fn hidden_names_are_shared_when_asked_and_unfinished_uploads_never() {
    let (outside, root) = place();
    let shared = outside.path().join("shared");
    let open = Root::open(&shared, true).unwrap();
    fs::write(shared.join(".landline-part-0123456789abcdef"), "half").unwrap();
    assert_eq!(found(&open, ".hidden"), "SECRET");
    assert_eq!(found(&open, ".landline-part-0123456789abcdef"), "Absent");
    assert_eq!(listed(&root, "", 10).0, ["a.txt", "inside/"]);
    assert_eq!(listed(&open, "", 10).0, [".hidden", "a.txt", "inside/"]);
    assert!(matches!(root.create(&name(".new")), Err(Error::Absent)));
    assert!(matches!(
        root.create(&name(".folder/new")),
        Err(Error::Absent)
    ));
    let part = name(".landline-part-x");
    assert!(matches!(open.create(&part), Err(Error::Absent)));
}

#[test]
fn links_are_followed_only_while_they_stay_inside() {
    let (outside, root) = place();
    let shared = outside.path().join("shared");
    for (target, link, leads) in [
        (Path::new("inside/b.txt"), "file", "b"),
        (Path::new("inside"), "folder", "/"),
        (Path::new("inside/deep/../b.txt"), "around", "b"),
        (Path::new("../secret"), "out", "Absent"),
        (Path::new(".."), "parent", "Absent"),
        (&outside.path().join("secret"), "absolute", "Absent"),
        (&shared.join("a.txt"), "absolute-inside", "Absent"),
        (Path::new(".hidden"), "hidden", "Absent"),
        (Path::new("none"), "dangling", "Absent"),
        (Path::new("circle"), "circle", "Absent"),
        (Path::new("/proc/self/root"), "magic", "Absent"),
    ] {
        symlink(target, shared.join(link)).unwrap();
        assert_eq!(found(&root, link), leads, "{link}");
    }
    assert_eq!(found(&root, "folder/b.txt"), "b");
    assert_eq!(found(&root, "parent/secret"), "Absent");
    assert_eq!(
        listed(&root, "", 100).0,
        ["a.txt", "around@", "file@", "folder/@", "inside/"]
    );
    assert!(matches!(
        root.create(&name("parent/new")),
        Err(Error::Absent | Error::Taken)
    ));
    assert!(!outside.path().join("new").exists());
}

#[test]
fn pipes_sockets_and_devices_are_neither_opened_nor_listed() {
    let (outside, root) = place();
    let shared = outside.path().join("shared");
    let (mode, nothing) = (Mode::from_raw_mode(0o600), 0);
    mknodat(CWD, shared.join("pipe"), FileType::Fifo, mode, nothing).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(shared.join("socket")).unwrap();
    let mut special = vec!["pipe", "socket"];
    // Only root can make a device (5:0 is the terminal, which acts when it is opened).
    let terminal = rustix::fs::makedev(5, 0);
    let device = mknodat(
        CWD,
        shared.join("device"),
        FileType::CharacterDevice,
        mode,
        terminal,
    );
    if device.is_ok() {
        special.push("device");
    }
    for name in special {
        // A pipe that was opened would block here, since nobody writes to it.
        assert_eq!(found(&root, name), "Absent", "{name}");
    }
    assert_eq!(listed(&root, "", 10).0, ["a.txt", "inside/"]);
}

#[test]
fn folders_are_listed_as_they_are() {
    let (outside, root) = place();
    let shared = outside.path().join("shared");
    fs::write(
        shared.join(std::ffi::OsStr::from_bytes(b"caf\xe9")),
        "latin",
    )
    .unwrap();
    fs::write(shared.join("line\nbreak"), "").unwrap();
    let (names, cut) = listed(&root, "", 10);
    assert_eq!(names, ["a.txt", "caf\u{fffd}", "inside/", "line\nbreak"]);
    assert!(!cut);
    let (names, cut) = listed(&root, "", 2);
    assert_eq!((names.len(), cut), (2, true));
    assert!(!listed(&root, "", 4).1, "exactly as many as may be");
    assert_eq!(listed(&root, "inside/deep", 10), (Vec::new(), false));
    let latin = RelativeName::parse(b"caf\xe9").unwrap();
    assert!(matches!(root.find(&latin), Ok(Opened::File(..))));
}

#[test]
fn a_held_folder_stays_the_same_one_wherever_it_goes() {
    let (outside, root) = place();
    let (shared, moved) = (outside.path().join("shared"), outside.path().join("moved"));
    fs::rename(&shared, &moved).unwrap();
    symlink(outside.path(), &shared).unwrap();
    assert_eq!(found(&root, "a.txt"), "content");
    assert_eq!(found(&root, "secret"), "Absent");
    fs::write(moved.join("later"), "later").unwrap();
    assert_eq!(found(&root, "later"), "later");
}

#[test]
fn folders_are_made_for_a_new_file_and_files_are_no_folders() {
    let (outside, root) = place();
    let mut fresh = root.create(&name("new/deeper/c.txt")).unwrap();
    fresh.write_all(b"c").unwrap();
    fresh.keep_as("c.txt").unwrap();
    assert_eq!(found(&root, "new/deeper/c.txt"), "c");
    assert!(matches!(
        root.create(&name("a.txt/c.txt")),
        Err(Error::Taken | Error::Absent)
    ));
    assert!(matches!(
        root.create(&name("a.txt/deep/c.txt")),
        Err(Error::Taken | Error::Absent)
    ));
    assert_eq!(
        fs::read(outside.path().join("shared/a.txt")).unwrap(),
        b"content"
    );
}

#[test]
fn a_name_that_is_swapped_in_a_loop_is_one_thing_or_none() {
    let (outside, root) = place();
    let shared = outside.path().join("shared");
    mkdirat(CWD, shared.join("real"), Mode::from_raw_mode(0o700)).unwrap();
    fs::write(shared.join("real/secret"), "harmless").unwrap();
    let over = AtomicBool::new(false);
    let (mut harmless, mut absent) = (0_u32, 0_u32);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // `folder` is by turns the real folder and a link to the one with the secret.
            while !over.load(Ordering::Relaxed) {
                fs::rename(shared.join("real"), shared.join("folder")).unwrap();
                fs::rename(shared.join("folder"), shared.join("real")).unwrap();
                symlink("..", shared.join("folder")).unwrap();
                fs::remove_file(shared.join("folder")).unwrap();
            }
        });
        // Both outcomes must be met, or the race was none; then a good many more tries.
        let begin = std::time::Instant::now();
        let mut tries = 0;
        while (tries < 20_000 || harmless == 0 || absent == 0)
            && begin.elapsed() < crate::peer::PATIENCE
        {
            tries += 1;
            match found(&root, "folder/secret").as_str() {
                "harmless" => harmless += 1,
                "Absent" => absent += 1,
                other => {
                    over.store(true, Ordering::Relaxed);
                    panic!("it led out: {other}");
                }
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    assert!(harmless > 0 && absent > 0, "{harmless} and {absent}");
}
