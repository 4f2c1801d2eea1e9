//! What is hostile in the browser: names, messages, files with scripts, pages of other sites, the key.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use serde_json::{Value, json};

use super::driver::drive;
use super::nc::Nc;
use super::{address, row};
use crate::raw::request;
use crate::up::Up;

const MARKUP: &str = "<img src=x onerror=alert(1)>";

#[test]
fn markup_in_names_and_messages_does_nothing() {
    let up = Up::start(&["--write"]);
    up.put(MARKUP, "");
    up.put("<script>alert(2)<", "");
    let mut bob = Nc::called("<b>bob</b>", &up);
    bob.say("<script>alert(3)</script><img src=x onerror=alert(4)><a href=\"javascript:alert(5)\">x</a>");
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.until_row(MARKUP).await;
        // An upload cannot have the signs that some systems refuse, but it can have these.
        let second = "/&lt;b&gt;'%20onerror='alert(6).txt";
        assert_eq!(request(&up.page, "PUT", second, &[], b"x").status, 201);
        tab.until_row("&lt;b&gt;' onerror='alert(6).txt").await;
        let line = "document.querySelector('#history .file[data-path*=onerror]').innerText";
        tab.until(&format!("{line}.includes('&lt;b&gt;')")).await;
        tab.until("document.querySelector('#history').innerText.includes('alert(5)')")
            .await;
        tab.click("#text").await;
        tab.write(MARKUP).await;
        tab.press("Enter").await;
        tab.until(
            "document.querySelector('#history .message.own .text').innerText.includes('onerror')",
        )
        .await;
        tab.click(&format!("{} .link", row("<script>alert(2)<")))
            .await;
        let ours = "document.querySelectorAll('img, b, #room script, [onerror], [href^=javascript]').length";
        assert_eq!(tab.eval(ours).await, 0);
        let shown = format!(
            "document.querySelector({}).innerText",
            json!(row(MARKUP) + " .link")
        );
        assert_eq!(tab.eval(&shown).await, MARKUP);
    });
}

#[test]
#[should_panic(expected = "Content Security Policy")]
fn an_inline_script_does_not_run_and_is_heard_of() {
    let up = Up::start(&[]);
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        let script = "const one = document.createElement('script'); one.text = 'ran = true'; document.body.append(one); globalThis.ran === undefined";
        assert_eq!(tab.eval(script).await, true);
    });
}

#[test]
#[should_panic(expected = "a dialog: boo")]
fn a_dialog_is_heard_of() {
    let up = Up::start(&[]);
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.eval("alert('boo')").await;
    });
}

/// Tells by every way it has that it ran.
const SCRIPT: &str = "document.title='PWNED';fetch('/pwned');new Image().src='/pwned';alert(1)";

#[test]
fn scripts_in_shared_files_do_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut up = Up::start(&["--write", "--log", log.to_str().unwrap()]);
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' onload=\"{SCRIPT}\"><script>{SCRIPT}</script></svg>"
    );
    let html = format!(
        "<!doctype html><title>calm</title><body onload=\"{SCRIPT}\"><script>{SCRIPT}</script>"
    );
    let xml = format!(
        "<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>{SCRIPT}</x:script>"
    );
    let files = [
        ("a.svg", &svg),
        ("a.html", &html),
        ("a.xhtml", &xml),
        ("a.xml", &xml),
        ("a.txt", &html),
        ("a", &html),
        ("a.jpg", &html),
        ("a.unknown", &html),
    ];
    for (name, content) in files {
        let target = format!("/{name}");
        let answer = request(&up.page, "PUT", &target, &[], content.as_bytes());
        assert_eq!(answer.status, 201, "{target}");
    }
    drive(async |browser| {
        // Chromium asks for an icon in the name of the sandboxed file, which is not our origin.
        browser.excuse("/favicon.ico");
        let tab = browser.tab(&address(&up)).await;
        for name in ["a.svg", "a.html", "a.xhtml", "a.xml"] {
            tab.until_ready().await;
            let go = async { drop(tab.eval(&format!("void (location.href = '/{name}')")).await) };
            let (saved, path) = browser.download(go).await;
            assert_eq!(saved, name, "it is a file and not a page");
            assert_eq!(
                std::fs::read(path).unwrap(),
                std::fs::read(up.folder().join(name)).unwrap()
            );
        }
        tab.goto(&format!("{}a.txt", address(&up))).await;
        tab.until("document.body.innerText.includes('<!doctype html>')")
            .await;
        assert_ne!(tab.eval("document.title").await, "PWNED");
        // Even a page within a page, of the same origin, gets nothing of it to run.
        tab.goto(&address(&up)).await;
        tab.until_ready().await;
    });
    up.stop();
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("/a.svg") && !log.contains("/pwned"), "{log}");
}

