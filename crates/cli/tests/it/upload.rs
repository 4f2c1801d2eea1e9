//! Uploads: whole or not at all, never in the place of another, only where allowed.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::files::{curl, pattern};
use crate::raw::{get, request};
use crate::up::Up;

/// Names in the shared folder, our unfinished ones included.
fn names(up: &Up) -> Vec<String> {
    let entries = std::fs::read_dir(up.folder()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn nothing_is_written_unless_allowed() {
    let up = Up::start(&[]);
    assert_eq!(request(&up.page, "PUT", "/a.txt", &[], b"x").status, 403);
    assert_eq!(
        request(&up.page, "POST", "/.landline/upload/a.txt", &[], b"x").status,
        403
    );
    assert_eq!(request(&up.page, "DELETE", "/a.txt", &[], b"").status, 405);
    assert!(names(&up).is_empty());
}

#[test]
fn curl_uploads_with_its_own_hesitation() {
    let up = Up::start(&["--write"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("big.bin");
    std::fs::write(&file, pattern(2_500_000)).unwrap();
    let target = format!("http://{}/sub/folder/", up.page);
    // For a body of this size curl asks with `Expect: 100-continue` first.
    let printed = curl(&["-w", "%{http_code}", "-T", file.to_str().unwrap(), &target]);
    assert!(printed.ends_with("201"), "{printed}");
    assert!(std::fs::read(up.folder().join("sub/folder/big.bin")).unwrap() == pattern(2_500_000));
    let chunked = curl(&[
        "-w",
        "%{http_code}",
        "-H",
        "Transfer-Encoding: chunked",
        "-T",
        file.to_str().unwrap(),
        &format!("{target}again.bin"),
    ]);
    assert!(chunked.ends_with("201"), "{chunked}");
    assert!(std::fs::read(up.folder().join("sub/folder/again.bin")).unwrap() == pattern(2_500_000));
    up.expect_stderr("uploaded sub/folder/big.bin (2.3 MiB");
}

#[test]
fn an_existing_name_is_kept_or_numbered() {
    let up = Up::start(&["--write"]);
    up.put("a.txt", "old");
    assert_eq!(request(&up.page, "PUT", "/a.txt", &[], b"new").status, 409);
    let post = |body: &[u8]| request(&up.page, "POST", "/.landline/upload/a.txt", &[], body);
    let answer = post(b"second");
    assert_eq!(answer.status, 201);
    let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        (told["path"].as_str(), told["size"].as_u64()),
        (Some("a (2).txt"), Some(6))
    );
    assert_eq!(
        (told["href"].as_str(), answer.field("Location")),
        (Some("/a%20(2).txt"), "/a%20(2).txt")
    );
    assert_eq!(post(b"third").status, 201);
    assert_eq!(names(&up), ["a (2).txt", "a (3).txt", "a.txt"]);
    assert_eq!(get(&up.page, "/a.txt").text(), "old");
    assert_eq!(get(&up.page, "/a%20(3).txt").text(), "third");
}

#[test]
fn if_match_replaces_what_it_names_and_nothing_else() {
    let up = Up::start(&["--write"]);
    up.put("a.txt", "old");
    let etag = get(&up.page, "/a.txt").field("ETag").to_owned();
    assert_eq!(
        request(&up.page, "PUT", "/a.txt", &["If-Match: \"other\""], b"new").status,
        412
    );
    assert_eq!(
        request(&up.page, "PUT", "/none.txt", &["If-Match: *"], b"new").status,
        412
    );
    assert_eq!(
        request(&up.page, "PUT", "/a.txt", &["If-None-Match: *"], b"new").status,
        412
    );
    assert_eq!(get(&up.page, "/a.txt").text(), "old");
    assert_eq!(
        request(
            &up.page,
            "PUT",
            "/a.txt",
            &[&format!("If-Match: {etag}")],
            b"new"
        )
        .status,
        200
    );
    assert_eq!(get(&up.page, "/a.txt").text(), "new");
    assert_eq!(
        request(
            &up.page,
            "PUT",
            "/a.txt",
            &[&format!("If-Match: {etag}")],
            b"newer"
        )
        .status,
        412,
        "it changed"
    );
    assert_eq!(names(&up), ["a.txt"]);
}

#[test]
fn of_several_replacements_of_one_state_one_wins() {
    let up = Up::start(&["--write"]);
    up.put("a.txt", "old");
    for _ in 0..5 {
        let etag = get(&up.page, "/a.txt").field("ETag").to_owned();
        let condition = format!("If-Match: {etag}");
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let replace = |body: u8| {
                let (page, condition) = (&up.page, &condition);
                let body = vec![body; 200_000];
                scope.spawn(move || request(page, "PUT", "/a.txt", &[condition], &body).status)
            };
            let racing: Vec<_> = (b'a'..=b'd').map(replace).collect();
            racing.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let wins = statuses.iter().filter(|&&status| status == 200).count();
        assert_eq!(wins, 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 412].contains(status)));
    }
}

#[test]
fn a_replaced_file_stays_as_closed_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    let up = Up::start(&["--write"]);
    up.put("a.txt", "old");
    let path = up.folder().join("a.txt");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(
        request(&up.page, "PUT", "/a.txt", &["If-Match: *"], b"new").status,
        200
    );
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn two_uploads_of_one_name_are_both_kept_whole() {
    let up = Up::start(&["--write"]);
    let bodies: Vec<Vec<u8>> = (1..=6_u8).map(|n| vec![n; 400_000]).collect();
    std::thread::scope(|scope| {
        for body in &bodies {
            scope.spawn(|| {
                assert_eq!(
                    request(&up.page, "POST", "/.landline/upload/x.bin", &[], body).status,
                    201
                );
            });
        }
    });
    let mut kept: Vec<Vec<u8>> = names(&up)
        .iter()
        .map(|name| std::fs::read(up.folder().join(name)).unwrap())
        .collect();
    kept.sort();
    assert!(kept == bodies, "{:?}", names(&up));
}

#[test]
fn half_an_upload_leaves_nothing() {
    let up = Up::start(&["--write"]);
    let mut stream = TcpStream::connect(&up.page).unwrap();
    write!(
        stream,
        "PUT /half.bin HTTP/1.1\r\nHost: {}\r\nContent-Length: 1000000\r\n\r\n",
        up.page
    )
    .unwrap();
    stream.write_all(&pattern(500_000)).unwrap();
    // A part file is there while it arrives, under a name that nobody is shown.
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(names(&up), Vec::<String>::new());
}

#[test]
fn a_reset_client_hurts_nobody() {
    let up = Up::start(&["--write"]);
    up.put("a.bin", pattern(5_000_000));
    for _ in 0..20 {
        let mut upload = TcpStream::connect(&up.page).unwrap();
        write!(
            upload,
            "PUT /half.bin HTTP/1.1\r\nHost: {}\r\nContent-Length: 1000000\r\n\r\nabc",
            up.page
        )
        .unwrap();
        let mut download = TcpStream::connect(&up.page).unwrap();
        write!(download, "GET /a.bin HTTP/1.1\r\nHost: {}\r\n\r\n", up.page).unwrap();
        let mut some = [0; 1000];
        download.read_exact(&mut some).unwrap();
        // Unread bytes in its buffer make a close a reset.
        for stream in [upload, download] {
            let socket = landline_socket::Socket::from(std::os::fd::OwnedFd::from(stream));
            socket.set_linger(Some(std::time::Duration::ZERO)).unwrap();
        }
    }
    assert_eq!(get(&up.page, "/a.bin").body.len(), 5_000_000);
    assert_eq!(request(&up.page, "PUT", "/last.txt", &[], b"x").status, 201);
    let settled = (0..2000).any(|_| {
        get(&up.page, "/");
        names(&up) == ["a.bin", "last.txt"]
    });
    assert!(settled, "{:?}", names(&up));
}

#[test]
fn names_that_not_every_system_can_have_are_refused() {
    let up = Up::start(&["--write", "--hidden"]);
    for name in [
        "a%3Ab",
        "CON",
        "nul.txt",
        "a%0Ab",
        "a%1Bb",
        "trailing.",
        "trailing%20",
        "%ff",
        "a%E2%80%AEb",
        "a%3Cb",
        ".landline-part-x",
    ] {
        let put = request(&up.page, "PUT", &format!("/{name}"), &[], b"x");
        assert!((400..500).contains(&put.status), "PUT {name}: {}", put.head);
        let post = request(
            &up.page,
            "POST",
            &format!("/.landline/upload/{name}"),
            &[],
            b"x",
        );
        assert!(
            (400..500).contains(&post.status),
            "POST {name}: {}",
            post.head
        );
    }
    assert_eq!(request(&up.page, "PUT", "/", &[], b"x").status, 409);
    assert_eq!(request(&up.page, "PUT", "/folder/", &[], b"x").status, 409);
    assert_eq!(
        request(
            &up.page,
            "PUT",
            "/part",
            &["Content-Range: bytes 0-0/2"],
            b"x"
        )
        .status,
        400
    );
    assert_eq!(
        request(&up.page, "PUT", "/.landline/x", &[], b"x").status,
        404,
        "ours is nobody's folder"
    );
    assert_eq!(names(&up), Vec::<String>::new());
}

#[test]
fn the_longest_name_is_taken_and_can_be_numbered() {
    let up = Up::start(&["--write"]);
    let longest = "n".repeat(255);
    assert_eq!(
        request(&up.page, "PUT", &format!("/{longest}"), &[], b"x").status,
        201
    );
    let numbered = request(
        &up.page,
        "POST",
        &format!("/.landline/upload/{longest}"),
        &[],
        b"x",
    );
    assert_eq!(numbered.status, 201, "{}", numbered.text());
}

#[test]
fn hidden_names_need_the_flag() {
    let up = Up::start(&["--write"]);
    assert_eq!(request(&up.page, "PUT", "/.profile", &[], b"x").status, 404);
    assert_eq!(
        request(&up.page, "PUT", "/.ssh/authorized_keys", &[], b"x").status,
        404
    );
    assert_eq!(names(&up), Vec::<String>::new());
    let open = Up::start(&["--write", "--hidden"]);
    assert_eq!(
        request(&open.page, "PUT", "/.profile", &[], b"x").status,
        201
    );
    assert_eq!(get(&open.page, "/.profile").text(), "x");
}

/// What starts a room on a disk of one megabyte: a file system that it alone sees. `None` where
/// the machine lets nobody mount one, as in many containers.
fn small_disk(place: &Path) -> Option<Command> {
    let mount = |then: &str| {
        let mut command = Command::new("unshare");
        let script = format!("mount -t tmpfs -o size=1m tmpfs \"$1\" && {then}");
        command.args(["--map-root-user", "--mount", "sh", "-c", &script, "sh"]);
        command.arg(place);
        command
    };
    let tried = mount("true").stderr(Stdio::null()).status();
    tried
        .is_ok_and(|status| status.success())
        .then(|| mount("shift && exec \"$@\""))
}

/// What starts a room whose files may have one megabyte each: the kernel refuses the rest of one as
/// it does on a full disk, and nobody's leave is needed.
fn small_files() -> Command {
    let mut command = Command::new("sh");
    let script = "trap '' XFSZ && ulimit -f 2048 && exec \"$@\"";
    command.args(["-c", script, "sh"]);
    command
}

#[track_caller]
fn says_that_it_is_full(room: Command, place: &Path) {
    let listen = ["--listen", "127.0.0.1:0", "--chat-listen", "127.0.0.1:0"];
    let up = Up::within(room, place, &[&listen[..], &["--write"]].concat());
    let answer = request(&up.page, "PUT", "/big.bin", &[], &pattern(3_000_000));
    assert_eq!(answer.status, 507, "{}", answer.head);
    let listing = request(&up.page, "GET", "/", &["Accept: application/json"], b"").text();
    assert!(listing.contains("\"entries\":[]"), "{listing}");
    // As much as fits at first fits now: nothing of the other is left.
    let fits = request(&up.page, "PUT", "/fits.bin", &[], &pattern(900_000));
    assert_eq!(fits.status, 201, "{}", fits.head);
}

#[test]
fn a_file_that_may_not_grow_is_said_and_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    says_that_it_is_full(small_files(), place.path());
    let left: Vec<_> = std::fs::read_dir(place.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["fits.bin"], "no hidden half either");
}

#[test]
#[expect(
    clippy::print_stderr,
    reason = "which way it was tested is worth knowing"
)]
fn a_full_disk_is_said_and_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let room = small_disk(place.path()).unwrap_or_else(|| {
        eprintln!("this machine mounts nothing for us: tested with a limit on files instead");
        small_files()
    });
    says_that_it_is_full(room, place.path());
}
