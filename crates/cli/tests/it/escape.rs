//! Nobody gets out of the folder: by a path, an upload's name, or a link.

use std::os::unix::fs::symlink;

use crate::raw::{get, request};
use crate::up::Up;

/// Every spelling of "out of here" that peers of this kind fell for.
const ESCAPES: &[&str] = &[
    "/../secret",
    "/..",
    "/../",
    "/inside/../../secret",
    "/./secret",
    "/%2e%2e/secret",
    "/%2E%2E/secret",
    "/.%2e/secret",
    "/%252e%252e/secret",
    "/..%2fsecret",
    "/..%2Fsecret",
    "/inside%2f..%2f..%2fsecret",
    "/..%5csecret",
    "/..\\secret",
    "/%5c..%5csecret",
    "//secret",
    "//etc/passwd",
    "/inside//secret",
    "/%2fetc%2fpasswd",
    "/secret%00",
    "/secret%00.txt",
    "/%c0%ae%c0%ae/secret",
    "/%c0%ae%c0%ae%c0%afsecret",
    "/%e0%80%ae%e0%80%ae/secret",
    "/%u002e%u002e/secret",
    "/%2",
    "/%zz",
    "/..;/secret",
    "/C:/secret",
    "/C:%5csecret",
    "/%0asecret",
    "/.hidden",
    "/inside/.hidden",
    "/%2ehidden",
];

/// A room inside a folder that holds a secret beside it.
fn room_beside_a_secret(arguments: &[&str]) -> (tempfile::TempDir, Up) {
    let outside = tempfile::tempdir().unwrap();
    let shared = outside.path().join("shared");
    std::fs::create_dir_all(shared.join("inside")).unwrap();
    std::fs::write(outside.path().join("secret"), "SECRET").unwrap();
    std::fs::write(shared.join(".hidden"), "SECRET").unwrap();
    std::fs::write(shared.join("inside/.hidden"), "SECRET").unwrap();
    let listen = ["--listen", "127.0.0.1:0", "--chat-listen", "127.0.0.1:0"];
    let up = Up::on(&shared, &[&listen, arguments].concat());
    (outside, up)
}

/// Every file outside the shared folder or hidden in it, to see that none is new or changed.
fn outside_state(outside: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(outside)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.push(std::fs::read_to_string(outside.join("secret")).unwrap());
    names.push(std::fs::read_to_string(outside.join("shared/.hidden")).unwrap());
    names
}

#[test]
fn no_path_reads_outside() {
    let (_outside, up) = room_beside_a_secret(&[]);
    for escape in ESCAPES {
        let answer = get(&up.page, escape);
        assert!(
            (400..500).contains(&answer.status),
            "{escape}: {}",
            answer.head
        );
        assert!(
            !answer.text().contains("SECRET") && !answer.text().contains("root:"),
            "{escape}"
        );
        let archive = get(&up.page, &format!("/.landline/archive{escape}/"));
        assert!(
            (400..500).contains(&archive.status),
            "archive {escape}: {}",
            archive.head
        );
    }
}

#[test]
fn no_path_writes_outside() {
    let (outside, up) = room_beside_a_secret(&["--write"]);
    let before = outside_state(outside.path());
    for escape in ESCAPES {
        for (method, target) in [
            ("PUT", (*escape).to_owned()),
            ("POST", format!("/.landline/upload{escape}")),
        ] {
            let answer = request(&up.page, method, &target, &[], b"OVERWRITTEN");
            // Decoded once, as it must be, `%252e` is a name with a percent sign in it, and harmless.
            let is_a_name = escape.contains("%252e") && answer.status == 201;
            assert!(
                is_a_name || (400..500).contains(&answer.status),
                "{method} {target}: {}",
                answer.head
            );
            assert_eq!(outside_state(outside.path()), before, "{method} {target}");
        }
    }
    assert_eq!(
        std::fs::read_dir(outside.path().join("shared/inside"))
            .unwrap()
            .count(),
        1,
        "only .hidden"
    );
}