/// Serves `page` at another origin until it is dropped, and tells where.
fn foreign_site(page: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let head: Vec<_> = BufReader::new(&stream)
                .lines()
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .collect();
            let body = if head.first().is_some_and(|line| line.starts_with("GET / ")) {
                &page
            } else {
                ""
            };
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
            // A browser that went away is no failure.
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    // By its name, which is another site than 127.0.0.1.
    format!("http://localhost:{port}/")
}

const FOREIGN: &str = r#"<!doctype html><title>elsewhere</title><body><script>
const ours = "http://OURS";
const met = globalThis.met = {};
const attempt = (name, begin) => new Promise((resolve) => {
  begin((outcome) => { met[name] = outcome; resolve(); });
});
const load = (tag, path) => (tell) => {
  const element = document.createElement(tag);
  element.onload = () => tell("loaded");
  element.onerror = () => tell("refused");
  element.src = ours + path;
  document.body.append(element);
};
const ask = (path, options) => (tell) => fetch(ours + path, options).then(() => tell("answered"), () => tell("refused"));
const post = (type, path) => (tell) => {
  const frame = document.createElement("iframe");
  frame.name = type;
  document.body.append(frame);
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: ours + path, enctype: type, target: type });
  form.innerHTML = "<input name=a value=b>";
  document.body.append(form);
  frame.onload = () => tell("sent");
  form.submit();
};
const upload = { method: "POST", body: "x" };
Promise.all([
  attempt("script", load("script", "/a.js")),
  attempt("image", load("img", "/a.png")),
  attempt("frame", load("iframe", "/")),
  attempt("file in a frame", load("iframe", "/a.txt")),
  attempt("fetch", ask("/a.txt")),
  attempt("blind fetch", ask("/a.txt", { mode: "no-cors" })),
  attempt("blind post", ask("/.landline/upload/blind.txt", { ...upload, mode: "no-cors" })),
  attempt("put", ask("/put.txt", { method: "PUT", body: "x" })),
  attempt("form", post("text/plain", "/.landline/upload/form.txt")),
  attempt("multipart", post("multipart/form-data", "/.landline/upload/multipart.txt")),
  attempt("socket", (tell) => {
    const socket = new WebSocket(ours.replace("http", "ws") + "/.landline/room?name=Mallory");
    socket.onopen = () => tell("opened");
    socket.onerror = () => tell("refused");
  }),
]).then(() => { globalThis.done = true; });
</script>"#;

