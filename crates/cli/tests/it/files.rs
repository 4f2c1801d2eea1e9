//! Files for curl and programs: bytes, ranges, conditions, types, listings, archives.

use std::process::Command;

use crate::raw::{get, request};
use crate::up::Up;

/// Runs curl, which we did not write, and gives what it printed.
#[track_caller]
pub(crate) fn curl(arguments: &[&str]) -> String {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "20"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "curl {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Bytes that no two places share, so that a wrong offset shows.
pub(crate) fn pattern(size: usize) -> Vec<u8> {
    (0..size as u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .take(size)
        .collect()
}

#[test]
fn curl_gets_files_of_every_size_whole() {
    let up = Up::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    for size in [
        0,
        1,
        16 * 1024 - 1,
        16 * 1024,
        16 * 1024 + 1,
        3 * 1024 * 1024 + 17,
    ] {
        up.put("file.bin", pattern(size));
        let into = folder.path().join("got");
        curl(&[
            "-o",
            into.to_str().unwrap(),
            &format!("http://{}/file.bin", up.page),
        ]);
        assert!(
            std::fs::read(&into).unwrap() == pattern(size),
            "{size} bytes"
        );
    }
}

#[test]
fn curl_resumes_by_range() {
    let up = Up::start(&[]);
    let content = pattern(300_000);
    up.put("file.bin", &content);
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("got");
    std::fs::write(&into, &content[..100_001]).unwrap();
    curl(&[
        "-C",
        "-",
        "-o",
        into.to_str().unwrap(),
        &format!("http://{}/file.bin", up.page),
    ]);
    assert!(std::fs::read(&into).unwrap() == content);
}

#[test]
fn several_ranges_come_as_parts() {
    let up = Up::start(&[]);
    let content = pattern(100_000);
    up.put("file.bin", &content);
    let answer = request(
        &up.page,
        "GET",
        "/file.bin",
        &["Range: bytes=0-9,50000-89999,-5"],
        b"",
    );
    assert_eq!(answer.status, 206);
    let boundary = answer
        .field("Content-Type")
        .split_once("boundary=")
        .unwrap()
        .1
        .trim_matches('"')
        .to_owned();
    assert_eq!(
        answer.field("Content-Length"),
        answer.body.len().to_string()
    );
    let body = answer.body;
    for (first, last) in [(0, 9), (50_000, 89_999), (99_995, 99_999)] {
        let head = format!("Content-Range: bytes {first}-{last}/100000\r\n\r\n");
        let at = body
            .windows(head.len())
            .position(|window| window.eq_ignore_ascii_case(head.as_bytes()))
            .expect("the part's head")
            + head.len();
        assert!(
            body[at..].starts_with(&content[first..=last]),
            "{first}-{last}"
        );
        assert!(body[at + last + 1 - first..].starts_with(format!("\r\n--{boundary}").as_bytes()));
    }
    assert!(body.ends_with(format!("--{boundary}--\r\n").as_bytes()));
}

#[test]
fn ranges_that_cannot_be_are_416_and_nonsense_is_ignored() {
    let up = Up::start(&[]);
    up.put("file", "0123456789");
    up.put("empty", "");
    let ask = |name: &str, range: &str| {
        request(&up.page, "GET", name, &[&format!("Range: {range}")], b"")
    };
    assert_eq!(ask("/file", "bytes=4-5").text(), "45");
    assert_eq!(ask("/file", "bytes=8-18446744073709551615").text(), "89");
    assert_eq!(ask("/file", "bytes=-3").text(), "789");
    let beyond = ask("/file", "bytes=10-");
    assert_eq!(
        (beyond.status, beyond.field("Content-Range")),
        (416, "bytes */10")
    );
    assert_eq!(ask("/file", "bytes=-0").status, 416);
    assert_eq!(ask("/empty", "bytes=0-").status, 416);
    for nonsense in ["bytes=5-4", "lines=1-2", "bytes=a-b", "bytes"] {
        assert_eq!(
            (
                ask("/file", nonsense).status,
                ask("/file", nonsense).text().as_str()
            ),
            (200, "0123456789"),
            "{nonsense}"
        );
    }
}

#[test]
fn conditions_spare_what_is_known() {
    let up = Up::start(&[]);
    up.put("file", "one");
    let first = get(&up.page, "/file");
    let (etag, modified) = (
        first.field("ETag").to_owned(),
        first.field("Last-Modified").to_owned(),
    );
    let ask = |fields: &[&str]| request(&up.page, "GET", "/file", fields, b"");
    let known = ask(&[&format!("If-None-Match: {etag}")]);
    assert_eq!(
        (known.status, known.body.len(), known.field("ETag")),
        (304, 0, etag.as_str())
    );
    assert_eq!(
        ask(&[&format!("If-Modified-Since: {modified}")]).status,
        304
    );
    assert_eq!(
        ask(&[
            "If-None-Match: \"other\"",
            &format!("If-Modified-Since: {modified}")
        ])
        .status,
        200
    );
    assert_eq!(ask(&["If-Match: \"other\""]).status, 412);
    assert_eq!(
        ask(&["Range: bytes=1-1", &format!("If-Range: {etag}")]).text(),
        "n"
    );
    assert_eq!(
        ask(&["Range: bytes=1-1", "If-Range: \"other\""]).text(),
        "one"
    );
    up.put("file", "another");
    assert_eq!(ask(&[&format!("If-None-Match: {etag}")]).text(), "another");
}

#[test]
fn head_says_what_get_would() {
    let up = Up::start(&[]);
    up.put("file.txt", "content");
    let (get_answer, head) = (
        get(&up.page, "/file.txt"),
        request(&up.page, "HEAD", "/file.txt", &[], b""),
    );
    assert!(head.body.is_empty());
    for field in [
        "Content-Length",
        "Content-Type",
        "ETag",
        "Last-Modified",
        "Accept-Ranges",
    ] {
        assert_eq!(head.field(field), get_answer.field(field), "{field}");
        assert!(!head.field(field).is_empty(), "{field}");
    }
}

#[test]
fn types_are_right_and_nothing_runs() {
    let up = Up::start(&[]);
    for (name, media_type, disposition) in [
        ("a.txt", "text/plain; charset=utf-8", "inline"),
        ("a.png", "image/png", "inline"),
        ("a.mp4", "video/mp4", "inline"),
        ("a.pdf", "application/pdf", "inline"),
        ("a.html", "text/html; charset=utf-8", "attachment"),
        ("a.svg", "image/svg+xml", "attachment"),
        ("a.xhtml", "application/xhtml+xml", "attachment"),
        ("noending", "application/octet-stream", "inline"),
    ] {
        up.put(name, "x");
        let answer = get(&up.page, &format!("/{name}"));
        assert_eq!(answer.field("Content-Type"), media_type, "{name}");
        assert!(
            answer.field("Content-Disposition").starts_with(disposition),
            "{name}: {}",
            answer.head
        );
        assert!(
            name == "a.pdf"
                || answer
                    .field("Content-Security-Policy")
                    .starts_with("sandbox;"),
            "{name}: {}",
            answer.head
        );
    }
    assert!(
        get(&up.page, "/a.txt?download")
            .field("Content-Disposition")
            .starts_with("attachment")
    );
}

#[test]
fn a_folder_is_html_or_json_as_asked() {
    let up = Up::start(&["--write"]);
    up.put("docs/a b.txt", "12345");
    up.put("docs/<img src=x onerror=alert(1)>", "");
    up.put("docs/sub/x", "");
    up.put("docs/.hidden", "");
    up.put("docs/index.html", "<script>alert(1)</script>");
    assert_eq!(get(&up.page, "/docs").field("Location"), "/docs/");
    let html = request(&up.page, "GET", "/docs/", &["Accept: text/html"], b"");
    assert!(html.field("Content-Type").starts_with("text/html"));
    assert!(
        html.text().contains("a%20b.txt") && !html.text().contains("<img src=x"),
        "{}",
        html.text()
    );
    let json = request(
        &up.page,
        "GET",
        "/docs/",
        &["Accept: application/json"],
        b"",
    );
    assert_eq!(
        (json.field("Content-Type"), json.field("Vary")),
        ("application/json", "Accept")
    );
    let listing: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
    assert_eq!(
        (listing["path"].as_str(), listing["writable"].as_bool()),
        (Some("docs/"), Some(true))
    );
    let entries = listing["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 4, "{listing}");
    let entry = |name: &str| entries.iter().find(|entry| entry["name"] == name).unwrap();
    assert_eq!(
        (
            entry("a b.txt")["href"].as_str(),
            entry("a b.txt")["size"].as_u64()
        ),
        (Some("a%20b.txt"), Some(5))
    );
    assert_eq!(
        (entry("sub")["kind"].as_str(), entry("sub")["href"].as_str()),
        (Some("folder"), Some("sub/"))
    );
    assert!(
        get(&up.page, "/").text().contains("<!doctype html>"),
        "the room, though a folder may have an index"
    );
}

#[test]
fn names_that_are_not_utf8_are_listed_and_read() {
    use std::os::unix::ffi::OsStrExt;
    let up = Up::start(&[]);
    std::fs::write(
        up.folder().join(std::ffi::OsStr::from_bytes(b"caf\xe9")),
        "latin",
    )
    .unwrap();
    let listing = request(&up.page, "GET", "/", &["Accept: application/json"], b"").text();
    assert!(listing.contains("caf%E9"), "{listing}");
    assert_eq!(get(&up.page, "/caf%E9").text(), "latin");
}

#[test]
fn an_archive_holds_everything_shared_and_nothing_else() {
    let up = Up::start(&[]);
    let big = pattern(700_000);
    up.put("docs/big.bin", &big);
    up.put("docs/deep/er/ä.txt", "deep");
    up.put("docs/.hidden", "no");
    std::fs::create_dir(up.folder().join("docs/empty")).unwrap();
    std::os::unix::fs::symlink("..", up.folder().join("docs/deep/up")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("docs.zip");
    curl(&[
        "-o",
        archive.to_str().unwrap(),
        &format!("http://{}/.landline/archive/docs/", up.page),
    ]);
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nz.extractall(sys.argv[2])\nprint('\\n'.join(sorted(z.namelist())))";
    let out = folder.path().join("out");
    let listed = Command::new("python3")
        .args(["-c", script])
        .arg(&archive)
        .arg(&out)
        .output()
        .unwrap();
    assert!(
        listed.status.success(),
        "{}",
        String::from_utf8_lossy(&listed.stderr)
    );
    assert_eq!(
        String::from_utf8_lossy(&listed.stdout)
            .lines()
            .collect::<Vec<_>>(),
        ["big.bin", "deep/", "deep/er/", "deep/er/ä.txt", "empty/"]
    );
    assert!(std::fs::read(out.join("big.bin")).unwrap() == big);
    assert_eq!(
        get(&up.page, "/.landline/archive/docs/").field("Content-Disposition"),
        "attachment; filename=\"docs.zip\""
    );
    assert_eq!(get(&up.page, "/.landline/archive/docs/big.bin").status, 404);
}

#[test]
fn several_requests_share_a_connection() {
    let up = Up::start(&[]);
    up.put("a", "1");
    up.put("b", "22");
    let output = curl(&[
        "-w",
        "%{num_connects};",
        &format!("http://{}/a", up.page),
        &format!("http://{}/b", up.page),
    ]);
    assert_eq!(output, "11;220;", "one connect, then none");
    let pipelined = format!(
        "GET /a HTTP/1.1\r\nHost: {0}\r\n\r\nGET /b HTTP/1.1\r\nHost: {0}\r\nConnection: close\r\n\r\n",
        up.page
    );
    let answers = String::from_utf8(crate::raw::exchange(&up.page, pipelined.as_bytes())).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert!(answers.ends_with("22"));
}