#[test]
fn a_link_is_followed_only_while_it_stays_inside() {
    let (outside, up) = room_beside_a_secret(&["--write"]);
    let shared = outside.path().join("shared");
    std::fs::write(shared.join("inside/plain"), "fine").unwrap();
    symlink("inside/plain", shared.join("link-inside")).unwrap();
    symlink("inside", shared.join("link-folder")).unwrap();
    symlink("../secret", shared.join("link-out")).unwrap();
    symlink(outside.path().join("secret"), shared.join("link-absolute")).unwrap();
    symlink("..", shared.join("link-parent")).unwrap();
    symlink(".hidden", shared.join("link-hidden")).unwrap();
    symlink("loop-b", shared.join("loop-a")).unwrap();
    symlink("loop-a", shared.join("loop-b")).unwrap();

    assert_eq!(get(&up.page, "/link-inside").text(), "fine");
    assert_eq!(get(&up.page, "/link-folder/plain").text(), "fine");
    let refused = [
        "/link-out",
        "/link-absolute",
        "/link-parent/",
        "/link-parent/secret",
        "/link-hidden",
        "/loop-a",
    ];
    for target in refused {
        assert_eq!(get(&up.page, target).status, 404, "{target}");
    }
    let listing = request(&up.page, "GET", "/", &["Accept: application/json"], b"").text();
    for (name, listed) in [
        ("link-inside", true),
        ("link-folder", true),
        ("link-out", false),
        ("link-absolute", false),
        ("link-parent", false),
        ("link-hidden", false),
        ("loop-a", false),
    ] {
        assert_eq!(
            listing.contains(&format!("\"{name}\"")),
            listed,
            "{name} in {listing}"
        );
    }
    let before = outside_state(outside.path());
    for target in ["/link-parent/new", "/link-out", "/link-absolute"] {
        let answer = request(&up.page, "PUT", target, &["If-Match: *"], b"OVERWRITTEN");
        assert!(
            (400..500).contains(&answer.status),
            "PUT {target}: {}",
            answer.head
        );
    }
    assert_eq!(outside_state(outside.path()), before);
}

#[test]
fn a_link_that_is_swapped_in_a_loop_never_leads_out() {
    let (outside, up) = room_beside_a_secret(&[]);
    let shared = outside.path().join("shared");
    std::fs::create_dir(shared.join("real")).unwrap();
    std::fs::write(shared.join("real/secret"), "harmless").unwrap();
    let swapped = shared.clone();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let swapper = std::thread::spawn(move || {
        // `folder` is by turns the real folder and a link to the parent, where the secret is.
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            std::fs::rename(swapped.join("real"), swapped.join("folder")).unwrap();
            std::fs::rename(swapped.join("folder"), swapped.join("real")).unwrap();
            symlink("..", swapped.join("folder")).unwrap();
            std::fs::remove_file(swapped.join("folder")).unwrap();
        }
    });
    for _ in 0..300 {
        let answer = get(&up.page, "/folder/secret");
        assert!(!answer.text().contains("SECRET"), "{answer:?}");
    }
    drop(stop);
    swapper.join().unwrap();
}

#[test]
fn pipes_sockets_and_devices_are_404_at_once() {
    let up = Up::start(&["--hidden"]);
    let make = |program: &str, name: &str, more: &[&str]| {
        let mut command = std::process::Command::new(program);
        let status = command.arg(up.folder().join(name)).args(more).status();
        status.unwrap().success()
    };
    assert!(make("mkfifo", "pipe", &[]));
    let _socket = std::os::unix::net::UnixListener::bind(up.folder().join("socket")).unwrap();
    // A device that never ends. Only root can make one, and not everywhere; a link to one leads out.
    let has_device = make("mknod", "device", &["c", "1", "5"]);
    symlink("/dev/zero", up.folder().join("link")).unwrap();
    for target in ["/pipe", "/socket", "/device", "/link"] {
        assert_eq!(get(&up.page, target).status, 404, "{target}");
    }
    assert_eq!(up.folder().join("device").exists(), has_device);
    let listing = request(&up.page, "GET", "/", &["Accept: application/json"], b"").text();
    assert!(listing.contains("\"entries\":[]"), "{listing}");
}