#[test]
fn a_page_of_another_site_reaches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut up = Up::start(&["--write", "--log", log.to_str().unwrap()]);
    up.put("a.js", "globalThis.leaked = true;");
    up.put("a.png", ONE_PIXEL);
    up.put("a.txt", "secret");
    let foreign = foreign_site(FOREIGN.replace("OURS", &up.page));
    drive(async |browser| {
        // Everything that is refused is complained of; what matters is asserted.
        browser.excuse("");
        // What is tried works where it may: else its refusal would show nothing.
        let own = browser.tab(&address(&up)).await;
        own.until_ready().await;
        own.eval("new Promise((resolve, reject) => { const one = new Image(); one.onload = resolve; one.onerror = reject; one.src = '/a.png'; })").await;
        own.eval("new Promise((resolve, reject) => { const one = document.createElement('script'); one.onload = resolve; one.onerror = reject; one.src = '/a.js'; document.body.append(one); })").await;
        assert_eq!(own.eval("leaked").await, true);

        let tab = browser.tab(&foreign).await;
        tab.until("globalThis.done").await;
        let met = tab.eval("met").await;
        for name in [
            "script",
            "image",
            "fetch",
            "blind fetch",
            "blind post",
            "put",
            "socket",
        ] {
            assert_eq!(met[name], "refused", "{name}: {met}");
        }
        assert_eq!(tab.eval("globalThis.leaked === undefined").await, true);
        // A frame says nothing of what is in it but how many more are.
        assert_eq!(tab.eval("frames.length").await, 4);
        own.until("document.querySelectorAll('#member-list .member').length === 1")
            .await;

        // A link is all that another site may do.
        tab.eval(&format!("void (location.href = {})", json!(address(&up))))
            .await;
        tab.until("document.querySelector('#room-name')").await;
    });
    let mut names: Vec<_> = std::fs::read_dir(up.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["a.js", "a.png", "a.txt"]);
    up.stop();
    let log = std::fs::read_to_string(&log).unwrap();
    let refused: Vec<&str> = log.lines().filter(|line| line.contains(" 403 ")).collect();
    for target in [
        "/a.js",
        "/a.png",
        "GET / ",
        "/a.txt",
        "/upload/blind.txt",
        "/upload/form.txt",
        "/upload/multipart.txt",
        "/.landline/room ",
    ] {
        assert!(
            refused.iter().any(|line| line.contains(target)),
            "{target} was not asked for: {log}"
        );
    }
}

/// A PNG of one pixel.
const ONE_PIXEL: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\x0aIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82";

const KEY: &str = "a-key-of-a-good-length";

fn cookie_of(cookies: &[Value], up: &Up) -> Value {
    let name = format!("landline_{}", up.page.rsplit_once(':').unwrap().1);
    cookies
        .iter()
        .find(|cookie| cookie["name"] == name.as_str())
        .expect("our cookie")
        .clone()
}

#[test]
fn the_key_opens_the_room_and_leaves_the_address() {
    let up = Up::start(&[&format!("--key={KEY}")]);
    up.put("a.txt", "");
    drive(async |browser| {
        let tab = browser.tab(&format!("{}?key={KEY}", address(&up))).await;
        tab.until_ready().await;
        tab.until_row("a.txt").await;
        assert_eq!(tab.eval("location.href").await, address(&up));
        assert_eq!(tab.eval("document.cookie").await, "", "no script reads it");
        let cookie = cookie_of(&tab.cookies().await, &up);
        assert_eq!(
            (&cookie["httpOnly"], &cookie["sameSite"]),
            (&json!(true), &json!("Lax")),
            "{cookie}"
        );
        assert!(!cookie["value"].as_str().unwrap().contains(KEY), "{cookie}");
        tab.click("#text").await;
        tab.write("hello").await;
        tab.press("Enter").await;
        tab.until("document.querySelector('#history .message.own .text').innerText === 'hello'")
            .await;
    });
}

#[test]
fn a_wrong_key_is_refused_and_the_right_one_can_be_typed() {
    let up = Up::start(&[&format!("--key={KEY}")]);
    up.put("docs/a.txt", "");
    drive(async |browser| {
        browser.excuse("401");
        let tab = browser
            .tab(&format!("{}docs/?key=wrong", address(&up)))
            .await;
        tab.until("document.querySelector('#key').checkVisibility()")
            .await;
        assert_eq!(tab.cookies().await, [Value::Null; 0]);
        tab.click("#key").await;
        tab.write(KEY).await;
        tab.press("Enter").await;
        tab.until_ready().await;
        tab.until_row("docs").await;
        assert_eq!(tab.eval("location.href").await, address(&up));
    });
}
